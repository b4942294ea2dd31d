//! Each condition, where it holds and where it does not.

use super::{A, B, M, N, check, document, item, key, put, text};
use crate::table::Condition::{Absent, All, Always, Any, AtMost, Differ, Equals, Missing, Present};
use crate::table::{Condition, Item, Key, Table, TableError, Value};

/// Asks it of the item at the key, by a write that changes nothing.
async fn holds(table: &impl Table, key: &Key, condition: Condition) -> Result<bool, TableError> {
    match table.write(&check(key, condition)).await {
        Ok(_) => Ok(true),
        Err(TableError::Refused(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

#[track_caller]
fn assert_all(expected: bool, answers: &[bool]) {
    assert!(answers.iter().all(|answer| *answer == expected), "not all {expected}: {answers:?}");
}

async fn judge<const COUNT: usize>(
    table: &impl Table,
    key: &Key,
    conditions: [Condition; COUNT],
) -> Result<Vec<bool>, TableError> {
    let mut answers = Vec::new();
    for condition in conditions {
        answers.push(holds(table, key, condition).await?);
    }
    Ok(answers)
}

async fn stored(table: &impl Table, at: &str, item: &Item) -> Result<(Key, Key), TableError> {
    let there = key(at, "there");
    table.write(&put(&there, item, Absent)).await?;
    Ok((there, key(at, "nowhere")))
}

pub(super) async fn absent_and_present(table: &impl Table, at: &str) -> Result<(), TableError> {
    // An item without any attribute is there all the same.
    let (there, nowhere) = stored(table, at, &Item::new()).await?;
    assert_eq!(judge(table, &there, [Absent, Present, Always]).await?, [false, true, true]);
    assert_eq!(judge(table, &nowhere, [Absent, Present, Always]).await?, [true, false, true]);
    Ok(())
}

pub(super) async fn equals(table: &impl Table, at: &str) -> Result<(), TableError> {
    let (name, value) = document("{}");
    let kept = item([(A, text("x")), (N, Value::Number(-7)), (name, value.clone())]);
    let (there, nowhere) = stored(table, at, &kept).await?;
    let yes = [Equals(A, text("x")), Equals(N, Value::Number(-7)), Equals(name, value)];
    assert_all(true, &judge(table, &there, yes.clone()).await?);
    assert_all(false, &judge(table, &nowhere, yes).await?);
    let no = [
        Equals(A, text("y")),
        Equals(A, text("")),
        Equals(A, text("X")),
        Equals(N, Value::Number(7)),
        // Other kinds never equal.
        Equals(A, Value::Number(0)),
        Equals(N, text("-7")),
        // Nothing equals what is not there.
        Equals(B, text("x")),
        Equals(B, text("")),
        Equals(M, Value::Number(0)),
    ];
    assert_all(false, &judge(table, &there, no).await?);
    Ok(())
}

pub(super) async fn missing(table: &impl Table, at: &str) -> Result<(), TableError> {
    let (there, nowhere) = stored(table, at, &item([(A, text(""))])).await?;
    assert_eq!(judge(table, &there, [Missing(A), Missing(B)]).await?, [false, true]);
    assert_all(true, &judge(table, &nowhere, [Missing(A), Missing(B)]).await?);
    Ok(())
}

pub(super) async fn at_most(table: &impl Table, at: &str) -> Result<(), TableError> {
    let (there, nowhere) =
        stored(table, at, &item([(N, Value::Number(-3)), (A, text("1"))])).await?;
    let yes = [AtMost(N, -3), AtMost(N, 0), AtMost(N, i64::MAX)];
    assert_all(true, &judge(table, &there, yes.clone()).await?);
    assert_all(false, &judge(table, &nowhere, yes).await?);
    // Below, of another kind, not there.
    let no = [AtMost(N, -4), AtMost(N, i64::MIN), AtMost(A, 5), AtMost(M, 5)];
    assert_all(false, &judge(table, &there, no).await?);
    Ok(())
}

pub(super) async fn differ(table: &impl Table, at: &str) -> Result<(), TableError> {
    let kept = item([(A, text("1")), (B, text("1")), (N, Value::Number(1))]);
    let (there, nowhere) = stored(table, at, &kept).await?;
    // Equal ones do not, nor does any of which one is missing; other kinds do.
    let asked = [Differ(A, B), Differ(A, M), Differ(M, N), Differ(A, N), Differ(N, B)];
    assert_eq!(judge(table, &there, asked.clone()).await?, [false, false, false, true, true]);
    assert_all(false, &judge(table, &nowhere, asked).await?);
    Ok(())
}

pub(super) async fn all_and_any(table: &impl Table, at: &str) -> Result<(), TableError> {
    let (there, nowhere) =
        stored(table, at, &item([(A, text("x")), (N, Value::Number(1))])).await?;
    let (yes, no) = (Equals(A, text("x")), Equals(A, text("y")));
    let held = [
        All(vec![]),
        All(vec![Always]),
        All(vec![yes.clone(), AtMost(N, 1), Missing(B)]),
        Any(vec![no.clone(), yes.clone()]),
        Any(vec![no.clone(), Always]),
        Any(vec![no.clone(), All(vec![])]),
        All(vec![Any(vec![yes.clone(), no.clone()]), Any(vec![Missing(A), AtMost(N, 1)])]),
        Any(vec![All(vec![yes.clone(), no.clone()]), All(vec![Present, yes.clone()])]),
        // AND binds closer than OR, unless the nesting says otherwise.
        Any(vec![yes.clone(), All(vec![no.clone(), no.clone()])]),
    ];
    assert_all(true, &judge(table, &there, held).await?);
    let refused = [
        Any(vec![]),
        All(vec![Any(vec![]), yes.clone()]),
        All(vec![yes.clone(), no.clone()]),
        Any(vec![no.clone(), Missing(A)]),
        All(vec![Any(vec![yes.clone(), yes.clone()]), no.clone()]),
        All(vec![no, Any(vec![yes.clone(), yes.clone()])]),
    ];
    assert_all(false, &judge(table, &there, refused).await?);
    let guard = Any(vec![Absent, yes]);
    assert_all(true, &judge(table, &nowhere, [guard.clone()]).await?);
    assert_all(true, &judge(table, &there, [guard]).await?);
    Ok(())
}
