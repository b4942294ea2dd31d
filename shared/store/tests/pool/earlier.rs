//! Rows as a former version wrote them: a claim compares the whole document, so what is read and
//! written again must be the same text.

use crate::fixture::{Pool, any, at, available, us_local};
use domain::ids::NumberId;
use domain::number::State;
use std::sync::Arc;
use store::table::{Condition, Item, Table, Value, Write};
use store::{Committed, Freed, keys};

/// A number without country, with this state.
fn document(id: NumberId, state: &str) -> String {
    format!(
        "{{\"id\":\"{id}\",\"organization\":\"org-1\",\"source\":\"vapi_free\",\
         \"carrier\":{{\"carrier\":\"vapi\",\"slot\":1}},\"origin\":\"bought\",\
         \"number_type\":\"local\",\"stamp\":\"DEPLOY01-{id}-1\",\
         \"digits\":\"+14155550123\",\"sip_uri\":null,\"vapi\":\"vapi-1\",\"monthly\":0,\
         \"state\":{state},\"work\":null,\"linked_at\":1795132800000,\
         \"created_at\":1795132800000}}"
    )
}

async fn written(table: &impl Table, id: NumberId, state: &str) {
    let item = Item::from([
        (keys::SCHEMA_VERSION, Value::Number(1)),
        (keys::DOCUMENT, Value::Document(document(id, state).into())),
    ]);
    let put = Write::Put { key: keys::number(id), item, condition: Condition::Absent };
    table.write(&put).await.expect("it is written");
}

pub(crate) async fn a_row_that_rests_is_freed_and_claimed(table: Arc<impl Table>) {
    let id: NumberId = "01KAG3M0000000000000000001".parse().expect("an id");
    let resting = r#"{"state":"quarantined","until":1795132800000,"former":"business-1"}"#;
    written(&table, id, resting).await;
    let pool = Pool::new(table);
    let number = pool.number(id).await.expect("it is read");
    assert_eq!(pool.free(&number).await, Freed::Freed);
    assert_eq!(pool.places(&us_local()).await.len(), 2);
    assert_eq!(pool.search(&any(0)).await, [available(at(0), &number)]);
    let holder = pool.holder(1).await;
    assert_eq!(pool.claim(&holder, &available(at(0), &number)).await, Committed::Written);
}

pub(crate) async fn a_row_that_answers_is_claimed_for_its_release(table: Arc<impl Table>) {
    let id: NumberId = "01KAG3M0000000000000000001".parse().expect("an id");
    let assigned = r#"{"state":"assigned","business":"business-1","assistant":"01KAG3M0000000000000000002","since":1795132800000}"#;
    written(&table, id, assigned).await;
    let pool = Pool::new(table);
    let number = pool.number(id).await.expect("it is read");
    assert!(matches!(number.state, State::Assigned { .. }));
    let holder = pool.holder(1).await;
    assert_eq!(pool.claim(&holder, &number).await, Committed::Written);
}
