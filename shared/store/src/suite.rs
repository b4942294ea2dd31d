//! What both tables must do: run over the twin and over DynamoDB, it keeps the twin honest.
//!
//! Every case writes under a partition of its own, so that cases neither meet nor need an empty
//! table. An index may be read only after it has caught up: run it without an index lag.

mod batches;
mod conditions;
mod queries;
mod races;
mod transactions;
mod updates;

use crate::table::{Attribute, Condition, Item, Key, Refused, Table, TableError, Value, Write};
use std::future::{Future, poll_fn};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

const A: Attribute = "probe_a";
const B: Attribute = "probe_b";
const N: Attribute = "probe_n";
const M: Attribute = "probe_m";
/// Attributes that only this suite uses: two for texts, two for numbers.
pub const PROBES: [Attribute; 4] = [A, B, N, M];

/// A case that met an error where none was due. What does not compare fails its assertion.
#[derive(Debug, thiserror::Error)]
#[error("case {case} failed")]
pub struct Failure {
    /// The case.
    pub case: &'static str,
    /// The error.
    #[source]
    pub source: TableError,
}

macro_rules! run_all {
    ($table:expr, $prefix:expr, [$($module:ident::$case:ident),* $(,)?]) => {$(
        let case = stringify!($case);
        Box::pin($module::$case($table, &format!("{}-{case}", $prefix)))
            .await
            .map_err(|source| Failure { case, source })?;
    )*};
}

/// Runs every case, each under a partition that begins with `prefix`. Give another prefix to run
/// it again over the same table.
pub async fn run(table: &impl Table, prefix: &str) -> Result<(), Failure> {
    run_all!(
        table,
        prefix,
        [
            updates::put_replaces_the_whole_item,
            updates::values_come_back_as_they_were,
            updates::update_changes_what_it_names,
            updates::update_creates_the_item,
            updates::update_that_cannot_be_done_is_rejected,
            updates::delete_leaves_nothing,
            updates::refusal_tells_the_old_item,
            updates::check_changes_nothing,
            conditions::absent_and_present,
            conditions::equals,
            conditions::missing,
            conditions::at_most,
            conditions::differ,
            conditions::all_and_any,
            batches::answers_are_in_the_order_of_the_keys,
            batches::a_hundred_keys_and_no_more,
            batches::big_documents,
            transactions::applies_all,
            transactions::refuses_all_and_names_each,
            transactions::rejects_what_cannot_be_done,
            transactions::token_makes_a_repeat_harmless,
            transactions::a_refused_token_is_free_again,
            transactions::a_hundred_writes_and_no_more,
            queries::base_in_both_directions,
            queries::partitions_are_apart,
            queries::ranges_are_inclusive,
            queries::pages_follow_each_other,
            queries::indexes_show_keys_only,
            queries::indexes_are_sparse,
            queries::index_pages_with_equal_sort_keys,
            queries::a_page_has_a_size,
            queries::senseless_queries_are_rejected,
            races::one_claimer_wins,
            races::cap_is_never_passed,
            races::transfers_keep_the_sum,
            races::single_writes_meet_transactions,
        ]
    );
    Ok(())
}

fn key(at: &str, sk: &str) -> Key {
    Key { pk: at.to_owned(), sk: sk.to_owned() }
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn document(text: &str) -> (Attribute, Value) {
    let [name, ..] = crate::keys::DOCUMENTS;
    (name, Value::Document(Arc::from(text)))
}

fn item<const COUNT: usize>(attributes: [(Attribute, Value); COUNT]) -> Item {
    Item::from(attributes)
}

fn put(key: &Key, item: &Item, condition: Condition) -> Write {
    Write::Put { key: key.clone(), item: item.clone(), condition }
}

fn update(key: &Key) -> Update {
    Update { key: key.clone(), set: Vec::new(), add: Vec::new(), remove: Vec::new() }
}

fn delete(key: &Key, condition: Condition) -> Write {
    Write::Delete { key: key.clone(), condition }
}

fn check(key: &Key, condition: Condition) -> Write {
    Write::Check { key: key.clone(), condition }
}

/// An update under construction.
struct Update {
    key: Key,
    set: Vec<(Attribute, Value)>,
    add: Vec<(Attribute, i64)>,
    remove: Vec<Attribute>,
}

impl Update {
    fn set(mut self, name: Attribute, value: Value) -> Self {
        self.set.push((name, value));
        self
    }

    fn add(mut self, name: Attribute, more: i64) -> Self {
        self.add.push((name, more));
        self
    }

    fn remove(mut self, name: Attribute) -> Self {
        self.remove.push(name);
        self
    }

    fn when(self, condition: Condition) -> Write {
        let Self { key, set, add, remove } = self;
        Write::Update { key, set, add, remove, condition }
    }

    fn always(self) -> Write {
        self.when(Condition::Always)
    }
}

async fn get(table: &impl Table, key: &Key) -> Result<Option<Item>, TableError> {
    Ok(table.get(std::slice::from_ref(key)).await?.pop().flatten())
}

fn refused<T>(old: Option<&Item>) -> Result<T, TableError> {
    Err(TableError::Refused(vec![Refused { index: 0, old: old.cloned() }]))
}

#[track_caller]
fn assert_rejected<T: std::fmt::Debug>(answer: &Result<T, TableError>) {
    assert!(matches!(answer, Err(TableError::Rejected(_))), "not rejected: {answer:?}");
}

/// A token of its own for each use, within the 36 characters.
fn token(at: &str, place: &str) -> String {
    let mut hasher = DefaultHasher::new();
    at.hash(&mut hasher);
    format!("{:016x}-{place}", hasher.finish())
}

/// Lets the others go on: on one thread nobody else would ever finish.
async fn step_aside() {
    let mut asked = false;
    poll_fn(move |cx| {
        if asked {
            return Poll::Ready(());
        }
        asked = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Runs all of them at once, on one thread, each as far as it comes.
async fn together<F: Future>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    let mut running: Vec<Pin<Box<F>>> = futures.into_iter().map(Box::pin).collect();
    let mut done: Vec<Option<F::Output>> = running.iter().map(|_| None).collect();
    poll_fn(|cx| {
        for (future, output) in running.iter_mut().zip(&mut done) {
            if output.is_none()
                && let Poll::Ready(ready) = future.as_mut().poll(cx)
            {
                *output = Some(ready);
            }
        }
        if done.iter().all(Option::is_some) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    done.into_iter().flatten().collect()
}
