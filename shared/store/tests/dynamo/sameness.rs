//! The same random requests to DynamoDB and to the twin give the same answers.
//!
//! Few keys, few values and conditions about all of them, so that requests meet: this is what
//! lets the simulator's findings stand for the table that runs in production.

use super::table;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::cell::Cell;
use store::keys;
use store::layout::{DUE, LISTING};
use store::memory::MemoryTable;
use store::suite::PROBES;
use store::table::{
    Attribute, Condition, Index, Item, Key, Query, Row, Table, TableError, Value, Write,
};

/// One request; its keys stand in the partition of the case.
#[derive(Debug, Clone)]
enum Step {
    Write(Write),
    Transact(Vec<Write>, u8),
    Get(Vec<Key>),
    Query(Query),
}

/// What both must answer alike. Why a request is rejected may be worded differently.
#[derive(Debug, PartialEq)]
enum Answer {
    Item(Item),
    Items(Vec<Option<Item>>),
    Rows(Vec<Row>, bool),
    Done,
    Rejected,
    Failed(TableError),
}

fn attribute() -> impl Strategy<Value = Attribute> {
    prop::sample::select(PROBES.to_vec())
}

/// Any kind under any probe: what a comparison of unlike kinds gives is part of the question.
fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        (-2_i64..3).prop_map(Value::Number),
        prop::sample::select(vec!["", "0", "1", "a"]).prop_map(|text| Value::Text(text.to_owned())),
    ]
}

/// Attributes to set, each once; those of the indexes mostly in pairs.
fn assignments() -> impl Strategy<Value = Item> {
    let partition = || Just(Value::Text("@".to_owned()));
    let sort = || prop::sample::select(vec!["1", "2", "3"]).prop_map(|s| Value::Text(s.to_owned()));
    let one = prop_oneof![
        6 => (attribute(), value()).prop_map(|one| vec![one]),
        1 => sort().prop_map(|sort| vec![(DUE.sort, sort)]),
        2 => (partition(), sort())
            .prop_map(|(partition, sort)| vec![(DUE.partition, partition), (DUE.sort, sort)]),
        2 => (partition(), sort())
            .prop_map(|(partition, sort)| vec![(LISTING.partition, partition), (LISTING.sort, sort)]),
        1 => Just(vec![(keys::DOCUMENTS[0], Value::Document("{}".into()))]),
    ];
    vec(one, 0..5).prop_map(|all| all.into_iter().flatten().collect())
}

fn condition() -> impl Strategy<Value = Condition> {
    let leaf = prop_oneof![
        Just(Condition::Always),
        Just(Condition::Absent),
        Just(Condition::Present),
        (attribute(), value()).prop_map(|(name, value)| Condition::Equals(name, value)),
        attribute().prop_map(Condition::Missing),
        (attribute(), -2_i64..3).prop_map(|(name, most)| Condition::AtMost(name, most)),
        (attribute(), attribute())
            .prop_filter("two attributes", |(left, right)| left != right)
            .prop_map(|(left, right)| Condition::Differ(left, right)),
    ];
    leaf.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Condition::All),
            vec(inner, 0..4).prop_map(Condition::Any),
        ]
    })
}

fn key() -> impl Strategy<Value = Key> {
    prop::sample::select(vec!["1", "2", "3"]).prop_map(at_sort)
}

fn at_sort(sk: &str) -> Key {
    Key { pk: "@".to_owned(), sk: sk.to_owned() }
}

/// Conditions hold about half of the time.
fn held() -> impl Strategy<Value = Condition> {
    prop_oneof![1 => Just(Condition::Always), 2 => condition()]
}

fn write() -> impl Strategy<Value = Write> {
    let remove = prop_oneof![
        3 => attribute(),
        1 => prop::sample::select(vec![DUE.partition, DUE.sort, LISTING.sort]),
    ];
    prop_oneof![
        2 => (key(), assignments(), held()).prop_map(|(key, item, condition)| {
            Write::Put { key, item, condition }
        }),
        3 => (
            key(),
            assignments(),
            vec((attribute(), -2_i64..3), 0..2),
            vec(remove, 0..3),
            held(),
        )
            .prop_map(|(key, set, add, remove, condition)| {
                let set = set.into_iter().collect();
                Write::Update { key, set, add, remove, condition }
            }),
        1 => (key(), held()).prop_map(|(key, condition)| Write::Delete { key, condition }),
        1 => (key(), held()).prop_map(|(key, condition)| Write::Check { key, condition }),
    ]
}

fn query() -> impl Strategy<Value = Query> {
    let index = prop::sample::select(vec![Index::Base, Index::Due, Index::Listing]);
    let bound = || {
        prop::option::of(prop::sample::select(vec!["1", "11", "2", "3"]).prop_map(str::to_owned))
    };
    (index, bound(), bound(), any::<bool>(), 1_u16..5).prop_map(
        |(index, from, to, ascending, limit)| Query {
            index,
            partition: "@".to_owned(),
            from,
            to,
            ascending,
            limit,
            after: None,
        },
    )
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => write().prop_map(Step::Write),
        // Few tokens, so that some come again, with the same writes or with others.
        3 => (vec(write(), 1..5), 0_u8..24).prop_map(|(mut writes, token)| {
            // The suite has what happens when a key comes twice.
            writes.sort_by(|left, right| left.key().cmp(right.key()));
            writes.dedup_by(|left, right| left.key() == right.key());
            Step::Transact(writes, token)
        }),
        1 => prop::sample::subsequence(vec!["1", "2", "3"], 1..=3).prop_map(|keys| {
            Step::Get(keys.into_iter().map(at_sort).collect())
        }),
        2 => query().prop_map(Step::Query),
    ]
}

