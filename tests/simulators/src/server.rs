//! The simulators over HTTP: three ports, wall clock, webhooks really sent.
//!
//! Over HTTP a request that was "not sent" and one whose answer is lost look alike: the
//! connection closes without an answer. `/_sim/…` is served on all ports.
#![expect(
    clippy::disallowed_methods,
    reason = "this shell owns the clock, the tasks and the waits; the core has none"
)]

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

mod answer;
mod deliver;

use crate::in_process::SharedProviders;
use crate::reply::Provider;

/// Where and how to serve.
#[derive(Debug, Clone)]
pub struct ServeOptions {
    /// Port of VAPI; 0 for a free one.
    pub vapi_port: u16,
    /// Port of Telnyx; 0 for a free one.
    pub telnyx_port: u16,
    /// Port of Twilio; 0 for a free one.
    pub twilio_port: u16,
    /// How long a webhook's receiver may take.
    pub delivery_timeout: Duration,
    /// How long after a failed delivery the next is tried.
    pub retry_delay: Duration,
}

impl Default for ServeOptions {
    fn default() -> Self {
        Self {
            vapi_port: 0,
            telnyx_port: 0,
            twilio_port: 0,
            delivery_timeout: Duration::from_secs(10),
            retry_delay: Duration::from_millis(500),
        }
    }
}

/// The running servers. They stop when this is dropped.
#[derive(Debug)]
pub struct Running {
    /// VAPI's base URL.
    pub vapi_url: String,
    /// Telnyx' base URL, with its `/v2`.
    pub telnyx_url: String,
    /// Twilio's base URL. Without its `/2010-04-01`: the addresses in its answers begin with that.
    pub twilio_url: String,
    tasks: Vec<JoinHandle<()>>,
}

impl Running {
    /// Stops the servers.
    pub fn shutdown(self) {
        drop(self);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// What all requests share.
#[derive(Debug, Clone)]
struct Shell {
    providers: SharedProviders,
    client: reqwest::Client,
    options: Arc<ServeOptions>,
    /// How far the simulators' clock is ahead of the wall's.
    ahead_ms: Arc<AtomicI64>,
}

impl Shell {
    fn now_ms(&self) -> i64 {
        wall_ms() + self.ahead_ms.load(Ordering::Relaxed)
    }
}

/// The wall clock, as the shell reads it.
#[must_use]
pub fn wall_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// Starts the three servers and the delivery of webhooks.
///
/// # Errors
///
/// When a port cannot be had.
pub async fn serve(providers: SharedProviders, options: ServeOptions) -> anyhow::Result<Running> {
    let vapi = TcpListener::bind(loopback(options.vapi_port)).await?;
    let telnyx = TcpListener::bind(loopback(options.telnyx_port)).await?;
    let twilio = TcpListener::bind(loopback(options.twilio_port)).await?;
    let vapi_url = format!("http://{}", vapi.local_addr()?);
    let telnyx_url = format!("http://{}/v2", telnyx.local_addr()?);
    let twilio_url = format!("http://{}", twilio.local_addr()?);
    let shell = Shell {
        providers,
        client: reqwest::Client::builder().no_proxy().build()?,
        options: Arc::new(options),
        ahead_ms: Arc::default(),
    };
    let tasks = vec![
        start(&shell, Provider::Vapi, vapi),
        start(&shell, Provider::Telnyx, telnyx),
        start(&shell, Provider::Twilio, twilio),
        tokio::spawn(deliver::run(shell)),
    ];
    Ok(Running { vapi_url, telnyx_url, twilio_url, tasks })
}

fn start(shell: &Shell, provider: Provider, listener: TcpListener) -> JoinHandle<()> {
    let shell = shell.clone();
    let router = Router::new().fallback(move |request: axum::extract::Request| {
        let shell = shell.clone();
        async move { answer::answer(shell, provider, request).await }
    });
    tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            eprintln!("{provider:?} stopped: {error}");
        }
    })
}

fn loopback(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}
