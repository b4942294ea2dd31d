//! Ready means that it answers: every ready number is called, and its own assistant takes the call.

use domain::work::Phase;
use simulators::server::wall_ms;
use simulators::{CallOutcome, CallStep};

use super::{Case, Findings};

pub(super) fn check(case: &Case<'_>) -> Findings {
    let mut findings = Findings::new();
    for (id, item) in &case.table.works {
        let Phase::Ready { line } = &item.work.phase else { continue };
        let Some(digits) = &line.number.digits else {
            findings.push(format!("{id} is ready without digits"));
            continue;
        };
        let step = case.providers.with(|all| all.call(wall_ms(), digits.reveal()));
        let wanted = item.work.vapi_assistant().map(|assistant| assistant.as_str());
        let right = match &step {
            CallStep::Done(report) => {
                report.outcome == CallOutcome::Assistant && report.assistant_id.as_deref() == wanted
            }
            CallStep::NeedsServer(_) => false,
        };
        if !right {
            findings.push(format!("{id} is ready, and a call does not reach it: {step:?}"));
        }
    }
    findings
}
