//! `cargo sim repeat`: every delivery two and three times, one after the other and while the
//! first still runs, from every one of its stretches on.

use crate::ending::Ending;
use crate::engine::Copies;
use crate::invariants::Violation;
use crate::report::{Found, Report};
use crate::schedule::{Catalogue, rest};
use crate::trace::Trace;
use crate::workflows::{Workflow, all, each};

/// The stretch after which a delivery is made again goes up to this one: more than the longest
/// invocation has.
const STRETCHES_MAX: u32 = 90;

/// Runs every workflow with every repetition, or reads the one that is asked for.
pub fn run(replay: Option<(usize, Copies)>) -> Report {
    let mut report = Report::of("repeat");
    match replay {
        Some((place, copies)) => {
            read(&Catalogue::default(), &all()[place], copies, &mut report);
        }
        None => each(&mut report, repeat),
    }
    report
}

fn read(catalogue: &Catalogue, workflow: &Workflow, copies: Copies, report: &mut Report) {
    let (ended, trace) = once(catalogue, workflow, Some(copies), Trace::readable());
    trace.iter().for_each(|line| println!("{line}"));
    match ended {
        Ok((ending, _)) => println!("{ending:#?}"),
        Err(violation) => report.found(Found::new(&violation, workflow.name, String::new())),
    }
}

fn repeat(catalogue: &Catalogue, place: usize, workflow: &Workflow, report: &mut Report) {
    let clean = match once(catalogue, workflow, None, Trace::default()).0 {
        Ok((ending, _)) => ending,
        Err(violation) => {
            let replay = format!("cargo sim crash --workflow {place}");
            return report.found(Found::new(&violation, workflow.name, replay));
        }
    };
    for more in 1..=2 {
        let moments = (1..=STRETCHES_MAX).map(Some).chain([None]);
        for after_polls in moments {
            let copies = Copies { more, after_polls };
            report.schedules += 1;
            let bad = match once(catalogue, workflow, Some(copies), Trace::default()).0 {
                Ok((ending, steps)) => {
                    report.steps += steps;
                    if ending == clean {
                        continue;
                    }
                    Violation::of(5, format!("the end is {ending:?} and should be {clean:?}"))
                }
                Err(violation) => violation,
            };
            let after = after_polls.map(|polls| format!(" --after {polls}")).unwrap_or_default();
            let replay = format!("cargo sim repeat --workflow {place} --more {more}{after}");
            return report.found(Found::new(&bad, workflow.name, replay));
        }
    }
}

fn once(
    catalogue: &Catalogue,
    workflow: &Workflow,
    copies: Option<Copies>,
    trace: Trace,
) -> (Result<(Ending, u64), Violation>, Vec<String>) {
    let mut engine = workflow.engine(catalogue, trace);
    engine.copies = copies;
    let ended = rest(&mut engine).and_then(|()| engine.settled());
    let ending = Ending::of(&engine);
    let trace = engine.ground.lock().trace.lines().to_vec();
    (ended.map(|()| (ending, engine.steps)), trace)
}
