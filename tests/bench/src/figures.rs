//! Figures of many starts, and the table of all functions.

use std::fs;
use std::io::Write;
use std::time::Duration;

use crate::binaries::Function;
use crate::start::Measured;

/// What a start should stay below.
const START_AIM: Duration = Duration::from_millis(10);
/// What a waiting function should stay below, in KiB.
const RESIDENT_AIM: u64 = 12 * 1024;

/// What the starts of one function showed.
#[derive(Debug, Default)]
pub(crate) struct Figures(Vec<Measured>);

impl Figures {
    pub(crate) fn add(&mut self, measured: Measured) {
        self.0.push(measured);
    }

    /// Median, least and greatest time to the first request.
    fn times(&self) -> [Duration; 3] {
        let times = sorted(self.0.iter().map(|start| start.to_first_request));
        [middle(&times), times.first().copied(), times.last().copied()]
            .map(Option::unwrap_or_default)
    }

    fn median_of(&self, figure: impl Fn(&Measured) -> Option<u64>) -> Option<u64> {
        middle(&sorted(self.0.iter().filter_map(figure)))
    }
}

fn sorted<T: Ord>(values: impl Iterator<Item = T>) -> Vec<T> {
    let mut values: Vec<T> = values.collect();
    values.sort_unstable();
    values
}

fn middle<T: Copy>(sorted: &[T]) -> Option<T> {
    sorted.get(sorted.len() / 2).copied()
}

/// Prints the table.
pub(crate) fn print(functions: &[Function], all: &[Figures], runs: u16) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{runs} starts of each function on {}", machine())?;
    writeln!(out)?;
    writeln!(out, "            binary   exec to first request, ms      idle, MiB")?;
    writeln!(out, "function       MiB    median       min       max  resident       own")?;
    let mut missed = false;
    for (function, figures) in functions.iter().zip(all) {
        let binary = fs::metadata(&function.binary)?.len() / 1024;
        let [median, least, greatest] = figures.times();
        let resident = figures.median_of(|start| start.resident);
        let own = figures.median_of(|start| start.own);
        let mark = if median < START_AIM && resident.is_none_or(|kib| kib < RESIDENT_AIM) {
            ""
        } else {
            missed = true;
            "  *"
        };
        let (median, least, greatest) = (millis(median), millis(least), millis(greatest));
        let (size, resident, own) = (mib(Some(binary)), mib(resident), mib(own));
        let name = &function.name;
        write!(out, "{name:<12}{size:>6}{median:>10}{least:>10}{greatest:>10}")?;
        writeln!(out, "{resident:>10}{own:>10}{mark}")?;
    }
    writeln!(out)?;
    let star = if missed { " (* misses it)" } else { "" };
    writeln!(out, "The aim: a median below 10 ms, less than 12 MiB resident{star}.")?;
    Ok(())
}

fn millis(time: Duration) -> String {
    let micros = time.as_micros();
    format!("{}.{:02}", micros / 1000, micros % 1000 / 10)
}

fn mib(kib: Option<u64>) -> String {
    kib.map_or_else(|| "-".to_owned(), |kib| format!("{}.{}", kib / 1024, kib % 1024 * 10 / 1024))
}

/// What this machine says of itself.
fn machine() -> String {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or(std::env::consts::ARCH, |(_colon, model)| model);
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or("unknown").to_owned();
    format!("{processors} processors ({model}), load {load}")
}
