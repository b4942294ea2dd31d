//! Organizations, numbers and histories as operators see them.

use crate::Config;
use domain::allowance::{Use, Warning};
use domain::figures::{Status, provider};
use domain::money::Cents;
use domain::number::{Number, State};
use domain::tenant::{Business, Organization, OwnCaps, TwilioAccount, source_order};
use domain::time::Timestamp;
use serde_json::{Value, json};
use store::{HistoryLine, OrganizationRow, PortOut, Spent};

/// An organization in a list.
pub(crate) fn summary(row: &OrganizationRow, spent: Option<&Spent>) -> Value {
    let organization = &row.organization;
    let twilio = organization.twilio.as_ref();
    json!({
        "id": organization.id,
        "version": row.version,
        "updated_at": organization.updated_at.map(Timestamp::rfc3339),
        "phone_provider": organization.phone_provider,
        "twilio_account_sid": twilio.map(|account| &account.account_sid),
        "month_committed_cents": spent.map(|spent| spent.month.get()),
    })
}

/// An organization's own settings, what holds for it, and what it has spent. Of its credentials it
/// is told which kind they are, and nothing else.
pub(crate) fn organization(
    row: &OrganizationRow,
    spent: Option<&Spent>,
    used: Use,
    config: &Config,
    now: Timestamp,
) -> Value {
    let own = &row.organization;
    let warnings = own.allowance_warnings;
    json!({
        "id": own.id,
        "version": row.version,
        "updated_at": own.updated_at.map(Timestamp::rfc3339),
        "source_order": own.sources,
        "phone_provider": own.phone_provider,
        "number_type": own.number_type,
        "quarantine_days": own.quarantine_days,
        "caps": own.caps.as_ref().map(caps),
        "allowance_warnings": warnings.map(|warnings| json!({
            "low_percent": warnings.low(),
            "used_up_percent": warnings.used_up(),
        })),
        "assistant_server": own.assistant_server.as_ref().map(|server| json!({
            "url": server.url.masked(),
            "credential": server.credential,
            "messages": server.messages,
        })),
        "twilio_account_sid": own.twilio.as_ref().map(|account| &account.account_sid),
        "twilio_credentials": own.twilio.as_ref().map(|account| account.credentials),
        "twilio_phone_numbers": own.twilio.as_ref().map(numbers),
        "twilio_buys_numbers": own.twilio.as_ref().map(|account| account.buys_numbers),
        "twilio_pending": own.secret_change.is_some(),
        "effective": effective(own, config),
        "spend": spend(own, spent, config, now),
        "allowance": allowance(used, used.warning(warnings.unwrap_or_default())),
    })
}

fn caps(own: &OwnCaps) -> Value {
    json!({
        "organization_day_cents": own.organization_day.map(Cents::get),
        "organization_month_cents": own.organization_month.map(Cents::get),
        "number_monthly_cents": own.number_monthly.map(Cents::get),
    })
}

fn numbers(account: &TwilioAccount) -> Vec<&str> {
    account.phone_numbers.iter().map(domain::phone::E164::reveal).collect()
}

/// What holds for its next provisioning, where a request says nothing else.
fn effective(own: &Organization, config: &Config) -> Value {
    let caps = own.caps(config.caps);
    json!({
        "source_order": source_order(Some(own), &config.sources),
        "number_type": own.number_type.unwrap_or_default(),
        "quarantine_days": own.quarantine_days.unwrap_or(config.quarantine_days),
        "caps": {
            "organization_day_cents": caps.organization_day.get(),
            "organization_month_cents": caps.organization_month.get(),
            "number_monthly_cents": caps.number_monthly.get(),
            "overall_day_cents": caps.overall_day.get(),
            "overall_month_cents": caps.overall_month.get(),
        },
    })
}

fn spend(own: &Organization, spent: Option<&Spent>, config: &Config, now: Timestamp) -> Value {
    let caps = own.caps(config.caps);
    json!({
        "day": now.day(),
        "day_committed_cents": spent.map(|spent| spent.day.get()),
        "day_cap_cents": caps.organization_day.get(),
        "month": now.month(),
        "month_committed_cents": spent.map(|spent| spent.month.get()),
        "month_cap_cents": caps.organization_month.get(),
        "currency": "USD",
    })
}

/// The free allowance in figures.
pub(crate) fn allowance(used: Use, warning: Option<Warning>) -> Value {
    json!({
        "used": used.used,
        "limit": used.limit,
        "remaining": used.remaining(),
        "percent_used": used.percent(),
        "warning": warning.map(Warning::as_str),
    })
}

/// A number with the request to take it to another carrier: it is frozen as long as one stands.
pub(crate) fn with_port_out(
    number: &Number,
    businesses: &[Business],
    port_out: Option<&PortOut>,
) -> Value {
    let request =
        |one: &PortOut| json!({ "id": one.id, "status": one.status, "since": one.at.rfc3339() });
    let mut view = self::number(number, businesses);
    if let Value::Object(view) = &mut view {
        view.insert("port_out".to_owned(), json!(port_out.map(request)));
    }
    view
}

/// A number, whoever has it.
pub(crate) fn number(number: &Number, businesses: &[Business]) -> Value {
    let held = match &number.state {
        State::Assigned { business, assistant, since } => Some((business, assistant, since)),
        State::Acquiring
        | State::Available { .. }
        | State::Reserved
        | State::Quarantined { .. }
        | State::Releasing
        | State::Released
        | State::Suspended
        | State::Retired
        | State::Unverified
        | State::Corrupted => None,
    };
    let named = held.and_then(|(id, ..)| {
        businesses.iter().find(|one| one.id == *id && one.organization == number.organization)
    });
    let rests = match &number.state {
        State::Quarantined { until, proof, .. } => Some((until, proof.is_proven())),
        State::Acquiring
        | State::Available { .. }
        | State::Reserved
        | State::Assigned { .. }
        | State::Releasing
        | State::Released
        | State::Suspended
        | State::Retired
        | State::Unverified
        | State::Corrupted => None,
    };
    json!({
        "id": number.id,
        "number": number.digits.as_ref().map(domain::phone::E164::reveal),
        "sip_uri": number.sip_uri,
        "status": Status::of(&number.state).map(Status::as_str),
        "state": number.state.name(),
        "assigned_to": held.map(|(business, ..)| business),
        "business_name": named.map(|business| business.name.as_str()),
        "assistant_id": held.map(|(_business, assistant, _since)| assistant),
        "assigned_at": held.map(|(.., since)| since.rfc3339()),
        "rests_until": rests.map(|(until, _proven)| until.rfc3339()),
        "proven": rests.map(|(_until, proven)| proven),
        "organization_id": number.organization,
        "provider": provider(&number.carrier),
        "source": number.source,
        "type": number.number_type,
        "country": number.country,
        "monthly_cost": number.monthly.to_string(),
        "currency": "USD",
        "provisioning_id": number.work,
        "created_at": number.created_at.rfc3339(),
    })
}

/// A line of a history; `number` is the number it is about, where it is still known.
pub(crate) fn history(told: &HistoryLine, number: Option<&Number>) -> Value {
    let line = &told.line;
    let digits = number.and_then(|number| number.digits.as_ref());
    json!({
        "at": told.at.rfc3339(),
        "event": told.event,
        "number_id": line.number,
        "number": digits.map(domain::phone::E164::reveal),
        "organization_id": line.organization,
        "business_id": line.business,
        "assistant_id": line.assistant,
        "provisioning_id": line.work,
        "by": line.by,
        "changed": line.changed,
    })
}
