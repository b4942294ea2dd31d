//! What must be so in the end, by the providers' truth and the table: one checker a file, each of
//! which names what is wrong.

use std::collections::BTreeMap;

use domain::work::{Phase, Work};
use simulators::SharedProviders;

mod calls;
mod ends;
mod money;
mod numbers;
mod orders;
mod promises;
mod truth;

use crate::load::Promise;
use crate::table::Snapshot;
pub(crate) use truth::Truth;

/// What is judged.
#[derive(Debug)]
pub(crate) struct Case<'a> {
    pub(crate) table: &'a Snapshot,
    pub(crate) truth: &'a Truth,
    pub(crate) promises: &'a [Promise],
    pub(crate) providers: &'a SharedProviders,
}

/// Findings of a checker.
pub(crate) type Findings = Vec<String>;

/// Everything that is wrong; nothing, when nothing was lost and nothing bought twice.
pub(crate) fn judge(case: &Case<'_>) -> Findings {
    [
        ends::check(case),
        promises::check(case),
        orders::check(case),
        numbers::check(case),
        money::check(case),
        calls::check(case),
    ]
    .concat()
}

/// The work waits for a person, and may hold what its open intent names.
fn waits_for_person(work: &Work) -> bool {
    matches!(work.phase, Phase::NeedsPerson(_))
}

/// Keys that came more than once, with how often.
fn repeated<K: Ord>(keys: impl Iterator<Item = K>) -> Vec<(K, usize)> {
    let mut counts = BTreeMap::new();
    for key in keys {
        *counts.entry(key).or_insert(0_usize) += 1;
    }
    counts.into_iter().filter(|(_, count)| *count > 1).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use simulators::{Providers, ProvidersOptions};
    use truth::{Bought, Order};

    /// Judges this truth against an empty table.
    fn findings(truth: &Truth) -> Findings {
        let providers = Providers::new(ProvidersOptions::default(), 1);
        let (table, providers) = (Snapshot::default(), SharedProviders::new(providers));
        judge(&Case { table: &table, truth, promises: &[], providers: &providers })
    }

    fn nothing() -> Truth {
        let empty = SharedProviders::new(Providers::new(ProvidersOptions::default(), 1));
        Truth::read(&empty)
    }

    #[test]
    fn nothing_held_and_nothing_written_is_well() {
        assert!(findings(&nothing()).is_empty());
    }

    #[test]
    fn a_number_nobody_knows_of_is_lost_and_a_second_order_is_told() {
        let digits = "+14155550100".to_owned();
        let order = Order {
            stamp: Some("ABCDEFGH-01KA0000000000000000000000-1".to_owned()),
            digits: vec![digits.clone()],
            failed: false,
            cents: 200,
        };
        let truth = Truth {
            bought: vec![Bought { id: "1".to_owned(), digits: digits.clone() }],
            orders: vec![order.clone(), order],
            spent_cents: 400,
            ..nothing()
        };
        let findings = findings(&truth).join("\n");
        assert!(findings.contains(&format!("{digits} was bought and has 0 rows")), "{findings}");
        assert!(findings.contains("2 orders carry the stamp"), "{findings}");
        assert!(findings.contains(&format!("{digits} was ordered 2 times")), "{findings}");
        assert!(findings.contains("is the stamp of no work"), "{findings}");
    }

    #[test]
    fn what_comes_once_is_not_repeated() {
        assert_eq!(repeated(["a", "b", "a", "c"].into_iter()), [("a", 2)]);
        assert!(repeated(["a", "b"].into_iter()).is_empty());
    }
}
