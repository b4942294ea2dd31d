//! One start of one function.

use std::fs;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;

use crate::binaries::Function;
use crate::runtime_api::RuntimeApi;

/// How long a function is left alone before its memory is read.
const IDLE: Duration = Duration::from_millis(100);

/// What a start showed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Measured {
    /// From just before exec to the first request for an event.
    pub(crate) to_first_request: Duration,
    /// Memory held while it waits, in KiB, where the machine tells (Linux).
    pub(crate) resident: Option<u64>,
    /// The part of it that is not the binary and its libraries, in KiB.
    pub(crate) own: Option<u64>,
}

/// What the template and Lambda would set.
const ENVIRONMENT: [(&str, &str); 21] = [
    ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
    ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
    ("AWS_SESSION_TOKEN", "token"),
    ("AWS_REGION", "us-east-1"),
    ("AWS_LAMBDA_FUNCTION_NAME", "bench"),
    ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
    ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
    ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/bench"),
    ("AWS_LAMBDA_LOG_STREAM_NAME", "bench"),
    ("AWS_LAMBDA_LOG_FORMAT", "JSON"),
    ("AWS_LAMBDA_LOG_LEVEL", "INFO"),
    ("LANG", "en_US.UTF-8"),
    ("TZ", ":UTC"),
    ("STAGE", "bench"),
    ("TABLE_NAME", "bench"),
    ("QUEUE_URL", "https://sqs.us-east-1.amazonaws.com/123456789012/bench-steps"),
    ("PUBLIC_BASE_URL", "https://bench.execute-api.us-east-1.amazonaws.com"),
    ("VAPI_SECRET_ID", "bench/vapi"),
    ("TELNYX_SECRET_ID", "bench/telnyx"),
    ("SECRETS_PREFIX", "bench"),
    ("SOURCE_ORDER", "pool,vapi_free,telnyx"),
];

/// Starts the function, waits for its first request, reads its memory, ends it.
pub(crate) fn measure(function: &Function) -> anyhow::Result<Measured> {
    let name = &function.name;
    let api = RuntimeApi::listen()?;
    let mut command = Command::new(&function.binary);
    command.env_clear().envs(ENVIRONMENT).env("AWS_LAMBDA_RUNTIME_API", api.address.to_string());
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::inherit());
    let begun = Instant::now();
    let child = command.spawn().with_context(|| format!("{name} cannot be started"))?;
    let running = Running(child);
    let asked = api.first_request().with_context(|| format!("{name} does not become ready"))?;
    thread::sleep(IDLE);
    let status = fs::read_to_string(format!("/proc/{}/status", running.0.id())).ok();
    let kib = |field: &str| status.as_deref().and_then(|status| field_of(status, field));
    let measured = Measured {
        to_first_request: asked.at.duration_since(begun),
        resident: kib("VmRSS:"),
        own: kib("RssAnon:"),
    };
    // The function first: it would complain of the answer that does not come.
    drop(running);
    drop(asked);
    Ok(measured)
}

/// The number in a line such as `VmRSS:     7304 kB`.
fn field_of(status: &str, field: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(field))?;
    line.trim().trim_end_matches("kB").trim().parse().ok()
}

/// A function that ends when this is dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // One that has ended by itself needs neither.
        let _gone = self.0.kill();
        let _gone = self.0.wait();
    }
}
