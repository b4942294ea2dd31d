//! The project's own clients of Twilio and VAPI understand the simulators, and these them.

use std::time::Duration;

use domain::ids::{Stamp, TwilioAccountSid};
use domain::outcome::Outcome;
use domain::phone::E164;
use domain::request::Wanted;
use domain::twilio::{BuyRefusal, BuySpec, Search, SettingsChange};
use domain::vapi::{ImportRefusal, ImportedMessages, TwilioImportSpec};
use secrecy::SecretString;
use serde_json::json;
use simulators::twilio::DEMO_VOICE_URL;
use simulators::{
    InProcess, Providers, ProvidersOptions, STANDARD_TWILIO_SID, STANDARD_TWILIO_TOKEN,
    STANDARD_VAPI_KEY, SharedProviders,
};
use twilio::{Credentials, Key, TwilioClient, TwilioSettings};
use vapi::{TwilioKey, VapiClient, VapiSettings};

use crate::desk::START_MS;

type Wire = InProcess<fn() -> i64>;

fn now() -> i64 {
    START_MS + 1_000
}

fn account() -> TwilioAccountSid {
    STANDARD_TWILIO_SID.parse().unwrap()
}

fn clients() -> (SharedProviders, TwilioClient<Wire>, VapiClient<Wire>) {
    let providers = Providers::standard(ProvidersOptions::default(), 7, START_MS);
    let shared = SharedProviders::new(providers);
    let deadline = Duration::from_secs(10);
    let key = Key::AuthToken(SecretString::from(STANDARD_TWILIO_TOKEN));
    let settings = TwilioSettings::new(Credentials { account: account(), key }, deadline);
    let twilio = TwilioClient::new(shared.twilio(now as fn() -> i64), settings);
    let settings = VapiSettings {
        base_url: vapi::BASE_URL.to_owned(),
        api_key: SecretString::from(STANDARD_VAPI_KEY),
        server_url: "https://hooks.example.test/webhooks/vapi".to_owned(),
        server_secret: SecretString::from("s3cret"),
        call_deadline: deadline,
    };
    let vapi = VapiClient::new(shared.vapi(now as fn() -> i64), settings);
    (shared, twilio, vapi)
}

#[track_caller]
fn done<T: std::fmt::Debug, R: std::fmt::Debug>(outcome: Outcome<T, R>) -> T {
    match outcome {
        Outcome::Done(value) => value,
        other => panic!("{other:?}"),
    }
}

fn stamp(attempt: u32) -> Stamp {
    Stamp::try_from(format!("ABCDEFGH-01KA0000000000000000000000-{attempt}")).unwrap()
}

async fn offered(twilio: &TwilioClient<Wire>) -> Vec<E164> {
    let wanted = Wanted { area_code: Some("907".parse().unwrap()), ..Wanted::default() };
    let search = Search { wanted, contains: None, exactly: None, limit: 2 };
    done(twilio.search(&search).await).into_iter().map(|offer| offer.digits).collect()
}

#[tokio::test]
async fn a_number_is_found_bought_found_again_and_given_up() {
    let (shared, twilio, _) = clients();
    let offers = offered(&twilio).await;
    assert_eq!(offers.len(), 2);
    let exactly = Some(offers[0].clone());
    let search = Search { wanted: Wanted::default(), contains: None, exactly, limit: 5 };
    assert_eq!(done(twilio.search(&search).await)[0].digits, offers[0]);
    let spec = BuySpec { stamp: stamp(1), digits: offers[0].clone() };
    assert_eq!(done(twilio.find_bought(&spec.stamp, &spec.digits).await), None);
    let bought = done(twilio.buy(&spec).await);
    assert!(bought.is_stamped(&spec.stamp) && !bought.calls_vapi());
    assert!(!bought.is_free_to_import(), "somebody bought it for a purpose");
    assert_eq!(done(twilio.find_bought(&spec.stamp, &spec.digits).await), Some(bought.clone()));
    assert_eq!(done(twilio.find_owned(&spec.digits).await), Some(bought.clone()));
    assert_eq!(done(twilio.find_owned(&offers[1]).await), None);
    assert_eq!(done(twilio.read_owned(&bought.sid).await), bought);
    shared.with(|all| all.twilio.sell_elsewhere(now(), offers[1].reveal()));
    let gone = twilio.buy(&BuySpec { stamp: stamp(2), digits: offers[1].clone() }).await;
    let taken = domain::outcome::Refusal::Because(BuyRefusal::Taken);
    assert_eq!(gone, Outcome::Refused(taken));
    done(twilio.release(&bought.sid).await);
    done(twilio.release(&bought.sid).await);
    assert_eq!(done(twilio.list_owned().await), []);
    assert_eq!(done(twilio.read_account().await).sid, account());
    assert_eq!(shared.lock().twilio.account(STANDARD_TWILIO_SID).unwrap().purchases, 1);
}

