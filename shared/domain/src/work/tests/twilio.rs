//! A number of an account at Twilio: one it owns, or one that is bought there.

use super::fixtures::*;
use super::script::play;
use crate::ids::OrganizationId;
use crate::number::{Carrier, Origin};
use crate::outcome::{Outcome, Refusal};
use crate::source::{Passed, Source};
use crate::twilio::{
    BuyRefusal, Home, Hook, OwnedNumber, OwnedStatus, Owner, OwnersText, SmsRouting,
    VAPI_INBOUND_URLS, VoiceRouting,
};
use crate::vapi::{Digits, ImportRefusal, NumberProvider, VapiNumber};
use crate::work::{
    Ask, CarrierReading, FoundOrder, Input, LineReading, Phase, Scouted, Through, Work,
};

fn home() -> Home {
    Home {
        owner: Owner::Organization("org_1".parse::<OrganizationId>().unwrap()),
        account: "AC0123456789abcdef0123456789abcdef".parse().unwrap(),
    }
}

fn twilio_only() -> Work {
    new_work(any_local(), &[Source::OrgTwilio])
}

fn text(text: &str) -> OwnersText {
    OwnersText::new(text.to_owned())
}

fn owned_as(name: &str, url: Option<&str>) -> OwnedNumber {
    let answer = Hook { url: url.map(text), method: None };
    OwnedNumber {
        sid: "PN0123456789abcdef0123456789abcdef".parse().unwrap(),
        account: home().account,
        digits: digits(PICKED),
        friendly_name: Some(text(name)),
        status: OwnedStatus::InUse,
        takes_calls: true,
        voice: VoiceRouting { answer, ..VoiceRouting::default() },
        sms: SmsRouting::default(),
    }
}

fn ours(url: Option<&str>) -> OwnedNumber {
    owned_as(stamp(1).as_str(), url)
}

fn found(owned: Vec<OwnedNumber>, monthly: Option<i64>) -> Input {
    let offers = if owned.is_empty() { vec![offer(PICKED, monthly)] } else { Vec::new() };
    let through = Through::Twilio { twilio: home() };
    Input::Scouted(Outcome::Done(Scouted { through, owned, offers }))
}

fn purchased(end: Outcome<OwnedNumber, BuyRefusal>) -> Input {
    Input::BoughtAtTwilio(Box::new(end))
}

fn imported() -> VapiNumber {
    at_vapi("line-1", NumberProvider::Twilio, Digits::Known(digits(PICKED)))
}

fn line(owned: OwnedNumber) -> Input {
    let carrier = CarrierReading::Twilio(Box::new(owned));
    Input::LineRead(LineReading { vapi: Outcome::Done(imported()), carrier })
}

/// The script after the assistant was made, played.
fn after(inputs: impl IntoIterator<Item = (u64, Input)>) -> (Work, String) {
    let begin = [(0, Input::Resumed), (0, assistant_made())];
    play(twilio_only(), begin.into_iter().chain(inputs))
}

#[test]
fn a_purchase_is_done_when_it_is_answered() {
    let (work, told) = after([
        (1, found(Vec::new(), Some(115))),
        (2, purchased(Outcome::Done(ours(None)))),
        (3, Input::Imported(Outcome::Done(imported()))),
        (4, line(ours(Some(VAPI_INBOUND_URLS[0])))),
    ]);
    assert!(matches!(work.phase, Phase::Ready { .. }), "{told}");
    let number = work.phase.number().unwrap();
    assert_eq!((number.origin, number.source), (Origin::Bought, Source::OrgTwilio));
    let Carrier::Twilio { id, former, .. } = &number.carrier else { panic!("{told}") };
    assert!(id.is_some() && former.is_none());
}

#[test]
fn an_owned_number_goes_before_one_for_sale_and_costs_nothing() {
    let (work, told) = after([
        (1, found(vec![owned_as("front desk", None)], None)),
        (2, Input::Imported(Outcome::Done(imported()))),
        (3, line(owned_as("front desk", Some(VAPI_INBOUND_URLS[1])))),
    ]);
    assert!(matches!(work.phase, Phase::Ready { .. }), "{told}");
    assert!(!told.contains("reserve"), "{told}");
    let number = work.phase.number().unwrap();
    assert_eq!(number.origin, Origin::Imported);
    let Carrier::Twilio { former: Some(former), .. } = &number.carrier else { panic!("{told}") };
    assert_eq!(former.friendly_name.as_ref().map(OwnersText::reveal), Some("front desk"));
}

#[test]
fn a_lost_answer_is_looked_up_and_the_purchase_found() {
    let owned = Box::new(ours(None));
    let (work, told) = after([
        (1, found(Vec::new(), Some(115))),
        (2, purchased(Outcome::Unknown)),
        (4, Input::Resumed),
        (4, Input::OrderFound(Outcome::Done(FoundOrder::AtTwilio(owned)))),
    ]);
    assert!(matches!(work.phase, Phase::Importing(_)), "{told}");
    assert!(!told.contains("unreserve"), "{told}");
}

