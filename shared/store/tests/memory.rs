//! The twin does what every table must, and lets a test reach in where DynamoDB does not.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test's helpers may fail as loudly as a test"
)]

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use std::thread;
use store::layout;
use store::memory::{Fault, MemoryTable, Point, Request, Requests, everywhere};
use store::suite;
use store::table::{Condition, Index, Item, Key, Query, Refused, Table, TableError, Value, Write};

const NUMBER: &str = suite::PROBES[2];

fn key(sk: &str) -> Key {
    Key { pk: "p".to_owned(), sk: sk.to_owned() }
}

fn numbered(number: i64) -> Item {
    Item::from([(NUMBER, Value::Number(number))])
}

fn put(sk: &str, number: i64) -> Write {
    Write::Put { key: key(sk), item: numbered(number), condition: Condition::Absent }
}

fn add(sk: &str, more: i64) -> Write {
    Write::Update {
        key: key(sk),
        set: Vec::new(),
        add: vec![(NUMBER, more)],
        remove: Vec::new(),
        condition: Condition::Always,
    }
}

fn list(sk: &str, sort: &str) -> Write {
    Write::Update {
        key: key(sk),
        set: vec![
            (layout::LISTING.partition, Value::Text("list".to_owned())),
            (layout::LISTING.sort, Value::Text(sort.to_owned())),
            (layout::DUE.partition, Value::Text("list".to_owned())),
            (layout::DUE.sort, Value::Text(sort.to_owned())),
        ],
        add: Vec::new(),
        remove: Vec::new(),
        condition: Condition::Always,
    }
}

/// Runs to the end, however often it pauses.
fn wait<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    for _poll in 0..1_000 {
        if let Poll::Ready(output) = poll(future.as_mut()) {
            return output;
        }
    }
    panic!("it never ends");
}

fn poll<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

fn number(table: &MemoryTable, sk: &str) -> Option<i64> {
    let found = table.rows().into_iter().find(|row| row.key == key(sk))?;
    match found.item.get(NUMBER) {
        Some(Value::Number(number)) => Some(*number),
        other => panic!("no number: {other:?}"),
    }
}

fn sorts(table: &MemoryTable, index: Index) -> Vec<String> {
    let query = Query {
        index,
        partition: "list".to_owned(),
        from: None,
        to: None,
        ascending: true,
        limit: 100,
        after: None,
    };
    let sort = index.secondary().expect("a secondary index").sort;
    let page = wait(table.query(&query)).expect("the query goes through");
    page.rows
        .into_iter()
        .map(|row| match row.item.get(sort) {
            Some(Value::Text(text)) => text.clone(),
            other => panic!("no sort key: {other:?}"),
        })
        .collect()
}

#[tokio::test]
async fn twin_passes_the_suite() {
    let table = MemoryTable::new();
    suite::run(&table, "plain").await.expect("the suite passes");
    table.set_pauses(everywhere);
    suite::run(&table, "paused").await.expect("the suite passes with pauses everywhere");
    table.set_torn_reads(true);
    suite::run(&table, "torn").await.expect("the suite passes with torn reads");
}

#[test]
fn overlapping_transactions_conflict() {
    let table = MemoryTable::new();
    let (ours, theirs) = ([add("a", 1), add("b", 1)], [add("b", 1), add("c", 1)]);
    let mut first = pin!(table.transact(&ours, "first"));
    assert!(poll(first.as_mut()).is_pending());
    assert_eq!(wait(table.transact(&theirs, "second")), Err(TableError::Conflict));
    assert_eq!(wait(table.write(&add("a", 1))), Err(TableError::Conflict));
    let check = Write::Check { key: key("a"), condition: Condition::Always };
    assert_eq!(wait(table.write(&check)), Err(TableError::Conflict));
    // The same transaction sent again while it is under way.
    assert_eq!(wait(table.transact(&ours, "first")), Err(TableError::Conflict));
    // Others are not in the way, and reads see what was there before.
    assert_eq!(wait(table.write(&add("c", 1))), Ok(numbered(1)));
    assert_eq!(wait(table.get(&[key("a"), key("c")])), Ok(vec![None, Some(numbered(1))]));
    assert_eq!(wait(first), Ok(()));
    assert_eq!(wait(table.transact(&theirs, "second")), Ok(()));
    assert_eq!(["a", "b", "c"].map(|sk| number(&table, sk)), [Some(1), Some(2), Some(2)]);
}

#[test]
fn transaction_dropped_halfway_leaves_nothing() {
    let table = MemoryTable::new();
    let writes = [put("a", 1), put("b", 1)];
    {
        let mut dropped = pin!(table.transact(&writes, "token"));
        assert!(poll(dropped.as_mut()).is_pending());
    }
    assert!(table.rows().is_empty());
    // Neither its items nor its token are held.
    assert_eq!(wait(table.transact(&writes, "token")), Ok(()));
    assert_eq!(table.rows().len(), 2);
}

