//! Numbers by state.

use crate::fixture::{Line, Pool, available, ids, local};
use domain::ids::{Fresh, NumberId};
use std::sync::Arc;
use store::memory::MemoryTable;
use store::table::Table;
use store::{Committed, Freed};

pub(crate) async fn numbers_in_a_state_come_oldest_first_page_by_page(table: Arc<impl Table>) {
    let pool = Pool::new(table);
    let holder = pool.holder(1).await;
    let lines: Vec<Line> = [3, 1, 5, 2, 4].map(local).to_vec();
    let resting = pool.resting(&holder, &lines).await;
    let oldest_first = [1, 2, 3, 4, 5].map(|place| local(place).number());
    let page = async |state: &str, limit, after| {
        pool.store.numbers_in(state, limit, after).await.expect("the table answers")
    };
    let (all, _next) = page("quarantined", 100, None).await;
    assert_eq!(all, oldest_first);
    let mut after = None;
    for expected in oldest_first.chunks(2) {
        let (numbers, next) = page("quarantined", 2, after).await;
        assert_eq!(numbers, expected);
        after = next;
    }
    // A page goes on where the one before ended, whatever left the state meanwhile.
    let (_first, next) = page("quarantined", 2, None).await;
    for number in &resting {
        if number.id == oldest_first[0].id || number.id == oldest_first[1].id {
            assert_eq!(pool.free(number).await, Freed::Freed);
        }
    }
    let (rest, _next) = page("quarantined", 100, next).await;
    assert_eq!(rest, oldest_first[2..]);
    let (freed, _next) = page("available", 100, None).await;
    assert_eq!(ids(&freed), ids(&oldest_first[..2]));
    assert_eq!(page("released", 100, None).await, (Vec::new(), None));
}

pub(crate) async fn a_number_of_no_row_is_none(table: Arc<impl Table>) {
    let pool = Pool::new(table);
    assert_eq!(pool.number(NumberId::new(Fresh(1))).await, None);
}

/// The index may be behind: what it still shows in a state that it has left is left out.
#[tokio::test]
async fn what_left_the_state_is_not_listed() {
    let table = Arc::new(MemoryTable::new());
    let pool = Pool::new(Arc::clone(&table));
    let holder = pool.holder(1).await;
    let resting = pool.resting(&holder, &[local(1), local(2), local(3)]).await;
    table.set_index_lag(100);
    assert_eq!(pool.free(&resting[1]).await, Freed::Freed);
    assert_eq!(pool.claim(&holder, &resting[2]).await, Committed::Written);
    let listed = async |state: &str| {
        pool.store.numbers_in(state, 100, None).await.expect("the table answers").0
    };
    assert_eq!(listed("quarantined").await, resting[..1]);
    assert_eq!(listed("available").await, []);
    table.set_index_lag(0);
    assert_eq!(listed("quarantined").await, resting[..1]);
    assert_eq!(listed("available").await, [available(crate::fixture::START, &resting[1])]);
}
