//! The changes a decision asks for, as conditional writes.

use crate::assistant::{applied_write, drop_write};
use crate::history;
use crate::keys::{self, Period};
use crate::porting;
use crate::rows;
use crate::settle::StoreError;
use crate::table::{Condition, Key, Value, Write};
use domain::ids::{AssistantId, OrganizationId, VapiAssistantId, VapiNumberId, WorkId};
use domain::ledger::{Caps, Reservation};
use domain::money::Cents;
use domain::number::{Carrier, Guard, Number, Slot, State};
use domain::source::Cap;
use domain::time::Timestamp;
use domain::work::{Change, Obstacle, Work};
use planted::planted;

/// A write with what it means when its condition does not hold. `None`: it cannot happen unless
/// something is wrong.
pub(crate) type Guarded = (Write, Option<Obstacle>);

/// Why a change cannot be turned into writes.
pub(crate) enum Unwritable {
    /// It would be refused for certain.
    Obstacle(Obstacle),
    /// It cannot be encoded.
    Error(StoreError),
}

impl From<StoreError> for Unwritable {
    fn from(error: StoreError) -> Self {
        Self::Error(error)
    }
}

/// The writes of one change of one work.
pub(crate) fn writes(
    change: &Change,
    of: &Work,
    now: Timestamp,
) -> Result<Vec<Guarded>, Unwritable> {
    let work = of.id;
    Ok(match change {
        Change::AssistantCreated(id, vapi) => vec![(assistant_created(*id, vapi), None)],
        Change::AssistantApplied(id, version) => vec![(applied_write(*id, *version), None)],
        Change::DropAssistant(id) => vec![(drop_write(*id, work), None)],
        Change::AssistantNumber(id, assigned) => {
            vec![(assistant_number(*id, assigned.as_ref())?, Some(Obstacle::Superseded))]
        }
        Change::ConfirmLatest(id) => {
            let key = keys::assistant(*id);
            let latest = Condition::Equals(keys::WORK, rows::text(work));
            let condition = if planted!(RetryOverNewer) { Condition::Present } else { latest };
            vec![(Write::Check { key, condition }, Some(Obstacle::Superseded))]
        }
        Change::TakeSlot(slot) => {
            vec![(take_slot(*slot, rows::text(work)), Some(Obstacle::SlotTaken))]
        }
        Change::GiveSlot(slot, number) => {
            vec![(hold_slot(*slot, rows::text(work), rows::text(number)), None)]
        }
        Change::HoldSlot(slot, number) => {
            vec![(take_slot(*slot, rows::text(number)), Some(Obstacle::SlotTaken))]
        }
        Change::FreeSlot(slot) => {
            let condition = Condition::Equals(keys::HOLDER, rows::text(work));
            vec![(Write::Delete { key: keys::slot(*slot), condition }, None)]
        }
        Change::CloseFree(until) => vec![(close_free(*until), None)],
        Change::Reserve(reservation, caps) => reserve(reservation, caps)?,
        Change::Unreserve(reservation) => {
            ledgers(reservation).map(|(key, _cap)| (commit_less(key, reservation), None)).collect()
        }
        Change::OpenNumber(number) => open_number(number)?,
        Change::UpdateNumber { number, new_guards } => update_number(number, new_guards, work)?,
        Change::ClaimNumber { was, now } => claim_number(was, now)?,
        Change::MendNumber { was, now } => take_number(was, now, Vec::new())?,
        Change::ParkNumber { number, new_guards } => park_number(number, new_guards, work)?,
        Change::DropNumber(number) => drop_number(number, work),
        Change::NumberGone(number) => number_gone(number, work)?,
        Change::Answers(vapi, assistant) => vec![(answers(vapi, assistant.as_ref()), None)],
        Change::Watch(vapi) => {
            let item = rows::item([
                (keys::WORK, rows::text(work)),
                (keys::VAPI, rows::text(vapi)),
                (keys::SEEN, rows::text("")),
            ]);
            let put = Write::Put { key: keys::watched(work), item, condition: Condition::Always };
            vec![(put, None)]
        }
        Change::Unwatch => {
            let condition = Condition::Always;
            vec![(Write::Delete { key: keys::watched(work), condition }, None)]
        }
        Change::History(number, event) => history::of_number(*number, *event, of, now)?,
    })
}

fn assistant_created(id: AssistantId, vapi: &VapiAssistantId) -> Write {
    Write::Update {
        key: keys::assistant(id),
        set: vec![(keys::VAPI, rows::text(vapi))],
        add: Vec::new(),
        remove: Vec::new(),
        condition: Condition::Present,
    }
}

fn assistant_number(
    id: AssistantId,
    assigned: Option<&domain::assistant::AssignedNumber>,
) -> Result<Write, StoreError> {
    let (set, remove) = match assigned {
        Some(assigned) => {
            (vec![(keys::ASSIGNED, rows::document("assigned number", assigned)?)], Vec::new())
        }
        None => (Vec::new(), vec![keys::ASSIGNED]),
    };
    let (key, add) = (keys::assistant(id), Vec::new());
    Ok(Write::Update { key, set, add, remove, condition: Condition::Present })
}

