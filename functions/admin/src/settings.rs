//! What an operator sends to change an organization's settings.
//!
//! A field that is left out stays as it is, and `null` sets it back to the deployment's default.
//! Nobody's credentials are ever shown, so that a change must not have to repeat them.

use api::{Problem, body};
use domain::allowance::Warnings;
use domain::money::Cents;
use domain::request::NumberType;
use domain::setup::AssistantServer;
use domain::source::Source;
use domain::tenant::{
    Change, CredentialKind, Organization, OwnCaps, PhoneProvider, Setting, TwilioAccount,
};
use secrecy::SecretString;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use twilio::{InvalidSecret, Key, TwilioSecret};

/// Every field there is.
const FIELDS: [&str; 13] = [
    "source_order",
    "phone_provider",
    "caps",
    "number_type",
    "quarantine_days",
    "allowance_warnings",
    "assistant_server",
    "twilio",
    "twilio_account_sid",
    "twilio_auth_token",
    "twilio_api_key_sid",
    "twilio_api_key_secret",
    "twilio_phone_numbers",
];
/// What belongs to a Twilio account, and the names it has at the top.
const TWILIO_FIELDS: [(&str, &str); 5] = [
    ("account_sid", "twilio_account_sid"),
    ("auth_token", "twilio_auth_token"),
    ("api_key_sid", "twilio_api_key_sid"),
    ("api_key_secret", "twilio_api_key_secret"),
    ("phone_numbers", "twilio_phone_numbers"),
];
/// The longest rest, in days; as in the deployment's own setting.
const QUARANTINE_DAYS_MAX: u64 = 3650;
/// Numbers listed of one Twilio account; the secret has room for far more (64 KiB).
const TWILIO_NUMBERS_MAX: usize = 1000;

/// What is to be changed, and the credentials that come with it. It has no `Debug`: nothing may
/// print it.
pub(crate) struct Wish {
    pub(crate) change: Change,
    pub(crate) secret: Option<SecretString>,
}

/// Reads and checks all fields.
pub(crate) fn read(map: &Map<String, Value>, current: &Organization) -> Result<Wish, Problem> {
    body::only(map, &FIELDS)?;
    if map.is_empty() {
        return Err(Problem::field("body", "at least one setting is expected"));
    }
    let names = Source::DEFAULT_ORDER.map(Source::as_str).join(", ");
    let (twilio, secret) = match twilio(map, current)? {
        Setting::Keeps => (Setting::Keeps, None),
        Setting::Unset => (Setting::Unset, None),
        Setting::Set((account, secret)) => (Setting::Set(account), Some(secret)),
    };
    let change = Change {
        sources: setting(map, "source_order", sources, || {
            format!("a list of sources, each once and manual last, is expected: {names}")
        })?,
        phone_provider: setting(map, "phone_provider", provider, || {
            "vapi, twilio or telnyx is expected".to_owned()
        })?,
        caps: setting(map, "caps", caps, || {
            "an object with organization_day_cents, organization_month_cents and \
             number_monthly_cents, whole US cents or null, is expected"
                .to_owned()
        })?,
        number_type: setting(map, "number_type", number_type, || {
            "local, toll_free or sip is expected".to_owned()
        })?,
        quarantine_days: setting(map, "quarantine_days", quarantine_days, || {
            format!("a whole number of days, 0 to {QUARANTINE_DAYS_MAX}, is expected")
        })?,
        allowance_warnings: setting(map, "allowance_warnings", warnings, || {
            "an object with low_percent and used_up_percent, 1 to 100, the first not above the \
             second, is expected"
                .to_owned()
        })?,
        assistant_server: setting(map, "assistant_server", server, || {
            "an object with url (https, a public host), credential (VAPI's id) and messages \
             (VAPI's names) is expected"
                .to_owned()
        })?,
        twilio,
    };
    Ok(Wish { change, secret })
}

fn setting<T>(
    map: &Map<String, Value>,
    name: &str,
    read: impl Fn(&Value) -> Option<T>,
    expected: impl Fn() -> String,
) -> Result<Setting<T>, Problem> {
    match body::given(map, name) {
        None => Ok(Setting::Keeps),
        Some(Value::Null) => Ok(Setting::Unset),
        Some(value) => {
            read(value).map(Setting::Set).ok_or_else(|| Problem::field(name, expected()))
        }
    }
}

fn sources(value: &Value) -> Option<Vec<Source>> {
    let named = |name: &Value| Source::from_name(name.as_str()?);
    let sources: Option<Vec<Source>> = value.as_array()?.iter().map(named).collect();
    sources.filter(|sources| Source::is_order(sources))
}

fn provider(value: &Value) -> Option<PhoneProvider> {
    PhoneProvider::from_name(value.as_str()?)
}

fn number_type(value: &Value) -> Option<NumberType> {
    let name = value.as_str()?;
    let all = [NumberType::Local, NumberType::TollFree, NumberType::Sip];
    all.into_iter().find(|number_type| number_type.as_str() == name)
}

fn quarantine_days(value: &Value) -> Option<u16> {
    let days = value.as_u64().filter(|days| *days <= QUARANTINE_DAYS_MAX)?;
    u16::try_from(days).ok()
}

