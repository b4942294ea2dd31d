//! All or nothing.

use super::{A, B, N, assert_rejected, check, delete, get, item, key, put, text, token, update};
use crate::limits::KEYS_MAX;
use crate::table::Condition::{Absent, Always, AtMost, Equals, Present};
use crate::table::{Item, Key, Refused, Table, TableError, Value, Write};

pub(super) async fn applies_all(table: &impl Table, at: &str) -> Result<(), TableError> {
    let keys = ["new", "changed", "gone", "checked", "ledger"].map(|sk| key(at, sk));
    let [new, changed, gone, checked, ledger] = &keys;
    let kept = item([(A, text("a"))]);
    for key in [changed, gone, checked] {
        table.write(&put(key, &kept, Absent)).await?;
    }
    let writes = [
        put(new, &kept, Absent),
        update(changed).set(B, text("b")).remove(A).when(Equals(A, text("a"))),
        delete(gone, Present),
        check(checked, Equals(A, text("a"))),
        update(ledger).add(N, 5).always(),
    ];
    table.transact(&writes, &token(at, "0")).await?;
    let expected = [
        Some(kept.clone()),
        Some(item([(B, text("b"))])),
        None,
        Some(kept),
        Some(item([(N, Value::Number(5))])),
    ];
    assert_eq!(table.get(&keys).await?, expected);
    Ok(())
}

pub(super) async fn refuses_all_and_names_each(
    table: &impl Table,
    at: &str,
) -> Result<(), TableError> {
    let keys = ["a", "b", "c", "d", "e"].map(|sk| key(at, sk));
    let [a, b, c, d, e] = &keys;
    let kept = item([(A, text("kept")), (N, Value::Number(3))]);
    for key in [a, c, d] {
        table.write(&put(key, &kept, Absent)).await?;
    }
    let before = table.get(&keys).await?;
    let writes = [
        put(a, &Item::new(), Absent),
        put(b, &kept, Absent),
        check(c, AtMost(N, 2)),
        update(d).add(N, 1).when(AtMost(N, 3)),
        delete(e, Present),
    ];
    let expected = TableError::Refused(vec![
        Refused { index: 0, old: Some(kept.clone()) },
        Refused { index: 2, old: Some(kept) },
        Refused { index: 4, old: None },
    ]);
    assert_eq!(table.transact(&writes, &token(at, "0")).await, Err(expected));
    assert_eq!(table.get(&keys).await?, before);
    Ok(())
}

pub(super) async fn rejects_what_cannot_be_done(
    table: &impl Table,
    at: &str,
) -> Result<(), TableError> {
    let (there, other) = (key(at, "there"), key(at, "other"));
    let kept = item([(A, text("a"))]);
    table.write(&put(&there, &kept, Absent)).await?;
    // A number added to a text.
    let writes = [put(&other, &kept, Absent), update(&there).add(A, 1).always()];
    assert_rejected(&table.transact(&writes, &token(at, "0")).await);
    // The same key twice, whatever is done to it.
    let writes = [put(&other, &kept, Absent), check(&other, Absent)];
    assert_rejected(&table.transact(&writes, &token(at, "1")).await);
    assert_rejected(&table.transact(&[], &token(at, "2")).await);
    let fine = [put(&other, &kept, Absent)];
    assert_rejected(&table.transact(&fine, "").await);
    assert_rejected(&table.transact(&fine, &"x".repeat(37)).await);
    assert_rejected(&table.transact(&[update(&other).always()], &token(at, "3")).await);
    assert_eq!(table.get(&[there, other.clone()]).await?, [Some(kept.clone()), None]);
    table.transact(&fine, &token(at, "4")).await?;
    assert_eq!(get(table, &other).await?, Some(kept));
    Ok(())
}

pub(super) async fn token_makes_a_repeat_harmless(
    table: &impl Table,
    at: &str,
) -> Result<(), TableError> {
    let (ledger, guard) = (key(at, "ledger"), key(at, "guard"));
    let writes = [update(&ledger).add(N, 1).always(), put(&guard, &item([(A, text("a"))]), Absent)];
    for _repeat in 0..3 {
        table.transact(&writes, &token(at, "0")).await?;
    }
    assert_eq!(get(table, &ledger).await?, Some(item([(N, Value::Number(1))])));
    // Other writes must not pass as done.
    let others = [update(&ledger).add(N, 2).always()];
    assert_rejected(&table.transact(&others, &token(at, "0")).await);
    // Under a new token the same writes are another transaction.
    let again = table.transact(&writes, &token(at, "1")).await;
    assert!(matches!(again, Err(TableError::Refused(_))), "not refused: {again:?}");
    table.transact(&others, &token(at, "2")).await?;
    assert_eq!(get(table, &ledger).await?, Some(item([(N, Value::Number(3))])));
    Ok(())
}

pub(super) async fn a_refused_token_is_free_again(
    table: &impl Table,
    at: &str,
) -> Result<(), TableError> {
    let key = key(at, "item");
    let writes = [update(&key).add(N, 1).when(Present)];
    let refused = table.transact(&writes, &token(at, "0")).await;
    assert!(matches!(refused, Err(TableError::Refused(_))), "not refused: {refused:?}");
    table.write(&put(&key, &Item::new(), Absent)).await?;
    table.transact(&writes, &token(at, "0")).await?;
    assert_eq!(get(table, &key).await?, Some(item([(N, Value::Number(1))])));
    Ok(())
}

pub(super) async fn a_hundred_writes_and_no_more(
    table: &impl Table,
    at: &str,
) -> Result<(), TableError> {
    let keys: Vec<Key> = (0..=KEYS_MAX).map(|place| key(at, &place.to_string())).collect();
    let mut writes: Vec<Write> = keys.iter().map(|key| put(key, &Item::new(), Always)).collect();
    assert_rejected(&table.transact(&writes, &token(at, "0")).await);
    writes.truncate(KEYS_MAX);
    table.transact(&writes, &token(at, "1")).await?;
    let found = table.get(keys.get(..KEYS_MAX).unwrap_or_default()).await?;
    assert_eq!(found, vec![Some(Item::new()); KEYS_MAX]);
    Ok(())
}