fn take_slot(slot: Slot, holder: Value) -> Write {
    let item = rows::item([(keys::HOLDER, holder)]);
    let condition = if planted!(SlotNotAsked) { Condition::Always } else { Condition::Absent };
    Write::Put { key: keys::slot(slot), item, condition }
}

fn hold_slot(slot: Slot, from: Value, to: Value) -> Write {
    Write::Update {
        key: keys::slot(slot),
        set: vec![(keys::HOLDER, to)],
        add: Vec::new(),
        remove: Vec::new(),
        condition: Condition::Equals(keys::HOLDER, from),
    }
}

fn close_free(until: Timestamp) -> Write {
    let item = rows::item([(keys::AT, rows::time(until))]);
    Write::Put { key: keys::closed(), item, condition: Condition::Always }
}

fn answers(vapi: &VapiNumberId, assistant: Option<&VapiAssistantId>) -> Write {
    let (set, remove) = match assistant {
        Some(assistant) => (vec![(keys::ANSWERS, rows::text(assistant))], Vec::new()),
        None => (Vec::new(), vec![keys::ANSWERS]),
    };
    let key = keys::guard(&Guard::Vapi(vapi.clone()));
    Write::Update { key, set, add: Vec::new(), remove, condition: Condition::Present }
}

/// The four ledgers of a reservation, with the cap each keeps.
fn ledgers(reservation: &Reservation) -> impl Iterator<Item = (Key, Cap)> {
    let own: Option<&OrganizationId> = Some(&reservation.organization);
    let (day, month) = (Period::Day(&reservation.day), Period::Month(&reservation.month));
    [
        (keys::ledger(own, &day), Cap::OrganizationDay),
        (keys::ledger(own, &month), Cap::OrganizationMonth),
        (keys::ledger(None, &day), Cap::OverallDay),
        (keys::ledger(None, &month), Cap::OverallMonth),
    ]
    .into_iter()
    .take(if planted!(OverallLedgerForgotten) { 2 } else { 4 })
}

const fn limit(cap: Cap, caps: &Caps) -> Cents {
    match cap {
        Cap::OrganizationDay => caps.organization_day,
        Cap::OrganizationMonth => caps.organization_month,
        Cap::OverallDay => caps.overall_day,
        Cap::OverallMonth => caps.overall_month,
        Cap::NumberMonthly => caps.number_monthly,
    }
}

fn reserve(reservation: &Reservation, caps: &Caps) -> Result<Vec<Guarded>, Unwritable> {
    ledgers(reservation)
        .map(|(key, cap)| {
            let new = if planted!(CapWithoutAmount) { Cents::ZERO } else { reservation.amount };
            let room = limit(cap, caps).minus(new).get();
            if room < 0 {
                return Err(Unwritable::Obstacle(Obstacle::Cap(cap)));
            }
            let condition = Condition::Any(vec![
                Condition::Missing(keys::COMMITTED),
                Condition::AtMost(keys::COMMITTED, room),
            ]);
            let add = vec![(keys::COMMITTED, reservation.amount.get())];
            let (set, remove) = (Vec::new(), Vec::new());
            let update = Write::Update { key, set, add, remove, condition };
            Ok((update, Some(Obstacle::Cap(cap))))
        })
        .collect()
}

fn commit_less(key: Key, reservation: &Reservation) -> Write {
    let add = vec![(keys::COMMITTED, Cents::ZERO.minus(reservation.amount).get())];
    let (set, remove) = (Vec::new(), Vec::new());
    Write::Update { key, set, add, remove, condition: Condition::Present }
}

fn guard(guarded: &Guard, number: &Number) -> Guarded {
    let item = rows::item([(keys::HOLDER, rows::text(number.id))]);
    let condition = if planted!(GuardOverwritten) { Condition::Always } else { Condition::Absent };
    let put = Write::Put { key: keys::guard(guarded), item, condition };
    (put, Some(Obstacle::DigitsTaken))
}

pub(crate) fn number_attributes(
    number: &Number,
) -> Result<Vec<(crate::table::Attribute, Value)>, StoreError> {
    let state = number.state.name();
    let mut attributes = vec![
        (keys::DOCUMENT, rows::document("number", number)?),
        (keys::STATE, rows::text(state)),
        (keys::LIST_PK, rows::text(keys::numbers_in(state))),
        (keys::LIST_SK, rows::text(keys::list_sort(number.created_at, number.id))),
    ];
    if let Some(work) = number.work {
        attributes.push((keys::WORK, rows::text(work)));
    }
    Ok(attributes)
}

/// The guards of a number that is new.
pub(crate) fn guards_of(number: &Number) -> Vec<Write> {
    number.guards().iter().map(|guarded| guard(guarded, number).0).collect()
}

/// The writes of one change, whatever stands in their way.
pub(crate) fn writes_of(
    change: &Change,
    of: &Work,
    now: Timestamp,
) -> Result<Vec<Write>, StoreError> {
    match writes(change, of, now) {
        Ok(writes) => Ok(writes.into_iter().map(|(write, _obstacle)| write).collect()),
        Err(Unwritable::Error(error)) => Err(error),
        Err(Unwritable::Obstacle(_)) => Ok(Vec::new()),
    }
}

