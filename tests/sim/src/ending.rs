//! How a run ended, without what may differ: ids, digits, times, timelines.

use crate::engine::Engine;
use crate::knowledge;
use domain::number::{Carrier, Number};
use domain::work::Work;
use simulators::telnyx::OrderStatus;
use std::collections::BTreeMap;

/// The end of a run. Two that are equal are the same to everybody who pays or calls.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ending {
    /// Works, newest last: where each stands, and from which source it has a number.
    works: Vec<String>,
    /// Numbers in the table: state, carrier, owner, and how often.
    numbers: BTreeMap<String, u32>,
    /// Cents committed, by owner.
    committed: BTreeMap<String, i64>,
    /// Cents spent at Telnyx, and how often.
    spent: (i64, u32),
    /// Numbers held at Telnyx: whether each is routed to VAPI.
    routes: BTreeMap<bool, u32>,
    /// Numbers at VAPI: kind, and whose assistant answers.
    links: BTreeMap<String, u32>,
    /// Assistants at VAPI, by business.
    assistants: BTreeMap<String, u32>,
}

impl Ending {
    /// How a run ended.
    pub fn of(engine: &Engine) -> Self {
        let mut ending = Self::default();
        for mirror in &engine.mirrors {
            let works = mirror.works.values().map(stands);
            ending.works.extend(works);
            for number in mirror.numbers.values() {
                *ending.numbers.entry(owned(number)).or_insert(0) += 1;
            }
            for ((pk, sk), cents) in &mirror.ledgers {
                if sk.starts_with("MONTH#") && *cents != 0 {
                    *ending.committed.entry(pk.clone()).or_insert(0) += cents;
                }
            }
        }
        ending.held(engine);
        ending
    }

    fn held(&mut self, engine: &Engine) {
        let state = engine.ground.lock();
        let all = &state.sky.providers;
        for account in all.telnyx.accounts() {
            for order in account.orders.iter().filter(|one| one.status() == OrderStatus::Success) {
                self.spent.0 += order.charged_cents();
                self.spent.1 += 1;
            }
            for number in account.numbers.values() {
                let connection = number.connection_id.as_deref().and_then(|id| id.parse().ok());
                let routed =
                    connection.is_some_and(|id: u64| account.applications.contains_key(&id));
                *self.routes.entry(routed).or_insert(0) += 1;
            }
        }
        for org in all.vapi.orgs() {
            let business = |assistant: &str| {
                let metadata = org.assistants.get(assistant)?.body.get("metadata")?;
                Some(metadata.get("businessId")?.as_str()?.to_owned())
            };
            for number in org.numbers.iter() {
                let answers = number.assistant_id().map(|id| business(id).unwrap_or_default());
                let link = format!("{:?} answered by {answers:?}", number.kind);
                *self.links.entry(link).or_insert(0) += 1;
            }
            for assistant in org.assistants.iter() {
                let whose = business(&assistant.id).unwrap_or_default();
                *self.assistants.entry(whose).or_insert(0) += 1;
            }
        }
    }
}

fn stands(work: &Work) -> String {
    let source = work.phase.number().map(|number| number.source.as_str());
    let whose = work.business().map_or("nobody", |business| business.as_str());
    format!("{} of {whose} from {source:?}", work.phase.name().as_str())
}

fn owned(number: &Number) -> String {
    let carrier = match number.carrier {
        Carrier::Vapi { .. } => "vapi",
        Carrier::Unknown => "unknown",
        Carrier::Telnyx { .. } => "telnyx",
        Carrier::Twilio { .. } => "twilio",
    };
    let owner = knowledge::had_by(number).map(domain::ids::BusinessId::as_str);
    let free = if number.work.is_some() { "in hand" } else { "in nobody's hand" };
    format!("{} at {carrier}, {owner:?}, {free}", number.state.name())
}
