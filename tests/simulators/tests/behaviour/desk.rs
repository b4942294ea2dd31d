//! A world with one organization, one account at each carrier, and short ways to ask it.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use exchange::{Method, Request};
use serde_json::{Value, json};
use simulators::{
    Outcome, Provider, Providers, ProvidersOptions, Reply, STANDARD_TELNYX_KEY,
    STANDARD_TWILIO_SID, STANDARD_TWILIO_TOKEN, STANDARD_VAPI_KEY,
};

/// The first millisecond of 2026.
pub(crate) const START_MS: i64 = 1_767_225_600_000;

/// Two minutes: the default time until a free number has digits.
pub(crate) const DIGITS_MS: i64 = 120_000;

pub(crate) struct Desk {
    pub(crate) providers: Providers,
    pub(crate) now_ms: i64,
    pub(crate) vapi_key: &'static str,
    pub(crate) telnyx_key: &'static str,
    /// Whom Twilio paths name.
    pub(crate) twilio_account: &'static str,
    /// Who asks Twilio: an account or key, and its secret.
    pub(crate) twilio_login: (&'static str, &'static str),
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self::with(json!({}))
    }

    /// With these switches, in the shape of `/_sim/options`.
    pub(crate) fn with(options: Value) -> Self {
        let mut providers = Providers::standard(ProvidersOptions::default(), 7, START_MS);
        providers.merge_options(&options).unwrap();
        Self {
            providers,
            now_ms: START_MS + 1_000,
            vapi_key: STANDARD_VAPI_KEY,
            telnyx_key: STANDARD_TELNYX_KEY,
            twilio_account: STANDARD_TWILIO_SID,
            twilio_login: (STANDARD_TWILIO_SID, STANDARD_TWILIO_TOKEN),
        }
    }

    pub(crate) fn switch(&mut self, options: Value) {
        self.providers.merge_options(&options).unwrap();
    }

    pub(crate) fn pass(&mut self, ms: i64) {
        self.now_ms += ms;
    }

    pub(crate) fn reply(&mut self, provider: Provider, call: &str, body: Option<Value>) -> Reply {
        let key = match provider {
            Provider::Vapi => self.vapi_key,
            Provider::Telnyx => self.telnyx_key,
            Provider::Twilio => panic!("Twilio is asked in forms: see `twilio_reply`"),
        };
        let request = request(provider, call, key, body);
        self.providers.handle(self.now_ms, provider, &request)
    }

    /// `call` is for example `POST /phone-number`.
    #[track_caller]
    pub(crate) fn vapi(&mut self, call: &str, body: Value) -> (u16, Value) {
        parts(self.reply(Provider::Vapi, call, Some(body).filter(|body| !body.is_null())))
    }

    #[track_caller]
    pub(crate) fn telnyx(&mut self, call: &str, body: Value) -> (u16, Value) {
        parts(self.reply(Provider::Telnyx, call, Some(body).filter(|body| !body.is_null())))
    }

    /// `call` is for example `POST /IncomingPhoneNumbers.json`, below the account.
    pub(crate) fn twilio_reply(&mut self, call: &str, form: &[(&str, &str)]) -> Reply {
        let (method, path) = call.split_once(' ').unwrap();
        let path = format!("/Accounts/{}{path}", self.twilio_account);
        let mut request = request(Provider::Twilio, &format!("{method} {path}"), "", None);
        let (user, password) = self.twilio_login;
        let login = format!("Basic {}", STANDARD.encode(format!("{user}:{password}")));
        request.headers.insert("authorization".to_owned(), login);
        if !form.is_empty() {
            let kind = "application/x-www-form-urlencoded".to_owned();
            request.headers.insert("content-type".to_owned(), kind);
            let pairs = form.iter().map(|(name, value)| format!("{name}={}", percent(value)));
            request.body = Some(pairs.collect::<Vec<_>>().join("&").into_bytes());
        }
        self.providers.handle(self.now_ms, Provider::Twilio, &request)
    }

    #[track_caller]
    pub(crate) fn twilio(&mut self, call: &str, form: &[(&str, &str)]) -> (u16, Value) {
        parts(self.twilio_reply(call, form))
    }

    #[track_caller]
    pub(crate) fn get_twilio(&mut self, path: &str) -> Value {
        let (status, body) = self.twilio(&format!("GET {path}"), &[]);
        assert_eq!(status, 200, "{body}");
        body
    }

    /// The numbers a search of Twilio offers, for example `US/Local.json?AreaCode=415`.
    #[track_caller]
    pub(crate) fn twilio_search(&mut self, rest: &str) -> Vec<String> {
        let found = self.get_twilio(&format!("/AvailablePhoneNumbers/{rest}"));
        let offers = found["available_phone_numbers"].as_array().unwrap();
        offers.iter().map(|one| text(&one["phone_number"])).collect()
    }

    /// Searches and buys at Twilio; gives the digits and the number's id.
    #[track_caller]
    pub(crate) fn twilio_bought(&mut self, form: &[(&str, &str)]) -> (String, String) {
        let number = self.twilio_search("US/Local.json?AreaCode=415&PageSize=1").remove(0);
        let form = [&[("PhoneNumber", number.as_str())], form].concat();
        let (status, body) = self.twilio("POST /IncomingPhoneNumbers.json", &form);
        assert_eq!(status, 201, "{body}");
        (number, text(&body["sid"]))
    }

    /// A body that imports a Twilio number with the desk's login.
    pub(crate) fn twilio_import(&self, number: &str) -> Value {
        let (user, password) = self.twilio_login;
        let mut body = json!({ "provider": "twilio", "number": number,
            "twilioAccountSid": self.twilio_account });
        if user.starts_with("SK") {
            body["twilioApiKey"] = json!(user);
            body["twilioApiSecret"] = json!(password);
        } else {
            body["twilioAuthToken"] = json!(password);
        }
        body
    }

    #[track_caller]
    pub(crate) fn get_vapi(&mut self, path: &str) -> Value {
        let (status, body) = self.vapi(&format!("GET {path}"), Value::Null);
        assert_eq!(status, 200, "{body}");
        body
    }

    #[track_caller]
    pub(crate) fn get_telnyx(&mut self, path: &str) -> Value {
        let (status, body) = self.telnyx(&format!("GET {path}"), Value::Null);
        assert_eq!(status, 200, "{body}");
        body
    }

    #[track_caller]
    pub(crate) fn assistant(&mut self) -> String {
        let (status, body) = self.vapi("POST /assistant", json!({ "name": "one" }));
        assert_eq!(status, 201, "{body}");
        text(&body["id"])
    }

    /// A free number; gives its id.
    #[track_caller]
    pub(crate) fn free_number(&mut self) -> String {
        let (status, body) = self.vapi("POST /phone-number", json!({ "provider": "vapi" }));
        assert_eq!(status, 201, "{body}");
        text(&body["id"])
    }

    /// The first numbers a search offers.
    #[track_caller]
    pub(crate) fn search(&mut self, query: &str) -> Vec<String> {
        let found = self.get_telnyx(&format!("/available_phone_numbers?{query}"));
        let data = found["data"].as_array().unwrap();
        data.iter().map(|one| text(&one["phone_number"])).collect()
    }

    #[track_caller]
    pub(crate) fn order(&mut self, number: &str, reference: &str) -> (u16, Value) {
        let body = json!({
            "phone_numbers": [{ "phone_number": number }], "customer_reference": reference,
        });
        self.telnyx("POST /number_orders", body)
    }

    /// Searches, orders and waits; gives the digits and the numeric id.
    #[track_caller]
    pub(crate) fn bought(&mut self) -> (String, String) {
        let number = self.search("filter[national_destination_code]=415&filter[limit]=1").remove(0);
        let (status, body) = self.order(&number, "ref");
        assert_eq!(status, 200, "{body}");
        self.pass(5_000);
        let id = self.number_id(&number).expect("the order has settled");
        (number, id)
    }

    #[track_caller]
    pub(crate) fn number_id(&mut self, number: &str) -> Option<String> {
        let list =
            self.get_telnyx(&format!("/phone_numbers?filter[phone_number]={}", &number[1..]));
        list["data"][0]["id"].as_str().map(str::to_owned)
    }

    pub(crate) fn credential_id(&mut self) -> String {
        text(&self.get_vapi("/credential")[0]["id"])
    }

    #[track_caller]
    pub(crate) fn import(&mut self, number: &str) -> (u16, Value) {
        let credential = self.credential_id();
        let body = json!({ "provider": "telnyx", "number": number, "credentialId": credential });
        self.vapi("POST /phone-number", body)
    }
}