pub(crate) fn open_number(number: &Number) -> Result<Vec<Guarded>, StoreError> {
    let item = rows::item(number_attributes(number)?);
    let put = Write::Put { key: keys::number(number.id), item, condition: Condition::Absent };
    let guards = number.guards();
    Ok(std::iter::once((put, None)).chain(guards.iter().map(|g| guard(g, number))).collect())
}

fn update_number(
    number: &Number,
    new_guards: &[Guard],
    work: WorkId,
) -> Result<Vec<Guarded>, StoreError> {
    let remove = if number.work.is_some() { Vec::new() } else { vec![keys::WORK] };
    let update = Write::Update {
        key: keys::number(number.id),
        set: number_attributes(number)?,
        add: Vec::new(),
        remove,
        condition: Condition::Equals(keys::WORK, rows::text(work)),
    };
    let guards = new_guards.iter().map(|g| guard(g, number));
    Ok(std::iter::once((update, None)).chain(guards).collect())
}

/// Puts a work's number into the pool. What is about to leave goes to nobody.
fn park_number(
    number: &Number,
    new_guards: &[Guard],
    work: WorkId,
) -> Result<Vec<Guarded>, StoreError> {
    let held = Condition::Equals(keys::WORK, rows::text(work));
    let update = Write::Update {
        key: keys::number(number.id),
        set: number_attributes(number)?,
        add: Vec::new(),
        remove: vec![keys::WORK],
        condition: Condition::All(vec![held, porting::not_frozen()]),
    };
    let guards = new_guards.iter().map(|g| guard(g, number));
    let places = into_pool(number).map(|write| (write, None));
    let row = std::iter::once((update, Some(Obstacle::NumberGone)));
    Ok(row.chain(guards).chain(places).collect())
}

/// Takes a number that belongs to no work, if it is as it was seen and nobody asks to take it away:
/// what is about to leave goes to nobody, and is not given up by us.
pub(crate) fn claim_number(was: &Number, now: &Number) -> Result<Vec<Guarded>, StoreError> {
    take_number(was, now, vec![porting::not_frozen()])
}

/// Takes a number that belongs to no work, if it is as it was seen and all this holds as well. In the
/// pool it is found no more.
fn take_number(
    was: &Number,
    now: &Number,
    mut asked: Vec<Condition>,
) -> Result<Vec<Guarded>, StoreError> {
    asked.push(Condition::Equals(keys::DOCUMENT, rows::document("number", was)?));
    let seen = Condition::All(asked);
    let update = Write::Update {
        key: keys::number(now.id),
        set: number_attributes(now)?,
        add: Vec::new(),
        remove: Vec::new(),
        condition: if planted!(ClaimUnseen) { Condition::Present } else { seen },
    };
    let gone = Some(Obstacle::NumberGone);
    Ok(std::iter::once((update, gone)).chain(out_of_pool(was)).collect())
}

/// What takes a number out of the pool, if it is there.
pub(crate) fn out_of_pool(number: &Number) -> impl Iterator<Item = Guarded> {
    let there = matches!(number.state, State::Available { .. });
    let places = if there { keys::pooled(number) } else { Vec::new() };
    let condition = || Condition::Always;
    places.into_iter().map(move |key| (Write::Delete { key, condition: condition() }, None))
}

/// What puts a number that is nobody's into the pool.
pub(crate) fn into_pool(number: &Number) -> impl Iterator<Item = Write> {
    let item = || rows::item([(keys::HOLDER, rows::text(number.id))]);
    let places = keys::pooled(number).into_iter();
    places.map(move |key| Write::Put { key, item: item(), condition: Condition::Always })
}

fn drop_number(number: &Number, work: WorkId) -> Vec<Guarded> {
    let condition = Condition::Equals(keys::WORK, rows::text(work));
    let row = (Write::Delete { key: keys::number(number.id), condition }, None);
    std::iter::once(row).chain(unguard(number)).collect()
}

/// What identified a number is free for another.
fn unguard(number: &Number) -> impl Iterator<Item = Guarded> {
    let holds = Condition::Equals(keys::HOLDER, rows::text(number.id));
    let guards = number.guards().into_iter();
    guards.map(move |guard| {
        (Write::Delete { key: keys::guard(&guard), condition: holds.clone() }, None)
    })
}

/// A number was given back: its row stays, for its history.
fn number_gone(number: &Number, work: WorkId) -> Result<Vec<Guarded>, StoreError> {
    let row = update_number(number, &[], work)?.into_iter();
    let slot = match &number.carrier {
        Carrier::Vapi { slot } => {
            let condition = Condition::Equals(keys::HOLDER, rows::text(number.id));
            Some((Write::Delete { key: keys::slot(*slot), condition }, None))
        }
        Carrier::Telnyx { .. } | Carrier::Twilio { .. } | Carrier::Unknown => None,
    };
    Ok(row.chain(unguard(number)).chain(slot).collect())
}
