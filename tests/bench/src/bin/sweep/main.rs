//! `cargo run --release -p bench --bin sweep`: what a comparison with the providers costs, and that
//! it finds and mends all.
//!
//! The functions' own handlers compare over the twin and the simulators, under virtual time in which
//! every call to a provider takes a tenth of a second. Of so many numbers one in a hundred differs in
//! each way. Prints figures; it fails where something stays unmended.

mod load;

use std::io::Write;
use std::time::{Duration, Instant};

use anyhow::ensure;
use clap::Parser;
use it::City;
use load::Town;
use serde_json::Value;
use store::memory::Requests;

/// Prints what comparing so many numbers with the providers costs.
#[derive(Debug, Parser)]
#[command(name = "sweep")]
struct Flags {
    /// How many numbers there are, one town after another. VAPI's simulator looks through all of them
    /// for each that it takes: 100,000 are long in the making.
    #[arg(long, value_name = "NUMBERS", value_delimiter = ',', default_values_t = [1_000, 10_000])]
    numbers: Vec<usize>,
}

/// Sweeps until all is mended: what is gone or in no row is believed at the second, and what the
/// filter mistakes is found at the next.
const SWEEPS_MAX: u32 = 5;
/// How long a call to a provider takes, in milliseconds.
const LATENCY_MILLIS: u64 = 100;
/// Time between two sweeps.
const HOURS: Duration = Duration::from_secs(2 * 3600);

fn main() -> anyhow::Result<()> {
    let flags = Flags::parse();
    println!(
        "One in a hundred differs in each of six ways. Requests are those of the whole sweep, with"
    );
    println!("the works it starts. Resident memory holds the table and the providers as well.\n");
    for numbers in flags.numbers {
        of_town(numbers)?;
    }
    Ok(())
}

fn of_town(numbers: usize) -> anyhow::Result<()> {
    let city = City::with(&[("QUARANTINE_DAYS", "0"), ("POOL_MINIMUM", "1000000")]);
    let _quiet = tracing::subscriber::set_default(tracing::subscriber::NoSubscriber::new());
    let town = Town::build(&city, numbers);
    city.latency.set(LATENCY_MILLIS);
    println!("{numbers} numbers, {} of them differ", town.drifted());
    println!(
        "  sweep  found  unmended  table requests (per number)  calls (per number)    s    MiB"
    );
    for sweep in 1..=SWEEPS_MAX {
        let (begun, calls) = (Instant::now(), town.calls(&city));
        city.table.reset_requests();
        city.sweep();
        city.pass(HOURS);
        let shown = it::truth::drift(&city);
        ensure!(shown["state"] == "over", "the sweep did not come to its end: {shown}");
        let (requests, calls) = (all(city.table.reset_requests()), town.calls(&city) - calls);
        let unmended = town.unmended(&city);
        let mut out = std::io::stdout().lock();
        writeln!(
            out,
            "{sweep:>7}{:>7}{unmended:>10}{requests:>16} {:>11}{calls:>13} {:>8}{:>5}{:>7}",
            found(&shown),
            per(requests, numbers),
            per(calls, numbers),
            begun.elapsed().as_secs(),
            resident_mib(),
        )?;
        writeln!(out, "         {}", kinds(&shown))?;
        if unmended == 0 && found(&shown) == 0 {
            println!();
            return Ok(());
        }
    }
    anyhow::bail!("{} numbers stay unmended", town.unmended(&city))
}

fn found(shown: &Value) -> u64 {
    let kinds = shown["drift"].as_object().into_iter().flat_map(|kinds| kinds.values());
    kinds.filter_map(|kind| kind["found"].as_u64()).sum()
}

/// How many of each kind, those that there are.
fn kinds(shown: &Value) -> String {
    let kinds = shown["drift"].as_object().into_iter().flatten();
    let told = kinds.filter_map(|(kind, counts)| {
        let found = counts["found"].as_u64().filter(|found| *found > 0)?;
        Some(format!("{kind} {found}"))
    });
    told.collect::<Vec<_>>().join(", ")
}

fn all(requests: Requests) -> u64 {
    requests.total()
}

/// Hundredths, without a fraction.
fn per(count: u64, numbers: usize) -> String {
    let hundredths = count * 100 / u64::try_from(numbers).unwrap_or(1).max(1);
    format!("({}.{:02})", hundredths / 100, hundredths % 100)
}

/// What this process has in memory.
fn resident_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or(0) / 1024
}
