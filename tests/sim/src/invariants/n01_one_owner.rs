//! Invariant 1: a number has at most one owner and one work writing about it; an assistant at most
//! one number; an assistant at most one live provisioning.

use super::{Asked, Checked, Sent, View, Violation};
use crate::mirror::Mirror;
use domain::number::{Carrier, Number, State};
use std::collections::BTreeSet;

/// The rows agree with each other.
pub fn check(mirror: &Mirror) -> Checked {
    let mut assistants = BTreeSet::new();
    let mut digits = BTreeSet::new();
    let mut records = BTreeSet::new();
    // What is given back keeps its row, and its digits may come back as another number.
    for number in mirror.numbers.values().filter(|one| one.state != State::Released) {
        if let State::Assigned { assistant, .. } = &number.state
            && !assistants.insert(*assistant)
        {
            return Err(Violation::of(1, format!("assistant {assistant} has two numbers")));
        }
        if let Some(own) = &number.digits
            && !digits.insert(own.reveal())
        {
            return Err(Violation::of(1, format!("two rows for {}", own.reveal())));
        }
        if let Some(vapi) = &number.vapi
            && !records.insert(vapi.as_str())
        {
            return Err(Violation::of(1, format!("two rows for VAPI's {vapi}")));
        }
    }
    let mut live = BTreeSet::new();
    for work in mirror.works.values().filter(|work| !work.phase.is_over()) {
        if let Some(recipient) = work.recipient()
            && !live.insert(recipient.assistant)
        {
            let what = format!("assistant {} has two live provisionings", recipient.assistant);
            return Err(Violation::of(1, what));
        }
        if let Some(number) = work.phase.number() {
            holds(mirror, work.id, number)?;
        }
    }
    Ok(())
}

/// What a live work says it holds is in the table, and no other work writes about it.
fn holds(mirror: &Mirror, work: domain::ids::WorkId, number: &Number) -> Checked {
    let Some(row) = mirror.numbers.get(&number.id) else {
        return Err(Violation::of(1, format!("work {work} holds {}, which has no row", number.id)));
    };
    if row.work.is_some_and(|other| other != work) {
        return Err(Violation::of(1, format!("two works have to do with number {}", number.id)));
    }
    Ok(())
}

/// Who writes to a provider about a number is the one work its row names.
pub fn writes(view: &View<'_>, sent: &Sent) -> Checked {
    let Some(work) = sent.work else { return Ok(()) };
    let about = |number: &&Number| match &sent.asked {
        Asked::Create { .. } => false,
        Asked::VapiNumber(id) => number.vapi.as_ref().is_some_and(|vapi| vapi.as_str() == id),
        Asked::TelnyxNumber(id) => match &number.carrier {
            Carrier::Telnyx { id: Some(own), .. } => own.as_str() == id,
            Carrier::Telnyx { id: None, .. } | Carrier::Vapi { .. } | Carrier::Unknown => false,
        },
    };
    match view.mirrors[sent.deployment].numbers.values().find(about) {
        Some(row) if row.work != Some(work) => {
            let what = format!("work {work} writes about number {}, which is not its", row.id);
            Err(Violation::of(1, what))
        }
        Some(_) | None => Ok(()),
    }
}
