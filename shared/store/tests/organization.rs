//! Organizations and their Twilio accounts, on the twin and on DynamoDB Local: whoever writes has
//! seen what is there, and an account is one organization's.

#![expect(clippy::expect_used, reason = "a test's helpers may fail as loudly as a test")]

use domain::history::Line;
use domain::ids::{Fresh, OrganizationId, TwilioAccountSid};
use domain::tenant::Organization;
use domain::time::Timestamp;
use dynamodb_local::DynamoDbLocal;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use store::dynamo::DynamoTable;
use store::table::{Condition, Item, Table, Value, Write};
use store::{Backoff, Marks, Put, Store, Written, keys};

/// No pause between two tries.
#[derive(Debug, Clone, Copy)]
struct NoPause;

impl Backoff for NoPause {
    async fn pause(&self, _attempt: u32) {}
}

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

/// A table of its own for a case; `None` where there is no DynamoDB Local to be had.
async fn dynamodb(name: &str) -> Option<DynamoTable> {
    // It ends with this process although nobody drops it.
    static LOCAL: OnceLock<Option<DynamoDbLocal>> = OnceLock::new();
    let start = || DynamoDbLocal::start_if_possible().expect("DynamoDB Local starts");
    let local = LOCAL.get_or_init(start).as_ref()?;
    local.create_table(name).await.expect("the table is made");
    Some(DynamoTable::new(local.client(), name))
}

macro_rules! on_either_table {
    ($($case:ident),* $(,)?) => {
        mod twin {
            $(#[tokio::test]
            async fn $case() {
                crate::$case(store::memory::MemoryTable::new()).await;
            })*
        }

        mod dynamodb {
            $(#[tokio::test]
            async fn $case() {
                if let Some(table) = crate::dynamodb(concat!("organization-", stringify!($case))).await {
                    crate::$case(table).await;
                }
            })*
        }
    };
}

on_either_table![
    settings_are_written_by_whoever_saw_them,
    a_row_of_a_former_version_is_changed_once,
    an_account_is_one_organizations,
    organizations_and_their_histories_are_read_page_by_page,
];

/// Who writes, and what is to be written.
struct Desk<T> {
    store: Store<T, NoPause>,
    marks: Marks,
}

impl<T: Table> Desk<T> {
    fn new(table: T) -> Self {
        // DynamoDB knows tokens again whatever table they were for.
        static DESKS: AtomicU64 = AtomicU64::new(7);
        let invocation = Fresh(u128::from(DESKS.fetch_add(1, Ordering::Relaxed)));
        Self { store: Store::new(table, NoPause), marks: Marks::new(invocation) }
    }

    async fn put(
        &self,
        id: &str,
        seen: Option<u64>,
        takes: Option<&TwilioAccountSid>,
        frees: &[TwilioAccountSid],
    ) -> Written {
        let organization = &Organization::new(organization(id));
        let told = Some(&Line::default());
        let put = Put { organization, seen, takes, frees, told };
        self.store.put_organization(&put, NOW, &self.marks).await.expect("an end")
    }
}

fn organization(id: &str) -> OrganizationId {
    id.parse().expect("an id")
}

fn account(last: char) -> TwilioAccountSid {
    format!("AC{}{last}", "0".repeat(31)).parse().expect("an account")
}

async fn settings_are_written_by_whoever_saw_them<T: Table>(table: T) {
    let desk = Desk::new(table);
    assert_eq!(desk.put("a", Some(1), None, &[]).await, Written::Outdated, "there is none");
    assert_eq!(desk.put("a", None, None, &[]).await, Written::Written(1));
    assert_eq!(desk.put("a", None, None, &[]).await, Written::Outdated, "there is one");
    assert_eq!(desk.put("a", Some(1), None, &[]).await, Written::Written(2));
    assert_eq!(desk.put("a", Some(1), None, &[]).await, Written::Outdated);
    assert_eq!(desk.put("a", Some(0), None, &[]).await, Written::Outdated);
    let row = desk.store.organization(&organization("a")).await.expect("a read");
    assert_eq!(row.map(|row| row.version), Some(2));
}

async fn a_row_of_a_former_version_is_changed_once<T: Table>(table: T) {
    let document = r#"{"id":"a","sources":null,"caps":null}"#;
    let item = Item::from([
        (keys::SCHEMA_VERSION, Value::Number(keys::SCHEMA)),
        (keys::DOCUMENT, Value::Document(document.into())),
    ]);
    let key = keys::organization(&organization("a"));
    table.write(&Write::Put { key, item, condition: Condition::Absent }).await.expect("a write");
    let desk = Desk::new(table);
    assert_eq!(desk.put("a", None, None, &[]).await, Written::Outdated);
    assert_eq!(desk.put("a", Some(0), None, &[]).await, Written::Written(1));
    assert_eq!(desk.put("a", Some(0), None, &[]).await, Written::Outdated);
}

async fn an_account_is_one_organizations<T: Table>(table: T) {
    let desk = Desk::new(table);
    let (first, second) = (account('1'), account('2'));
    assert_eq!(desk.put("a", None, Some(&first), &[]).await, Written::Written(1));
    assert_eq!(desk.put("b", None, Some(&first), &[]).await, Written::AccountTaken);
    let row = desk.store.organization(&organization("b")).await.expect("a read");
    assert_eq!(row, None, "all or nothing");
    // Its own once more, and another beside it.
    assert_eq!(desk.put("a", Some(1), Some(&first), &[]).await, Written::Written(2));
    assert_eq!(desk.put("a", Some(2), Some(&second), &[]).await, Written::Written(3));
    let freed = [first.clone()];
    assert_eq!(desk.put("b", None, None, &freed).await, Written::AccountTaken, "not its own");
    assert_eq!(desk.put("a", Some(3), None, &freed).await, Written::Written(4));
    assert_eq!(desk.put("a", Some(4), None, &freed).await, Written::Written(5), "it is free");
    assert_eq!(desk.put("b", None, Some(&first), &[]).await, Written::Written(1));
    assert_eq!(desk.put("b", Some(1), Some(&second), &[]).await, Written::AccountTaken);
}

async fn organizations_and_their_histories_are_read_page_by_page<T: Table>(table: T) {
    let desk = Desk::new(table);
    for (id, writes) in [("b", 1_u64), ("a", 3), ("c", 1)] {
        for version in 0..writes {
            let seen = (version > 0).then_some(version);
            assert_eq!(desk.put(id, seen, None, &[]).await, Written::Written(version + 1));
        }
    }
    let (rows, next) = desk.store.organizations(2, None).await.expect("a page");
    let ids: Vec<&str> = rows.iter().map(|row| row.organization.id.as_str()).collect();
    assert_eq!(ids, ["a", "b"]);
    let (rows, next) = desk.store.organizations(2, next).await.expect("a page");
    assert_eq!((rows.len(), next), (1, None));
    let spent = desk.store.spent(&[&organization("a"), &organization("b")], NOW).await;
    assert_eq!(spent.expect("ledgers").len(), 2);

    let id = organization("a");
    let (lines, next) = desk.store.organization_history(&id, 2, None).await.expect("a page");
    assert!(lines.iter().all(|told| (told.at, told.event.as_str()) == (NOW, "settings_changed")));
    assert_eq!(lines.len(), 2);
    let (rest, next) = desk.store.organization_history(&id, 2, next).await.expect("a page");
    assert_eq!((rest.len(), next), (1, None), "the settings themselves are no line of it");
}
