//! Freeing a number whose rest is over: its row and its places in the pool, or neither.

use crate::fixture::{Line, Pool, any, at, available, local, us_local};
use crate::meddled::{Lossy, Meanwhile};
use domain::number::{Number, PoolClass, Proof, State};
use domain::request::NumberType;
use domain::work::Change;
use std::sync::{Arc, Mutex};
use store::memory::{Fault, MemoryTable, Request};
use store::table::{Table, TableError};
use store::{Committed, Freed, StoreError, keys};

pub(crate) async fn a_number_that_rested_enters_every_part_it_belongs_to(table: Arc<impl Table>) {
    let pool = Pool::new(table);
    let holder = pool.holder(1).await;
    let british = Line { country: "GB", ..local(2).with("+442071838750") };
    let sip = Line { number_type: NumberType::Sip, digits: None, ..local(3) };
    for (line, parts) in [
        (local(1), vec!["ANY#0000000001#", "AREA#415#0000000001#"]),
        (british, vec!["ANY#0000000002#"]),
        (sip, vec!["ANY#0000000003#"]),
    ] {
        let resting = &pool.resting(&holder, &[line]).await[0];
        let class: PoolClass = resting.pool_class();
        assert_eq!(pool.places(&class).await, [], "it rests outside of the pool");
        assert_eq!(pool.free(resting).await, Freed::Freed);
        let row = pool.number(resting.id).await;
        assert_eq!(row, Some(available(at(0), resting)));
        let expected: Vec<_> =
            parts.iter().map(|part| (format!("{part}{}", resting.id), resting.id)).collect();
        assert_eq!(pool.places(&class).await, expected);
    }
    let (available, _next) =
        pool.store.numbers_in("available", 10, None).await.expect("the table answers");
    assert_eq!(available.len(), 3);
}

pub(crate) async fn a_number_is_freed_once(table: Arc<impl Table>) {
    let pool = Pool::new(table);
    let holder = pool.holder(1).await;
    let resting = pool.resting(&holder, &[local(1)]).await;
    assert_eq!(pool.free(&resting[0]).await, Freed::Freed);
    // Two sweeps at once saw it resting.
    let late = pool.store.free(&resting[0], at(5), &pool.marks).await;
    assert_eq!(late, Ok(Freed::Changed));
    assert_eq!(pool.number(resting[0].id).await, Some(available(at(0), &resting[0])));
    // The second one must not put back what was claimed in between.
    assert_eq!(pool.claim(&holder, &available(at(0), &resting[0])).await, Committed::Written);
    assert_eq!(pool.free(&resting[0]).await, Freed::Changed);
    assert_eq!(pool.places(&us_local()).await, []);
}

pub(crate) async fn a_number_that_changed_stays(table: Arc<impl Table>) {
    let pool = Pool::new(table);
    let holder = pool.holder(1).await;
    let resting = pool.resting(&holder, &[local(1)]).await;
    let longer =
        State::Quarantined { until: at(60), former: None, assistant: None, proof: Proof::Proven };
    let seen = Number { state: longer, ..resting[0].clone() };
    assert_eq!(pool.free(&seen).await, Freed::Changed);
    let nowhere = local(2).number();
    assert_eq!(pool.free(&nowhere).await, Freed::Changed);
    assert_eq!(pool.number(nowhere.id).await, None);
    assert_eq!(pool.places(&us_local()).await, []);
    assert_eq!(pool.number(resting[0].id).await.as_ref(), Some(&resting[0]));
}

pub(crate) async fn a_number_a_work_writes_about_stays(table: Arc<impl Table>) {
    let pool = Pool::new(table);
    let holder = pool.holder(1).await;
    // Its own business has it back: the row names a work, however the number was seen.
    let resting = pool.resting(&holder, &[local(1)]).await;
    assert_eq!(pool.claim(&holder, &resting[0]).await, Committed::Written);
    let claimed = pool.number(resting[0].id).await.expect("it is there");
    assert_eq!(pool.free(&resting[0]).await, Freed::Changed);
    assert_eq!(pool.free(&claimed).await, Freed::Changed);
    assert_eq!(pool.number(resting[0].id).await, Some(claimed));
    assert_eq!(pool.places(&us_local()).await, []);
}