#[test]
fn an_account_that_has_the_number_already_is_no_seller_of_it() {
    let (work, told) =
        after([(1, found(Vec::new(), Some(115))), (2, purchased(refused(BuyRefusal::Owned)))]);
    assert!(matches!(work.phase, Phase::Scouting), "{told}");
    assert_eq!(work.taken, [digits(PICKED)]);
    assert!(told.contains("unreserve"), "{told}");
}

#[test]
fn a_refusal_of_vapi_lets_an_owned_number_go_and_keeps_a_bought_one() {
    let refusal = || Input::Imported(refused(ImportRefusal::CredentialInvalid));
    let (work, told) =
        after([(1, found(vec![owned_as("front desk", None)], None)), (2, refusal())]);
    assert!(
        matches!(work.passed.as_slice(), [(Source::OrgTwilio, Passed::Refused { .. })]),
        "{told}"
    );
    assert!(work.phase.number().is_none(), "{told}");
    let (work, told) = after([
        (1, found(Vec::new(), Some(115))),
        (2, purchased(Outcome::Done(ours(None)))),
        (3, refusal()),
    ]);
    assert!(matches!(work.phase, Phase::NeedsPerson(_)), "{told}");
    assert!(work.phase.number().is_some() && work.passed.is_empty(), "{told}");
}

#[test]
fn a_trunk_goes_before_any_url_and_is_taken_off() {
    let mut trunked = owned_as("front desk", Some(VAPI_INBOUND_URLS[0]));
    trunked.voice.trunk = Some(text("TK0123456789abcdef0123456789abcdef"));
    let (work, told) = after([
        (1, found(vec![trunked.clone()], None)),
        (2, Input::Imported(Outcome::Done(imported()))),
        (3, line(trunked)),
        (4, Input::Routed(Outcome::Done(()))),
        (5, line(owned_as("front desk", Some(VAPI_INBOUND_URLS[0])))),
    ]);
    assert!(told.contains("route_at_twilio"), "{told}");
    assert!(matches!(work.phase, Phase::Ready { .. }), "{told}");
}

#[test]
fn a_key_that_is_rejected_and_a_price_that_is_unknown_pass_it_over() {
    let passed = |input| after([(1, input)]).0.passed;
    let key = Input::Scouted(Outcome::Refused(Refusal::Key));
    assert_eq!(passed(key), [(Source::OrgTwilio, Passed::KeyRejected)]);
    let unpriced = found(Vec::new(), None);
    assert_eq!(passed(unpriced), [(Source::OrgTwilio, Passed::PriceUnknown)]);
}

#[test]
fn a_work_survives_the_table_wherever_it_stands() {
    let script = [
        (1, found(Vec::new(), Some(115))),
        (2, purchased(Outcome::Done(ours(None)))),
        (3, Input::Imported(Outcome::Done(imported()))),
        (4, line(ours(Some(VAPI_INBOUND_URLS[0])))),
        (5, Input::Asked(Ask::Release { number: None, quarantine_days: 0 })),
    ];
    for end in 1..=script.len() {
        let (work, told) = after(script[..end].iter().cloned());
        let text = serde_json::to_string(&work).unwrap();
        assert_eq!(serde_json::from_str::<Work>(&text).unwrap(), work, "{told}");
    }
}

#[test]
fn a_purchase_of_a_former_version_is_read_as_it_was_meant() {
    let begin = [(0, Input::Resumed), (0, assistant_made()), (1, on_sale())];
    let (work, _told) = play(new_work(any_local(), &[Source::Telnyx]), begin);
    let written = serde_json::to_value(&work).unwrap();
    let phase = written["phase"].as_object().unwrap();
    assert_eq!(
        (&phase["credential"], &phase["connection"]),
        (&"credential-1".into(), &"app-1".into())
    );
    // A number that was bought had its id beside the credential, and no connection.
    let mut bought = written.clone();
    let fields = bought["phase"].as_object_mut().unwrap();
    for gone in ["connection", "reservation", "said_taken", "intent"] {
        fields.remove(gone);
    }
    fields.insert("name".to_owned(), "bought".into());
    fields.insert("telnyx".to_owned(), "1293000000000000001".into());
    fields.insert("since".to_owned(), serde_json::to_value(START).unwrap());
    let read: Work = serde_json::from_value(bought).unwrap();
    let Phase::Bought(bought) = &read.phase else { panic!("{:?}", read.phase) };
    assert!(matches!(bought.through, Through::Telnyx { connection: None, .. }));
}

#[test]
fn numbers_that_serve_one_organization_are_in_no_other_pool() {
    let (work, _told) = after([(1, found(Vec::new(), Some(115)))]);
    let number = work.phase.number().unwrap();
    assert_eq!(number.pool_class().only.as_ref(), Some(&work.organization));
}
