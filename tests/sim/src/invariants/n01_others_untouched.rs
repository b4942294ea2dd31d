//! Invariant 1, at the edge: what is another's at VAPI stays as it is.
//!
//! A record with another deployment's stamp is never written to. One that answers for somebody is
//! taken by a list for nobody; who names it for an assistant says that it is to answer there.

use super::{Checked, View, Violation};
use crate::outside::Foreign;

/// Records that are somebody else's.
pub fn check(view: &View<'_>) -> Checked {
    for foreign in &view.sky.foreign {
        let orgs = view.sky.providers.vapi.orgs();
        let record = orgs.iter().find_map(|org| org.numbers.get(&foreign.record));
        let is_as_it_was = record.is_some_and(|record| {
            record.name.as_deref() == Some(&foreign.name)
                && record.assistant_id() == foreign.assistant.as_deref()
        });
        if !is_as_it_was && !was_named(view, foreign) {
            let what = format!("{} is another's and was changed", foreign.record);
            return Err(Violation::of(1, what));
        }
    }
    Ok(())
}

/// Whether somebody named it for an assistant: since then it is linked by us.
fn was_named(view: &View<'_>, foreign: &Foreign) -> bool {
    let mut rows = view.mirrors.iter().flat_map(|mirror| mirror.numbers.values());
    let row = rows.find(|row| row.vapi.as_ref().is_some_and(|id| id.as_str() == foreign.record));
    foreign.assistant.is_some() && row.is_some_and(|row| row.linked_at.is_some())
}
