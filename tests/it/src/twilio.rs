//! Accounts at Twilio: whose they are, what is in them, and who asked for it.

use crate::city::City;
use crate::person::Person;
use crate::truth::rows;
use crate::world::NoPause;
use domain::ids::WorkId;
use domain::number::Number;
use domain::work::give_back;
use runtime::{Clock as _, Message};
use serde_json::json;
use simulators::{STANDARD_TWILIO_SID, STANDARD_TWILIO_TOKEN};
use std::sync::Arc;
use std::time::Duration;
use store::table::Value;
use store::{Marks, Started, Store, keys};

/// The account of organizations that bring their own, unless a test says otherwise.
pub const OWN: (&str, &str) = (STANDARD_TWILIO_SID, STANDARD_TWILIO_TOKEN);
/// The platform's account.
pub const PLATFORM: (&str, &str) =
    ("AC00000000000000000000000000000001", "token-of-the-platforms-account");

/// A city where the source has what it needs: for `org_twilio` the organization `org-1` has an
/// account, for `global_twilio` the platform has one.
pub fn with_account_for(source: &str, settings: &[(&'static str, &str)]) -> City {
    let city = City::with(settings);
    match source {
        "org_twilio" => city.give_twilio("org-1", OWN),
        "global_twilio" => city.give_platform_twilio(),
        _ => {}
    }
    city
}

impl City {
    /// Opens an account at Twilio, with 1 000 dollars, unless it is there.
    pub fn open_twilio(&self, (sid, token): (&str, &str)) {
        let now = self.clock.millis();
        self.providers.with(|all| {
            if all.twilio.account(sid).is_none() {
                all.twilio.add_account(now, sid, "another", token, 100_000);
            }
        });
    }

    /// Gives an organization an account at Twilio, through the operators' route.
    #[track_caller]
    pub fn give_twilio(&self, organization: &str, account: (&str, &str)) {
        self.open_twilio(account);
        let (sid, token) = account;
        self.set_up(
            organization,
            &json!({
                "twilio_account_sid": sid, "twilio_auth_token": token,
            }),
        );
    }

    /// Changes an organization's settings, through the operators' route.
    #[track_caller]
    pub fn set_up(&self, organization: &str, settings: &serde_json::Value) {
        let path = format!("/api/admin/organizations/{organization}");
        let known = self.send(Person::operator().call(&format!("GET {path}"), &json!(null)));
        let mut call = Person::operator().call(&format!("PUT {path}"), settings);
        if let Some(version) = known.header("etag") {
            call.headers.insert("if-match".to_owned(), version.to_owned());
        }
        let answer = self.send(call);
        assert_eq!(answer.status, 200, "{:#}", answer.body);
    }

    /// Gives the platform an account at Twilio.
    pub fn give_platform_twilio(&self) {
        self.open_twilio(PLATFORM);
        let (sid, token) = PLATFORM;
        let secret = json!({ "account_sid": sid, "auth_token": token });
        self.secrets.set("one/twilio/global", secret.to_string());
    }

    /// Gives every number back that nobody uses, as operators do. How many there were.
    pub fn give_all_back(&self) -> usize {
        let now = self.clock.now();
        let store = Store::new(Arc::clone(&self.table), NoPause);
        let documents = rows(&self.table, "NUMBER#", "NUMBER").into_iter();
        let numbers: Vec<Number> = documents
            .filter_map(|row| match row.get(keys::DOCUMENT) {
                Some(Value::Document(text)) => serde_json::from_str(text).ok(),
                Some(_) | None => None,
            })
            .collect();
        self.clock.run(async {
            let deployment = store.deployment().await.unwrap().expect("there is a deployment");
            let mut given_back = 0;
            for number in numbers {
                let id = WorkId::new(self.fresh());
                let Ok(giving) = give_back(number, id, deployment.clone(), now) else { continue };
                let started = store.start_giving_back(&giving, &Marks::new(self.fresh())).await;
                assert_eq!(started.unwrap(), Started::Started);
                let message = Message::work(id, now);
                runtime::Queue::send(&self.queue, &message, Duration::ZERO).await.unwrap();
                given_back += 1;
            }
            given_back
        })
    }

    /// A person buys a number in the console, which is set so.
    #[track_caller]
    pub fn buys_at_twilio(&self, sid: &str, number: &str, settings: &[(&str, &str)]) {
        let now = self.clock.millis();
        let bought = self.providers.with(|all| all.twilio.buy_outside(now, sid, number, settings));
        assert!(bought.is_some(), "{number} is not to be had");
    }

    /// What a number at Twilio is set to; empty where it is not set.
    #[track_caller]
    pub fn at_twilio(&self, number: &str, setting: &str) -> String {
        let all = self.providers.lock();
        let (_account, held) = all.twilio.holding(number).expect("somebody has the number");
        held.settings.get(setting).unwrap_or_default().to_owned()
    }

    /// Who asked for something of which account: pairs of the user and the account of the path.
    pub fn asked_at_twilio(&self) -> Vec<(String, String)> {
        let all = self.providers.lock();
        let pair = |entry: &simulators::LogEntry| {
            let account = entry.path.split('/').nth(2).unwrap_or_default();
            let account = account.trim_end_matches(".json");
            (entry.key.clone(), account.to_owned())
        };
        all.twilio.log().map(pair).collect()
    }
}
