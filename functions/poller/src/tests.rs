//! Rows that must be taken, rows just inside the cutoff, failures, limits.

use crate::fake::{Fake, START, deadline, deps};
use crate::overdue::{PAGE_WORKS, PAGES_MAX};
use crate::{Config, Tick, TickError, handle};
use domain::ids::{Fresh, WorkId};
use domain::time::Timestamp;
use runtime::config::Lookup;
use runtime::{Deadline, Deps, Message};
use serde_json::Value;
use std::sync::atomic::Ordering;
use std::time::Duration;
use store::keys::{self, DUE_SHARDS};
use store::memory::{Fault, Request};
use store::table::{self, Condition, Table as _, Write};

fn config() -> Config {
    let find = |_: &str| None;
    Config::from_lookup(Lookup::new(&find)).unwrap()
}

fn seconds_ago(seconds: u64) -> Timestamp {
    START.before(Duration::from_secs(seconds))
}

fn work(number: u128) -> WorkId {
    WorkId::new(Fresh(number))
}

async fn seed(deps: &Deps<Fake>, id: WorkId, due_at: Timestamp) {
    let partition = keys::due_partition(keys::due_shard(id));
    let item = table::Item::from([
        (keys::DUE_AT, table::Value::Number(due_at.as_millis())),
        (keys::DUE_PK, table::Value::Text(partition)),
        (keys::DUE_SK, table::Value::Text(keys::due_sort(due_at, id))),
        (keys::WRITTEN_BY, table::Value::Text("seed".to_owned())),
    ]);
    put(deps, keys::work(id), item).await;
}

async fn seed_watched(deps: &Deps<Fake>, id: WorkId) {
    let item = table::Item::from([
        (keys::VAPI, table::Value::Text("0f0e0000-0000-4000-8000-000000000001".to_owned())),
        (keys::SEEN, table::Value::Text(String::new())),
    ]);
    put(deps, keys::watched(id), item).await;
}

async fn put(deps: &Deps<Fake>, key: table::Key, item: table::Item) {
    let write = Write::Put { key, item, condition: Condition::Absent };
    deps.store.table().write(&write).await.unwrap();
}

async fn tick(deps: &Deps<Fake>) -> Result<Tick, TickError> {
    handle(deps, &config(), Value::Null, deadline()).await
}

fn sorted(mut ids: Vec<WorkId>) -> Vec<WorkId> {
    ids.sort_unstable();
    ids
}

fn woken(messages: &[Message]) -> Vec<WorkId> {
    let ids = messages.iter().filter_map(|message| match message {
        Message::Work { work_id, .. } => Some(*work_id),
        Message::DigitsWatch | Message::Sweep => None,
    });
    sorted(ids.collect())
}

async fn due_at(deps: &Deps<Fake>, id: WorkId) -> Option<table::Value> {
    let read = deps.store.table().get(&[keys::work(id)]).await.unwrap();
    read.into_iter().flatten().next().and_then(|item| item.get(keys::DUE_AT).cloned())
}

