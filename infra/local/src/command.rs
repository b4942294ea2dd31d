//! `cargo local`: the main job on a fresh machine, in one command.

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use anyhow::Context;
use clap::{Parser, ValueEnum};
use serde_json::Value;
use simulators::DigitsPlan;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

use crate::console::{Console, Step};
use crate::main_job::{self, MainJob};
use crate::options::{StackOptions, User};
use crate::pool;
use crate::report::{self, Tokens};
use crate::stack::Stack;

/// Builds and deploys Dialtone on this machine, gets a business its number and calls it.
///
/// Needs Rust and Python 3 with venv; everything else is set up under target/. Keeps running until
/// Ctrl-C, then cleans up after itself.
#[derive(Debug, Parser)]
#[command(name = "cargo local")]
struct Flags {
    /// End after the main job; exit status 0 only if the right assistant answered.
    #[arg(long)]
    once: bool,
    /// Make the last line of standard output one JSON object; people read standard error.
    #[arg(long)]
    json: bool,
    /// Where the number comes from [default: the documented order].
    #[arg(long, value_enum)]
    source: Option<Source>,
    /// Seconds until a new VAPI number has its digits.
    #[arg(long, value_name = "SECONDS", default_value_t = 4)]
    digits_after: u32,
    /// Seconds the main job may take beside the wait for digits.
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    timeout: u32,
    /// Where the functions find VAPI, instead of the built-in simulator.
    #[arg(long, value_name = "URL", value_parser = address)]
    vapi_url: Option<String>,
    /// Where the functions find Telnyx, instead of the built-in simulator.
    #[arg(long, value_name = "URL", value_parser = address)]
    telnyx_url: Option<String>,
    /// Port of the built-in VAPI simulator; 0 for a free one.
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    vapi_port: u16,
    /// Port of the built-in Telnyx simulator; 0 for a free one.
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    telnyx_port: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
enum Source {
    Pool,
    VapiFree,
    Telnyx,
    Manual,
}

impl Source {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Pool => "pool",
            Self::VapiFree => "vapi_free",
            Self::Telnyx => "telnyx",
            Self::Manual => "manual",
        }
    }
}

fn address(text: &str) -> Result<String, String> {
    let good = text.starts_with("http://") || text.starts_with("https://");
    if good {
        Ok(text.to_owned())
    } else {
        Err("it must begin with http:// or https://".to_owned())
    }
}

/// What ends the command.
enum End {
    Finished,
    Interrupted,
}

/// Exit status of a command ended before its main job was done.
const INTERRUPTED: u8 = 130;

/// Runs the command with the process's arguments.
#[must_use]
pub fn run() -> ExitCode {
    let flags = Flags::parse();
    let console = if flags.json { Console::stderr() } else { Console::stdout() };
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            console.line(format!("no runtime: {error}"));
            return ExitCode::FAILURE;
        }
    };
    // Once the main job is done it says how that went, whatever ends the command later.
    let status = Arc::new(AtomicU8::new(INTERRUPTED));
    let said = Arc::clone(&status);
    let end = runtime.block_on(async {
        let (ends, mut first) = mpsc::channel(2);
        let interrupts = ends.clone();
        tokio::spawn(async move {
            if interrupted().await.is_ok() {
                // Nobody listens any more when the work has ended meanwhile.
                let _late = interrupts.send(End::Interrupted).await;
            }
        });
        let shown = console.clone();
        let work = tokio::spawn(async move {
            work(&flags, &shown, &said).await;
            let _late = ends.send(End::Finished).await;
        });
        let end = first.recv().await;
        // Whatever it holds is dropped here: children end, folders go.
        work.abort();
        let _aborted = work.await;
        end
    });
    if matches!(end, Some(End::Interrupted)) {
        console.line("\nStopped; everything is cleaned up.");
    }
    ExitCode::from(status.load(Ordering::Relaxed))
}

async fn interrupted() -> anyhow::Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let (ends, mut first) = mpsc::channel(1);
    let other = ends.clone();
    tokio::spawn(async move {
        interrupt.recv().await;
        let _second = ends.try_send(());
    });
    tokio::spawn(async move {
        terminate.recv().await;
        let _second = other.try_send(());
    });
    first.recv().await.context("no signal can come")
}

async fn work(flags: &Flags, console: &Console, status: &AtomicU8) {
    if let Err(error) = start_and_run(flags, console, status).await {
        status.store(1, Ordering::Relaxed);
        console.line(format!("\nerror: {error:#}"));
        if flags.json {
            print_json(&report::json_of_failure(&format!("{error:#}")));
        }
    }
}

