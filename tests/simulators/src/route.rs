//! The way a call takes: from the digits dialled to the VAPI record that answers.

use crate::providers::Providers;
use crate::telnyx::NumberStatus;
use crate::vapi::{NumberKind, PhoneNumber};

/// Where Telnyx sends the calls of VAPI's applications.
pub const VAPI_INBOUND_URL: &str = "https://api.vapi.ai/telnyx/inbound_call";
/// The same for organizations in Europe.
pub const VAPI_INBOUND_EU_URL: &str = "https://api.eu.vapi.ai/telnyx/inbound_call";

/// Where a call arrives.
#[derive(Debug)]
pub(crate) enum Arrival {
    /// No such number, or it is not in use.
    NotInService,
    /// The number is in use, and nobody takes the call.
    RingsOut,
    /// A VAPI record takes it.
    Vapi { org: usize, number: Box<PhoneNumber> },
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
    free(providers, now_ms, dialled, path)
}

/// The record of an imported number, in the organization whose credential has the application.
fn imported(
    providers: &Providers,
    dialled: &str,
    application: &str,
    path: &mut Vec<String>,
) -> Arrival {
    for (place, org) in providers.vapi.orgs().iter().enumerate() {
        let found = org.numbers.iter().rev().find(|number| {
            let credential = number.credential_id.as_deref();
            let credential = credential.and_then(|id| org.credentials.get(id));
            number.digits.as_deref() == Some(dialled)
                && credential.is_some_and(|one| one.application_id.as_deref() == Some(application))
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
        let found = org.numbers.iter().find(|number| {
            number.kind == NumberKind::Vapi && number.digits_now(now_ms) == Some(dialled)
        });
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
