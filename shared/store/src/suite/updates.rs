//! Single writes and what they leave behind.

use super::{
    A, B, M, N, assert_rejected, check, delete, document, get, item, key, put, refused, text,
    update,
};
use crate::table::Condition::{Absent, Always, Equals, Missing, Present};
use crate::table::{Item, Key, Table, TableError, Value};

pub(super) async fn put_replaces_the_whole_item(
    table: &impl Table,
    at: &str,
) -> Result<(), TableError> {
    let key = key(at, "item");
    assert_eq!(get(table, &key).await?, None);
    let first = item([(A, text("first")), (N, Value::Number(1))]);
    assert_eq!(table.write(&put(&key, &first, Always)).await, Ok(first.clone()));
    assert_eq!(get(table, &key).await?, Some(first));
    let second = item([(B, text("second"))]);
    assert_eq!(table.write(&put(&key, &second, Always)).await, Ok(second.clone()));
    assert_eq!(get(table, &key).await?, Some(second));
    table.write(&put(&key, &Item::new(), Always)).await?;
    assert_eq!(get(table, &key).await?, Some(Item::new()));
    Ok(())
}

pub(super) async fn values_come_back_as_they_were(
    table: &impl Table,
    at: &str,
) -> Result<(), TableError> {
    let key = key(at, "värde/#:1 \u{1F4DE}");
    let kept = item([
        (A, text("")),
        (B, text("  \u{0}\n\"söt\" \u{1F4DE} ")),
        (N, Value::Number(i64::MIN)),
        (M, Value::Number(i64::MAX)),
        document(r#"{"size":" 1 "}"#),
    ]);
    table.write(&put(&key, &kept, Absent)).await?;
    assert_eq!(get(table, &key).await?, Some(kept));
    Ok(())
}

pub(super) async fn update_changes_what_it_names(
    table: &impl Table,
    at: &str,
) -> Result<(), TableError> {
    let key = key(at, "item");
    let before = item([(A, text("a")), (B, text("b")), (N, Value::Number(5))]);
    table.write(&put(&key, &before, Absent)).await?;
    let change = update(&key).set(A, text("new")).add(N, -7).add(M, 3).remove(B);
    let after = item([(A, text("new")), (N, Value::Number(-2)), (M, Value::Number(3))]);
    assert_eq!(table.write(&change.when(Equals(A, text("a")))).await, Ok(after.clone()));
    assert_eq!(get(table, &key).await?, Some(after.clone()));
    // Removing what is not there is no fault.
    assert_eq!(table.write(&update(&key).remove(B).always()).await, Ok(after.clone()));
    // A condition that does not hold changes nothing.
    let stale = update(&key).add(N, 1).when(Equals(A, text("a")));
    assert_eq!(table.write(&stale).await, refused(Some(&after)));
    assert_eq!(get(table, &key).await?, Some(after));
    Ok(())
}

pub(super) async fn update_creates_the_item(
    table: &impl Table,
    at: &str,
) -> Result<(), TableError> {
    let (by_set, by_add, by_remove) = (key(at, "set"), key(at, "add"), key(at, "remove"));
    let expected = item([(A, text("x"))]);
    let write = update(&by_set).set(A, text("x")).when(Absent);
    assert_eq!(table.write(&write).await, Ok(expected.clone()));
    assert_eq!(table.write(&write).await, refused(Some(&expected)));
    let expected = item([(N, Value::Number(4))]);
    assert_eq!(table.write(&update(&by_add).add(N, 4).always()).await, Ok(expected));
    assert_eq!(table.write(&update(&by_remove).remove(A).always()).await, Ok(Item::new()));
    assert_eq!(get(table, &by_remove).await?, Some(Item::new()));
    let nowhere = key(at, "nowhere");
    let write = update(&nowhere).set(A, text("x")).when(Present);
    assert_eq!(table.write(&write).await, refused(None));
    assert_eq!(get(table, &nowhere).await?, None);
    Ok(())
}

pub(super) async fn update_that_cannot_be_done_is_rejected(
    table: &impl Table,
    at: &str,
) -> Result<(), TableError> {
    let there = key(at, "item");
    let kept = item([(A, text("a"))]);
    table.write(&put(&there, &kept, Absent)).await?;
    assert_rejected(&table.write(&update(&there).add(A, 1).always()).await);
    assert_rejected(&table.write(&update(&there).always()).await);
    assert_rejected(&table.write(&update(&there).set(B, text("")).remove(B).always()).await);
    assert_rejected(&table.write(&update(&there).set("none_of_ours", text("")).always()).await);
    assert_rejected(&table.write(&update(&there).set("due_sk", text("")).always()).await);
    assert_rejected(&table.write(&update(&there).set("due_sk", Value::Number(1)).always()).await);
    for (pk, sk) in [("", "sk"), (at, "")] {
        let key = Key { pk: pk.to_owned(), sk: sk.to_owned() };
        assert_rejected(&table.write(&put(&key, &kept, Always)).await);
        assert_rejected(&get(table, &key).await);
    }
    // The condition is judged first.
    let write = update(&there).add(A, 1).when(Missing(A));
    assert_eq!(table.write(&write).await, refused(Some(&kept)));
    assert_eq!(get(table, &there).await?, Some(kept));
    Ok(())
}

pub(super) async fn delete_leaves_nothing(table: &impl Table, at: &str) -> Result<(), TableError> {
    let key = key(at, "item");
    let kept = item([(A, text("a"))]);
    table.write(&put(&key, &kept, Absent)).await?;
    assert_eq!(table.write(&delete(&key, Equals(A, text("b")))).await, refused(Some(&kept)));
    assert_eq!(get(table, &key).await?, Some(kept));
    assert_eq!(table.write(&delete(&key, Equals(A, text("a")))).await, Ok(Item::new()));
    assert_eq!(get(table, &key).await?, None);
    // Gone already: only the condition decides.
    assert_eq!(table.write(&delete(&key, Always)).await, Ok(Item::new()));
    assert_eq!(table.write(&delete(&key, Present)).await, refused(None));
    Ok(())
}

pub(super) async fn refusal_tells_the_old_item(
    table: &impl Table,
    at: &str,
) -> Result<(), TableError> {
    let key = key(at, "item");
    let kept = item([(A, text("a")), (N, Value::Number(1)), document("[1]")]);
    table.write(&put(&key, &kept, Absent)).await?;
    assert_eq!(table.write(&put(&key, &Item::new(), Absent)).await, refused(Some(&kept)));
    assert_eq!(table.write(&update(&key).add(N, 1).when(Absent)).await, refused(Some(&kept)));
    assert_eq!(table.write(&delete(&key, Absent)).await, refused(Some(&kept)));
    // An item without attributes is told apart from none.
    table.write(&put(&key, &Item::new(), Always)).await?;
    assert_eq!(table.write(&delete(&key, Absent)).await, refused(Some(&Item::new())));
    Ok(())
}

pub(super) async fn check_changes_nothing(table: &impl Table, at: &str) -> Result<(), TableError> {
    let key = key(at, "item");
    assert_eq!(table.write(&check(&key, Absent)).await, Ok(Item::new()));
    assert_eq!(table.write(&check(&key, Always)).await, Ok(Item::new()));
    assert_eq!(table.write(&check(&key, Present)).await, refused(None));
    assert_eq!(get(table, &key).await?, None);
    let kept = item([(A, text("a"))]);
    table.write(&put(&key, &kept, Absent)).await?;
    assert_eq!(table.write(&check(&key, Present)).await, Ok(Item::new()));
    assert_eq!(table.write(&check(&key, Absent)).await, refused(Some(&kept)));
    Ok(())
}
