//! Invariant 6: `Ready` is true at the moment it is written: whoever calls now is answered by the
//! assistant of this work.
//!
//! A number made for the pool is as true when it is parked there: it lacks nothing but the
//! assistant. One that comes into the pool from its rest was true when it was read back last, and
//! nothing was known against it since.

use super::{Checked, View, Violation};
use crate::mirror::Mirror;
use domain::number::{Carrier, Line, Number, State};
use domain::work::{Phase, Work};
use simulators::telnyx::NumberStatus;
use simulators::{VAPI_INBOUND_EU_URL, VAPI_INBOUND_URL, VAPI_TWILIO_EU_URL, VAPI_TWILIO_URL};

/// Works that have just become ready.
pub fn check(view: &View<'_>, mirror: &Mirror) -> Checked {
    for (id, before) in &mirror.news.works {
        let Some(work) = mirror.works.get(id) else { continue };
        if let Phase::Ready { line } = &work.phase
            && !matches!(before, Some(Phase::Ready { .. }))
        {
            answers(view, work, line)
                .map_err(|why| Violation::of(6, format!("work {id} is called ready, but {why}")))?;
        }
        if let Phase::Stocked { number } = &work.phase
            && !matches!(before, Some(Phase::Stocked { .. }))
            && let Some(number) = mirror.numbers.get(number)
            && matches!(number.state, State::Available { .. })
        {
            reaches(view, number, None).map_err(|why| {
                Violation::of(6, format!("number {} is in the pool, but {why}", number.id))
            })?;
        }
    }
    Ok(())
}

/// Numbers that have just come into the pool.
pub fn pooled(mirror: &Mirror) -> Checked {
    for (id, before) in &mirror.news.numbers {
        let is_new = !matches!(before, Some(State::Available { .. }));
        let number = mirror.numbers.get(id).filter(|_| is_new);
        let there = number.is_some_and(|number| matches!(number.state, State::Available { .. }));
        if there && mirror.unproven.contains(id) {
            let what = format!("number {id} is in the pool, and was not read back as answering");
            return Err(Violation::of(6, what));
        }
    }
    Ok(())
}

/// Works that are ready, if somebody calls now.
pub fn still(view: &View<'_>) -> Checked {
    for work in view.mirrors.iter().flat_map(|mirror| mirror.works.values()) {
        if let Phase::Ready { line } = &work.phase {
            answers(view, work, line).map_err(|why| {
                Violation::of(6, format!("work {} is ready no more: {why}", work.id))
            })?;
        }
    }
    Ok(())
}

/// Whether a call to the line reaches the work's assistant.
pub fn answers(view: &View<'_>, work: &Work, line: &Line) -> Result<(), String> {
    let assistant = work.vapi_assistant().map(domain::ids::VapiAssistantId::as_str);
    if assistant.is_none() {
        return Err("it has no assistant".to_owned());
    }
    reaches(view, &line.number, assistant)
}

/// Whether a call to the number reaches VAPI, and there this assistant.
fn reaches(view: &View<'_>, number: &Number, assistant: Option<&str>) -> Result<(), String> {
    let orgs = view.sky.providers.vapi.orgs();
    let id = number.vapi.as_ref().map(domain::ids::VapiNumberId::as_str).unwrap_or_default();
    let record = orgs.iter().find_map(|org| org.numbers.get(id));
    let Some(record) = record else { return Err("VAPI does not have its number".to_owned()) };
    if record.assistant_id() != assistant {
        return Err(format!("VAPI links its number to {:?}", record.assistant_id()));
    }
    if record.status(view.now_ms) != "active" {
        return Err(format!("VAPI calls its number {}", record.status(view.now_ms)));
    }
    let own = number.digits.as_ref().map(|digits| digits.reveal());
    if own.is_none() || record.digits_now(view.now_ms) != own {
        return Err("its digits are not those of VAPI".to_owned());
    }
    match &number.carrier {
        Carrier::Vapi { .. } => Ok(()),
        Carrier::Unknown => Err("nobody knows who carries its number".to_owned()),
        Carrier::Telnyx { .. } => routed(view, own.unwrap_or_default()),
        Carrier::Twilio { .. } => routed_at_twilio(view, own.unwrap_or_default()),
    }
}

fn routed_at_twilio(view: &View<'_>, digits: &str) -> Result<(), String> {
    let Some((_account, held)) = view.sky.providers.twilio.holding(digits) else {
        return Err("Twilio does not have its number".to_owned());
    };
    let set = |name| held.settings.get(name).filter(|value| !value.is_empty());
    let overruled = set("trunk_sid").or_else(|| set("voice_application_sid"));
    let answers = set("voice_url")
        .is_some_and(|url| [VAPI_TWILIO_URL, VAPI_TWILIO_EU_URL].contains(&url))
        && overruled.is_none();
    if answers { Ok(()) } else { Err("its number is not routed to VAPI".to_owned()) }
}

fn routed(view: &View<'_>, digits: &str) -> Result<(), String> {
    let Some((account, held)) = view.sky.providers.telnyx.holding(digits) else {
        return Err("Telnyx does not have its number".to_owned());
    };
    if held.status != NumberStatus::Active {
        return Err(format!("Telnyx calls its number {:?}", held.status));
    }
    let connection = held.connection_id.as_deref().and_then(|id| id.parse().ok());
    let application = connection.and_then(|id: u64| account.applications.get(&id));
    let answers = application.is_some_and(|application| {
        application.active
            && [VAPI_INBOUND_URL, VAPI_INBOUND_EU_URL]
                .contains(&application.webhook_event_url.as_str())
    });
    if answers { Ok(()) } else { Err("its number is not routed to VAPI".to_owned()) }
}