#[tokio::test]
async fn many_numbers_are_listed_to_the_end_but_never_elsewhere() {
    let (shared, twilio, _) = clients();
    shared.with(|all| {
        for line in 0..450 {
            let number = format!("+1415222{line:04}");
            assert!(all.twilio.buy_outside(now(), STANDARD_TWILIO_SID, &number, &[]).is_some());
        }
    });
    assert_eq!(done(twilio.list_owned().await).len(), 450);
    let path = "/Accounts/{id}/IncomingPhoneNumbers.json";
    assert_eq!(shared.lock().twilio.calls_counted("GET", path), 3);
    let elsewhere = json!({ "twilio": { "next_page_host": "https://elsewhere.example.test" } });
    shared.with(|all| all.merge_options(&elsewhere)).unwrap();
    assert!(matches!(twilio.list_owned().await, Outcome::Transient { .. }));
}

#[tokio::test]
async fn an_import_and_its_putting_back_leave_a_number_as_it_was() {
    let (shared, twilio, vapi) = clients();
    let number = "+14152223333";
    let settings = [("friendly_name", "front desk"), ("status_callback", "https://own.test/s")];
    shared.with(|all| {
        assert!(all.twilio.buy_outside(now(), STANDARD_TWILIO_SID, number, &settings).is_some());
    });
    let digits: E164 = number.parse().unwrap();
    let before = done(twilio.find_owned(&digits).await).expect("it is owned");
    assert!(before.is_free_to_import() && !before.calls_vapi());
    let spec = TwilioImportSpec {
        stamp: stamp(1),
        digits: digits.clone(),
        account: account(),
        assistant: None,
        messages: ImportedMessages::AsBefore,
    };
    let wrong = SecretString::from("wrong");
    let refused = vapi.import_twilio_number(&spec, TwilioKey::AuthToken(&wrong)).await;
    let closed = domain::outcome::Refusal::Because(ImportRefusal::CredentialInvalid);
    assert_eq!(refused, Outcome::Refused(closed));
    let token = SecretString::from(STANDARD_TWILIO_TOKEN);
    done(vapi.import_twilio_number(&spec, TwilioKey::AuthToken(&token)).await);
    let again = vapi.import_twilio_number(&spec, TwilioKey::AuthToken(&token)).await;
    let already = domain::outcome::Refusal::Because(ImportRefusal::AlreadyImported);
    assert_eq!(again, Outcome::Refused(already));
    assert!(done(twilio.read_owned(&before.sid).await).calls_vapi());
    done(twilio.update(&before.sid, SettingsChange::Name(&spec.stamp)).await);
    let former = before.former_settings();
    let after = done(twilio.update(&before.sid, SettingsChange::PutBack(&former)).await);
    assert_eq!(after.former_settings(), former);
    let all = shared.lock();
    let (_, held) = all.twilio.holding(number).unwrap();
    assert_eq!(held.settings.get("voice_url"), Some(DEMO_VOICE_URL));
    assert_eq!(held.settings.get("friendly_name"), Some("front desk"));
}