pub(crate) async fn a_freed_number_whose_answer_is_lost_is_known_by_its_mark(
    table: Arc<impl Table + 'static>,
) {
    let pool = Pool::new(Arc::clone(&table));
    let holder = pool.holder(1).await;
    let resting = pool.resting(&holder, &[local(1)]).await;
    let lossy = Pool::new(Lossy::forgetful(&table, None));
    assert_eq!(lossy.free(&resting[0]).await, Freed::Freed);
    assert_eq!(lossy.store.table().sent(), 2);
    assert_eq!(pool.search(&any(0)).await, [available(at(0), &resting[0])]);
    // Another sweep's mark is not its own.
    assert_eq!(Pool::new(table).free(&resting[0]).await, Freed::Changed);
}

pub(crate) async fn a_freed_number_claimed_before_the_answer_stays_claimed(
    table: Arc<impl Table + 'static>,
) {
    let pool = Pool::new(Arc::clone(&table));
    let holder = pool.holder(1).await;
    let resting = pool.resting(&holder, &[local(1)]).await;
    let (other, freed) = (Pool::new(Arc::clone(&table)), available(at(0), &resting[0]));
    let claimed: Meanwhile = Box::pin(async move {
        let holder = other.holder(2).await;
        assert_eq!(other.claim(&holder, &freed).await, Committed::Written);
    });
    let lossy = Pool::new(Lossy::forgetful(&table, Some(claimed)));
    assert_eq!(lossy.free(&resting[0]).await, Freed::Freed, "it was, though it is gone again");
    let row = pool.number(resting[0].id).await.expect("it is there");
    assert_eq!(row.state, State::Reserved);
    assert_eq!(pool.places(&us_local()).await, []);
}

pub(crate) async fn a_number_claimed_and_released_is_freed_again(table: Arc<impl Table>) {
    let pool = Pool::new(table);
    let holder = pool.holder(1).await;
    let pooled = pool.pooled(&holder, &[local(1)]).await;
    assert_eq!(pool.claim(&holder, &pooled[0]).await, Committed::Written);
    let until = at(10);
    let state = State::Quarantined { until, former: None, assistant: None, proof: Proof::Proven };
    let number = Box::new(Number { state, ..pooled[0].clone() });
    let given_up = Change::UpdateNumber { number: number.clone(), new_guards: Vec::new() };
    assert_eq!(pool.commit(&holder, &[given_up]).await, Committed::Written);
    assert_eq!(pool.search(&any(0)).await, []);
    let freed = pool.store.free(&number, until, &pool.marks).await;
    assert_eq!(freed, Ok(Freed::Freed));
    assert_eq!(pool.search(&any(0)).await, [available(until, &number)]);
    // Whoever saw it in the pool before is too late, though it is there again.
    assert!(matches!(pool.claim(&holder, &pooled[0]).await, Committed::Obstacle(_)));
    assert_eq!(pool.places(&us_local()).await.len(), 2);
}

/// Whatever goes wrong on the way, a number and its places change together.
#[tokio::test]
async fn a_sweep_repeats_what_is_lost_and_gives_up_in_the_end() {
    for (faults, expected) in [
        (vec![Fault::LostBefore], Ok(Freed::Freed)),
        (vec![Fault::LostAfter], Ok(Freed::Freed)),
        (vec![Fault::Repeated], Ok(Freed::Freed)),
        (vec![Fault::Conflict, Fault::Throttled, Fault::LostAfter], Ok(Freed::Freed)),
        (vec![Fault::Conflict; 8], Err(StoreError::Unavailable(TableError::Conflict))),
        (vec![Fault::LostBefore; 8], Err(StoreError::Unavailable(TableError::AnswerLost))),
    ] {
        let table = Arc::new(MemoryTable::new());
        let pool = Pool::new(Arc::clone(&table));
        let holder = pool.holder(1).await;
        let resting = pool.resting(&holder, &[local(1)]).await;
        let left = Mutex::new(faults.clone());
        table.set_faults(move |_request: Request<'_>| {
            left.lock().expect("no panic").pop().unwrap_or(Fault::None)
        });
        let freed = pool.store.free(&resting[0], at(0), &pool.marks).await;
        assert_eq!(freed, expected, "{faults:?}");
        table.clear_faults();
        let (there, places) =
            (pool.number(resting[0].id).await.expect("it is there"), keys::pooled(&resting[0]));
        let written = matches!(there.state, State::Available { .. });
        assert_eq!(written, expected.is_ok(), "{faults:?}");
        let found = pool.places(&us_local()).await.len();
        assert_eq!(found, if written { places.len() } else { 0 }, "{faults:?}");
    }
}
