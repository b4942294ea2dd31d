use super::*;
use crate::ids::{AssistantId, WorkId};
use crate::money::Cents;
use crate::number::{Origin, Slot};
use crate::request::{Country, NumberType};
use crate::source::Source;
use crate::time::Timestamp;
use crate::twilio::{Hook, OwnersText, SmsRouting, VoiceRouting};
use crate::vapi::{Digits, NumberProvider, NumberStatus};
use ulid::Ulid;

fn deployment() -> DeploymentId {
    DeploymentId::try_from("DEPLOY01".to_owned()).unwrap()
}

fn stamp() -> Stamp {
    Stamp::try_from(format!("DEPLOY01-{}-1", WorkId::new(Ulid(7)))).unwrap()
}

fn number(state: State) -> Number {
    Number {
        id: NumberId::new(Ulid(1)),
        organization: "org".parse().unwrap(),
        source: Source::VapiFree,
        carrier: Carrier::Vapi { slot: Slot::new(1) },
        origin: Origin::Bought,
        number_type: NumberType::Local,
        country: Country::US,
        stamp: stamp(),
        digits: None,
        sip_uri: None,
        vapi: Some("record".parse().unwrap()),
        monthly: Cents::ZERO,
        state,
        work: None,
        linked_at: None,
        created_at: Timestamp::default(),
    }
}

fn assigned() -> Number {
    number(State::Assigned {
        business: "business".parse().unwrap(),
        assistant: AssistantId::new(Ulid(2)),
        since: Timestamp::default(),
    })
}

fn bought(state: State) -> Number {
    let carrier = Carrier::Telnyx {
        order: None,
        id: Some("123".parse().unwrap()),
        connection: Some("app".parse().unwrap()),
        provider_status: None,
        former: None,
    };
    Number { carrier, ..number(state) }
}

fn record(assistant: Option<&str>) -> VapiNumber {
    VapiNumber {
        id: "record".parse().unwrap(),
        provider: NumberProvider::Vapi,
        status: NumberStatus::Active,
        digits: Digits::Absent,
        sip_uri: None,
        name: Some(stamp().as_str().to_owned()),
        assistant: assistant.map(|id| id.parse().unwrap()),
        linked_elsewhere: false,
        server_url: None,
        updated_at: String::new(),
    }
}

fn owned(connection: Option<&str>, reference: Option<&str>) -> OwnedNumber {
    OwnedNumber {
        id: "123".parse().unwrap(),
        digits: "+14155550123".parse().unwrap(),
        status: OwnedStatus::Active,
        connection: connection.map(|id| id.parse().unwrap()),
        reference: reference.map(str::to_owned),
    }
}

const ACCOUNT: &str = "AC0123456789abcdef0123456789abcdef";
const ANOTHER_ACCOUNT: &str = "AC00000000000000000000000000000002";
const SID: &str = "PN0123456789abcdef0123456789abcdef";

fn platforms() -> Home {
    Home { owner: Owner::Platform, account: ACCOUNT.parse().unwrap() }
}

fn in_account(state: State) -> Number {
    let id = Some(SID.parse().unwrap());
    let carrier = Carrier::Twilio { home: platforms(), id, provider_status: None, former: None };
    Number { carrier, ..number(state) }
}

fn held(url: Option<&str>, name: Option<&str>) -> twilio::OwnedNumber {
    let text = |text: &str| OwnersText::new(text.to_owned());
    let answer = Hook { url: url.map(text), method: None };
    twilio::OwnedNumber {
        sid: SID.parse().unwrap(),
        account: ACCOUNT.parse().unwrap(),
        digits: "+14155550123".parse().unwrap(),
        friendly_name: name.map(text),
        status: twilio::OwnedStatus::InUse,
        takes_calls: true,
        voice: VoiceRouting { answer, ..VoiceRouting::default() },
        sms: SmsRouting::default(),
    }
}

fn judged(record: &VapiNumber, number: Number, answers: Option<&str>) -> Option<Drift> {
    let answers = answers.map(|id| id.parse().unwrap());
    let known = Known { number, answers };
    at_vapi(record, Some(&known), &deployment()).map(|finding| finding.drift)
}

