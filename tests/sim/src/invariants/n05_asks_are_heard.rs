//! Invariants 2 and 5, as far as the inbox keeps them: what was asked is heard before a work is
//! left, and nothing is created for somebody who has called off.

use super::{Checked, Violation, number};
use crate::mirror::parse;
use domain::work::{Phase, Work};
use store::keys;
use store::memory::Changed;

/// A work with an ask in its inbox.
pub fn check(changed: &Changed) -> Checked {
    let (Some(old), Some(new)) = (changed.old.as_deref(), changed.new.as_deref()) else {
        return Ok(());
    };
    let asked = |item: &store::table::Item| store::ASKS.iter().any(|ask| item.contains_key(ask));
    if !asked(old) {
        return Ok(());
    }
    let (name, left) = (&changed.key.pk, !asked(new));
    if left && number(new, keys::INBOX_SEQ) != number(new, keys::INBOX_SEEN) {
        return Err(Violation::of(5, format!("{name} was left with an ask it never heard")));
    }
    // Who calls off and tries again wants it tried.
    let tries = old.contains_key(keys::ASK_RETRY) || old.contains_key(keys::ASK_REPEAT);
    if tries || !old.contains_key(keys::ASK_CANCEL) {
        return Ok(());
    }
    let works = parse::<Work>(changed.old.as_ref()).zip(parse::<Work>(changed.new.as_ref()));
    let Some((was, is)) = works.filter(|(_was, is)| is.can_be_called_off()) else {
        return Ok(());
    };
    if left {
        return Err(Violation::of(5, format!("{name} was called off and goes on")));
    }
    let created = intent(&is.phase);
    if created.is_some() && created != intent(&was.phase) {
        return Err(Violation::of(2, format!("{name} was called off and creates")));
    }
    Ok(())
}

/// What tells a create from the one before.
fn intent(phase: &Phase) -> Option<(domain::time::Timestamp, &domain::ids::Stamp)> {
    phase.intent().map(|intent| (intent.opened_at, &intent.stamp))
}
