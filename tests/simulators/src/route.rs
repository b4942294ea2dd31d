//! The way a call takes: from the digits dialled to the VAPI record that answers.

use crate::providers::Providers;
use crate::telnyx::NumberStatus;
use crate::twilio;
use crate::vapi::{NumberKind, PhoneNumber};

/// Where Telnyx sends the calls of VAPI's applications.
pub const VAPI_INBOUND_URL: &str = "https://api.vapi.ai/telnyx/inbound_call";
/// The same for organizations in Europe.
pub const VAPI_INBOUND_EU_URL: &str = "https://api.eu.vapi.ai/telnyx/inbound_call";

/// Where VAPI points the voice URL of a Twilio number.
pub const VAPI_TWILIO_URL: &str = "https://api.vapi.ai/twilio/inbound_call";
/// The same for organizations in Europe.
pub const VAPI_TWILIO_EU_URL: &str = "https://api.eu.vapi.ai/twilio/inbound_call";
/// Where VAPI points the messaging URL of a Twilio number.
pub const VAPI_TWILIO_SMS_URL: &str = "https://api.vapi.ai/twilio/sms";
/// Where VAPI points the status callback of a Twilio number, if it does.
pub const VAPI_TWILIO_STATUS_URL: &str = "https://api.vapi.ai/twilio/call_status";

/// What a caller hears of Twilio's demo.
pub(crate) const TWILIO_DEMO_TEXT: &str =
    "Welcome to Twilio. Configure your number's voice URL to change this message.";
/// What a caller hears where neither voice URL nor fallback give anything to go by.
pub(crate) const TWILIO_ERROR_TEXT: &str =
    "We are sorry, an application error has occurred. Goodbye.";

