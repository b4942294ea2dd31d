//! Lambda's Runtime API of one process, on a loopback port of its own.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Context;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

/// Requests of one process that may wait to be heard.
const SAID_MAX: usize = 16;

/// What the process says.
#[derive(Debug)]
pub(super) enum Said {
    /// It waits for an event.
    Next(oneshot::Sender<Event>),
    /// The answer to an event.
    Response {
        /// Of which invocation.
        id: String,
        /// JSON.
        body: Bytes,
    },
    /// An error in place of an answer.
    Error {
        /// Of which invocation.
        id: String,
    },
    /// It cannot start.
    CannotStart,
}

/// An event for the process.
#[derive(Debug)]
pub(super) struct Event {
    pub(super) id: String,
    pub(super) left: Duration,
    pub(super) arn: String,
    pub(super) body: String,
}

/// The API of one process; it ends when this is dropped.
#[derive(Debug)]
pub(super) struct RuntimeApi {
    pub(super) address: SocketAddr,
    pub(super) said: mpsc::Receiver<Said>,
    server: JoinHandle<()>,
}

impl RuntimeApi {
    pub(super) async fn listen() -> anyhow::Result<Self> {
        let listener =
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.context("no port is free")?;
        let address = listener.local_addr()?;
        let (sender, said) = mpsc::channel(SAID_MAX);
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
            .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
            .route("/2018-06-01/runtime/init/error", post(cannot_start))
            .with_state(sender);
        let server = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                eprintln!("a Runtime API ended: {error}");
            }
        });
        Ok(Self { address, said, server })
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.server.abort();
    }
}

type Saying = State<mpsc::Sender<Said>>;

async fn next(State(saying): Saying) -> Response {
    let (hand, event) = oneshot::channel();
    let heard = saying.send(Said::Next(hand)).await.is_ok();
    let Ok(event) = event.await else {
        // The environment is gone, and this process with it.
        return empty(if heard { StatusCode::GONE } else { StatusCode::SERVICE_UNAVAILABLE });
    };
    let deadline = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default() + event.left;
    let answer = Response::builder()
        .header("content-type", "application/json")
        .header("lambda-runtime-aws-request-id", event.id)
        .header("lambda-runtime-deadline-ms", deadline.as_millis().to_string())
        .header("lambda-runtime-invoked-function-arn", event.arn)
        .body(Body::from(event.body));
    answer.unwrap_or_else(|_invalid| empty(StatusCode::INTERNAL_SERVER_ERROR))
}

async fn response(State(saying): Saying, Path(id): Path<String>, body: Bytes) -> Response {
    heard(saying.send(Said::Response { id, body }).await.is_ok())
}

async fn error(State(saying): Saying, Path(id): Path<String>) -> Response {
    heard(saying.send(Said::Error { id }).await.is_ok())
}

async fn cannot_start(State(saying): Saying) -> Response {
    heard(saying.send(Said::CannotStart).await.is_ok())
}

fn heard(heard: bool) -> Response {
    empty(if heard { StatusCode::ACCEPTED } else { StatusCode::GONE })
}

fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}