#[test]
fn who_answers_is_held_against_who_should() {
    assert_eq!(judged(&record(Some("a")), assigned(), Some("a")), None);
    assert_eq!(judged(&record(Some("b")), assigned(), Some("a")), Some(Drift::Misled));
    assert_eq!(judged(&record(None), assigned(), Some("a")), Some(Drift::Misled));
    let elsewhere = VapiNumber { linked_elsewhere: true, ..record(Some("a")) };
    assert_eq!(judged(&elsewhere, assigned(), Some("a")), Some(Drift::Misled));
    for state in [State::Available { since: Timestamp::default() }, State::Retired] {
        assert_eq!(judged(&record(None), number(state.clone()), None), None);
        assert_eq!(judged(&record(Some("a")), number(state), None), Some(Drift::Linked));
    }
}

#[test]
fn what_a_work_writes_about_is_left_to_it() {
    let busy = |number: Number| Number { work: Some(WorkId::new(Ulid(3))), ..number };
    assert_eq!(judged(&record(Some("b")), busy(assigned()), Some("a")), None);
    let telnyx = busy(bought(assigned().state));
    assert_eq!(at_telnyx(&owned(None, None), Some(&telnyx), &deployment()), None);
    let nothing = Seen::new(0);
    assert_eq!(missing(&telnyx, &nothing, &nothing, &nothing), []);
    let twilio = busy(in_account(assigned().state));
    assert_eq!(at_twilio(&held(None, None), &platforms(), Some(&twilio), &deployment()), None);
    assert_eq!(judged(&record(Some("b")), number(State::Reserved), None), None);
}

#[test]
fn only_this_deployments_stamps_are_strays() {
    let drift = |name: Option<&str>| {
        let record = VapiNumber { name: name.map(str::to_owned), ..record(None) };
        let at_vapi = at_vapi(&record, None, &deployment()).map(|finding| finding.drift);
        let at_telnyx = at_telnyx(&owned(None, name), None, &deployment());
        assert_eq!(at_vapi, at_telnyx.map(|finding| finding.drift));
        at_vapi
    };
    assert_eq!(drift(Some(stamp().as_str())), Some(Drift::Stray));
    let anothers = stamp().as_str().replace("DEPLOY01", "DEPLOY02");
    assert_eq!(drift(Some(&anothers)), None);
    assert_eq!(drift(Some("Front desk")), Some(Drift::Foreign));
    assert_eq!(drift(None), Some(Drift::Foreign));
}

#[test]
fn a_route_is_held_against_the_one_that_was_proven() {
    let state = assigned().state;
    let drift = |owned: &OwnedNumber, state: State| {
        let found = at_telnyx(owned, Some(&bought(state)), &deployment());
        found.map(|finding| finding.drift)
    };
    assert_eq!(drift(&owned(Some("app"), None), state.clone()), None);
    assert_eq!(drift(&owned(Some("other"), None), state.clone()), Some(Drift::Misrouted));
    assert_eq!(drift(&owned(None, None), state.clone()), Some(Drift::Misrouted));
    // A number of the pool is read back before anybody has it.
    assert_eq!(drift(&owned(None, None), State::Retired), None);
    let gone = OwnedNumber { status: OwnedStatus::Gone, ..owned(Some("app"), None) };
    assert_eq!(drift(&gone, state), Some(Drift::GoneAtCarrier));
    // Marked once, it is not found at every sweep for as long as Telnyx lists it.
    assert_eq!(drift(&gone, State::Corrupted), None);
}

