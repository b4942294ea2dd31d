//! The whole machine: calls, steps, table and providers, for many businesses at once.

use domain::source::{Passed, Source};
use it::Person;
use races::{Figures, Site, at_once, race, rests};
use serde_json::json;
use simulators::{LogEntry, STANDARD_TELNYX_KEY, STANDARD_VAPI_KEY};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const BUSINESSES: usize = 200;
const SLOTS: usize = 100;
/// How often every message is handed out at once.
const COPIES: usize = 2;

/// A hundred free numbers, and money for all others.
const SETTINGS: [(&str, &str); 5] = [
    ("FREE_NUMBER_LIMIT", "100"),
    ("CAP_DAY_ORGANIZATION_CENTS", "100000"),
    ("CAP_DAY_OVERALL_CENTS", "100000"),
    ("CAP_MONTH_ORGANIZATION_CENTS", "100000"),
    ("CAP_MONTH_OVERALL_CENTS", "100000"),
];

#[test]
fn two_hundred_businesses_share_a_hundred_free_numbers_and_buy_a_hundred() {
    race("machine", &SETTINGS, async |site: Arc<Site>| {
        let options = json!({ "vapi": {
            "free_limit": SLOTS, "digits": { "kind": "after", "ms": 1_000 },
        }});
        site.providers.with(|all| all.merge_options(&options)).unwrap();
        site.table().line_up(BUSINESSES);
        let figures = Figures::default();
        let posts = (0..BUSINESSES).map(|number| {
            let site = Arc::clone(&site);
            let person = Person::of(&format!("org-{}", number % 5), &format!("business-{number}"));
            async move { site.answer(person.asks(json!({}))).await }
        });
        for answer in at_once(posts.collect::<Vec<_>>()).await {
            assert_eq!(answer.status, 202, "{:#}", answer.body);
        }
        figures.tell(&format!("{BUSINESSES} calls answered"), site.table().take());
        site.settle(COPIES).await;
        figures.tell(&format!("{BUSINESSES} works at rest"), site.table().take());
        shared(&site).await;
    });
}

/// Half have a slot, half have passed the free numbers over and bought one; nobody has what is
/// another's.
async fn shared(site: &Site) {
    let works = site.works().await;
    assert_eq!(works.len(), BUSINESSES);
    let mut numbers = BTreeSet::new();
    let mut sources = BTreeMap::new();
    for work in &works {
        assert!(rests(work) && work.phase.is_ready(), "{:?}", work.phase);
        let number = work.phase.number().unwrap();
        assert!(numbers.insert(number.digits.clone().unwrap()), "a number given twice");
        *sources.entry(number.source).or_insert(0) += 1;
        let empty = (Source::Pool, Passed::PoolEmpty);
        let passed = match number.source {
            Source::Pool => panic!("nobody has given a number up"),
            Source::VapiFree => vec![empty],
            Source::Telnyx => vec![empty, (Source::VapiFree, Passed::AllowanceUsed)],
            Source::Manual => panic!("nobody names a number"),
        };
        assert_eq!(work.passed, passed);
    }
    let halves = BTreeMap::from([(Source::VapiFree, SLOTS), (Source::Telnyx, BUSINESSES - SLOTS)]);
    assert_eq!(sources, halves);
    let free = works.iter().map(|work| work.phase.number().unwrap());
    let free = free.filter(|number| number.source == Source::VapiFree);
    let holders: BTreeSet<String> = free.map(|number| number.id.to_string()).collect();
    let slots = site.slots().await;
    assert_eq!(slots.len(), SLOTS);
    assert_eq!(slots.into_values().collect::<BTreeSet<_>>(), holders);

    let all = site.providers.lock();
    let account = all.telnyx.account(STANDARD_TELNYX_KEY).unwrap();
    assert_eq!((account.orders.len(), account.numbers.len()), (SLOTS, SLOTS));
    let organization = all.vapi.org(STANDARD_VAPI_KEY).unwrap();
    assert_eq!(organization.assistants.len(), BUSINESSES);
    let created = |entry: &&LogEntry| entry.method == "POST" && entry.template == "/phone-number";
    let statuses: Vec<_> = all.vapi.log().filter(created).map(|entry| entry.status).collect();
    // Free ones and imports; VAPI never had to refuse one beyond the limit.
    assert_eq!(statuses, vec![Some(201); BUSINESSES]);
}
