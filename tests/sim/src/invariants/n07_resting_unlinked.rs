//! Invariant 7: an available or quarantined number is linked to no assistant. A cancel reads the
//! unlink back before the number rests, so that here it holds once all has settled.
//!
//! What is out of use, or was never found to answer, may be linked to somebody whom nobody here
//! knows, but to no assistant of ours; one that VAPI blocks reaches nobody, and is left as it is.

use super::{Checked, View, Violation, whose_assistant};
use domain::number::State;

/// Numbers at rest.
pub fn check(view: &View<'_>) -> Checked {
    let orgs = view.sky.providers.vapi.orgs();
    for number in view.mirrors.iter().flat_map(|mirror| mirror.numbers.values()) {
        let rests = matches!(number.state, State::Available { .. } | State::Quarantined { .. });
        let unused = matches!(number.state, State::Retired | State::Unverified);
        let Some(vapi) = number.vapi.as_ref().filter(|_| rests || unused) else { continue };
        let record = orgs.iter().find_map(|org| org.numbers.get(vapi.as_str()));
        let answers = record.is_some_and(|record| record.status(view.now_ms) == "active");
        if let Some(assistant) = record.and_then(|record| record.assistant_id())
            && (rests || answers && whose_assistant(view, assistant).is_some())
        {
            let what = format!("number {} rests and is linked to {assistant}", number.id);
            return Err(Violation::of(7, what));
        }
    }
    Ok(())
}
