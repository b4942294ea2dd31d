//! Invariant 4: free VAPI numbers held or being created stay within the limit, also when the last
//! slot is wanted by many at once.

use super::{Checked, View, Violation, whose};
use crate::mirror::Mirror;
use simulators::vapi::NumberKind;

/// Slots in the table.
pub fn check(view: &View<'_>, mirror: &Mirror) -> Checked {
    if mirror.slots.len() <= view.free_limit {
        return Ok(());
    }
    let what = format!("{} slots are taken of {}", mirror.slots.len(), view.free_limit);
    Err(Violation::of(4, what))
}

/// Free numbers at VAPI.
pub fn held(view: &View<'_>) -> Checked {
    let mut held = vec![0_usize; view.mirrors.len()];
    for number in view.sky.providers.vapi.orgs().iter().flat_map(|org| org.numbers.iter()) {
        if number.kind == NumberKind::Vapi
            && let Some((place, _, _)) = whose(view, number.name.as_deref())
        {
            held[place] += 1;
        }
    }
    match held.iter().find(|count| **count > view.free_limit) {
        Some(count) => {
            let what = format!("{count} free numbers are held of {}", view.free_limit);
            Err(Violation::of(4, what))
        }
        None => Ok(()),
    }
}
