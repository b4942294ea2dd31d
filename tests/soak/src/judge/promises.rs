//! What was answered 2xx names a work that exists, and one key names one work.

use std::collections::{BTreeMap, BTreeSet};

use super::{Case, Findings};

pub(super) fn check(case: &Case<'_>) -> Findings {
    let mut findings = Findings::new();
    let mut by_key: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
    for promise in case.promises {
        let (business, work) = (promise.person.business.as_str(), promise.work.as_str());
        by_key.entry((business, &promise.key)).or_default().insert(work);
        let found = work.parse().ok().and_then(|id| case.table.works.get(&id));
        match found {
            None => findings.push(format!("{business} was promised {work}, which does not exist")),
            Some(item) => {
                let own = item.work.business().is_some_and(|own| own.as_str() == business)
                    && item.work.organization.as_str() == promise.person.organization;
                if !own {
                    findings.push(format!("{business} was promised {work} of somebody else"));
                }
            }
        }
    }
    for ((business, key), works) in by_key {
        if works.len() > 1 {
            findings.push(format!("{business}: the key {key} named {works:?}"));
        }
    }
    findings
}
