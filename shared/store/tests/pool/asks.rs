//! Somebody asks to release a number: which, and the days of its rest, go through the work's inbox.

use crate::fixture::{Holder, Pool, START, at};
use domain::ids::{Fresh, NumberId};
use domain::work::{Ask, Work};
use std::sync::Arc;
use std::time::Duration;
use store::table::Table;
use store::{Closing, Committed, Inbox, Release, Take};

fn release(quarantine_days: u16) -> Release {
    Release { number: Some(NumberId::new(Fresh(8))), quarantine_days }
}

/// As a former version asked.
const fn unnamed(quarantine_days: u16) -> Release {
    Release { number: None, quarantine_days }
}

fn asking(release: Release) -> Ask {
    let Release { number, quarantine_days } = release;
    Ask::Release { number, quarantine_days }
}

async fn ask<T: Table>(pool: &Pool<T>, work: &Work, release: Release) {
    let asked = pool.store.ask(work.id, Some(asking(release)), at(1), &pool.marks).await;
    assert_eq!(asked, Ok(true));
}

async fn inbox<T: Table>(pool: &Pool<T>, work: &Work) -> Inbox {
    let row = pool.store.work(work.id).await.expect("the table answers");
    row.expect("it is there").inbox
}

async fn leaves<T: Table>(pool: &Pool<T>, holder: &Holder, heard: Inbox) -> Committed {
    let closing = Closing::Leaves { due_at: None, heard };
    let Holder { lease, work, .. } = holder;
    let left = pool.store.commit(lease, work, &[], closing, at(2), &pool.marks).await;
    left.expect("the end is known")
}

pub(crate) async fn what_a_release_is_of_reaches_the_holder(table: Arc<impl Table>) {
    let pool = Pool::new(table);
    let asks = [release(0), release(1), unnamed(30), release(30), unnamed(0), release(u16::MAX)];
    for (ordinal, release) in asks.into_iter().enumerate() {
        let work = pool.work(u128::try_from(ordinal).expect("small") + 1).await;
        ask(&pool, &work, release).await;
        let holder = pool.take(&work, at(1)).await;
        assert_eq!(holder.heard.release, Some(release));
        let asked = asking(release);
        assert_eq!(holder.heard.asks(), [asked]);
        // A holder that goes on, or dies, leaves it to be heard.
        assert_eq!(pool.commit(&holder, &[]).await, Committed::Written);
        assert_eq!(inbox(&pool, &work).await, holder.heard);
        let next = pool.take(&work, at(600)).await;
        assert_eq!(next.heard.asks(), [asked]);
        // One that leaves takes it along.
        assert_eq!(leaves(&pool, &next, next.heard).await, Committed::Written);
        assert_eq!(inbox(&pool, &work).await.asks(), []);
        let nothing = pool.store.take(work.id, None, at(601), at(700), &pool.marks).await;
        assert!(matches!(nothing, Ok(Take::Nothing)), "{nothing:?}");
    }
}

pub(crate) async fn a_release_asked_meanwhile_stops_the_closing_and_is_heard_once(
    table: Arc<impl Table>,
) {
    let pool = Pool::new(table);
    let holder = pool.holder(1).await;
    ask(&pool, &holder.work, release(30)).await;
    let moved = leaves(&pool, &holder, holder.heard).await;
    let Committed::InboxMoved(news) = moved else { panic!("{moved:?}") };
    let asked = asking(release(30));
    assert_eq!(news.since(holder.heard).asks(), [asked]);
    // A mere wake follows: the release is in the inbox still, and no news any more.
    let woken = pool.store.ask(holder.work.id, None, at(1), &pool.marks).await;
    assert_eq!(woken, Ok(true));
    let moved = leaves(&pool, &holder, news).await;
    let Committed::InboxMoved(later) = moved else { panic!("{moved:?}") };
    assert_eq!(later.release, Some(release(30)));
    assert_eq!(later.since(news).asks(), []);
    assert_eq!(leaves(&pool, &holder, later).await, Committed::Written);
    assert_eq!(inbox(&pool, &holder.work).await.release, None);
}

pub(crate) async fn the_last_asked_rest_counts(table: Arc<impl Table>) {
    let pool = Pool::new(table);
    let work = pool.work(1).await;
    ask(&pool, &work, unnamed(30)).await;
    ask(&pool, &work, release(3)).await;
    ask(&pool, &work, unnamed(0)).await;
    let cancelled = pool.store.ask(work.id, Some(Ask::Cancel), at(1), &pool.marks).await;
    assert_eq!(cancelled, Ok(true));
    let holder = pool.take(&work, at(1)).await;
    assert_eq!(holder.heard.release, Some(unnamed(0)), "which it was before says nothing now");
    // Calling it off goes before giving it up.
    assert_eq!(holder.heard.asks(), [Ask::Cancel, asking(unnamed(0))]);
}

/// The clock of whoever takes a work may be behind that of whoever said when it is due: the message
/// says it too, and the queue has kept the time between.
pub(crate) async fn a_message_is_as_early_as_its_sender_said(table: Arc<impl Table>) {
    let pool = Pool::new(table);
    let (work, behind) = (pool.work(1).await, START.before(Duration::from_secs(40)));
    for (sent_for, is_taken) in [(None, false), (Some(behind), false), (Some(START), true)] {
        let until = behind.after(Duration::from_secs(90));
        let taken = pool.store.take(work.id, sent_for, behind, until, &pool.marks).await;
        assert_eq!(matches!(taken, Ok(Take::Taken { .. })), is_taken, "{sent_for:?}");
    }
}
