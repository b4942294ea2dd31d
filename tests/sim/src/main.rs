//! `cargo sim`: proof that nothing is lost, bought twice, or given to two, whatever goes wrong.

mod aging;
mod boundaries;
mod deployment;
mod dice;
mod engine;
mod ground;
mod invariants;
mod kinds;
mod mail;
mod mirror;
mod people;
mod plan;
mod schedule;
mod sky;
mod tasks;
mod trace;
mod weather;
mod wire;
mod world;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let mut args = std::env::args().skip(1).map(|a| a.parse::<u64>().unwrap());
    let (from, count) = (args.next().unwrap(), args.next().unwrap());
    let catalogue = schedule::Catalogue::default();
    let begun = std::time::Instant::now();
    let (mut steps, mut requests, mut ms) = (0, 0, 0);
    let mut faults = kinds::Counts::default();
    let mut bad = 0;
    for seed in from..from + count {
        let trace = if count == 1 { trace::Trace::readable() } else { trace::Trace::default() };
        let outcome = schedule::run(&catalogue, seed, trace);
        for line in &outcome.trace { println!("{line}"); }
        steps += outcome.steps; requests += outcome.requests; ms += outcome.simulated_ms;
        faults.merge(&outcome.faults);
        if let Some(v) = outcome.violation { bad += 1; if bad < 30 { println!("seed {seed}: {} {}", v.invariant, v.what);} }
    }
    let t = begun.elapsed().as_secs_f64();
    let n = count as f64;
    println!("{count} in {t:.1}s = {:.0}/s, steps {:.0}, requests {:.0}, faults {:.1}, minutes {:.0} bad {bad}", n / t, steps as f64 / n, requests as f64 / n, faults.total() as f64 / n, ms as f64 / n / 60000.0);
    for k in kinds::Kind::ALL { print!("{} {:.2}, ", k.name(), faults.of(*k) as f64 / n); }
    println!("\nmissing {:?}", faults.missing());
}
