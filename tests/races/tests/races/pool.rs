//! Many claimers, half as many numbers that nobody uses.

use races::{Crowd, Site, mend, race, race_in_twin, stocked};
use std::collections::BTreeSet;
use std::sync::Arc;

const CLAIMERS: usize = 200;
const NUMBERS: usize = 100;
const ROUNDS: usize = 50;

#[test]
fn two_hundred_claimers_of_a_hundred_free_numbers_have_a_hundred_winners() {
    race("pool", &[], async |site: Arc<Site>| {
        rounds(&site).await;
    });
}

/// What other tests find in the twin stands for the table: there, too, claims meet.
#[test]
fn they_have_as_many_in_the_twin_that_answers_conflicts() {
    race_in_twin(&[], async |site: Arc<Site>| {
        let crowd = rounds(&site).await;
        assert!(crowd.conflicts() > 0);
    });
}

async fn rounds(site: &Arc<Site>) -> Crowd {
    stocked(site, NUMBERS).await;
    let all = site.pooled().await;
    assert_eq!(all.len(), NUMBERS);
    let mut crowd = Crowd::of(site, CLAIMERS, "pool").await;
    for round in 1..=ROUNDS {
        let won = crowd.claims(round).await;
        assert_eq!(won.len(), NUMBERS);
        assert_eq!(site.pooled().await, BTreeSet::new(), "none is in the pool any more");
        let holders = site.holders(&all).await;
        assert_eq!(holders, won, "the table has each number for whoever took it");
        crowd.give_back(&won).await;
        mend(site, won.into_keys()).await;
        assert_eq!(site.pooled().await, all, "all are back");
    }
    crowd.tell();
    crowd
}
