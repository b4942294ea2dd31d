//! From what was said to the input of the state machine.

use super::{Call, End, Met, OrderSeen, Seen, Shown, Told, Why};
use crate::bounds::{FAR_AWAY, PRICE_MONTHLY, PRICE_UPFRONT};
use crate::kept::KeptNumber;
use crate::names::{Customer, Line, Record, Tag, application, credential};
use domain::number::{Number, Slot};
use domain::offer::Offer;
use domain::outcome::{Missing, Outcome, Refusal};
use domain::request::NumberType;
use domain::source::{Cap, Passed};
use domain::telnyx::{Order, OrderRefusal, OrderStatus, OwnedNumber, OwnedStatus};
use domain::time::Timestamp;
use domain::vapi::{
    Digits, FreeNumberRefusal, ImportRefusal, NumberProvider, NumberStatus, VapiNumber,
};
use domain::work::{
    Allowance, Ask, CarrierReading, FoundOrder, Input, LineReading, Obstacle, OrderCheck, Scouted,
    Through,
};
use std::sync::Arc;

impl Told {
    /// The input it is, for one who has copies of these rows.
    pub(crate) fn input(self, now: Timestamp, seen: &[Arc<KeptNumber>]) -> Input {
        match self {
            Self::Resumed => Input::Resumed,
            Self::Cancel => Input::Asked(Ask::Cancel),
            Self::Retry => Input::Asked(Ask::Retry),
            Self::Repeat => Input::Asked(Ask::Repeat),
            Self::Repair => Input::Asked(Ask::Repair),
            Self::Assign(number) => Input::Asked(Ask::Assign { number }),
            Self::Release(number, quarantine_days) => {
                Input::Asked(Ask::Release { number, quarantine_days })
            }
            Self::Update => Input::Asked(Ask::Update),
            Self::Remove(quarantine_days) => Input::Asked(Ask::Remove { quarantine_days }),
            Self::Met(met) => Input::WriteRefused(match met {
                Met::SlotTaken => Obstacle::SlotTaken,
                Met::NumberGone => Obstacle::NumberGone,
                Met::Cap => Obstacle::Cap(Cap::OrganizationDay),
                Met::DigitsTaken => Obstacle::DigitsTaken,
                Met::Superseded => Obstacle::Superseded,
            }),
            Self::Ended(call, end) => ended(call, end, now, seen),
        }
    }
}

fn ended(call: Call, end: End, now: Timestamp, seen: &[Arc<KeptNumber>]) -> Input {
    match call {
        Call::MakeAssistant(tag) => {
            Input::AssistantCreated(outcome(end, |_| tag.job.customer().at_vapi(), no_reason))
        }
        Call::FindAssistant(tag) => Input::AssistantFound(outcome(
            end,
            |shown| (shown == Shown::Assistant).then(|| tag.job.customer().at_vapi()),
            no_reason,
        )),
        Call::SearchPool(_) => {
            let found = |shown| rows(shown, seen).collect();
            Input::PoolSearched(outcome(end, found, no_reason))
        }
        Call::ReadRow(_) => {
            Input::RowRead(outcome(end, |shown| rows(shown, seen).next(), no_reason))
        }
        Call::ReadAllowance => {
            Input::AllowanceRead(outcome(end, |shown| allowance(shown, now), no_reason))
        }
        Call::MakeFree(_) => Input::FreeCreated(outcome(end, record, |why| match why {
            Why::AllowanceUsed => FreeNumberRefusal::AllowanceUsed,
            other => unexpected(other),
        })),
        Call::FindFree(_) => Input::FreeFound(outcome(end, found, no_reason)),
        Call::ReadNumber(_) => Input::NumberRead(outcome(end, record, not_there)),
        Call::Scout => Input::Scouted(outcome(end, scouted, |why| match why {
            Why::NoStock => Passed::NoStock,
            other => unexpected(other),
        })),
        Call::Order(tag, line) => {
            let made = |shown| order(shown, tag, line);
            Input::OrderPlaced(outcome(end, made, |why| match why {
                Why::Taken => OrderRefusal::Taken,
                Why::NoBalance => OrderRefusal::NoBalance,
                other => unexpected(other),
            }))
        }
        Call::FindOrder(tag, line) => Input::OrderFound(outcome(
            end,
            |shown| match shown {
                Shown::Nothing => FoundOrder::Nothing,
                shown => FoundOrder::Order(order(shown, tag, line)),
            },
            no_reason,
        )),
        Call::CheckOrder(line) => {
            Input::OrderChecked(outcome(end, |shown| order_check(shown, line), not_there))
        }
        Call::Import(..) => Input::Imported(outcome(end, record, |why| match why {
            Why::AlreadyImported => ImportRefusal::AlreadyImported,
            Why::NotAtCarrier => ImportRefusal::NotAtCarrier,
            Why::CredentialInvalid => ImportRefusal::CredentialInvalid,
            other => unexpected(other),
        })),
        Call::FindImport(..) => Input::ImportFound(outcome(end, found, no_reason)),
        Call::ReadLine(_) => Input::LineRead(line_reading(end)),
        Call::Link(..) => Input::Linked(outcome(end, record, not_there)),
        Call::Unlink(_) => Input::Unlinked(outcome(end, record, not_there)),
        Call::ReadCalls(_) => {
            Input::CallsRead(outcome(end, |shown| shown == Shown::Called(true), no_reason))
        }
        Call::Route(_) => Input::Routed(outcome(end, |_| (), not_there)),
        Call::UpdateAssistant(_) => Input::AssistantUpdated(outcome(end, |_| 1, not_there)),
        Call::DeleteAssistant(_) => Input::AssistantDeleted(outcome(end, |_| (), unexpected)),
    }
}

