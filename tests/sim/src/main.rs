//! `cargo sim`: the commands of the simulator.

use clap::{Parser, Subcommand};
use sim::boundaries::{Boundary, Point};
use sim::crash::Replay;
use sim::engine::Copies;
use sim::plan::Sizes;
use sim::report::Report;
use sim::run::Range;
use std::process::ExitCode;
use std::time::Instant;

/// Small objects come and go by the million; the system's allocator takes a quarter of all time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Proves that no number is lost, bought twice, or given to two.
#[derive(Debug, Parser)]
#[command(name = "cargo sim")]
struct Flags {
    /// Prints one JSON object last.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Random schedules: everything goes wrong at once, then nothing, and all must be well.
    Run {
        /// How many.
        #[arg(long, value_name = "NUMBER", default_value_t = 10_000)]
        schedules: u64,
        /// How much happens in each.
        #[arg(long, value_enum, default_value_t)]
        sizes: Sizes,
        /// The seed of the first; the others follow.
        #[arg(long, value_name = "NUMBER", default_value_t = 0)]
        seed: u64,
        /// Threads; as many as there are processors if not given.
        #[arg(long, value_name = "NUMBER")]
        threads: Option<u16>,
        /// Prints what happens in the one schedule of this seed.
        #[arg(long)]
        trace: bool,
    },
    /// A crash at every boundary of every workflow, alone and in all ordered pairs.
    Crash {
        /// Prints one run of the workflow at this place.
        #[arg(long, value_name = "PLACE")]
        workflow: Option<usize>,
        /// Where it crashes: `3.AfterCall,7.BeforeCall`.
        #[arg(long, value_name = "PLACES", requires = "workflow", value_delimiter = ',', value_parser = boundary)]
        at: Vec<Boundary>,
    },
    /// Every delivery two and three times, also while the first still runs.
    Repeat {
        /// Prints one run of the workflow at this place.
        #[arg(long, value_name = "PLACE")]
        workflow: Option<usize>,
        /// How often more than once.
        #[arg(long, value_name = "NUMBER", default_value_t = 1)]
        more: u32,
        /// After so many stretches of the first; after its end if not given.
        #[arg(long, value_name = "NUMBER")]
        after: Option<u32>,
    },
    /// Whether the checks catch bugs that are planted one by one.
    Planted {
        /// Random schedules a bug may survive before the next check is tried.
        #[arg(long, value_name = "NUMBER", default_value_t = 12_000)]
        schedules: u64,
        /// The seed of the first schedule.
        #[arg(long, value_name = "NUMBER", default_value_t = 0)]
        seed: u64,
        /// Only bugs whose name contains this.
        #[arg(long, value_name = "TEXT")]
        only: Option<String>,
        /// Only builds the program with the bugs in it.
        #[arg(long)]
        build: bool,
    },
    /// Every order of events in a few small worlds.
    Model {
        /// Only the models whose name contains this.
        #[arg(long, value_name = "TEXT")]
        only: Option<String>,
    },
    /// Runs schedules twice: the traces must be the same.
    Meta {
        /// How many.
        #[arg(long, value_name = "NUMBER", default_value_t = 1_000)]
        schedules: u64,
    },
}

fn main() -> ExitCode {
    let flags = Flags::parse_from(sim::planted::arguments());
    let begun = Instant::now();
    let mut report = perform(flags.command);
    sim::planted::tell(&mut report);
    report.print(begun.elapsed(), flags.json)
}

fn perform(command: Command) -> Report {
    match command {
        Command::Run { sizes, seed, trace: true, .. } => sim::run::one(sizes, seed),
        Command::Run { schedules, sizes, seed, threads, trace: false } => {
            let threads = threads.unwrap_or_else(processors);
            sim::run::many(Range { schedules, sizes, seed, threads, twice: false })
        }
        Command::Crash { workflow: None, .. } => sim::crash::run(None),
        Command::Crash { workflow: Some(workflow), at } => {
            sim::crash::run(Some(&Replay { workflow, deaths: at }))
        }
        Command::Repeat { workflow: None, .. } => sim::repeat::run(None),
        Command::Repeat { workflow: Some(workflow), more, after } => {
            sim::repeat::run(Some((workflow, Copies { more, after_polls: after })))
        }
        Command::Planted { build: true, .. } => sim::planted::build(),
        Command::Planted { schedules, seed, only, build: false } => {
            let processes = usize::from(processors());
            sim::planted::run(&sim::planted::Options { schedules, seed, only, processes })
        }
        Command::Model { only } => sim::model::run(only.as_deref(), processors()),
        Command::Meta { schedules } => {
            let threads = processors();
            sim::run::many(Range { schedules, sizes: Sizes::Large, seed: 0, threads, twice: true })
        }
    }
}

fn processors() -> u16 {
    std::thread::available_parallelism().map_or(1, |count| u16::try_from(count.get()).unwrap_or(1))
}

/// `3.AfterCall`.
fn boundary(text: &str) -> Result<Boundary, String> {
    let (effect, point) = text.split_once('.').ok_or("a place is like 3.AfterCall")?;
    let effect = effect.parse().map_err(|_| format!("{effect} is no number"))?;
    let point = match point {
        "BeforeCall" => Point::BeforeCall,
        "AfterCall" => Point::AfterCall,
        "AfterRecord" => Point::AfterRecord,
        _ => return Err(format!("{point} is none of BeforeCall, AfterCall, AfterRecord")),
    };
    Ok(Boundary { effect, point })
}
