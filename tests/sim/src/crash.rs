//! `cargo sim crash`: a crash at every boundary of every workflow, alone and in all ordered pairs.
//!
//! The boundaries are those that a clean run passes; for pairs, those that the run with the first
//! crash passes after it. The end must be the clean one.

use crate::boundaries::Boundary;
use crate::ending::Ending;
use crate::invariants::Violation;
use crate::report::{Found, Report};
use crate::schedule::{Catalogue, rest};
use crate::trace::Trace;
use crate::workflows::{Workflow, all, each};

/// One run of a workflow.
struct Run {
    ending: Ending,
    /// What was passed, with what each effect was.
    passed: Vec<(Boundary, String)>,
    /// Deaths that did not happen.
    left: usize,
    steps: u64,
    trace: Vec<String>,
}

/// What is to be read of one run: the workflow, and where it dies.
#[derive(Debug, Clone)]
pub struct Replay {
    /// The workflow's place.
    pub workflow: usize,
    /// The places of the deaths in the list of what was passed: of the clean run, then of the run
    /// with the first death.
    pub deaths: Vec<Boundary>,
}

/// Runs every workflow with every crash, or just the one that is asked for.
pub fn run(replay: Option<&Replay>) -> Report {
    let mut report = Report::of("crash");
    match replay {
        Some(replay) => {
            let (catalogue, workflows) = (Catalogue::default(), all());
            read(&catalogue, &workflows[replay.workflow], &replay.deaths, &mut report);
        }
        None => each(&mut report, disturb),
    }
    report
}

/// How the run of a workflow with these deaths differs from the clean one, if it does.
pub fn differs(workflow: &str, deaths: &[Boundary]) -> Option<String> {
    let catalogue = Catalogue::default();
    let workflows = all();
    let Some(place) = workflows.iter().position(|one| one.name == workflow) else {
        return Some(format!("there is no workflow {workflow}"));
    };
    let mut report = Report::of("crash");
    let clean = judged(&catalogue, place, &workflows[place], None, &[], &mut report);
    let clean = clean.as_ref().map(|clean| &clean.ending);
    judged(&catalogue, place, &workflows[place], clean, deaths, &mut report);
    report.violations.into_iter().next().map(|found| found.what)
}

fn read(catalogue: &Catalogue, workflow: &Workflow, deaths: &[Boundary], report: &mut Report) {
    match once(catalogue, workflow, deaths, Trace::readable()) {
        Ok(run) => {
            run.trace.iter().for_each(|line| println!("{line}"));
            println!("{:#?}", run.ending);
        }
        Err((violation, trace)) => {
            trace.iter().for_each(|line| println!("{line}"));
            report.found(Found::new(&violation, workflow.name, String::new()));
        }
    }
}

fn disturb(catalogue: &Catalogue, place: usize, workflow: &Workflow, report: &mut Report) {
    let Some(clean) = judged(catalogue, place, workflow, None, &[], report) else { return };
    let clean_end = &clean.ending;
    report.count("effects", u64::from(clean.passed.last().map_or(0, |(last, _)| last.effect + 1)));
    for (first, _) in &clean.passed {
        let single = judged(catalogue, place, workflow, Some(clean_end), &[*first], report);
        report.count("singles", 1);
        let Some(single) = single else { return };
        let struck = single.passed.iter().position(|(passed, _)| passed == first);
        let after = single.passed.iter().skip(struck.map_or(0, |struck| struck + 1));
        for (second, _) in after {
            let deaths = [*first, *second];
            report.count("pairs", 1);
            if judged(catalogue, place, workflow, Some(clean_end), &deaths, report).is_none() {
                return;
            }
        }
    }
}

/// One run, held against the clean end; `None` when it is bad.
fn judged(
    catalogue: &Catalogue,
    place: usize,
    workflow: &Workflow,
    clean: Option<&Ending>,
    deaths: &[Boundary],
    report: &mut Report,
) -> Option<Run> {
    report.schedules += 1;
    let bad = match once(catalogue, workflow, deaths, Trace::default()) {
        Ok(run) => {
            report.steps += run.steps;
            if run.left > 0 {
                Violation::of(0, format!("{} crashes did not strike", run.left))
            } else if clean.is_some_and(|clean| *clean != run.ending) {
                Violation::of(5, format!("the end is {:?} and should be {clean:?}", run.ending))
            } else {
                return Some(run);
            }
        }
        Err((violation, _trace)) => violation,
    };
    let at: Vec<String> =
        deaths.iter().map(|death| format!("{}.{:?}", death.effect, death.point)).collect();
    let at = at.join(",");
    let option = if at.is_empty() { String::new() } else { format!(" --at {at}") };
    let replay = format!("cargo sim crash --workflow {place}{option}");
    report.found(Found::new(&bad, &format!("{} {at}", workflow.name), replay));
    None
}

type Bad = (Violation, Vec<String>);

fn once(
    catalogue: &Catalogue,
    workflow: &Workflow,
    deaths: &[Boundary],
    trace: Trace,
) -> Result<Run, Bad> {
    let mut engine = workflow.engine(catalogue, trace);
    engine.ground.lock().boundaries.deaths = deaths.to_vec();
    let ended = rest(&mut engine).and_then(|()| engine.settled());
    let ending = Ending::of(&engine);
    let mut state = engine.ground.lock();
    let trace = state.trace.lines().to_vec();
    if let Err(violation) = ended {
        return Err((violation, trace));
    }
    let passed = std::mem::take(&mut state.boundaries.passed);
    let left = state.boundaries.deaths.len();
    Ok(Run { ending, passed, left, steps: engine.steps, trace })
}