fn outcome<T, R>(
    end: End,
    done: impl FnOnce(Shown) -> T,
    because: impl FnOnce(Why) -> R,
) -> Outcome<T, R> {
    match end {
        End::Done(shown) => Outcome::Done(done(shown)),
        End::Refused(Why::Key) => Outcome::Refused(Refusal::Key),
        End::Refused(why) => Outcome::Refused(Refusal::Because(because(why))),
        End::Later => Outcome::Transient { retry_after: None },
        End::Lost => Outcome::Unknown,
    }
}

fn unexpected<R>(why: Why) -> R {
    panic!("no provider of a model refuses this call with {why:?}")
}

fn no_reason(why: Why) -> domain::outcome::NoReason {
    unexpected(why)
}

fn not_there(why: Why) -> Missing {
    unexpected(why)
}

fn allowance(shown: Shown, now: Timestamp) -> Allowance {
    let Shown::Allowance { taken, closed } = shown else { panic!("{shown:?} is no allowance") };
    let slots = (1..=u16::BITS).filter(|slot| taken & (1 << (slot - 1)) != 0);
    Allowance {
        taken: slots.map(|slot| Slot::new(u16::try_from(slot).unwrap())).collect(),
        // No model lasts as long as the free numbers stay closed.
        closed_until: closed.then(|| now.after(FAR_AWAY)),
    }
}

fn rows(shown: Shown, seen: &[Arc<KeptNumber>]) -> impl Iterator<Item = Number> {
    assert_eq!(shown, Shown::Rows);
    seen.iter().map(|row| row.number.clone())
}

fn scouted(shown: Shown) -> Scouted {
    let Shown::Offers(lines) = shown else { panic!("{shown:?} are no offers") };
    let offered = (0..8).map(Line).filter(|line| lines & (1 << line.0) != 0);
    let offers = offered.map(|line| Offer {
        digits: line.digits(),
        number_type: NumberType::Local,
        upfront: Some(PRICE_UPFRONT),
        monthly: Some(PRICE_MONTHLY),
        locality: None,
        region: None,
    });
    let through = Through::Telnyx { credential: credential(), connection: Some(application()) };
    Scouted { through, owned: Vec::new(), offers: offers.collect() }
}

fn order(shown: Shown, tag: Tag, line: Line) -> Order {
    let Shown::Order(seen) = shown else { panic!("{shown:?} is no order") };
    Order {
        id: line.order(),
        status: match seen {
            OrderSeen::Pending => OrderStatus::Pending,
            OrderSeen::Success => OrderStatus::Success,
            OrderSeen::Failure => OrderStatus::Failure,
        },
        reference: Some(tag.stamp().as_str().to_owned()),
        digits: vec![line.digits()],
    }
}

/// The shell shows the number once the order has succeeded. The tag is not read there.
fn order_check(shown: Shown, line: Line) -> OrderCheck {
    let tag = Tag { job: crate::names::Job(0), attempt: 1 };
    let order = order(shown, tag, line);
    let succeeded = order.status == OrderStatus::Success;
    OrderCheck { order, owned: succeeded.then(|| owned(line)) }
}

fn owned(line: Line) -> OwnedNumber {
    OwnedNumber {
        id: line.telnyx(),
        digits: line.digits(),
        status: OwnedStatus::Active,
        connection: Some(application()),
        reference: None,
    }
}

fn found(shown: Shown) -> Option<VapiNumber> {
    (shown != Shown::Nothing).then(|| record(shown))
}

fn record(shown: Shown) -> VapiNumber {
    let (Shown::Number(record, seen) | Shown::Line(record, seen, _)) = shown else {
        panic!("{shown:?} is no number")
    };
    seen.number(record)
}

impl Seen {
    /// The record as VAPI's client reads it.
    pub(crate) fn number(self, record: Record) -> VapiNumber {
        let Self { tag, active, linked } = self;
        let (provider, sip_uri) = match record {
            Record::Free(nth) => (NumberProvider::Vapi, Some(format!("sip:{nth}@sip.vapi.ai"))),
            Record::Imported(_) => (NumberProvider::Telnyx, None),
        };
        VapiNumber {
            id: record.id(),
            provider,
            // VAPI may leave the status out, which counts as active: only the digits tell.
            status: NumberStatus::Active,
            digits: if active { Digits::Known(record.digits()) } else { Digits::Absent },
            sip_uri,
            name: Some(tag.stamp().as_str().to_owned()),
            assistant: linked.map(Customer::at_vapi),
            linked_elsewhere: false,
            server_url: None,
            updated_at: String::new(),
        }
    }
}

fn line_reading(end: End) -> LineReading {
    let carrier = match end {
        End::Done(Shown::Line(Record::Imported(line), _, answers)) => {
            let target = (!answers).then(application);
            CarrierReading::Telnyx { number: owned(line), answers, target }
        }
        End::Done(Shown::Line(Record::Free(_), _, _)) => CarrierReading::Vapi,
        End::Done(other) => panic!("{other:?} is no line"),
        End::Refused(_) | End::Later | End::Lost => {
            CarrierReading::Unreadable { retry_after: None }
        }
    };
    LineReading { vapi: outcome(end, record, not_there), carrier }
}
