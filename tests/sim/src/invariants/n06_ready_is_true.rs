//! Invariant 6: `Ready` is true at the moment it is written: whoever calls now is answered by the
//! assistant of this work.

use super::{Checked, View, Violation};
use crate::mirror::Mirror;
use domain::number::{Carrier, Line};
use domain::work::{Phase, Work};
use simulators::telnyx::NumberStatus;
use simulators::{VAPI_INBOUND_EU_URL, VAPI_INBOUND_URL};

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
    }
    Ok(())
}

/// Whether a call to the line reaches the work's assistant.
pub fn answers(view: &View<'_>, work: &Work, line: &Line) -> Result<(), String> {
    let orgs = view.sky.providers.vapi.orgs();
    let record = orgs.iter().find_map(|org| org.numbers.get(line.vapi.as_str()));
    let Some(record) = record else { return Err("VAPI does not have its number".to_owned()) };
    let assistant = work.vapi_assistant().map(domain::ids::VapiAssistantId::as_str);
    if assistant.is_none() || record.assistant_id() != assistant {
        return Err(format!("VAPI links its number to {:?}", record.assistant_id()));
    }
    if record.status(view.now_ms) != "active" {
        return Err(format!("VAPI calls its number {}", record.status(view.now_ms)));
    }
    let own = line.number.digits.as_ref().map(|digits| digits.reveal());
    if own.is_none() || record.digits_now(view.now_ms) != own {
        return Err("its digits are not those of VAPI".to_owned());
    }
    match &line.number.carrier {
        Carrier::Vapi { .. } => Ok(()),
        Carrier::Unknown => Err("nobody knows who carries its number".to_owned()),
        Carrier::Telnyx { .. } => routed(view, own.unwrap_or_default()),
    }
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