/// Where a call arrives.
#[derive(Debug)]
pub(crate) enum Arrival {
    /// No such number, or it is not in use.
    NotInService,
    /// The number is in use, and nobody takes the call.
    RingsOut,
    /// A VAPI record takes it.
    Vapi { org: usize, number: Box<PhoneNumber> },
    /// Somebody else takes it; where it is the carrier itself, with this text.
    Stranger { spoken: Option<&'static str> },
    /// The number's fallback is to be asked.
    Fallback(Box<Fallback>),
}

/// A fallback URL, and why it is asked.
#[derive(Debug)]
pub(crate) struct Fallback {
    /// The account whose number was called.
    pub(crate) account_sid: String,
    pub(crate) url: String,
    /// Code of the failure, from Twilio's dictionary.
    pub(crate) error_code: &'static str,
    /// What failed.
    pub(crate) error_url: String,
}

/// Follows a call and notes each station.
pub(crate) fn follow(
    providers: &Providers,
    now_ms: i64,
    dialled: &str,
    path: &mut Vec<String>,
) -> Arrival {
    if let Some((account, held)) = providers.telnyx.holding(dialled) {
        path.push(format!("telnyx number {} is {:?}", held.id, held.status));
        return match held.status {
            NumberStatus::Active | NumberStatus::PortOutPending => {
                let connection = held.connection_id.as_deref();
                let application = connection
                    .and_then(|id| id.parse().ok())
                    .and_then(|id: u64| account.applications.get(&id));
                match application {
                    None => {
                        let id = connection.unwrap_or("none");
                        path.push(format!("connection {id} does not exist"));
                        Arrival::RingsOut
                    }
                    Some(one) if !one.active => {
                        path.push(format!("application {} is not active", one.id));
                        Arrival::RingsOut
                    }
                    Some(one) => {
                        path.push(format!("application {} to {}", one.id, one.webhook_event_url));
                        let vapi = [VAPI_INBOUND_URL, VAPI_INBOUND_EU_URL];
                        if !vapi.contains(&one.webhook_event_url.as_str()) {
                            return Arrival::RingsOut;
                        }
                        imported(providers, dialled, &one.id.to_string(), path)
                    }
                }
            }
            _ => Arrival::NotInService,
        };
    }
    if let Some((account, held)) = providers.twilio.holding(dialled) {
        path.push(format!("twilio number {} of {}", held.sid, account.sid));
        return at_twilio(providers, account, held, path);
    }
    free(providers, now_ms, dialled, path)
}

/// A trunk beats a voice application, that beats the voice URL; the fallback stands in where the
/// voice URL fails (spec of `TrunkSid`, `VoiceApplicationSid`, `VoiceFallbackUrl`).
fn at_twilio(
    providers: &Providers,
    account: &twilio::Account,
    held: &twilio::Number,
    path: &mut Vec<String>,
) -> Arrival {
    if account.status != twilio::AccountStatus::Active {
        path.push(format!("the account is {:?}", account.status));
        return Arrival::RingsOut;
    }
    for (name, what) in [("trunk_sid", "trunk"), ("voice_application_sid", "voice application")] {
        if let Some(sid) = held.settings.get(name) {
            path.push(format!("{what} {sid} takes the call"));
            return Arrival::Stranger { spoken: None };
        }
    }
    let Some(url) = held.settings.get("voice_url") else {
        path.push("no voice url".to_owned());
        return Arrival::RingsOut;
    };
    path.push(format!("voice url {url}"));
    let (error_code, error_url) = match visit(providers, account, held, url, path) {
        Visit::Arrived(arrival) => return arrival,
        Visit::Unknown => {
            path.push("a stranger answers".to_owned());
            return Arrival::Stranger { spoken: None };
        }
        Visit::Failed(code) => (code, url.to_owned()),
    };
    let failed = Arrival::Stranger { spoken: Some(TWILIO_ERROR_TEXT) };
    let Some(url) = held.settings.get("voice_fallback_url") else {
        path.push("no fallback url".to_owned());
        return failed;
    };
    path.push(format!("fallback url {url}"));
    match visit(providers, account, held, url, path) {
        Visit::Arrived(arrival) => arrival,
        Visit::Failed(_) => failed,
        Visit::Unknown if held.settings.get("voice_fallback_method") == Some("GET") => {
            path.push("it would be asked by GET, which is not simulated".to_owned());
            failed
        }
        Visit::Unknown => Arrival::Fallback(Box::new(Fallback {
            account_sid: account.sid.clone(),
            url: url.to_owned(),
            error_code,
            error_url,
        })),
    }
}

/// What a URL does with a call.
enum Visit {
    Arrived(Arrival),
    /// It gives nothing Twilio could go by; the code is from Twilio's dictionary.
    Failed(&'static str),
    /// It is neither VAPI's nor Twilio's own.
    Unknown,
}

fn visit(
    providers: &Providers,
    account: &twilio::Account,
    held: &twilio::Number,
    url: &str,
    path: &mut Vec<String>,
) -> Visit {
    if !providers.twilio.options.reaches(url) {
        path.push("it does not answer".to_owned());
        return Visit::Failed("11205");
    }
    let bare = |url: &str| url.trim_end_matches('/').replacen("http://", "https://", 1);
    if bare(url) == bare(twilio::DEMO_VOICE_URL) {
        return Visit::Arrived(Arrival::Stranger { spoken: Some(TWILIO_DEMO_TEXT) });
    }
    if ![VAPI_TWILIO_URL, VAPI_TWILIO_EU_URL].contains(&url) {
        return Visit::Unknown;
    }
    for (place, org) in providers.vapi.orgs().iter().enumerate() {
        let found = org.numbers.with_digits(&held.phone_number).rev().find(|number| {
            let access = number.twilio.as_ref();
            access.is_some_and(|access| access.account_sid == account.sid)
        });
        if let Some(number) = found {
            return Visit::Arrived(record(place, number, path));
        }
    }
    path.push("no vapi record for this number and account".to_owned());
    Visit::Failed("11200")
}

/// The record of an imported number, in the organization whose credential has the application.
fn imported(
    providers: &Providers,
    dialled: &str,
    application: &str,
    path: &mut Vec<String>,
) -> Arrival {
    for (place, org) in providers.vapi.orgs().iter().enumerate() {
        let found = org.numbers.with_digits(dialled).rev().find(|number| {
            let credential = number.credential_id.as_deref();
            let credential = credential.and_then(|id| org.credentials.get(id));
            credential.is_some_and(|one| one.application_id.as_deref() == Some(application))
        });
        if let Some(number) = found {
            return record(place, number, path);
        }
    }
    path.push("no vapi record for this number and application".to_owned());
    Arrival::RingsOut
}

fn free(providers: &Providers, now_ms: i64, dialled: &str, path: &mut Vec<String>) -> Arrival {
    for (place, org) in providers.vapi.orgs().iter().enumerate() {
        let found = org
            .numbers
            .with_digits(dialled)
            .find(|number| number.kind == NumberKind::Vapi && number.digits_now(now_ms).is_some());
        if let Some(number) = found {
            return record(place, number, path);
        }
    }
    path.push("no carrier has this number".to_owned());
    Arrival::NotInService
}

fn record(org: usize, number: &PhoneNumber, path: &mut Vec<String>) -> Arrival {
    path.push(format!("vapi record {}", number.id));
    if number.blocked {
        path.push("the record is blocked".to_owned());
        return Arrival::RingsOut;
    }
    Arrival::Vapi { org, number: Box::new(number.clone()) }
}
