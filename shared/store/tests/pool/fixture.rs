//! A pool on a table of its own, and works that claim from it.

use domain::assistant::Language;
use domain::ids::{AssistantId, DeploymentId, Fresh, NumberId, OrganizationId, Stamp, WorkId};
use domain::ledger::Caps;
use domain::money::Cents;
use domain::number::{Carrier, Number, Origin, PoolClass, Proof, Slot, State};
use domain::persona::Persona;
use domain::request::{Country, Match, NumberType, Request, Wanted};
use domain::setup::Setup;
use domain::source::Source;
use domain::tenant::Business;
use domain::time::Timestamp;
use domain::work::{Beginning, Change, Kind, PoolSearch, Recipient, Work};
use dynamodb_local::DynamoDbLocal;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use store::dynamo::DynamoTable;
use store::table::{Index, Query, Table};
use store::{
    Backoff, Closing, Committed, Freed, Inbox, Lease, Marks, Start, Started, Store, Take, keys,
};

/// 2026-11-20T00:00:00Z.
pub(crate) const START: Timestamp = Timestamp::from_millis(1_795_132_800_000);
/// How long a lease is held.
const LEASE: Duration = Duration::from_secs(90);

pub(crate) fn at(seconds: u64) -> Timestamp {
    START.after(Duration::from_secs(seconds))
}

/// Waits for nothing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AtOnce;

impl Backoff for AtOnce {
    async fn pause(&self, _attempt: u32) {}
}

/// A table of its own for a case; `None` where there is no DynamoDB Local to be had.
pub(crate) async fn dynamodb(name: &str) -> Option<DynamoTable> {
    // It ends with this process although nobody drops it.
    static LOCAL: OnceLock<Option<DynamoDbLocal>> = OnceLock::new();
    let start = || DynamoDbLocal::start_if_possible().expect("DynamoDB Local starts");
    let local = LOCAL.get_or_init(start).as_ref()?;
    local.create_table(name).await.expect("the table is made");
    Some(DynamoTable::new(local.client(), name))
}

/// A number as a case wants it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line {
    /// Where it stands in the pool: 40 bits.
    pub(crate) place: u64,
    pub(crate) country: &'static str,
    pub(crate) number_type: NumberType,
    pub(crate) digits: Option<&'static str>,
}

/// A local number of San Francisco.
pub(crate) const fn local(place: u64) -> Line {
    let digits = Some("+14155550123");
    Line { place, country: "US", number_type: NumberType::Local, digits }
}

impl Line {
    pub(crate) const fn with(self, digits: &'static str) -> Self {
        Self { digits: Some(digits), ..self }
    }

    /// A number that rests until [`START`], as a release leaves it.
    pub(crate) fn number(self) -> Number {
        let random = u128::from(self.place) << 40 | 0xab;
        let id = NumberId::new(Fresh(u128::from(self.place) << 80 | random));
        let stamp = format!("DEPLOY01-{}-1", WorkId::new(Fresh(1)));
        Number {
            id,
            organization: organization(),
            source: Source::VapiFree,
            carrier: Carrier::Vapi { slot: Slot::new(1) },
            origin: Origin::Bought,
            number_type: self.number_type,
            country: self.country.parse().expect("a country"),
            stamp: Stamp::try_from(stamp).expect("a stamp"),
            digits: self.digits.map(|digits| digits.parse().expect("digits")),
            sip_uri: None,
            vapi: Some(format!("vapi-{:010x}", self.place).parse().expect("an id")),
            monthly: Cents::ZERO,
            state: State::Quarantined {
                until: START,
                former: None,
                assistant: None,
                proof: Proof::Proven,
            },
            work: None,
            linked_at: Some(START),
            created_at: Timestamp::from_millis(START.as_millis() + self.created()),
        }
    }

    /// Numbers of higher places are newer.
    fn created(self) -> i64 {
        i64::try_from(self.place).expect("40 bits")
    }
}

pub(crate) fn available(since: Timestamp, number: &Number) -> Number {
    Number { state: State::Available { since }, ..number.clone() }
}

pub(crate) fn organization() -> OrganizationId {
    "org-1".parse().expect("an organization")
}

pub(crate) fn us_local() -> PoolClass {
    PoolClass { country: Country::US, number_type: NumberType::Local, only: None }
}

/// Any local number of the United States, from a place on.
pub(crate) fn any(place: u64) -> PoolSearch {
    PoolSearch { wanted: Wanted::default(), organization: organization(), from: place << 24 }
}

/// A number of an area.
pub(crate) fn of_area(area: &str, matching: Match) -> PoolSearch {
    let area_code = Some(area.parse().expect("an area code"));
    let wanted = Wanted { area_code, matching, ..Wanted::default() };
    PoolSearch { wanted, organization: organization(), from: 0 }
}

pub(crate) fn ids(numbers: &[Number]) -> Vec<NumberId> {
    numbers.iter().map(|number| number.id).collect()
}

/// A pool, and what writes into it.
pub(crate) struct Pool<T> {
    pub(crate) store: Store<T, AtOnce>,
    pub(crate) marks: Marks,
}

/// Who holds a work.
#[derive(Debug)]
pub(crate) struct Holder {
    pub(crate) lease: Lease,
    pub(crate) work: Work,
    pub(crate) heard: Inbox,
}

