//! Import of Twilio numbers: the credentials that come with the record, and are shown again.

use serde_json::{Map, Value, json};

use crate::secret::Secret;

/// The properties of a record that are its access to Twilio (spec: `TwilioPhoneNumber`).
pub(super) const ACCESS: [&str; 4] =
    ["twilioAccountSid", "twilioAuthToken", "twilioApiKey", "twilioApiSecret"];

/// An account at Twilio, and what opens it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TwilioAccess {
    pub(crate) account_sid: String,
    auth_token: Option<Secret>,
    key: Option<(String, Secret)>,
}

/// What an import does to the number at Twilio.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TwilioImport {
    /// The messaging URL is set as well.
    pub(crate) sms: bool,
    /// A voice URL that is there stays.
    pub(crate) keep_former: bool,
    /// The status callback is set as well.
    pub(crate) status_callback: bool,
}

impl TwilioAccess {
    /// Reads it out of a body; `None` if something is missing.
    pub(super) fn read(body: &Map<String, Value>) -> Option<Self> {
        let text = |name: &str| body.get(name).and_then(Value::as_str);
        let auth_token = text("twilioAuthToken").map(Secret::new);
        let secret = text("twilioApiSecret").map(Secret::new);
        let key = text("twilioApiKey").map(str::to_owned).zip(secret);
        if auth_token.is_none() && key.is_none() {
            return None;
        }
        Some(Self { account_sid: text("twilioAccountSid")?.to_owned(), auth_token, key })
    }

    /// The same with what a body changes of it.
    pub(super) fn changed(&self, body: &Map<String, Value>) -> Option<Self> {
        let mut whole = self.view();
        whole.extend(body.iter().map(|(name, value)| (name.clone(), value.clone())));
        Self::read(&whole)
    }

    /// User and password. With an auth token the key counts for nothing (spec).
    pub(crate) fn credentials(&self) -> (&str, &str) {
        match (&self.auth_token, &self.key) {
            (Some(token), _) => (&self.account_sid, token.reveal()),
            (None, Some((key, secret))) => (key, secret.reveal()),
            (None, None) => (&self.account_sid, ""),
        }
    }

    /// The properties as an answer shows them: secrets and all, as the real one does.
    pub(super) fn view(&self) -> Map<String, Value> {
        let mut view = Map::new();
        let mut show = |name: &str, text: Option<&str>| {
            if let Some(text) = text {
                view.insert(name.to_owned(), json!(text));
            }
        };
        show("twilioAccountSid", Some(&self.account_sid));
        show("twilioAuthToken", self.auth_token.as_ref().map(Secret::reveal));
        show("twilioApiKey", self.key.as_ref().map(|(key, _)| key.as_str()));
        show("twilioApiSecret", self.key.as_ref().map(|(_, secret)| secret.reveal()));
        view
    }

    /// The ids, without the secrets.
    pub(super) fn truth(&self) -> Value {
        json!({ "accountSid": self.account_sid, "apiKey": self.key.as_ref().map(|(key, _)| key) })
    }
}