#[test]
fn request_dropped_at_any_point_is_not_done_or_wholly_done() {
    let writes = [put("a", 1), put("b", 1)];
    let mut seen = Vec::new();
    for polls in 0..4 {
        let table = MemoryTable::new();
        table.set_pauses(everywhere);
        {
            let mut dropped = pin!(table.transact(&writes, "token"));
            for _poll in 0..polls {
                assert!(poll(dropped.as_mut()).is_pending());
            }
        }
        seen.push(table.rows().len());
        let repeated = wait(table.transact(&writes, "token"));
        assert_eq!(repeated, Ok(()), "after {polls} polls");
        assert_eq!(table.rows().len(), 2);
    }
    // Not begun, sent, prepared, answered.
    assert_eq!(seen, [0, 0, 0, 2]);
}

#[test]
fn pauses_are_asked_for_in_order() {
    let table = MemoryTable::new();
    let points = Arc::new(std::sync::Mutex::new(Vec::new()));
    let noted = Arc::clone(&points);
    table.set_pauses(move |point: Point| {
        noted.lock().expect("no panic").push(point);
        None
    });
    wait(table.transact(&[put("a", 1)], "token")).expect("it goes through");
    wait(table.write(&add("a", 1))).expect("it goes through");
    let expected = [Point::Sent, Point::Prepared, Point::Answered, Point::Sent, Point::Answered];
    assert_eq!(*points.lock().expect("no panic"), expected);
}

#[test]
fn each_fault_does_what_it_says() {
    let both = |sk: &str| [put(sk, 1), add("sum", 1)];
    let old = Some(numbered(1));
    let refused = |old| Err(TableError::Refused(vec![Refused { index: 0, old }]));
    for (fault, write, transact, applied) in [
        (Fault::None, Ok(numbered(1)), Ok(()), true),
        (Fault::Throttled, Err(TableError::Throttled), Err(TableError::Throttled), false),
        (Fault::LostBefore, Err(TableError::AnswerLost), Err(TableError::AnswerLost), false),
        (Fault::LostAfter, Err(TableError::AnswerLost), Err(TableError::AnswerLost), true),
        (Fault::Conflict, Err(TableError::Conflict), Err(TableError::Conflict), false),
        // The token saves the transaction; the single write meets itself.
        (Fault::Repeated, refused(old), Ok(()), true),
    ] {
        let table = MemoryTable::new();
        table.set_faults(move |_request: Request<'_>| fault);
        assert_eq!(wait(table.write(&put("single", 1))), write, "{fault:?}");
        assert_eq!(wait(table.transact(&both("both"), "token")), transact, "{fault:?}");
        let expected = applied.then_some(1);
        for sk in ["single", "both", "sum"] {
            assert_eq!(number(&table, sk), expected, "{sk} after {fault:?}");
        }
        let read = wait(table.get(&[key("single")]));
        match fault {
            Fault::None | Fault::Repeated | Fault::Conflict => {
                assert_eq!(read, Ok(vec![expected.map(numbered)]));
            }
            Fault::Throttled => assert_eq!(read, Err(TableError::Throttled)),
            Fault::LostBefore | Fault::LostAfter => assert_eq!(read, Err(TableError::AnswerLost)),
        }
        table.clear_faults();
        assert!(wait(table.get(&[key("single")])).is_ok());
    }
}

#[test]
fn faults_see_the_request() {
    let table = MemoryTable::new();
    table.set_faults(|request: Request<'_>| match request {
        Request::Transact(writes) if writes.len() > 1 => Fault::Throttled,
        Request::Get(_) | Request::Query(_) | Request::Write(_) | Request::Transact(_) => {
            Fault::None
        }
    });
    assert_eq!(wait(table.transact(&[put("a", 1)], "a")), Ok(()));
    let two = [put("b", 1), put("c", 1)];
    assert_eq!(wait(table.transact(&two, "b")), Err(TableError::Throttled));
}

#[test]
fn requests_are_counted_by_kind() {
    let table = MemoryTable::new();
    wait(table.get(&[key("a"), key("b"), key("c")])).expect("it goes through");
    wait(table.get(&[])).expect("nothing is asked");
    wait(table.write(&put("a", 1))).expect("it goes through");
    wait(table.write(&put("a", 1))).expect_err("it is refused");
    wait(table.transact(&[add("a", 1), add("b", 1)], "token")).expect("it goes through");
    wait(table.transact(&[], "token")).expect_err("it is never sent");
    let check = Write::Check { key: key("a"), condition: Condition::Present };
    wait(table.write(&check)).expect("a check is a transaction");
    sorts(&table, Index::Due);
    let expected = Requests { get: 1, query: 1, write: 2, transact: 2 };
    assert_eq!(table.requests(), expected);
    assert_eq!(expected.total(), 6);
    assert_eq!(table.reset_requests(), expected);
    assert_eq!(table.requests(), Requests::default());
}