impl<T: Table> Pool<T> {
    /// A pool, with the marks of an invocation of its own.
    pub(crate) fn new(table: T) -> Self {
        // Over all cases: DynamoDB knows a transaction's token whatever table it is for.
        static INVOCATIONS: AtomicU64 = AtomicU64::new(0);
        let invocation = u128::from(INVOCATIONS.fetch_add(1, Ordering::Relaxed));
        Self { store: Store::new(table, AtOnce), marks: Marks::new(Fresh(invocation)) }
    }

    /// A work of a business of its own, not held yet.
    pub(crate) async fn work(&self, ordinal: u128) -> Work {
        let recipient = Recipient {
            business: format!("business-{ordinal}").parse().expect("a business"),
            assistant: AssistantId::new(Fresh(ordinal)),
            assistant_name: "Front desk".to_owned(),
            language: Language::English,
            persona: Persona::default(),
            setup: Setup::default(),
            vapi_assistant: None,
            update: None,
            removal_asked: false,
        };
        let beginning = Beginning {
            id: WorkId::new(Fresh(ordinal)),
            kind: Kind::Answer(Box::new(recipient.clone())),
            deployment: DeploymentId::try_from("DEPLOY01".to_owned()).expect("a deployment"),
            organization: organization(),
            request: Request {
                wanted: Wanted::default(),
                sources: vec![Source::Pool],
                reclaim: None,
            },
            caps: Caps::default(),
            quarantine_days: 30,
        };
        let work = Work::begin(beginning, START);
        let business = Business {
            id: recipient.business,
            organization: work.organization.clone(),
            name: "Harbor".to_owned(),
            primary: Some(recipient.assistant),
            created_at: START,
            others: Vec::new(),
            contacts: Vec::new(),
        };
        let start = Start {
            work: &work,
            new_business: Some(&business),
            new_organization: false,
            changed_business: None,
            new_user: None,
            existing: None,
            idempotency: None,
        };
        let started = self.store.start(&start, &self.marks).await;
        assert_eq!(started, Ok(Started::Started));
        work
    }

    /// A work of a business of its own, held.
    pub(crate) async fn holder(&self, ordinal: u128) -> Holder {
        let work = self.work(ordinal).await;
        self.take(&work, START).await
    }

    /// Takes the lease of a work.
    pub(crate) async fn take(&self, work: &Work, now: Timestamp) -> Holder {
        let taken = self.store.take(work.id, None, now, now.after(LEASE), &self.marks).await;
        match taken.expect("the table answers") {
            Take::Taken { lease, work, inbox } => {
                Holder { lease: *lease, work: *work, heard: inbox }
            }
            Take::Nothing => panic!("{} cannot be held", work.id),
        }
    }

    /// Writes changes as the holder, who goes on.
    pub(crate) async fn commit(&self, holder: &Holder, changes: &[Change]) -> Committed {
        let Holder { lease, work, .. } = holder;
        let closing = Closing::GoesOn;
        let committed = self.store.commit(lease, work, changes, closing, START, &self.marks).await;
        committed.expect("the end is known")
    }

    /// Numbers that rest: opened by a work, and given up by it.
    pub(crate) async fn resting(&self, holder: &Holder, lines: &[Line]) -> Vec<Number> {
        let numbers: Vec<Number> = lines.iter().map(|line| line.number()).collect();
        for number in &numbers {
            let work = Some(holder.work.id);
            let opened = Number { state: State::Reserved, work, digits: None, ..number.clone() };
            let opened = Change::OpenNumber(Box::new(opened));
            assert_eq!(self.commit(holder, &[opened]).await, Committed::Written);
            let given_up =
                Change::UpdateNumber { number: Box::new(number.clone()), new_guards: Vec::new() };
            assert_eq!(self.commit(holder, &[given_up]).await, Committed::Written);
        }
        numbers
    }

    /// Numbers in the pool since [`START`], as the table has them.
    pub(crate) async fn pooled(&self, holder: &Holder, lines: &[Line]) -> Vec<Number> {
        let mut pooled = Vec::new();
        for number in self.resting(holder, lines).await {
            assert_eq!(self.free(&number).await, Freed::Freed);
            pooled.push(available(START, &number));
        }
        pooled
    }

    pub(crate) async fn free(&self, was: &Number) -> Freed {
        self.store.free(was, START, &self.marks).await.expect("the end is known")
    }

    /// Claims a number that was seen so.
    pub(crate) async fn claim(&self, holder: &Holder, was: &Number) -> Committed {
        self.commit(holder, &[claim(holder, was)]).await
    }

    pub(crate) async fn search(&self, search: &PoolSearch) -> Vec<Number> {
        self.store.search_pool(search).await.expect("the table answers")
    }

    pub(crate) async fn number(&self, id: NumberId) -> Option<Number> {
        self.store.number(id).await.expect("the table answers")
    }

    /// The sort keys of a class in the pool, and whom each names.
    pub(crate) async fn places(&self, class: &PoolClass) -> Vec<(String, NumberId)> {
        let query = Query {
            index: Index::Base,
            partition: keys::pool(class),
            from: None,
            to: None,
            ascending: true,
            limit: 100,
            after: None,
        };
        let page = self.store.table().query(&query).await.expect("the table answers");
        let named = |sk: String| {
            let number = keys::parse_pooled(&sk).expect("a place names a number");
            (sk, number)
        };
        page.rows.into_iter().map(|row| named(row.key.sk)).collect()
    }
}

/// The claim of a number that was seen so.
pub(crate) fn claim(holder: &Holder, was: &Number) -> Change {
    let now = Number { state: State::Reserved, work: Some(holder.work.id), ..was.clone() };
    Change::ClaimNumber { was: Box::new(was.clone()), now: Box::new(now) }
}
