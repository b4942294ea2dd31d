//! Reads of several keys.

use super::{A, N, assert_rejected, document, get, item, key, put, text, together, update};
use crate::limits::{ITEM_BYTES_MAX, KEYS_MAX};
use crate::table::Condition::{Absent, Always};
use crate::table::{Item, Key, Table, TableError, Value};

pub(super) async fn answers_are_in_the_order_of_the_keys(
    table: &impl Table,
    at: &str,
) -> Result<(), TableError> {
    let keys = ["c", "a", "nowhere", "b"].map(|sk| key(at, sk));
    for sk in ["a", "b", "c"] {
        table.write(&put(&key(at, sk), &item([(A, text(sk))]), Absent)).await?;
    }
    let expected = ["c", "a", "", "b"].map(|sk| (!sk.is_empty()).then(|| item([(A, text(sk))])));
    assert_eq!(table.get(&keys).await?, expected);
    assert_eq!(table.get(&[]).await?, Vec::new());
    assert_eq!(table.get(&[key(at, "nowhere"), key(at, "no")]).await?, [None, None]);
    assert_rejected(&table.get(&[key(at, "a"), key(at, "b"), key(at, "a")]).await);
    Ok(())
}

pub(super) async fn a_hundred_keys_and_no_more(
    table: &impl Table,
    at: &str,
) -> Result<(), TableError> {
    let keys: Vec<Key> = (0..=KEYS_MAX).map(|place| key(at, &place.to_string())).collect();
    let (last, hundred) = keys.split_last().map_or((None, &[][..]), |(l, rest)| (Some(l), rest));
    if let Some(last) = last {
        table.write(&put(last, &Item::new(), Absent)).await?;
    }
    assert_eq!(table.get(hundred).await?, vec![None; KEYS_MAX]);
    assert_rejected(&table.get(&keys).await);
    Ok(())
}

/// Together they pass the 16 MB that DynamoDB answers with at once; the table goes on by itself.
pub(super) async fn big_documents(table: &impl Table, at: &str) -> Result<(), TableError> {
    const COUNT: usize = 50;
    const BYTES: usize = 390 * 1024;
    let (name, big) = document(&"x".repeat(BYTES));
    let keys: Vec<Key> = (0..COUNT).map(|place| key(at, &place.to_string())).collect();
    let items: Vec<Item> = (0_i64..)
        .take(COUNT)
        .map(|place| item([(name, big.clone()), (N, Value::Number(place))]))
        .collect();
    let writes: Vec<_> =
        keys.iter().zip(&items).map(|(key, item)| put(key, item, Absent)).collect();
    for written in together(writes.iter().map(|write| table.write(write))).await {
        written?;
    }
    let expected: Vec<Option<Item>> = items.into_iter().map(Some).collect();
    // Not compared by `assert_eq`: the message would be 40 MB.
    assert!(table.get(&keys).await? == expected, "the documents came back changed");

    let (name, too_big) = document(&"x".repeat(ITEM_BYTES_MAX));
    let key = key(at, "too big");
    assert_rejected(&table.write(&put(&key, &item([(name, too_big.clone())]), Always)).await);
    assert_rejected(&table.write(&update(&key).set(name, too_big.clone()).always()).await);
    let writes = [update(&key).set(name, too_big).always()];
    assert_rejected(&table.transact(&writes, "too-big").await);
    assert_eq!(get(table, &key).await?, None);
    Ok(())
}