#[tokio::test]
async fn overdue_works_of_every_part_are_woken_once() {
    let (deps, figures) = deps();
    let late: Vec<WorkId> = (0..u128::from(DUE_SHARDS)).map(work).collect();
    for id in &late {
        seed(&deps, *id, seconds_ago(31)).await;
    }
    // Just inside the cutoff, due now, due later.
    seed(&deps, work(100), seconds_ago(29)).await;
    seed(&deps, work(101), START).await;
    seed(&deps, work(102), START.after(Duration::from_secs(60))).await;

    let expected = Tick { found: 8, woken: 8, ..Tick::default() };
    assert_eq!(tick(&deps).await, Ok(expected));
    assert_eq!(woken(&deps.queue.take()), late);
    assert_eq!(due_at(&deps, work(3)).await, Some(table::Value::Number(START.as_millis())));
    assert!(figures.lock().unwrap()[0].contains(r#""WorkOverdue":8"#));

    assert_eq!(tick(&deps).await, Ok(Tick::default()));
    assert_eq!(deps.queue.take(), []);
    assert!(figures.lock().unwrap()[1].contains(r#""WorkOverdue":0"#));
}

#[tokio::test]
async fn a_work_whose_message_was_lost_is_found_again() {
    let (deps, _figures) = deps();
    seed(&deps, work(1), seconds_ago(40)).await;
    deps.queue.refuses.store(true, Ordering::Relaxed);
    assert_eq!(tick(&deps).await, Err(TickError { failed: 1 }));

    deps.queue.refuses.store(false, Ordering::Relaxed);
    deps.clock.set(START.after(Duration::from_secs(31)));
    assert_eq!(tick(&deps).await.map(|tick| tick.woken), Ok(1));
    assert_eq!(woken(&deps.queue.take()), [work(1)]);
}

#[tokio::test]
async fn one_work_that_cannot_be_claimed_does_not_stop_the_others() {
    let (deps, _figures) = deps();
    // Two of one part, the first of them refused, and one of another part.
    for id in [work(0), work(8), work(1)] {
        seed(&deps, id, seconds_ago(40)).await;
    }
    deps.store.table().set_faults(|request: Request<'_>| match request {
        Request::Write(write) if *write.key() == keys::work(work(0)) => Fault::Throttled,
        Request::Get(_) | Request::Query(_) | Request::Write(_) | Request::Transact(_) => {
            Fault::None
        }
    });
    assert_eq!(tick(&deps).await, Err(TickError { failed: 1 }));
    assert_eq!(woken(&deps.queue.take()), [work(1), work(8)]);
}

#[tokio::test]
async fn a_part_that_cannot_be_read_does_not_stop_the_others() {
    let (deps, _figures) = deps();
    for id in [work(0), work(1)] {
        seed(&deps, id, seconds_ago(40)).await;
    }
    deps.store.table().set_faults(|request: Request<'_>| match request {
        Request::Query(query) if query.partition == keys::due_partition(0) => Fault::Throttled,
        Request::Get(_) | Request::Query(_) | Request::Write(_) | Request::Transact(_) => {
            Fault::None
        }
    });
    assert_eq!(tick(&deps).await, Err(TickError { failed: 1 }));
    assert_eq!(woken(&deps.queue.take()), [work(1)]);
}

#[tokio::test]
async fn a_long_outage_is_worked_off_in_bounded_ticks() {
    let (deps, _figures) = deps();
    let limit = u128::from(PAGE_WORKS) * u128::from(PAGES_MAX);
    // All in one part, more than a tick takes.
    for number in 0..limit + 10 {
        seed(&deps, work(number * u128::from(DUE_SHARDS)), seconds_ago(3600)).await;
    }
    let first = tick(&deps).await.unwrap();
    assert_eq!((first.woken, first.more), (1000, true));
    let second = tick(&deps).await.unwrap();
    assert_eq!((second.woken, second.more), (10, false));
    assert_eq!(tick(&deps).await, Ok(Tick::default()));
    let messages = deps.queue.take();
    let mut ids = woken(&messages);
    ids.dedup();
    assert_eq!((messages.len(), ids.len()), (1010, 1010));
}

#[tokio::test]
async fn an_index_that_is_behind_wakes_nothing_twice() {
    let (deps, _figures) = deps();
    for number in 0..60 {
        seed(&deps, work(number * 8), seconds_ago(60)).await;
    }
    deps.store.table().set_index_lag(1000);
    assert_eq!(tick(&deps).await.map(|tick| tick.woken), Ok(60));
    // The index still shows where they stood.
    let again = tick(&deps).await.unwrap();
    assert_eq!((again.found, again.woken), (60, 0));
    assert_eq!(deps.queue.take().len(), 60);
}

#[tokio::test]
async fn a_tick_stops_when_its_time_is_up() {
    let (deps, _figures) = deps();
    for number in 0..10 {
        seed(&deps, work(number * 8), seconds_ago(60)).await;
    }
    deps.clock.set_step(Duration::from_millis(100));
    let end = Deadline::at(START.after(Duration::from_secs(9)));
    let tick = handle(&deps, &config(), Value::Null, end).await.unwrap();
    assert!(tick.more && tick.woken > 0 && tick.woken < 10, "{tick:?}");
}

#[tokio::test]
async fn the_watch_is_restarted_only_when_it_is_lost_and_needed() {
    // Whether something is watched, how long ago the next look was due, whether it is restarted.
    let cases = [
        (true, None, true),
        (true, Some(31), true),
        (true, Some(30), false),
        (true, Some(0), false),
        (false, None, false),
        (false, Some(3600), false),
    ];
    for (watched, due_seconds_ago, restarted) in cases {
        let (deps, _figures) = deps();
        if watched {
            seed_watched(&deps, work(5)).await;
        }
        if let Some(seconds) = due_seconds_ago {
            let at = seconds_ago(seconds);
            assert!(deps.store.claim_watch(at, at, &deps.marks()).await.unwrap());
        }
        let tick = tick(&deps).await.unwrap();
        assert_eq!(tick.watch_restarted, restarted, "{watched} {due_seconds_ago:?}");
        let sent = if restarted { vec![Message::DigitsWatch] } else { Vec::new() };
        assert_eq!(deps.queue.take(), sent, "{watched} {due_seconds_ago:?}");
    }
}

#[tokio::test]
async fn the_event_of_the_schedule_is_handled() {
    let (deps, _figures) = deps();
    seed(&deps, work(1), seconds_ago(40)).await;
    let event: Value =
        serde_json::from_str(include_str!("../../../events/poller-tick.json")).unwrap();
    let tick = handle(&deps, &config(), event, deadline()).await.unwrap();
    assert_eq!(tick.woken, 1);
}