/// Puts a step into the partition of its case, so that cases do not meet.
fn placed(step: Step, at: &str) -> Step {
    let place = |mut key: Key| {
        key.pk = at.to_owned();
        key
    };
    let write = |write: Write| placed_write(write, at);
    match step {
        Step::Write(one) => Step::Write(write(one)),
        Step::Transact(writes, token) => {
            Step::Transact(writes.into_iter().map(write).collect(), token)
        }
        Step::Get(keys) => Step::Get(keys.into_iter().map(place).collect()),
        Step::Query(query) => Step::Query(Query { partition: at.to_owned(), ..query }),
    }
}

fn placed_write(write: Write, at: &str) -> Write {
    let place = |mut key: Key| {
        key.pk = at.to_owned();
        key
    };
    let value = |value: Value| match value {
        Value::Text(text) if text == "@" => Value::Text(at.to_owned()),
        value @ (Value::Text(_) | Value::Number(_) | Value::Document(_)) => value,
    };
    match write {
        Write::Put { key, item, condition } => Write::Put {
            key: place(key),
            item: item.into_iter().map(|(name, old)| (name, value(old))).collect(),
            condition,
        },
        Write::Update { key, set, add, remove, condition } => Write::Update {
            key: place(key),
            set: set.into_iter().map(|(name, old)| (name, value(old))).collect(),
            add,
            remove,
            condition,
        },
        Write::Delete { key, condition } => Write::Delete { key: place(key), condition },
        Write::Check { key, condition } => Write::Check { key: place(key), condition },
    }
}

async fn answer(table: &impl Table, step: &Step, at: &str) -> Answer {
    let answered = match step {
        Step::Write(write) => table.write(write).await.map(Answer::Item),
        Step::Transact(writes, token) => {
            table.transact(writes, &format!("{at}-{token}")).await.map(|()| Answer::Done)
        }
        Step::Get(keys) => table.get(keys).await.map(Answer::Items),
        Step::Query(query) => page(table, query).await.map(|(rows, more)| Answer::Rows(rows, more)),
    };
    match answered {
        Ok(answer) => answer,
        Err(TableError::Rejected(_)) => Answer::Rejected,
        Err(error) => Answer::Failed(error),
    }
}

/// A page, and whether another row follows it.
async fn page(table: &impl Table, query: &Query) -> Result<(Vec<Row>, bool), TableError> {
    let mut page = table.query(query).await?;
    // A full page may say where to go on though nothing follows; DynamoDB Local sometimes does
    // and sometimes does not.
    let mut more = false;
    if page.next.is_some() {
        let rest = Query { after: page.next.clone(), limit: 100, ..query.clone() };
        more = !table.query(&rest).await?.rows.is_empty();
    }
    // The order of equal sort keys in an index is DynamoDB's own affair, and so is which of them
    // comes onto a page that is full.
    if query.index != Index::Base && more {
        page.rows.clear();
    } else if query.index != Index::Base {
        page.rows.sort_by(|left, right| left.key.cmp(&right.key));
    }
    Ok((page.rows, more))
}

/// A transaction may both be impossible and have a condition that does not hold; which of the two
/// is told is open.
fn nothing_done_either_way(step: &Step, theirs: &Answer, ours: &Answer) -> bool {
    let refused = |answer: &Answer| matches!(answer, Answer::Failed(TableError::Refused(_)));
    matches!(step, Step::Transact(..))
        && (*theirs == Answer::Rejected && refused(ours)
            || refused(theirs) && *ours == Answer::Rejected)
}

/// Runs sequences of requests over both, the same sequences every time.
fn compare(name: &str, cases: u32, sequences: &impl Strategy<Value = Vec<Step>>) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime");
    let Some((_client, dynamo)) = runtime.block_on(table(name)) else {
        return;
    };
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let case = Cell::new(0_u32);
    let outcome = TestRunner::new_with_rng(config, rng).run(sequences, |steps| {
        case.set(case.get() + 1);
        let at = format!("case-{}", case.get());
        let twin = MemoryTable::new();
        for (place, step) in steps.into_iter().enumerate() {
            let step = placed(step, &at);
            let theirs = runtime.block_on(answer(&dynamo, &step, &at));
            let ours = runtime.block_on(answer(&twin, &step, &at));
            if !nothing_done_either_way(&step, &theirs, &ours) {
                prop_assert_eq!(theirs, ours, "step {}: {:?}", place, step);
            }
        }
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("DynamoDB left, the twin right: {failure}"));
}

#[test]
fn twin_answers_as_dynamodb_does() {
    compare("sameness", 300, &vec(step(), 1..12));
}

/// One item, and many conditions asked of it by writes that change nothing.
#[test]
fn twin_judges_as_dynamodb_does() {
    let key = || at_sort("1");
    let stored = prop_oneof![
        4 => vec((attribute(), value()), 0..4).prop_map(move |item| {
            let item = item.into_iter().collect();
            Write::Put { key: key(), item, condition: Condition::Always }
        }),
        1 => Just(Write::Delete { key: key(), condition: Condition::Always }),
    ];
    let asked = vec(condition(), 30);
    let sequence = (stored, asked).prop_map(move |(stored, asked)| {
        let asked = asked.into_iter().map(|condition| Write::Check { key: key(), condition });
        std::iter::once(stored).chain(asked).map(Step::Write).collect()
    });
    compare("judgement", 60, &sequence);
}
