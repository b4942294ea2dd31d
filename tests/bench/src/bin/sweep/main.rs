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
    /// How many numbers there are, one town after another.
    #[arg(
        long,
        value_name = "NUMBERS",
        value_delimiter = ',',
        default_values_t = [1_000, 10_000, 100_000]
    )]
    numbers: Vec<usize>,
}

/// Sweeps until all is mended. What is gone or in no row is believed at the second. Of 100,000 the
/// filter mistakes one in a hundred in each sweep, and what is to be believed must be found in two
/// that follow each other: of a thousand that are gone a handful is left after each pair.
const SWEEPS_MAX: u32 = 10;
/// How long a call to a provider takes, in milliseconds.
const LATENCY_MILLIS: u64 = 100;
/// Time between two sweeps.
const HOURS: Duration = Duration::from_secs(2 * 3600);

fn main() -> anyhow::Result<()> {
    let flags = Flags::parse();
    println!("One in a hundred differs in each of six ways. Requests are those of a whole sweep,");
    println!("with the works it starts. Resident memory, at its end and at its highest meanwhile,");
    println!("holds the table and the providers as well.\n");
    for numbers in flags.numbers {
        of_town(numbers)?;
    }
    Ok(())
}

fn of_town(numbers: usize) -> anyhow::Result<()> {
    let city = City::with(&[("QUARANTINE_DAYS", "0"), ("POOL_MINIMUM", "1000000")]);
    let _quiet = tracing::subscriber::set_default(tracing::subscriber::NoSubscriber::new());
    let begun = Instant::now();
    let town = Town::build(&city, numbers);
    city.latency.set(LATENCY_MILLIS);
    println!(
        "{numbers} numbers, {} of them differ; made in {} s, {} MiB",
        town.drifted(),
        begun.elapsed().as_secs(),
        memory_mib("VmRSS:")
    );
    println!(
        "  sweep  found  unmended  table requests (per number)  calls (per number)    s    MiB  highest"
    );
    for sweep in 1..=SWEEPS_MAX {
        let (begun, calls) = (Instant::now(), town.calls(&city));
        city.table.reset_requests();
        forget_highest();
        city.sweep();
        city.pass(HOURS);
        let seconds = begun.elapsed().as_secs();
        let (resident, highest) = (memory_mib("VmRSS:"), memory_mib("VmHWM:"));
        let (requests, calls) = (all(city.table.reset_requests()), town.calls(&city) - calls);
        let shown = it::truth::drift(&city);
        ensure!(shown["state"] == "over", "the sweep did not come to its end: {shown}");
        let (unmended, found) = (town.unmended(&city), found(&shown));
        let mut out = std::io::stdout().lock();
        writeln!(
            out,
            "{sweep:>7}{found:>7}{unmended:>10}{requests:>16} {:>11}{calls:>13} {:>8}{seconds:>5}\
             {resident:>7}{highest:>9}",
            per(requests, numbers),
            per(calls, numbers),
        )?;
        writeln!(out, "         {}", kinds(&shown))?;
        if unmended == 0 && found == 0 {
            writeln!(out, "  nothing differs any more in sweep {sweep}\n")?;
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

/// What this process has in memory (`VmRSS:`), or had at most (`VmHWM:`).
fn memory_mib(what: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(what));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or(0) / 1024
}

/// The highest is counted from now on, where the system can: else it is that of the whole run.
fn forget_highest() {
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}
