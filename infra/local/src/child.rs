//! Child processes, all of which end when this process does, and none of which run for ever.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Command;

use crate::place;

/// A command that `guard.py` runs: it dies with all its children when we do.
pub(crate) fn guarded(python: &Path, program: impl AsRef<OsStr>) -> Command {
    let mut command = guard(python);
    command.arg(program);
    command
}

/// The same, with a folder that is removed in the end.
pub(crate) fn guarded_with(python: &Path, folder: &Path, program: impl AsRef<OsStr>) -> Command {
    let mut command = guard(python);
    command.arg("--remove").arg(folder).arg(program);
    command
}

fn guard(python: &Path) -> Command {
    let mut command = Command::new(python);
    command.arg(place::script("guard.py"));
    // Outside the terminal's foreground group, so that Ctrl-C comes to us alone.
    command.process_group(0);
    command
}

/// What a command has said, and how it ended.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    /// Its last lines for people, without progress bars.
    pub(crate) said: String,
}

impl Output {
    /// Standard output of a command that went well; else what it said, as an error.
    pub(crate) fn good(self, what: &str, advice: &str) -> anyhow::Result<String> {
        if self.status.success() {
            return Ok(self.stdout);
        }
        let said = tail(&self.said, SAID_LINES);
        let said = if said.is_empty() { tail(&self.stdout, SAID_LINES) } else { said };
        bail!("{what} failed ({}). {advice}\n{said}", self.status)
    }
}

/// Lines of a failed command that are worth showing.
const SAID_LINES: usize = 40;

/// Runs a guarded command to its end; `on_line` hears every line it says on standard error.
pub(crate) async fn run(
    mut command: Command,
    what: &str,
    limit: Duration,
    mut on_line: impl FnMut(&str) -> Keep,
) -> anyhow::Result<Output> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().with_context(|| format!("{what} could not be started"))?;
    // Dropped at the end, or when nobody waits any more: then the guard ends the command.
    let lifeline = child.stdin.take();
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let (mut out, mut said) = (String::new(), String::new());
    let work = async {
        tokio::join!(
            read_lines(stdout, |line| {
                out.push_str(line);
                out.push('\n');
            }),
            read_lines(stderr, |line| {
                if on_line(line) == Keep::Yes {
                    said.push_str(line);
                    said.push('\n');
                }
            }),
        );
        child.wait().await
    };
    let ended = tokio::time::timeout(limit, work).await;
    drop(lifeline);
    match ended {
        Ok(status) => Ok(Output { status: status?, stdout: out, said }),
        Err(_elapsed) => {
            bail!("{what} took longer than {} s\n{}", limit.as_secs(), tail(&said, SAID_LINES))
        }
    }
}

/// Whether a line is worth showing should the command fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    /// It is.
    Yes,
    /// It only draws progress.
    No,
}

/// Reads lines that end in a line feed or, as progress bars do, in a carriage return.
async fn read_lines(stream: Option<impl AsyncRead + Unpin>, mut hear: impl FnMut(&str)) {
    let Some(mut stream) = stream else { return };
    let (mut buffer, mut line) = (vec![0; 8192], Vec::new());
    while let Ok(count @ 1..) = stream.read(&mut buffer).await {
        for byte in buffer.iter().take(count) {
            match byte {
                b'\n' | b'\r' => {
                    if !line.is_empty() {
                        hear(&String::from_utf8_lossy(&line));
                        line.clear();
                    }
                }
                byte => line.push(*byte),
            }
        }
    }
    if !line.is_empty() {
        hear(&String::from_utf8_lossy(&line));
    }
}

/// The last lines of a text.
pub(crate) fn tail(text: &str, lines: usize) -> String {
    let all: Vec<&str> = text.lines().collect();
    all.iter().skip(all.len().saturating_sub(lines)).copied().collect::<Vec<_>>().join("\n")
}

/// How long a guard may take to end its command and to tidy up.
const GUARD_END: Duration = Duration::from_secs(10);

/// A guarded command that runs until this is dropped.
#[derive(Debug)]
pub(crate) struct Running(std::process::Child);

impl Running {
    /// Starts a command prepared with [`guarded`].
    pub(crate) fn start(command: Command, what: &str) -> anyhow::Result<Self> {
        let mut command = command.into_std();
        let child = command.stdin(Stdio::piped()).spawn();
        Ok(Self(child.with_context(|| format!("{what} could not be started"))?))
    }

    /// Whether it has ended by itself.
    pub(crate) fn ended(&mut self) -> bool {
        !matches!(self.0.try_wait(), Ok(None))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let begun = Instant::now();
        while !self.ended() && begun.elapsed() < GUARD_END {
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}
