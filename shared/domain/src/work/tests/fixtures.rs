//! Things the tests are about, with fixed ids and times.

use crate::assistant::Language;
use crate::ids::{DeploymentId, Stamp, VapiAssistantId, WorkId};
use crate::ledger::Caps;
use crate::money::Cents;
use crate::offer::Offer;
use crate::outcome::{Outcome, Refusal};
use crate::phone::E164;
use crate::request::{Match, NumberType, Request, Wanted};
use crate::source::Source;
use crate::telnyx::{Order, OrderStatus, OwnedNumber, OwnedStatus};
use crate::time::Timestamp;
use crate::vapi::{Digits, NumberProvider, NumberStatus, VapiNumber};
use crate::work::{
    Allowance, Beginning, CarrierReading, FoundOrder, Input, Kind, LineReading, OrderCheck,
    Recipient, Scouted, Through, Work,
};
use std::time::Duration;
use ulid::Ulid;

/// 2026-11-20T00:00:00Z.
pub(super) const START: Timestamp = Timestamp::from_millis(1_795_132_800_000);

pub(super) const PICKED: &str = "+14155550123";
pub(super) const OTHER: &str = "+14155550124";

pub(super) fn at(seconds: u64) -> Timestamp {
    START.after(Duration::from_secs(seconds))
}

pub(super) fn digits(text: &str) -> E164 {
    text.parse().unwrap()
}

pub(super) fn stamp(attempt: u16) -> Stamp {
    Stamp::try_from(format!("DEPLOY01-{}-{attempt}", WorkId::new(Ulid(7)))).unwrap()
}

pub(super) fn any_local() -> Wanted {
    Wanted::default()
}

/// A number a person picked, and no other.
pub(super) fn picked() -> Wanted {
    Wanted { picked: Some(digits(PICKED)), matching: Match::Strict, ..Wanted::default() }
}

pub(super) fn sip() -> Wanted {
    Wanted { number_type: NumberType::Sip, ..Wanted::default() }
}

/// A business whose assistant is not at VAPI yet.
pub(super) fn recipient() -> Recipient {
    Recipient {
        business: "biz_1".parse().unwrap(),
        assistant: crate::ids::AssistantId::new(Ulid(8)),
        assistant_name: "Front desk".to_owned(),
        language: Language::English,
        persona: crate::persona::Persona::default(),
        setup: crate::setup::Setup::default(),
        vapi_assistant: None,
        update: None,
        removal_asked: false,
    }
}

/// A work that may use these sources, before anything has happened.
pub(super) fn new_work(wanted: Wanted, sources: &[Source]) -> Work {
    let beginning = Beginning {
        id: WorkId::new(Ulid(7)),
        kind: Kind::Answer(Box::new(recipient())),
        deployment: DeploymentId::try_from("DEPLOY01".to_owned()).unwrap(),
        organization: "org_1".parse().unwrap(),
        request: Request { wanted, sources: sources.to_vec(), reclaim: None },
        caps: Caps::default(),
        quarantine_days: 30,
    };
    Work::begin(beginning, START)
}

/// A work that makes a number for the pool.
pub(super) fn new_stock(wanted: Wanted, sources: &[Source]) -> Work {
    Work { kind: Kind::Stock, quarantine_days: 0, ..new_work(wanted, sources) }
}

pub(super) fn assistant() -> VapiAssistantId {
    "assistant-1".parse().unwrap()
}

/// A record of VAPI, linked to our assistant and active.
pub(super) fn at_vapi(id: &str, provider: NumberProvider, digits: Digits) -> VapiNumber {
    VapiNumber {
        id: id.parse().unwrap(),
        provider,
        status: NumberStatus::Active,
        digits,
        sip_uri: None,
        name: Some(stamp(1).as_str().to_owned()),
        assistant: Some(assistant()),
        linked_elsewhere: false,
        server_url: None,
        updated_at: "then".to_owned(),
    }
}

