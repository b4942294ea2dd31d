//! Invariant 7: an available or quarantined number is linked to no assistant. A cancel reads the
//! unlink back before the number rests, so that here it holds once all has settled.
//!
//! What is out of use, or was never found to answer, may be linked to somebody whom nobody here
//! knows, but to no assistant of ours.

use super::{Checked, View, Violation, whose};
use domain::number::State;

/// Numbers at rest.
pub fn check(view: &View<'_>) -> Checked {
    let orgs = view.sky.providers.vapi.orgs();
    for number in view.mirrors.iter().flat_map(|mirror| mirror.numbers.values()) {
        let rests = matches!(number.state, State::Available { .. } | State::Quarantined { .. });
        let unused = matches!(number.state, State::Retired | State::Unverified);
        let Some(vapi) = number.vapi.as_ref().filter(|_| rests || unused) else { continue };
        let record = orgs.iter().find_map(|org| org.numbers.get(vapi.as_str()));
        if let Some(assistant) = record.and_then(|record| record.assistant_id())
            && (rests || is_ours(view, assistant))
        {
            let what = format!("number {} rests and is linked to {assistant}", number.id);
            return Err(Violation::of(7, what));
        }
    }
    Ok(())
}

/// Whether a deployment made the assistant.
fn is_ours(view: &View<'_>, assistant: &str) -> bool {
    let orgs = view.sky.providers.vapi.orgs();
    let held = orgs.iter().find_map(|org| org.assistants.get(assistant));
    let stamp = held.and_then(|one| one.body.get("metadata")?.get("stamp")?.as_str());
    whose(view, stamp).is_some()
}