fn caps(value: &Value) -> Option<OwnCaps> {
    let map = value.as_object()?;
    let names = ["organization_day_cents", "organization_month_cents", "number_monthly_cents"];
    body::only(map, &names).ok()?;
    let cents = |name| match body::find(map, name) {
        None => Some(None),
        Some(value) => {
            let cents = u32::try_from(value.as_u64()?).ok()?;
            Some(Some(Cents::new(i64::from(cents))))
        }
    };
    let [day, month, number] = names;
    Some(OwnCaps {
        organization_day: cents(day)?,
        organization_month: cents(month)?,
        number_monthly: cents(number)?,
    })
}

fn warnings(value: &Value) -> Option<Warnings> {
    let map = value.as_object()?;
    body::only(map, &["low_percent", "used_up_percent"]).ok()?;
    let percent = |name, unset| match body::find(map, name) {
        None => Some(unset),
        Some(value) => u8::try_from(value.as_u64()?).ok(),
    };
    let low = percent("low_percent", Warnings::DEFAULT.low())?;
    let used_up = percent("used_up_percent", Warnings::DEFAULT.used_up())?;
    Warnings::new(low, used_up).ok()
}

fn server(value: &Value) -> Option<AssistantServer> {
    body::only(value.as_object()?, &["url", "credential", "messages"]).ok()?;
    serde_json::from_value(value.clone()).ok()
}

/// The account and its credentials, in an object of their own or under the documented names.
fn twilio(
    map: &Map<String, Value>,
    current: &Organization,
) -> Result<Setting<(TwilioAccount, SecretString)>, Problem> {
    let own = body::given(map, "twilio");
    let flat = TWILIO_FIELDS.iter().filter_map(|(name, documented)| {
        Some(((*name).to_owned(), body::given(map, documented)?.clone()))
    });
    let flat: Map<String, Value> = flat.collect();
    let said = match (own, flat.is_empty()) {
        (None, true) => return Ok(Setting::Keeps),
        (Some(Value::Null), true) => return Ok(Setting::Unset),
        (Some(Value::Object(own)), true) => {
            body::only(own, &TWILIO_FIELDS.map(|(name, _documented)| name))?;
            own.clone()
        }
        (Some(_), true) => return Err(Problem::field("twilio", "an object is expected")),
        (Some(_), false) => {
            return Err(Problem::field("twilio", "send it in one place, here or as twilio_…"));
        }
        (None, false) if flat.values().all(Value::is_null) && flat.contains_key("account_sid") => {
            return Ok(Setting::Unset);
        }
        (None, false) => flat,
    };
    let (account, secret) = credentials(&said, current)?;
    Ok(Setting::Set((account, secret)))
}

/// Checks an account's credentials as whoever uses them will read them.
fn credentials(
    said: &Map<String, Value>,
    current: &Organization,
) -> Result<(TwilioAccount, SecretString), Problem> {
    let mut stored = said.clone();
    // Numbers that are not named stay those of the account that is there.
    let known = current.twilio.as_ref().filter(|account| {
        let named = body::find(said, "account_sid").and_then(Value::as_str).unwrap_or_default();
        named.trim().eq_ignore_ascii_case(account.account_sid.as_str())
    });
    if body::find(said, "phone_numbers").is_none()
        && let Some(account) = known
    {
        let numbers: Vec<&str> =
            account.phone_numbers.iter().map(domain::phone::E164::reveal).collect();
        stored.insert("phone_numbers".to_owned(), json!(numbers));
    }
    let secret = SecretString::from(spelled(&stored).to_string());
    let read = TwilioSecret::read(&secret).map_err(unusable)?;
    let Some(read) = read else { return Err(unusable(InvalidSecret::Account)) };
    let phone_numbers: BTreeSet<_> = read.phone_numbers;
    if phone_numbers.len() > TWILIO_NUMBERS_MAX {
        let expected = format!("at most {TWILIO_NUMBERS_MAX} numbers are expected");
        return Err(Problem::field("twilio_phone_numbers", expected));
    }
    let credentials = match read.credentials.key {
        Key::AuthToken(_) => CredentialKind::AuthToken,
        Key::ApiKey { .. } => CredentialKind::ApiKey,
    };
    let account_sid = read.credentials.account;
    Ok((TwilioAccount { account_sid, credentials, phone_numbers }, secret))
}

/// The fields in the spelling of the stored secret.
fn spelled(said: &Map<String, Value>) -> Value {
    let fields = TWILIO_FIELDS.iter().filter_map(|(name, _documented)| {
        Some(((*name).to_owned(), body::find(said, name)?.clone()))
    });
    Value::Object(fields.collect())
}

/// What is wrong with credentials; nothing of them is quoted.
fn unusable(why: InvalidSecret) -> Problem {
    let field = match why {
        InvalidSecret::Shape => "twilio",
        InvalidSecret::Account => "twilio_account_sid",
        InvalidSecret::NoKey => "twilio_auth_token",
        InvalidSecret::HalfKey | InvalidSecret::KeySid => "twilio_api_key_sid",
        InvalidSecret::Number { .. } => "twilio_phone_numbers",
    };
    Problem::field(field, why)
}