/// A free number that has no digits yet.
pub(super) fn activating() -> VapiNumber {
    let status = NumberStatus::Activating;
    VapiNumber { status, ..at_vapi("free-1", NumberProvider::Vapi, Digits::Absent) }
}

/// A free number that has its digits.
pub(super) fn active() -> VapiNumber {
    at_vapi("free-1", NumberProvider::Vapi, Digits::Known(digits("+16285550100")))
}

/// A number imported from Telnyx.
pub(super) fn imported() -> VapiNumber {
    at_vapi("line-1", NumberProvider::Telnyx, Digits::Known(digits(PICKED)))
}

pub(super) fn offer(number: &str, monthly: Option<i64>) -> Offer {
    Offer {
        digits: digits(number),
        number_type: NumberType::Local,
        upfront: Some(Cents::new(100)),
        monthly: monthly.map(Cents::new),
        locality: None,
        region: None,
    }
}

pub(super) fn scouted(offers: Vec<Offer>) -> Input {
    Input::Scouted(Outcome::Done(Scouted {
        through: Through::Telnyx {
            credential: "credential-1".parse().unwrap(),
            connection: Some("app-1".parse().unwrap()),
        },
        owned: Vec::new(),
        offers,
    }))
}

/// The picked number is for sale, at a dollar a month.
pub(super) fn on_sale() -> Input {
    scouted(vec![offer(PICKED, Some(100))])
}

pub(super) fn order(status: OrderStatus) -> Order {
    Order {
        id: "order-1".parse().unwrap(),
        status,
        reference: Some(stamp(1).as_str().to_owned()),
        digits: vec![digits(PICKED)],
    }
}

pub(super) fn ordered(status: OrderStatus) -> Input {
    Input::OrderPlaced(Outcome::Done(order(status)))
}

pub(super) fn owned(status: OwnedStatus) -> OwnedNumber {
    OwnedNumber {
        id: "1293000000000000001".parse().unwrap(),
        digits: digits(PICKED),
        status,
        connection: Some("app-1".parse().unwrap()),
        reference: Some(stamp(1).as_str().to_owned()),
    }
}

pub(super) fn settled(status: OrderStatus, owned: Option<OwnedNumber>) -> Input {
    Input::OrderChecked(Outcome::Done(OrderCheck { order: order(status), owned }))
}

/// The order succeeded and the number is active.
pub(super) fn bought() -> Input {
    settled(OrderStatus::Success, Some(owned(OwnedStatus::Active)))
}

pub(super) fn found_nothing() -> Input {
    Input::OrderFound(Outcome::Done(FoundOrder::Nothing))
}

/// What both providers say of a bought line.
pub(super) fn line(vapi: VapiNumber, answers: bool, target: Option<&str>) -> Input {
    let target = target.map(|id| id.parse().unwrap());
    let carrier = CarrierReading::Telnyx { number: owned(OwnedStatus::Active), answers, target };
    Input::LineRead(LineReading { vapi: Outcome::Done(vapi), carrier })
}

/// What VAPI alone says of a line.
pub(super) fn free_line(vapi: VapiNumber) -> Input {
    Input::LineRead(LineReading { vapi: Outcome::Done(vapi), carrier: CarrierReading::Vapi })
}

pub(super) fn assistant_made() -> Input {
    Input::AssistantCreated(Outcome::Done(assistant()))
}

pub(super) fn slots_free() -> Input {
    Input::AllowanceRead(Outcome::Done(Allowance::default()))
}

pub(super) fn free_made() -> Input {
    Input::FreeCreated(Outcome::Done(activating()))
}

pub(super) fn read(number: VapiNumber) -> Input {
    Input::NumberRead(Outcome::Done(number))
}

pub(super) fn refused<T, R>(reason: R) -> Outcome<T, R> {
    Outcome::Refused(Refusal::Because(reason))
}

pub(super) fn later<T, R>() -> Outcome<T, R> {
    Outcome::Transient { retry_after: None }
}
