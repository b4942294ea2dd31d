//! `cargo startup`: how long each function takes from exec to its first request for an event, and
//! how much memory it holds while it waits.
//!
//! Prints figures; it is no test, and fails only when something cannot be measured. A machine that
//! is busy with something else shows in the maximum, seldom in the minimum.

mod binaries;
mod figures;
mod runtime_api;
mod start;

use std::path::PathBuf;

use anyhow::bail;
use clap::Parser;
use figures::Figures;

/// Starts every function again and again, as Lambda would, and prints how quick and how small it is.
#[derive(Debug, Parser)]
#[command(name = "cargo startup")]
struct Flags {
    /// Starts of each function that count; one more goes before and does not.
    #[arg(long, value_name = "NUMBER", default_value_t = 30)]
    runs: u16,
    /// Where `sam build` has left the functions, `<folder>/*/bootstrap`, in place of a build with
    /// the release profile.
    #[arg(long, value_name = "FOLDER")]
    built: Option<PathBuf>,
}

fn main() -> anyhow::Result<()> {
    let flags = Flags::parse();
    let functions = match &flags.built {
        Some(folder) => binaries::in_folder(folder)?,
        None => binaries::build()?,
    };
    if functions.is_empty() || flags.runs == 0 {
        bail!("there is nothing to measure");
    }
    let mut all: Vec<Figures> = functions.iter().map(|_| Figures::default()).collect();
    // One start of each in turn, so that a slow moment of the machine meets all of them.
    for run in 0..=flags.runs {
        for (function, figures) in functions.iter().zip(&mut all) {
            let measured = start::measure(function)?;
            if run > 0 {
                figures.add(measured);
            }
        }
    }
    figures::print(&functions, &all, flags.runs)
}