async fn start_and_run(flags: &Flags, console: &Console, status: &AtomicU8) -> anyhow::Result<()> {
    let (business, operator) = (User::of_business("local", "harbor"), User::in_group("operators"));
    let mut options = StackOptions {
        users: vec![business.clone(), operator.clone()],
        vapi_port: flags.vapi_port,
        telnyx_port: flags.telnyx_port,
        vapi_url: flags.vapi_url.clone(),
        telnyx_url: flags.telnyx_url.clone(),
        ..StackOptions::default()
    };
    if flags.source == Some(Source::Pool) {
        // A number of the pool is one that another business has given up.
        options.users.push(pool::neighbour());
        options = options.parameter("QuarantineDays", 0);
    }
    options.providers.vapi.digits =
        DigitsPlan::After { ms: i64::from(flags.digits_after).saturating_mul(1_000) };
    console.line("Dialtone on this machine");
    let stack = Stack::start(options, console).await?;
    let token = |user| stack.token(user).map(str::to_owned).context("a user got no token");
    let tokens = Tokens { business: token(&business)?, operator: token(&operator)? };

    let job = main_job(flags, console, &stack, &tokens).await;
    let good = job.as_ref().is_ok_and(MainJob::is_answered_rightly);
    status.store(u8::from(!good), Ordering::Relaxed);
    match &job {
        Ok(job) => report::result(console, job),
        Err(error) => console.line(format!("\nerror: {error:#}")),
    }
    if !good {
        show_complaints(&stack, console).await;
    }
    report::addresses(console, &stack, &tokens, job.as_ref().ok());
    if flags.json {
        let reason = job.as_ref().map_err(|error| format!("{error:#}"));
        print_json(&report::json(
            &stack,
            &tokens,
            reason.as_ref().copied().map_err(String::as_str),
        ));
    }
    if !flags.once {
        console.line("\nRunning. Ctrl-C ends it.");
        std::future::pending::<()>().await;
    }
    Ok(())
}

async fn main_job(
    flags: &Flags,
    console: &Console,
    stack: &Stack,
    tokens: &Tokens,
) -> anyhow::Result<MainJob> {
    let request = main_job::request(flags.source.map(Source::as_str));
    let limit = Duration::from_secs(u64::from(flags.digits_after) + u64::from(flags.timeout));
    if flags.source == Some(Source::Pool) {
        let step = console.step("a number for the pool");
        pool::fill(stack, limit).await?;
        step.done("a number that nobody uses is in the pool");
    }
    let step = console.bar(&format!("a number for {}", main_job::BUSINESS_NAME), 100);
    let mut shown = 0;
    let api = stack.api(&tokens.business);
    let hear = |view: &Value| show(view, &mut shown, &step, console);
    if flags.source == Some(Source::Manual) {
        let operator = stack.api(&tokens.operator);
        return main_job::run_by_hand(stack, &api, &operator, &request, limit, hear).await;
    }
    main_job::run(stack, &api, &request, limit, hear).await
}

/// Prints the lines of the timeline that are new, and moves the bar.
fn show(view: &Value, shown: &mut usize, step: &Step, console: &Console) {
    let timeline = view.get("timeline").and_then(Value::as_array);
    for entry in timeline.into_iter().flatten().skip(*shown) {
        let text = entry.get("text").or_else(|| entry.get("event")).and_then(Value::as_str);
        let at = entry.get("at").and_then(Value::as_str).and_then(|at| at.get(11..19));
        console.line(format!("    {}  {}", at.unwrap_or("        "), text.unwrap_or("…")));
        *shown += 1;
    }
    step.at(view.get("percent").and_then(Value::as_u64).unwrap_or(0), 100);
    step.note(view.get("message").and_then(Value::as_str).unwrap_or(""));
}

/// Shows what the functions complained about.
async fn show_complaints(stack: &Stack, console: &Console) {
    for function in crate::functions::FUNCTIONS {
        let logs = stack.logs(function).await.unwrap_or_default();
        let complaints = logs.iter().filter(|line| line.contains("ERROR") || line.contains("WARN"));
        let complaints: Vec<&String> = complaints.collect();
        for line in complaints.iter().rev().take(COMPLAINTS_MAX).rev() {
            console.line(format!("  {function}: {}", line.trim_end()));
        }
    }
}

/// Complaints of one function that are shown.
const COMPLAINTS_MAX: usize = 8;

fn print_json(object: &Value) {
    let mut out = std::io::stdout().lock();
    // A reader who has gone needs no line.
    let _gone = writeln!(out, "{object}").and_then(|()| out.flush());
}
