//! Invariant 7: an available or quarantined number is linked to no assistant. A cancel reads the
//! unlink back before the number rests, so that here it holds once all has settled.

use super::{Checked, View, Violation};
use domain::number::State;

/// Numbers at rest.
pub fn check(view: &View<'_>) -> Checked {
    let orgs = view.sky.providers.vapi.orgs();
    for number in view.mirrors.iter().flat_map(|mirror| mirror.numbers.values()) {
        let rests = matches!(number.state, State::Available { .. } | State::Quarantined { .. });
        let Some(vapi) = number.vapi.as_ref().filter(|_| rests) else { continue };
        let record = orgs.iter().find_map(|org| org.numbers.get(vapi.as_str()));
        if let Some(assistant) = record.and_then(|record| record.assistant_id()) {
            let what = format!("number {} rests and is linked to {assistant}", number.id);
            return Err(Violation::of(7, what));
        }
    }
    Ok(())
}