/// A value of a form, percent-encoded.
pub(crate) fn percent(value: &str) -> String {
    value
        .bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect()
}

pub(crate) fn request(provider: Provider, call: &str, key: &str, body: Option<Value>) -> Request {
    let (method, path) = call.split_once(' ').unwrap();
    let method = match method {
        "GET" => Method::Get,
        "POST" => Method::Post,
        "PATCH" => Method::Patch,
        "DELETE" => Method::Delete,
        other => panic!("{other} is no method"),
    };
    let base = match provider {
        Provider::Vapi => "https://api.vapi.ai",
        Provider::Telnyx => "https://api.telnyx.com/v2",
        Provider::Twilio => "https://api.twilio.com/2010-04-01",
    };
    Request {
        method,
        url: format!("{base}{path}"),
        query: Vec::new(),
        headers: BTreeMap::from([("authorization".to_owned(), format!("Bearer {key}"))]),
        body: body.map(|body| body.to_string().into_bytes()),
        deadline: Duration::from_secs(10),
    }
}

#[track_caller]
pub(crate) fn parts(reply: Reply) -> (u16, Value) {
    match reply.outcome {
        Outcome::Answer(answer) => {
            (answer.status, serde_json::from_slice(&answer.body).unwrap_or(Value::Null))
        }
        other => panic!("no answer: {other:?}"),
    }
}

#[track_caller]
pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}
