//! Many claimers, half as many slots.

use domain::ids::WorkId;
use it::{Person, Shown as _, from_sources};
use races::{Claim, Claimer, Figures, Site, at_once, percentile, race};
use std::collections::BTreeMap;
use std::sync::Arc;

const CLAIMERS: usize = 200;
const SLOTS: u16 = 100;
const ROUNDS: usize = 50;

/// A work of a business of its own, held and at the point where it needs a slot.
async fn claimer(site: Arc<Site>, number: usize) -> Claimer {
    let person = Person::of(&format!("org-{}", number % 5), &format!("business-{number}"));
    let asked = site.answer(person.asks(from_sources(&["vapi_free"]))).await;
    assert_eq!(asked.status, 202, "{:#}", asked.body);
    let id: WorkId = asked.id().parse().unwrap();
    let assistant = format!("00000000-0000-4000-8000-{number:012}").parse().unwrap();
    Claimer::holding(&site, id, assistant).await
}

#[test]
fn two_hundred_claimers_of_a_hundred_free_slots_have_a_hundred_winners() {
    let limit = SLOTS.to_string();
    race("slots", &[("FREE_NUMBER_LIMIT", &limit)], async |site: Arc<Site>| {
        let made = Figures::default();
        let claimers = (0..CLAIMERS).map(|number| claimer(Arc::clone(&site), number));
        let mut claimers = at_once(claimers).await;
        made.tell(&format!("{CLAIMERS} works held"), site.table().take());
        for round in 1..=ROUNDS {
            claimers = one_round(&site, round, claimers).await;
        }
    });
}

async fn one_round(site: &Arc<Site>, round: usize, claimers: Vec<Claimer>) -> Vec<Claimer> {
    site.table().line_up(CLAIMERS);
    let figures = Figures::default();
    let claims = claimers.into_iter().map(|mut claimer| {
        let site = Arc::clone(site);
        async move {
            let claim = claimer.claims(&site).await;
            (claimer, claim)
        }
    });
    let ended = at_once(claims).await;
    let won: BTreeMap<u16, String> = ended
        .iter()
        .filter_map(|(claimer, claim)| Some((claim.slot?.get(), claimer.id().to_string())))
        .collect();
    let mut attempts: Vec<u32> = ended.iter().map(|(_, claim)| claim.attempts).collect();
    let winners = ended.iter().filter(|(_, claim)| claim.slot.is_some()).count();
    let what = format!(
        "round {round}: {winners} winners, attempts p50 {} p99 {}",
        percentile(&mut attempts, 50),
        percentile(&mut attempts, 99)
    );
    figures.tell(&what, site.table().take());
    assert_eq!(winners, usize::from(SLOTS));
    assert_eq!(site.slots().await, won, "the table has each slot for whoever took it");
    let back = ended.into_iter().map(|(mut claimer, claim): (Claimer, Claim)| {
        let site = Arc::clone(site);
        async move {
            if claim.slot.is_some() {
                claimer.gives_back(&site).await;
            }
            claimer
        }
    });
    let claimers = at_once(back).await;
    site.table().take();
    assert!(site.slots().await.is_empty(), "all slots are free again");
    claimers
}
