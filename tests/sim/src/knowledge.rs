//! What people know of what is theirs, though the answer that told it may have been lost; and what
//! operators choose among.

use crate::dice::Dice;
use crate::mirror::Mirror;
use crate::people::Business;
use domain::ids::BusinessId;
use domain::number::{Number, State};
use domain::work::Kind;

/// The business that has a number, or had it last and may have it back.
pub(crate) const fn had_by(number: &Number) -> Option<&BusinessId> {
    match &number.state {
        State::Assigned { business, .. } => Some(business),
        State::Quarantined { former, .. } => former.as_ref(),
        State::Acquiring
        | State::Available { .. }
        | State::Reserved
        | State::Releasing
        | State::Released
        | State::Suspended
        | State::Retired
        | State::Unverified
        | State::Corrupted => None,
    }
}

/// The id of the number that a business has, or had last.
pub(crate) fn number_of(asking: &Business, mirror: &Mirror) -> Option<String> {
    let its_own = |number: &&Number| had_by(number).is_some_and(|id| asking.is(id));
    mirror.numbers.values().find(its_own).map(|number| number.id.to_string())
}

/// The id of the assistant of a business's latest work.
pub(crate) fn assistant_of(asking: &Business, mirror: &Mirror) -> Option<String> {
    let mut own = mirror.works.values().filter_map(|work| work.recipient());
    own.rfind(|one| asking.is(&one.business)).map(|one| one.assistant.to_string())
}

/// The id of one of the numbers there are.
pub(crate) fn any_number(dice: &mut Dice, mirror: &Mirror) -> Option<String> {
    let numbers: Vec<&Number> =
        mirror.numbers.values().filter(|number| number.state != State::Released).collect();
    if numbers.is_empty() { None } else { Some(dice.pick(&numbers).id.to_string()) }
}

/// The id of one of the works that bring a number to nobody.
pub(crate) fn any_stock(dice: &mut Dice, mirror: &Mirror) -> Option<String> {
    let live = mirror.works.values().filter(|work| !work.phase.is_over());
    let stock: Vec<_> =
        live.filter(|work| matches!(work.kind, Kind::Stock)).map(|work| work.id).collect();
    if stock.is_empty() { None } else { Some(dice.pick(&stock).to_string()) }
}