#[test]
fn indexes_lag_by_so_many_changes() {
    let table = MemoryTable::new();
    wait(table.write(&list("a", "1"))).expect("it goes through");
    table.set_index_lag(2);
    for (sk, sort) in [("b", "2"), ("c", "3")] {
        wait(table.write(&list(sk, sort))).expect("it goes through");
    }
    for index in [Index::Due, Index::Listing] {
        assert_eq!(sorts(&table, index), ["1"]);
    }
    wait(table.write(&list("d", "4"))).expect("it goes through");
    // What no index shows moves none of them on.
    wait(table.write(&add("other", 1))).expect("it goes through");
    for index in [Index::Due, Index::Listing] {
        assert_eq!(sorts(&table, index), ["1", "2"]);
    }
    assert_eq!(table.rows().len(), 5);
    table.set_index_lag(0);
    for index in [Index::Due, Index::Listing] {
        assert_eq!(sorts(&table, index), ["1", "2", "3", "4"]);
    }
}

#[test]
fn an_item_that_moves_along_an_index_is_nowhere_for_a_moment() {
    let table = MemoryTable::new();
    wait(table.write(&list("a", "1"))).expect("it goes through");
    table.set_index_lag(1);
    wait(table.write(&list("a", "2"))).expect("it goes through");
    assert_eq!(sorts(&table, Index::Due), Vec::<String>::new());
    wait(table.write(&list("b", "3"))).expect("it goes through");
    assert_eq!(sorts(&table, Index::Due), ["2"]);
}

#[test]
fn torn_reads_see_half_of_a_transaction() {
    let table = MemoryTable::new();
    let (keys, writes) = ([key("a"), key("b")], [put("a", 1), put("b", 1)]);
    let overtaken = |token: &str, writes: &[Write]| {
        let mut read = pin!(table.get(&keys));
        let early = poll(read.as_mut());
        wait(table.transact(writes, token)).expect("it goes through");
        match early {
            Poll::Ready(items) => items,
            Poll::Pending => wait(read),
        }
    };
    assert_eq!(overtaken("1", &writes), Ok(vec![None, None]));
    table.set_torn_reads(true);
    let more = [add("a", 1), add("b", 1)];
    assert_eq!(overtaken("2", &more), Ok(vec![Some(numbered(2)), Some(numbered(1))]));
    assert_eq!(overtaken("3", &more), Ok(vec![Some(numbered(2)), Some(numbered(3))]));
}

#[test]
fn tokens_are_forgotten_in_the_end() {
    let table = MemoryTable::new();
    for place in 0..1_001 {
        wait(table.transact(&[add("sum", 1)], &place.to_string())).expect("it goes through");
    }
    wait(table.transact(&[add("sum", 1)], "1")).expect("still known");
    assert_eq!(number(&table, "sum"), Some(1_001));
    wait(table.transact(&[add("sum", 1)], "0")).expect("as good as new");
    assert_eq!(number(&table, "sum"), Some(1_002));
}

#[test]
fn checkers_see_all_rows_in_order() {
    let table = MemoryTable::new();
    for sk in ["b", "a", "c"] {
        wait(table.write(&put(sk, 1))).expect("it goes through");
    }
    let mut seen = Vec::new();
    table.inspect(|key, item| seen.push((key.clone(), item.len())));
    assert_eq!(seen, ["a", "b", "c"].map(|sk| (key(sk), 1)));
    assert_eq!(table.requests().total(), 3);
}

#[test]
fn threads_never_pass_the_cap() {
    const THREADS: i64 = 4;
    const EACH: i64 = 50;
    let table = MemoryTable::new();
    let (won, conflicts) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        for place in 0..THREADS {
            let (table, won, conflicts) = (&table, &won, &conflicts);
            scope.spawn(move || {
                for turn in 0..EACH {
                    let own = format!("{place}-{turn}");
                    let condition = Condition::Any(vec![
                        Condition::Missing(NUMBER),
                        Condition::AtMost(NUMBER, 99),
                    ]);
                    let mut add = add("sum", 1);
                    if let Write::Update { condition: held, .. } = &mut add {
                        *held = condition;
                    }
                    let writes = [add, put(&own, 1)];
                    loop {
                        match wait(table.transact(&writes, &own)) {
                            Ok(()) => won.fetch_add(1, Ordering::Relaxed),
                            Err(TableError::Conflict) => {
                                conflicts.fetch_add(1, Ordering::Relaxed);
                                continue;
                            }
                            Err(TableError::Refused(_)) => break,
                            Err(error) => panic!("{error}"),
                        };
                        break;
                    }
                }
            });
        }
    });
    assert_eq!((won.into_inner(), number(&table, "sum")), (100, Some(100)));
    assert_eq!(table.rows().len(), 101);
}
