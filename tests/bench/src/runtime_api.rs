//! Lambda's Runtime API, as much of it as a function sees that is never given an event.

use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

/// What a function asks that is ready for its first event.
const NEXT: &str = "GET /2018-06-01/runtime/invocation/next ";
/// How long a function may take to ask.
const LIMIT: Duration = Duration::from_secs(10);

/// A listening Runtime API that answers nothing.
#[derive(Debug)]
pub(crate) struct RuntimeApi {
    pub(crate) address: SocketAddr,
    asked: Receiver<Asked>,
}

/// A request as it came. While this lives, the function waits for the answer.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) at: Instant,
    line: String,
    _connection: BufReader<TcpStream>,
}

impl RuntimeApi {
    pub(crate) fn listen() -> anyhow::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no port is free")?;
        let address = listener.local_addr()?;
        let (asked, receiver) = mpsc::channel();
        thread::spawn(move || hear(&listener, &asked));
        Ok(Self { address, asked: receiver })
    }

    /// Waits until the function asks for its first event.
    pub(crate) fn first_request(&self) -> anyhow::Result<Asked> {
        let asked = self.asked.recv_timeout(LIMIT).context("the function asks for no event")?;
        if !asked.line.starts_with(NEXT) {
            bail!("the function did not ask for an event, but: {}", asked.line.trim_end());
        }
        Ok(asked)
    }
}

/// Takes requests, one per connection, until nobody wants them any more.
fn hear(listener: &TcpListener, asked: &Sender<Asked>) {
    for connection in listener.incoming() {
        let Ok(connection) = connection else { continue };
        let mut connection = BufReader::new(connection);
        let mut line = String::new();
        let read = connection.read_line(&mut line);
        let at = Instant::now();
        if read.is_err() || asked.send(Asked { at, line, _connection: connection }).is_err() {
            return;
        }
    }
}
