//! Many claimers, half as many slots.

use races::{Crowd, Prize, Site, race};
use std::collections::BTreeMap;
use std::sync::Arc;

const CLAIMERS: usize = 200;
const SLOTS: u16 = 100;
const ROUNDS: usize = 50;

#[test]
fn two_hundred_claimers_of_a_hundred_free_slots_have_a_hundred_winners() {
    let limit = SLOTS.to_string();
    race("slots", &[("FREE_NUMBER_LIMIT", &limit)], async |site: Arc<Site>| {
        let mut crowd = Crowd::of(&site, CLAIMERS, "vapi_free").await;
        for round in 1..=ROUNDS {
            let won = crowd.claims(round).await;
            assert_eq!(won.len(), usize::from(SLOTS));
            let holders = won.iter().map(|(prize, work)| {
                let Prize::Slot(slot) = prize else { panic!("{prize:?} is no slot") };
                (slot.get(), work.to_string())
            });
            let holders: BTreeMap<u16, String> = holders.collect();
            assert_eq!(site.slots().await, holders, "the table has each slot for whoever took it");
            crowd.give_back(&won).await;
            assert!(site.slots().await.is_empty(), "all slots are free again");
        }
        crowd.tell();
    });
}
