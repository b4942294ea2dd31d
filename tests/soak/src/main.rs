//! `cargo soak`: the built functions under SIGKILL.
//!
//! The very binaries of provision, steps, poller and webhooks run against DynamoDB Local, an SQS
//! emulator and the providers' simulators, and are killed a thousand times at random moments. The
//! harness is Lambda (it speaks the Runtime API, starts a process anew wherever one has gone, and
//! kills at the timeout), API Gateway, the queue's event source mapping, and the schedule.
//! Meanwhile businesses of several organizations ask for numbers, some of them twice at once, call
//! off, and try again; providers lose answers, fail before and after the effect, and answer late;
//! their webhooks come late, twice, in the wrong order or never.
//!
//! Then kills and faults stop, everything must come to rest within a bounded time, and the
//! providers' truth and the table are judged: nothing lost, nothing bought twice, nothing given to
//! two, every ready number answered by its own assistant, slots and ledgers equal to what they
//! count, every promise kept.
//!
//! ```sh
//! cargo soak                        # 1,000 kills; some ten minutes
//! cargo soak --kills 50 --seed 7    # a quick look
//! cargo soak --json                 # the last line of standard output is one JSON object
//! ```
//!
//! Settings: the steps' timeout 3 s, lease margin 2 s, look-up window 5 s, poller every second.
//! Times are real and processes have a will of their own: a seed draws the same businesses, faults
//! and kills, and does not repeat a run. What the functions logged stays in `target/soak`, so one
//! soak runs at a time. It needs what the local stack needs, and Java; it is no part of CI.
//!
//! Invariant: no process outlives the harness. The emulator and DynamoDB Local hang on a pipe that
//! closes with it; a function's process finds its Runtime API gone, and ends.

mod dice;
mod figures;
mod gateway;
mod ground;
mod judge;
mod killer;
mod lambda;
mod load;
mod logs;
mod queue;
mod report;
mod run;
mod settings;
mod settle;
mod table;
mod weather;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use local::console::Console;

/// Kills the built functions again and again at random moments; then nothing may be lost, and
/// nothing bought twice.
#[derive(Debug, Clone, Parser)]
#[command(name = "cargo soak")]
pub(crate) struct Flags {
    /// Kills.
    #[arg(long, value_name = "NUMBER", default_value_t = 1_000)]
    kills: u64,
    /// Businesses, faults and kills are drawn from it [default: the time].
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// Make the last line of standard output one JSON object; people read standard error.
    #[arg(long)]
    json: bool,
    /// Milliseconds between two kills, on average.
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 400)]
    every: u64,
    /// Where `sam build` has left functions, `<folder>/*/bootstrap`, in place of a build of them.
    #[arg(long, value_name = "FOLDER")]
    built: Option<PathBuf>,
    /// Execution environments of the steps; fewer on a busy machine.
    #[arg(long, value_name = "NUMBER", default_value_t = 4)]
    environments: usize,
    /// Seconds within which everything must come to rest after the last kill. The longest wait a
    /// work can owe to a fault is five minutes.
    #[arg(long, value_name = "SECONDS", default_value_t = 420)]
    rest: u64,
    /// Businesses on their way at a time.
    #[arg(long, value_name = "NUMBER", default_value_t = 16)]
    businesses: usize,
}

#[tokio::main]
async fn main() -> ExitCode {
    let flags = Flags::parse();
    let console = if flags.json { Console::stderr() } else { Console::stdout() };
    let ended = tokio::select! {
        ended = run::run(&flags, &console) => ended,
        _interrupted = tokio::signal::ctrl_c() => Err(anyhow::anyhow!("interrupted")),
    };
    match ended {
        Ok(report) => {
            console.line(report.text());
            if flags.json {
                print(&report.json());
            }
            ExitCode::from(u8::from(!report.is_good()))
        }
        Err(error) => {
            console.line(format!("error: {error:#}"));
            if flags.json {
                print(&serde_json::json!({
                    "command": "soak", "ok": false, "error": format!("{error:#}"),
                }));
            }
            ExitCode::FAILURE
        }
    }
}

fn print(object: &serde_json::Value) {
    let mut out = std::io::stdout().lock();
    // A reader who has gone needs no line.
    let _gone = writeln!(out, "{object}").and_then(|()| out.flush());
}