#[test]
fn what_no_list_showed_is_missing() {
    let (mut at_vapi, mut at_telnyx, none) = (Seen::new(1), Seen::new(1), Seen::new(1));
    let row = bought(assigned().state);
    let kinds = |at_vapi: &Seen, at_telnyx: &Seen| -> Vec<Drift> {
        missing(&row, at_vapi, at_telnyx, &none).iter().map(|finding| finding.drift).collect()
    };
    // Nobody read Telnyx's list to its end.
    assert_eq!(kinds(&at_vapi, &at_telnyx), [Drift::GoneAtVapi]);
    at_telnyx.insert(TELNYX_LIST);
    assert_eq!(kinds(&at_vapi, &at_telnyx), [Drift::GoneAtVapi, Drift::GoneAtCarrier]);
    at_vapi.insert("record");
    assert_eq!(kinds(&at_vapi, &at_telnyx), [Drift::GoneAtCarrier]);
    at_telnyx.insert("123");
    assert_eq!(kinds(&at_vapi, &at_telnyx), []);
    assert_eq!(missing(&number(State::Corrupted), &none, &none, &none), []);
}

#[test]
fn an_account_at_twilio_is_missing_numbers_only_when_it_was_read_to_its_end() {
    let (mut at_vapi, mut at_twilio, none) = (Seen::new(1), Seen::new(1), Seen::new(1));
    at_vapi.insert("record");
    let row = in_account(assigned().state);
    let kinds = |at_twilio: &Seen| -> Vec<Drift> {
        missing(&row, &at_vapi, &none, at_twilio).iter().map(|finding| finding.drift).collect()
    };
    at_twilio.insert(ANOTHER_ACCOUNT);
    assert_eq!(kinds(&at_twilio), []);
    at_twilio.insert(ACCOUNT);
    assert_eq!(kinds(&at_twilio), [Drift::GoneAtCarrier]);
    at_twilio.insert(SID);
    assert_eq!(kinds(&at_twilio), []);
}

#[test]
fn calls_at_twilio_go_to_vapi_and_nowhere_else() {
    let drift = |owned: &twilio::OwnedNumber, state: State| {
        let found = at_twilio(owned, &platforms(), Some(&in_account(state)), &deployment());
        found.map(|finding| finding.drift)
    };
    let state = assigned().state;
    let [america, europe] = twilio::VAPI_INBOUND_URLS;
    assert_eq!(drift(&held(Some(america), None), state.clone()), None);
    assert_eq!(drift(&held(Some(europe), None), state.clone()), None);
    assert_eq!(drift(&held(None, None), state.clone()), Some(Drift::Misrouted));
    assert_eq!(drift(&held(Some("https://other"), None), state.clone()), Some(Drift::Misrouted));
    let mut trunk = held(Some(america), None);
    trunk.voice.trunk = Some(OwnersText::new("TK1".to_owned()));
    assert_eq!(drift(&trunk, state), Some(Drift::Misrouted));
    assert_eq!(drift(&held(None, None), State::Retired), None);
}

#[test]
fn what_an_organization_has_beside_ours_is_not_shown() {
    let drift = |home: &Home, name: Option<&str>| {
        let found = at_twilio(&held(None, name), home, None, &deployment());
        found.map(|finding| finding.drift)
    };
    let own = Home { owner: Owner::Organization("org".parse().unwrap()), ..platforms() };
    let anothers = stamp().as_str().replace("DEPLOY01", "DEPLOY02");
    for home in [&own, &platforms()] {
        assert_eq!(drift(home, Some(stamp().as_str())), Some(Drift::Stray));
        assert_eq!(drift(home, Some(&anothers)), None);
        let foreign = (home.owner == Owner::Platform).then_some(Drift::Foreign);
        assert_eq!(drift(home, Some("Front desk")), foreign);
        assert_eq!(drift(home, None), foreign);
    }
}

#[test]
fn the_brake_holds_beyond_twenty_or_five_percent_of_one_kind() {
    let survey = |found: u64, read: u64| Survey {
        read: [(Drift::Misled, read), (Drift::Foreign, read)].into(),
        found: [(Drift::Misled, found), (Drift::Foreign, read)].into(),
        ..Survey::default()
    };
    assert_eq!(brake(&survey(20, 20)), None);
    let held = Brake::TooMuch { drift: Drift::Misled, found: 21, read: 30 };
    assert_eq!(brake(&survey(21, 30)), Some(held));
    assert_eq!(brake(&survey(50, 1_000)), None);
    assert!(brake(&survey(51, 1_000)).is_some());
}
