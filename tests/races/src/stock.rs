//! Numbers that nobody uses, in the pool.

use crate::claimer::Prize;
use crate::site::Site;
use domain::ids::{BusinessId, Fresh, NumberId, Stamp, WorkId};
use domain::money::Cents;
use domain::number::{Carrier, Number, Origin, Proof, Slot, State};
use domain::request::{Country, NumberType};
use domain::source::Source;
use domain::time::Timestamp;
use domain::work::Change;
use std::time::Duration;
use store::{Closing, Committed, Freed, Take};

/// How long the work that makes them is held.
const LEASE: Duration = Duration::from_secs(3600);
/// Numbers made in one transaction: with its guards each is three writes of a hundred.
const MADE_AT_ONCE: usize = 30;

/// Puts so many local numbers of the United States into the pool, as if a work had made them, and
/// their rest was over.
///
/// # Panics
/// When they cannot be written.
pub async fn stocked(site: &Site, count: usize) {
    let id = site.asked("stock", "pool").await;
    let (store, now, marks) = (&site.deps.store, site.deps.now(), site.deps.marks());
    let taken = store.take(id, None, now, now.after(LEASE), &marks).await.unwrap();
    let Take::Taken { lease, work, .. } = taken else { panic!("the work cannot be held") };
    let numbers: Vec<Number> = (0..count).map(|ordinal| number(site, ordinal, now)).collect();
    for made in numbers.chunks(MADE_AT_ONCE) {
        let open = made.iter().map(|number| Change::OpenNumber(Box::new(number.clone())));
        let (open, closing) = (open.collect::<Vec<_>>(), Closing::GoesOn);
        let written = store.commit(&lease, &work, &open, closing, now, &marks).await.unwrap();
        assert_eq!(written, Committed::Written);
        for number in made {
            assert_eq!(store.free(number, now, &marks).await.unwrap(), Freed::Freed);
        }
    }
}

/// A person has looked after what was set aside: it is back in the pool.
///
/// # Panics
/// When it is not there or cannot be written.
pub async fn mend(site: &Site, prizes: impl IntoIterator<Item = Prize>) {
    let marks = site.deps.marks();
    for prize in prizes {
        let Prize::Number(id) = prize else { panic!("{prize:?} is no number") };
        let number = site.deps.store.number(id).await.unwrap().unwrap();
        assert_eq!(number.state, State::Corrupted);
        let freed = site.deps.store.free(&number, site.deps.now(), &marks).await.unwrap();
        assert_eq!(freed, Freed::Freed);
    }
}

fn number(site: &Site, ordinal: usize, now: Timestamp) -> Number {
    let id = NumberId::new(site.deps.fresh());
    let stamp = format!("DEPLOY01-{}-1", WorkId::new(Fresh(1)));
    let former: Option<BusinessId> = Some("former".parse().unwrap());
    Number {
        id,
        organization: "org-1".parse().unwrap(),
        source: Source::VapiFree,
        carrier: Carrier::Vapi { slot: Slot::new(1) },
        origin: Origin::Bought,
        number_type: NumberType::Local,
        country: Country::US,
        stamp: Stamp::try_from(stamp).unwrap(),
        digits: Some(format!("+1415{ordinal:07}").parse().unwrap()),
        sip_uri: None,
        vapi: Some(format!("vapi-{id}").parse().unwrap()),
        monthly: Cents::ZERO,
        state: State::Quarantined { until: now, former, assistant: None, proof: Proof::Proven },
        work: None,
        linked_at: Some(now),
        created_at: now,
    }
}
