//! Claiming a number: one transaction with the work's own row, conditional on what was seen.

use crate::fixture::{Pool, any, at, available, claim, local, us_local};
use crate::meddled::Lossy;
use domain::number::{Number, State};
use domain::work::{Change, Obstacle, Work};
use std::sync::Arc;
use store::table::{Condition, Table, Write};
use store::{Closing, Committed, keys};

const GONE: Committed = Committed::Obstacle(Obstacle::NumberGone);

pub(crate) async fn a_claimed_number_is_in_the_pool_no_more(table: Arc<impl Table>) {
    let pool = Pool::new(table);
    let holder = pool.holder(1).await;
    let pooled = pool.pooled(&holder, &[local(1), local(2)]).await;
    assert_eq!(pool.places(&us_local()).await.len(), 4, "each in the class and in its area");
    assert_eq!(pool.claim(&holder, &pooled[0]).await, Committed::Written);
    let row = pool.number(pooled[0].id).await.expect("its row stays");
    assert_eq!((row.state, row.work), (State::Reserved, Some(holder.work.id)));
    let places = pool.places(&us_local()).await;
    assert!(places.len() == 2 && places.iter().all(|(_sk, named)| *named == pooled[1].id));
    assert_eq!(pool.search(&any(0)).await, pooled[1..]);
}

pub(crate) async fn a_number_is_claimed_once(table: Arc<impl Table>) {
    let pool = Pool::new(table);
    let (first, second) = (pool.holder(1).await, pool.holder(2).await);
    let [number]: [Number; 1] =
        pool.pooled(&first, &[local(1)]).await.try_into().expect("one number");
    assert_eq!(pool.claim(&first, &number).await, Committed::Written);
    let claimed = pool.number(number.id).await;
    // Nothing of a refused claim is written, neither the number nor the work.
    let moved = Work { tries: 7, ..second.work.clone() };
    let (store, marks) = (&pool.store, &pool.marks);
    let changes = [claim(&second, &number)];
    let late = store.commit(&second.lease, &moved, &changes, Closing::GoesOn, at(1), marks).await;
    assert_eq!(late, Ok(GONE));
    assert_eq!(pool.number(number.id).await, claimed);
    let row = store.work(second.work.id).await.expect("the table answers").expect("it is there");
    assert_eq!(row.work.tries, 0);
    // Not even by the one who has it.
    assert_eq!(pool.claim(&first, &number).await, GONE);
}

pub(crate) async fn a_number_that_changed_is_gone(table: Arc<impl Table>) {
    let pool = Pool::new(table);
    let holder = pool.holder(1).await;
    let pooled = pool.pooled(&holder, &[local(1)]).await;
    for seen in [
        Number { sip_uri: Some("sip:1".to_owned()), ..pooled[0].clone() },
        available(at(1), &pooled[0]),
        local(1).number(),
    ] {
        assert_eq!(pool.claim(&holder, &seen).await, GONE, "{seen:?}");
    }
    assert_eq!(pool.places(&us_local()).await.len(), 2, "it stays in the pool");
    assert_eq!(pool.number(pooled[0].id).await.as_ref(), Some(&pooled[0]));
    assert_eq!(pool.claim(&holder, &pooled[0]).await, Committed::Written);
}

pub(crate) async fn a_number_that_vanished_is_gone(table: Arc<impl Table>) {
    let pool = Pool::new(Arc::clone(&table));
    let holder = pool.holder(1).await;
    let pooled = pool.pooled(&holder, &[local(1)]).await;
    let key = keys::number(pooled[0].id);
    let delete = Write::Delete { key, condition: Condition::Present };
    table.write(&delete).await.expect("it is there");
    assert_eq!(pool.claim(&holder, &pooled[0]).await, GONE);
    assert_eq!(pool.number(pooled[0].id).await, None, "a claim makes no row");
    // Nor is a place without a row found.
    assert_eq!(pool.search(&any(0)).await, []);
}

pub(crate) async fn a_resting_number_was_never_in_the_pool(table: Arc<impl Table>) {
    let pool = Pool::new(table);
    let holder = pool.holder(1).await;
    let resting = pool.resting(&holder, &[local(1)]).await;
    let others = pool.pooled(&holder, &[local(2)]).await;
    let places = pool.places(&us_local()).await;
    assert_eq!(places.len(), 2);
    // Its own business has it back.
    assert_eq!(pool.claim(&holder, &resting[0]).await, Committed::Written);
    assert_eq!(pool.places(&us_local()).await, places);
    assert_eq!(pool.search(&any(0)).await, others);
}

pub(crate) async fn who_lost_the_lease_claims_nothing(table: Arc<impl Table>) {
    let pool = Pool::new(table);
    let dead = pool.holder(1).await;
    let pooled = pool.pooled(&dead, &[local(1)]).await;
    let next = pool.take(&dead.work, at(600)).await;
    assert!(next.lease.took_over);
    assert_eq!(pool.claim(&dead, &pooled[0]).await, Committed::LeaseLost);
    assert_eq!(pool.search(&any(0)).await, pooled);
    assert_eq!(pool.claim(&next, &pooled[0]).await, Committed::Written);
}

pub(crate) async fn a_claim_whose_answer_is_lost_is_sent_again(table: Arc<impl Table + 'static>) {
    let pool = Pool::new(Arc::clone(&table));
    let holder = pool.holder(1).await;
    let pooled = pool.pooled(&holder, &[local(1)]).await;
    let lossy = Pool::new(Lossy::new(&table));
    let changes: [Change; 1] = [claim(&holder, &pooled[0])];
    assert_eq!(lossy.commit(&holder, &changes).await, Committed::Written);
    assert_eq!(lossy.store.table().sent(), 2);
    let row = pool.number(pooled[0].id).await.expect("its row stays");
    assert_eq!(row.work, Some(holder.work.id));
    assert_eq!(pool.places(&us_local()).await, []);
}
