//! One key, a thousand calls.

use it::{Person, Shown as _, from_sources, harbor};
use provision::Call;
use races::{Figures, Site, at_once, race};
use simulators::{STANDARD_TELNYX_KEY, STANDARD_VAPI_KEY};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const CALLS: usize = 1_000;
/// How often every message is handed out at once.
const COPIES: usize = 20;

fn call(person: &Person) -> Call {
    let mut call = person.asks(from_sources(&["telnyx"]));
    call.headers.insert("idempotency-key".to_owned(), "a-thousand-clicks".to_owned());
    call
}

#[test]
fn a_thousand_calls_with_one_idempotency_key_are_one_work_and_one_purchase() {
    race("idempotency", &[], async |site: Arc<Site>| {
        site.table().line_up(CALLS);
        let figures = Figures::default();
        let posts = (0..CALLS).map(|_| {
            let site = Arc::clone(&site);
            async move { site.answer(call(&harbor())).await }
        });
        let answers = at_once(posts.collect::<Vec<_>>()).await;
        let mut statuses = BTreeMap::new();
        for answer in &answers {
            *statuses.entry(answer.status).or_insert(0) += 1;
        }
        let what = format!("{CALLS} calls with one key: {statuses:?}");
        figures.tell(&what, site.table().take());
        assert_eq!(statuses, BTreeMap::from([(202, CALLS)]));
        let ids: BTreeSet<&str> = answers.iter().map(|answer| answer.id()).collect();
        let works = site.works().await;
        let known: Vec<String> = works.iter().map(|work| work.id.to_string()).collect();
        assert_eq!(ids.into_iter().collect::<Vec<_>>(), known, "one work, named by every answer");
        assert_eq!(site.deps.queue.sent(), 1, "one message");
        assert_eq!(site.rows("IDEMPOTENCY#").await.len(), 1);

        site.settle(COPIES).await;
        figures.tell(&format!("carried, every message {COPIES} times"), site.table().take());
        let works = site.works().await;
        assert_eq!(works.len(), 1);
        assert!(works[0].phase.is_ready(), "{:?}", works[0].phase);
        let number = works[0].phase.number().unwrap().digits.clone().unwrap();
        let all = site.providers.lock();
        let account = all.telnyx.account(STANDARD_TELNYX_KEY).unwrap();
        let bought: Vec<&str> =
            account.numbers.values().map(|one| one.phone_number.as_str()).collect();
        assert_eq!((account.orders.len(), bought), (1, vec![number.reveal()]));
        let organization = all.vapi.org(STANDARD_VAPI_KEY).unwrap();
        assert_eq!((organization.assistants.len(), organization.numbers.len()), (1, 1));
    });
}
