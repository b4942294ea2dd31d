//! Many at once: what holds whoever comes first.

use super::{A, N, get, item, key, put, step_aside, text, together, token, update};
use crate::table::Condition::{Absent, Any, AtMost, Missing, Present};
use crate::table::{Item, Key, Table, TableError, Value, Write};

/// So often one task tries again after a conflict.
const TRIES_MAX: u32 = 200;

fn number(item: Option<&Item>) -> i64 {
    match item.and_then(|item| item.get(N)) {
        Some(Value::Number(number)) => *number,
        Some(Value::Text(_) | Value::Document(_)) | None => 0,
    }
}

/// Tries until no other transaction is in the way. The task's number makes the waits differ.
async fn insist(
    table: &impl Table,
    task: u32,
    writes: &[Write],
    at: &str,
) -> Result<bool, TableError> {
    for attempt in 0..TRIES_MAX {
        let token = token(at, &format!("{task}-{attempt}"));
        match table.transact(writes, &token).await {
            Ok(()) => return Ok(true),
            Err(TableError::Refused(_)) => return Ok(false),
            Err(TableError::Conflict) => {
                for _turn in 0..task % 5 + attempt % 3 {
                    step_aside().await;
                }
            }
            Err(error) => return Err(error),
        }
    }
    Err(TableError::Conflict)
}

pub(super) async fn one_claimer_wins(table: &impl Table, at: &str) -> Result<(), TableError> {
    const CLAIMERS: u32 = 20;
    let guard = key(at, "guard");
    let claims = (0..CLAIMERS).map(|task| {
        let claim = put(&guard, &item([(A, text(&task.to_string()))]), Absent);
        async move { table.write(&claim).await }
    });
    let answers = together(claims).await;
    let winners: Vec<&Item> = answers.iter().filter_map(|answer| answer.as_ref().ok()).collect();
    let there = get(table, &guard).await?;
    assert_eq!(winners, there.iter().collect::<Vec<_>>());
    for answer in &answers {
        let fine = matches!(answer, Ok(_) | Err(TableError::Refused(_)));
        assert!(fine, "neither won nor lost: {answer:?}");
    }
    Ok(())
}

pub(super) async fn cap_is_never_passed(table: &impl Table, at: &str) -> Result<(), TableError> {
    const TASKS: u32 = 15;
    const CAP: i64 = 10;
    let ledger = key(at, "ledger");
    let intents: Vec<Key> = (0..TASKS).map(|task| key(at, &format!("intent-{task}"))).collect();
    let tasks = (0_u32..).zip(&intents).map(|(task, intent)| {
        let writes = [
            update(&ledger).add(N, 1).when(Any(vec![Missing(N), AtMost(N, CAP - 1)])),
            put(intent, &Item::new(), Absent),
        ];
        async move { insist(table, task, &writes, at).await }
    });
    let answers: Vec<bool> = together(tasks).await.into_iter().collect::<Result<_, _>>()?;
    let won = i64::try_from(answers.iter().filter(|won| **won).count()).unwrap_or(i64::MAX);
    assert_eq!((won, number(get(table, &ledger).await?.as_ref())), (CAP, CAP));
    let written: Vec<bool> = table.get(&intents).await?.iter().map(Option::is_some).collect();
    assert_eq!(written, answers);
    Ok(())
}

pub(super) async fn transfers_keep_the_sum(table: &impl Table, at: &str) -> Result<(), TableError> {
    const ACCOUNTS: u32 = 4;
    const START: i64 = 3;
    let accounts: Vec<Key> = (0..ACCOUNTS).map(|place| key(at, &place.to_string())).collect();
    for account in &accounts {
        table.write(&put(account, &item([(N, Value::Number(START))]), Absent)).await?;
    }
    // Every ordered pair, so that each transaction overlaps with many others.
    let pairs: Vec<(&Key, &Key)> = accounts
        .iter()
        .flat_map(|from| accounts.iter().map(move |to| (from, to)))
        .filter(|(from, to)| from != to)
        .collect();
    let tasks = (0_u32..).zip(pairs).map(|(task, (from, to))| {
        let writes = [
            update(from).add(N, -1).when(Present),
            update(to).add(N, 1).when(AtMost(N, START + 1)),
        ];
        async move { insist(table, task, &writes, at).await }
    });
    for answer in together(tasks).await {
        answer?;
    }
    let after = table.get(&accounts).await?;
    let numbers: Vec<i64> = after.iter().map(|item| number(item.as_ref())).collect();
    assert_eq!(numbers.iter().sum::<i64>(), START * i64::from(ACCOUNTS));
    assert!(numbers.iter().all(|number| *number <= START + 2), "too much: {numbers:?}");
    Ok(())
}

pub(super) async fn single_writes_meet_transactions(
    table: &impl Table,
    at: &str,
) -> Result<(), TableError> {
    const TASKS: u32 = 12;
    let (shared, other) = (key(at, "shared"), key(at, "other"));
    let tasks = (0..TASKS).map(|task| {
        let single = update(&shared).add(N, 1).always();
        let both = [single.clone(), update(&other).add(N, 1).always()];
        async move {
            if task % 2 == 0 {
                return insist(table, task, &both, at).await.map(|_won| ());
            }
            for _attempt in 0..TRIES_MAX {
                match table.write(&single).await {
                    Ok(_) => return Ok(()),
                    Err(TableError::Conflict) => step_aside().await,
                    Err(error) => return Err(error),
                }
            }
            Err(TableError::Conflict)
        }
    });
    for answer in together(tasks).await {
        answer?;
    }
    let after = table.get(&[shared, other]).await?;
    let numbers: Vec<i64> = after.iter().map(|item| number(item.as_ref())).collect();
    assert_eq!(numbers, [i64::from(TASKS), i64::from(TASKS / 2)]);
    Ok(())
}
