//! Many claimers that all want the same, round after round.

use crate::claimer::{Claim, Claimer, Prize};
use crate::figures::{Figures, percentile};
use crate::site::{Site, at_once};
use domain::ids::WorkId;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Claimers, each with a work of a business of its own, held and at the point where it claims.
#[derive(Debug)]
pub struct Crowd {
    site: Arc<Site>,
    claimers: Vec<Claimer>,
    attempts: Vec<u32>,
    conflicts: u64,
}

impl Crowd {
    /// So many businesses that all want a number from this source.
    ///
    /// # Panics
    /// When their works cannot be held.
    pub async fn of(site: &Arc<Site>, size: usize, source: &'static str) -> Self {
        let figures = Figures::default();
        site.table().take();
        let claimers = (0..size).map(|number| {
            let site = Arc::clone(site);
            async move { Box::pin(claimer(&site, &format!("business-{number}"), source)).await }
        });
        let claimers = at_once(claimers.collect::<Vec<_>>()).await;
        figures.tell(&format!("{size} works held"), site.table().take());
        Self { site: Arc::clone(site), claimers, attempts: Vec::new(), conflicts: 0 }
    }

    /// All of them claim, begun by what they read together. Who won what.
    ///
    /// # Panics
    /// When a claim ends neither with a prize nor with none left.
    pub async fn claims(&mut self, round: usize) -> BTreeMap<Prize, WorkId> {
        self.site.table().line_up(self.claimers.len());
        let figures = Figures::default();
        let claims = std::mem::take(&mut self.claimers).into_iter().map(|mut claimer| {
            let site = Arc::clone(&self.site);
            async move {
                let claim = claimer.claims(&site).await;
                (claimer, claim)
            }
        });
        let ended: Vec<(Claimer, Claim)> = at_once(claims.collect::<Vec<_>>()).await;
        let won = ended.iter().filter_map(|(claimer, claim)| Some((claim.prize?, claimer.id())));
        let won: Vec<(Prize, WorkId)> = won.collect();
        let mut attempts: Vec<u32> = ended.iter().map(|(_claimer, claim)| claim.attempts).collect();
        self.attempts.extend(&attempts);
        let what = format!("round {round}: {} winners, {}", won.len(), shown(&mut attempts));
        let counts = self.site.table().take();
        self.conflicts += counts.conflicts;
        figures.tell(&what, counts);
        self.claimers = ended.into_iter().map(|(claimer, _claim)| claimer).collect();
        let winners = won.len();
        let won: BTreeMap<Prize, WorkId> = won.into_iter().collect();
        assert_eq!(won.len(), winners, "nothing was won twice");
        won
    }

    /// The winners give back what they have won.
    ///
    /// # Panics
    /// When they cannot.
    pub async fn give_back(&mut self, won: &BTreeMap<Prize, WorkId>) {
        let of: BTreeMap<WorkId, Prize> = won.iter().map(|(prize, work)| (*work, *prize)).collect();
        let back = std::mem::take(&mut self.claimers).into_iter().map(|mut claimer| {
            let (site, prize) = (Arc::clone(&self.site), of.get(&claimer.id()).copied());
            async move {
                if let Some(prize) = prize {
                    claimer.gives_back(&site, prize).await;
                }
                claimer
            }
        });
        self.claimers = at_once(back.collect::<Vec<_>>()).await;
        self.site.table().take();
    }

    /// How many requests of all claims met another transaction.
    pub const fn conflicts(&self) -> u64 {
        self.conflicts
    }

    /// Prints the attempts of all rounds.
    pub fn tell(&mut self) {
        println!("{} claims in all: {}", self.attempts.len(), shown(&mut self.attempts));
    }
}

/// A work of this business, held and at the point where it claims.
///
/// # Panics
/// When it cannot be held.
pub async fn claimer(site: &Site, business: &str, source: &str) -> Claimer {
    let id = site.asked(business, source).await;
    let assistant = format!("assistant-of-{business}").parse().unwrap();
    Box::pin(Claimer::holding(site, id, assistant)).await
}

fn shown(attempts: &mut [u32]) -> String {
    let [half, most, all] = [50, 99, 100].map(|hundredths| percentile(attempts, hundredths));
    format!("attempts p50 {half} p99 {most} max {all}")
}
