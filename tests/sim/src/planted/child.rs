//! The program with the bugs in it, seen from outside, and its part of the bargain.

use crate::planted::Planted;
use crate::planted::hunt::{Caught, Check};
use crate::report::Report;
use anyhow::{Context as _, ensure};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// The longest one check may take: a bug may make it go round for ever.
const CHECK_MAX: Duration = Duration::from_secs(300);
/// How often a check is asked whether it has ended.
const ASKED_EVERY: Duration = Duration::from_millis(5);

/// The arguments of this program. In a build with planted bugs, `--bug N` before all others puts
/// one in force, and `bugs` alone lists them.
#[cfg(not(planted))]
pub fn arguments() -> Vec<OsString> {
    std::env::args_os().collect()
}

/// The arguments of this program, after the bug they may begin with is put in force.
#[cfg(planted)]
pub fn arguments() -> Vec<OsString> {
    let mut arguments: Vec<OsString> = std::env::args_os().collect();
    match arguments.get(1).and_then(|first| first.to_str()) {
        Some("bugs") => {
            println!("{}", serde_json::to_string(&listed()).unwrap());
            std::process::exit(0);
        }
        Some("--bug") => {
            let number = arguments[2].to_str().and_then(|text| text.parse().ok());
            let number: u8 = number.expect("--bug takes a number");
            planted::plant(planted::Bug::numbered(number));
            arguments.drain(1..3);
        }
        Some(_) | None => {}
    }
    arguments
}

#[cfg(planted)]
fn listed() -> Vec<Planted> {
    let listed = |bug: &planted::Bug| Planted {
        number: bug.number(),
        name: bug.name().to_owned(),
        what: bug.what().trim().to_owned(),
        breaks: bug.breaks(),
        begins: bug.shown_by().map_or(Check::Run, |name| Check::named(name).expect("a check")),
        world: bug.shown_in().map(str::to_owned),
    };
    planted::Bug::ALL.iter().map(listed).collect()
}

/// Adds to a report how often the line of the bug in force was met; here there can be none.
#[cfg(not(planted))]
pub const fn tell(_report: &mut Report) {}

/// Adds to a report how often the line of the bug in force was met.
#[cfg(planted)]
pub fn tell(report: &mut Report) {
    report.count(REACHED, planted::reached());
}

/// What a report calls it.
const REACHED: &str = "meetings with the bug";
/// What a report of random schedules calls the place of the first that violated something.
const UNTIL_FIRST: &str = "until the first violation";

/// All bugs.
pub(super) fn bugs(program: &Path) -> anyhow::Result<Vec<Planted>> {
    let output = Command::new(program).arg("bugs").output().context("the bugs' build")?;
    ensure!(output.status.success(), "the build with planted bugs does not list them");
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// What a check says at its end, as far as it matters here.
#[derive(Debug, Deserialize)]
pub(super) struct Said {
    /// What it found.
    violations: Vec<Violation>,
    /// Schedules, or whatever it counts, that it went through.
    #[serde(default)]
    schedules: u64,
    /// Further figures.
    #[serde(default)]
    figures: BTreeMap<String, u64>,
}

impl Said {
    /// How often the line of the bug was met.
    pub(super) fn reached(&self) -> u64 {
        self.figures.get(REACHED).copied().unwrap_or(0)
    }

    /// What it caught, if it caught something.
    pub(super) fn caught(&self, by: Check, program: &Path, bug: &Planted) -> Option<Caught> {
        let Violation { invariant, what, replay } = self.violations.first()?;
        let ours = format!("{} --bug {}", program.display(), bug.number);
        Some(Caught {
            by,
            after: self.figures.get(UNTIL_FIRST).copied().unwrap_or(self.schedules),
            invariant: *invariant,
            what: what.clone(),
            replay: replay.replacen("cargo sim", &ours, 1),
        })
    }
}

/// A violation it found.
#[derive(Debug, Deserialize)]
struct Violation {
    invariant: u8,
    what: String,
    replay: String,
}

/// How a check ended.
pub(super) enum Ended {
    /// With a report.
    Said(Said),
    /// Without one: why.
    Broke(String),
}

/// Runs one check with one bug.
pub(super) fn check(program: &Path, bug: u8, arguments: &[String]) -> anyhow::Result<Ended> {
    let place = program.with_file_name(format!("said-{bug}.json"));
    let errors = program.with_file_name(format!("errors-{bug}.txt"));
    let mut child = Command::new(program)
        .args(["--bug", &bug.to_string()])
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(File::create(&place)?)
        .stderr(File::create(&errors)?)
        .spawn()
        .context("the build with planted bugs cannot be started")?;
    let Some(code) = end_of(&mut child)? else {
        return Ok(Ended::Broke(format!("it took more than {} s", CHECK_MAX.as_secs())));
    };
    let text = std::fs::read_to_string(&place)?;
    let last = text.lines().next_back().unwrap_or_default();
    Ok(match serde_json::from_str(last) {
        Ok(said) => Ended::Said(said),
        Err(error) => {
            let errors = std::fs::read_to_string(&errors)?;
            let last = errors.lines().next_back().unwrap_or_default();
            Ended::Broke(format!("it ended with {code:?} and without a report ({error}): {last}"))
        }
    })
}

/// Waits for a process, but not for ever.
fn end_of(child: &mut Child) -> anyhow::Result<Option<Option<i32>>> {
    let asked_max = CHECK_MAX.as_millis() / ASKED_EVERY.as_millis();
    for _asked in 0..asked_max {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status.code()));
        }
        std::thread::sleep(ASKED_EVERY);
    }
    child.kill()?;
    child.wait()?;
    Ok(None)
}
