//! The key catalogue: the only place that builds or takes apart a key or names an attribute.
//!
//! | entity | pk | sk | index | serves |
//! |---|---|---|---|---|
//! | deployment | `DEPLOYMENT` | `DEPLOYMENT` | | the deployment id, made once |
//! | organization | `ORGANIZATION#<id>` | `ORGANIZATION` | listing | its settings; all organizations |
//! | history | `ORGANIZATION#<id>` | `HISTORY#<time>#<event>#<work or version>` | | what happened in it, when |
//! | Twilio account | `TWILIO_ACCOUNT#<sid>` | `GUARD` | | the one organization it belongs to |
//! | user | `USER#<sub>` | `USER` | | the business of a user without a business claim |
//! | business | `BUSINESS#<organization>#<id>` | `BUSINESS` | | its assistants and contacts; insert-if-absent is the guard |
//! | assistant | `ASSISTANT#<id>` | `ASSISTANT` | | what it is like, its VAPI id, number, latest work |
//! | work | `WORK#<id>` | `WORK` | due, listing | a work; due work; work by state |
//! | number | `NUMBER#<id>` | `NUMBER` | listing | a number; numbers by state |
//! | history | `NUMBER#<id>` | `HISTORY#<time>#<event>#<work>` | | who had it, when |
//! | digits guard | `DIGITS#<e164>` | `GUARD` | | number by digits |
//! | VAPI guard | `VAPI#<id>` | `GUARD` | | number by VAPI id; who answers it |
//! | Telnyx guard | `TELNYX#<id>` | `GUARD` | | number by Telnyx id |
//! | Twilio guard | `TWILIO_ACCOUNT#<account>` | `NUMBER#<id>` | | number by Twilio id; whether an account has any |
//! | pooled | `POOL#<country>#<type>`, `POOL#<country>#<type>#<organization>` for what serves one organization alone | `ANY#<random>#<id>`, `AREA#<area>#<random>#<id>` | | a free number of a class, or of an area in it, from a random point |
//! | purchase | `PURCHASE#<id>` | `PURCHASE` | | numbers for the pool that were asked for together |
//! | refill | `REFILL` | `REFILL` | | works that refill the pool |
//! | slot | `FREE` | `SLOT#<n>` | | who holds a slot of the free allowance |
//! | closed | `FREE` | `CLOSED` | | until when the free numbers are closed |
//! | figures | `FIGURES` | `NUMBERS` | | how many numbers there are, and when they were counted |
//! | sweep | `SWEEP` | `STATE` | | how far the comparison with the providers is |
//! | findings | `SWEEP#<begun>` | `FOUND#<run>`, `SHOWN#<provider>` | | what differs, and what the lists have shown; TTL |
//! | suspicion | `SUSPICION#<drift>#<id>` | `SUSPICION` | | since when something is suspected; TTL |
//! | ledger | `LEDGER#<whose>` | `DAY#<day>`, `MONTH#<month>` | | money committed |
//! | watched | `WATCH` | `NUMBER#<work>` | | numbers whose digits are waited for |
//! | watch | `WATCH` | `STATE` | | when the watch looks next |
//! | idempotency | `IDEMPOTENCY#<organization>#<business>#<route>#<key>` | `IDEMPOTENCY` | | the work of a key; TTL |
//! | event | `EVENT#<provider>#<id>` | `EVENT` | | a webhook seen; TTL |
//!
//! Tags are persisted: they are only ever added.

use crate::table::{Attribute, Key};
use domain::ids::{
    AssistantId, BusinessId, NumberId, OrganizationId, PurchaseId, TwilioAccountSid, WorkId,
};
use domain::number::{Guard, Number, PoolClass, Slot};
use domain::phone::AreaCode;
use domain::time::Timestamp;
use planted::planted;

/// Version of the layout below; a reader that meets a higher one stops.
pub const SCHEMA: i64 = 1;

macro_rules! attributes {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        $($(#[$doc])* pub const $name: Attribute = $text;)*
        /// Every attribute there is, beside `pk` and `sk`.
        pub const ATTRIBUTES: &[Attribute] = &[$($name),*];
    };
}

attributes! {
    /// Layout version of the item.
    SCHEMA_VERSION = "schema";
    /// The item's main document.
    DOCUMENT = "document";
    /// An assistant's assigned number, a document.
    ASSIGNED = "assigned";
    /// Who wrote last: invocation and ordinal. Our own mark in a refused write is success.
    WRITTEN_BY = "written_by";
    /// Which tick moved an overdue work last.
    CLAIMED_BY = "claimed_by";
    /// Partition of the due index.
    DUE_PK = "due_pk";
    /// Sort key of the due index.
    DUE_SK = "due_sk";
    /// When a work is due, in milliseconds.
    DUE_AT = "due_at";
    /// Partition of the listing index.
    LIST_PK = "list_pk";
    /// Sort key of the listing index.
    LIST_SK = "list_sk";
    /// When the table may forget the item, in seconds.
    TTL = "ttl";
    /// Who holds a work's lease: the mark of the write that took it.
    LEASE_HOLDER = "lease_holder";
    /// Until when it is held, in milliseconds.
    LEASE_UNTIL = "lease_until";
    /// How often the lease was taken.
    LEASE_EPOCH = "lease_epoch";
    /// The epoch whose holder closed it properly.
    CLOSED_EPOCH = "closed_epoch";
    /// How much came into a work's inbox.
    INBOX_SEQ = "inbox_seq";
    /// How much of it was seen by a holder's closing write.
    INBOX_SEEN = "inbox_seen";
    /// Somebody asks to call the work off.
    ASK_CANCEL = "ask_cancel";
    /// Somebody asks to try again.
    ASK_RETRY = "ask_retry";
    /// An operator who has looked asks to try again.
    ASK_REPEAT = "ask_repeat";
    /// Somebody found it otherwise than it should be, and asks to put it right.
    ASK_REPAIR = "ask_repair";
    /// Somebody asks to release the number; how many days it rests.
    ASK_RELEASE = "ask_release";
    /// Which number that is; a former version asked without it.
    ASK_RELEASE_NUMBER = "ask_release_number";
    /// An operator named a number: the id of its row.
    ASK_ASSIGN = "ask_assign";
    /// 1 when a work has failed or was called off, 0 before.
    OVER = "over";
    /// The state's name, of a number.
    STATE = "state";
    /// The latest work of an assistant; the one work that may write about a number; the work of an
    /// idempotency key or of a watched number.
    WORK = "work";
    /// Somebody asks to tell VAPI what the assistant is like now.
    ASK_UPDATE = "ask_update";
    /// Somebody asks to delete the assistant; how many days its number rests.
    ASK_REMOVE = "ask_remove";
    /// How often an organization's settings were written, or an assistant was changed.
    VERSION = "version";
    /// Which version of an assistant VAPI has been told of.
    APPLIED = "applied";
    /// 1 when an assistant is to be deleted.
    REMOVAL_ASKED = "removal_asked";
    /// VAPI's id of an assistant.
    VAPI = "vapi";
    /// The holder of a slot or guard; the thing an idempotency key led to.
    HOLDER = "holder";
    /// VAPI's id of the assistant that answers a number.
    ANSWERS = "answers";
    /// Cents committed.
    COMMITTED = "committed";
    /// A time in milliseconds.
    AT = "at";
    /// What a watched number looked like.
    SEEN = "seen";
    /// Digest of a request.
    DIGEST = "digest";
    /// First call of a number, in milliseconds.
    FIRST_CALL_AT = "first_call_at";
    /// Last call of a number, in milliseconds.
    LAST_CALL_AT = "last_call_at";
    /// The request that stands, to take a number to another carrier, by that carrier's name for it;
    /// of several the one told of last.
    PORT_OUT = "port_out";
    /// How far that request is.
    PORT_OUT_STATUS = "port_out_status";
    /// When that was so, in milliseconds.
    PORT_OUT_AT = "port_out_at";
    /// All such requests that are known, also those that came to nothing.
    PORT_OUTS = "port_outs";
    /// Calls that ended.
    CALLS = "calls";
    /// Seconds of calls that ended.
    CALL_SECONDS = "call_seconds";
}

/// The attributes that hold documents: a stored text under one of these is a document.
pub const DOCUMENTS: [Attribute; 3] = [DOCUMENT, ASSIGNED, PORT_OUTS];

fn key(pk: String, sk: &str) -> Key {
    Key { pk, sk: sk.to_owned() }
}

/// The deployment's own id.
#[must_use]
pub fn deployment() -> Key {
    key("DEPLOYMENT".to_owned(), "DEPLOYMENT")
}

/// An organization.
#[must_use]
pub fn organization(id: &OrganizationId) -> Key {
    key(format!("ORGANIZATION#{id}"), "ORGANIZATION")
}

/// A user, by the issuer's `sub`.
#[must_use]
pub fn user(sub: &str) -> Key {
    key(format!("USER#{sub}"), "USER")
}

/// A business.
#[must_use]
pub fn business(organization: &OrganizationId, id: &BusinessId) -> Key {
    key(format!("BUSINESS#{organization}#{id}"), "BUSINESS")
}

/// An assistant.
#[must_use]
pub fn assistant(id: AssistantId) -> Key {
    key(format!("ASSISTANT#{id}"), "ASSISTANT")
}

/// A work.
#[must_use]
pub fn work(id: WorkId) -> Key {
    key(format!("WORK#{id}"), "WORK")
}

/// The work a key names.
#[must_use]
pub fn parse_work(key: &Key) -> Option<WorkId> {
    key.pk.strip_prefix("WORK#")?.parse().ok()
}

/// Numbers that were asked for together.
#[must_use]
pub fn purchase(id: PurchaseId) -> Key {
    key(format!("PURCHASE#{id}"), "PURCHASE")
}

/// What the refill of the pool has under way.
#[must_use]
pub fn refill() -> Key {
    key("REFILL".to_owned(), "REFILL")
}

/// A number.
#[must_use]
pub fn number(id: NumberId) -> Key {
    key(format!("NUMBER#{id}"), "NUMBER")
}

/// A line in a number's history.
#[must_use]
pub fn history(id: NumberId, at: Timestamp, event: &str, work: WorkId) -> Key {
    Key { pk: number(id).pk, sk: history_sort(at, event, work) }
}

/// A line in an organization's history; `what` tells two of one event and moment apart.
#[must_use]
pub fn organization_history(
    id: &OrganizationId,
    at: Timestamp,
    event: &str,
    what: impl std::fmt::Display,
) -> Key {
    Key { pk: organization(id).pk, sk: history_sort(at, event, what) }
}

fn history_sort(at: Timestamp, event: &str, what: impl std::fmt::Display) -> String {
    format!("HISTORY#{:013}#{event}#{what}", at.as_millis().max(0))
}

/// First sort key of a history.
pub const HISTORY_FROM: &str = "HISTORY#";
/// Last sort key of a history.
pub const HISTORY_TO: &str = "HISTORY#~";

/// Time and event of a line in a history.
#[must_use]
pub fn parse_history(sk: &str) -> Option<(Timestamp, &str)> {
    let (at, rest) = sk.strip_prefix("HISTORY#")?.split_once('#')?;
    let (event, _what) = rest.split_once('#')?;
    Some((Timestamp::from_millis(at.parse().ok()?), event))
}

/// What the sort keys of an account's numbers begin with.
pub const TWILIO_NUMBERS: &str = "NUMBER#";

/// Who owns a Twilio account.
#[must_use]
pub fn twilio_account(sid: &TwilioAccountSid) -> Key {
    key(format!("TWILIO_ACCOUNT#{sid}"), "GUARD")
}

/// How many numbers there are.
#[must_use]
pub fn figures() -> Key {
    key("FIGURES".to_owned(), "NUMBERS")
}

/// How far the comparison with the providers is.
#[must_use]
pub fn sweep() -> Key {
    key("SWEEP".to_owned(), "STATE")
}

fn sweep_partition(begun_at: Timestamp) -> String {
    format!("SWEEP#{:013}", begun_at.as_millis().max(0))
}

/// What a run of a sweep found.
#[must_use]
pub fn findings(begun_at: Timestamp, run: u32) -> Key {
    Key { pk: sweep_partition(begun_at), sk: format!("FOUND#{run:06}") }
}

/// What a provider's list has shown in a sweep.
#[must_use]
pub fn shown(begun_at: Timestamp, provider: &str) -> Key {
    Key { pk: sweep_partition(begun_at), sk: format!("SHOWN#{provider}") }
}

/// Since when something is suspected.
#[must_use]
pub fn suspicion(drift: &str, id: &str) -> Key {
    key(format!("SUSPICION#{drift}#{id}"), "SUSPICION")
}

/// Partition of the listing index for organizations; sorted by their id.
pub const ORGANIZATIONS: &str = "ORGANIZATIONS";

/// The number a key names.
#[must_use]
pub fn parse_number(key: &Key) -> Option<NumberId> {
    key.pk.strip_prefix("NUMBER#")?.parse().ok()
}

/// What identifies a number.
#[must_use]
pub fn guard(guard: &Guard) -> Key {
    match guard {
        Guard::Digits(digits) => key(format!("DIGITS#{}", digits.reveal()), "GUARD"),
        Guard::Vapi(id) => key(format!("VAPI#{id}"), "GUARD"),
        Guard::Telnyx(id) => key(format!("TELNYX#{id}"), "GUARD"),
        Guard::Twilio(account, id) => {
            let number = format!("{TWILIO_NUMBERS}{id}");
            Key { sk: number, ..twilio_account(account) }
        }
    }
}

/// Partition of the pool for a class of numbers.
#[must_use]
pub fn pool(class: &PoolClass) -> String {
    let all = format!("POOL#{}#{}", class.country.as_str(), class.number_type.as_str());
    match &class.only {
        None => all,
        Some(organization) => format!("{all}#{organization}"),
    }
}

/// The part of a class in the pool: all of it, or an area.
#[must_use]
pub fn pool_part(area_code: Option<&AreaCode>) -> String {
    area_code.map_or_else(|| "ANY#".to_owned(), |area| format!("AREA#{}#", area.as_str()))
}

/// The places of a number in the pool, where it is found while it is nobody's.
#[must_use]
pub fn pooled(number: &Number) -> Vec<Key> {
    let (pk, area) = (pool(&number.pool_class()), number.area_code());
    // The random part of an id is as good as any, and the same for as long as the number is ours:
    // the upper 40 of its 80 bits.
    let place = format!("{:010x}#{}", number.id.ulid().random() >> 40, number.id);
    let parts = std::iter::once(None).chain(area.as_ref().map(Some));
    parts.map(|part| Key { pk: pk.clone(), sk: format!("{}{place}", pool_part(part)) }).collect()
}

/// A point in a part of the pool, by 64 random bits: the upper 40, as many as a place has.
#[must_use]
pub fn pool_point(random: u64) -> String {
    format!("{:010x}", random >> 24)
}

/// The number a place in the pool names.
#[must_use]
pub fn parse_pooled(sk: &str) -> Option<NumberId> {
    sk.rsplit_once('#')?.1.parse().ok()
}

/// Partition of the free allowance.
pub const FREE: &str = "FREE";
/// Sort key of the mark that the free numbers are closed.
pub const CLOSED: &str = "CLOSED";

/// A slot of the free allowance.
#[must_use]
pub fn slot(slot: Slot) -> Key {
    Key { pk: FREE.to_owned(), sk: format!("SLOT#{:04}", slot.get()) }
}

/// The slot a sort key names.
#[must_use]
pub fn parse_slot(sk: &str) -> Option<Slot> {
    sk.strip_prefix("SLOT#")?.parse().ok().map(Slot::new)
}

/// The mark that the free numbers are closed.
#[must_use]
pub fn closed() -> Key {
    key(FREE.to_owned(), CLOSED)
}

/// A ledger; `None` is the one over all organizations.
#[must_use]
pub fn ledger(organization: Option<&OrganizationId>, period: &Period<'_>) -> Key {
    let pk = organization.map_or_else(|| "LEDGER#ALL".to_owned(), |id| format!("LEDGER#OF#{id}"));
    let sk = match period {
        Period::Day(day) => format!("DAY#{day}"),
        Period::Month(month) => format!("MONTH#{month}"),
    };
    Key { pk, sk }
}

/// What a ledger sums over.
#[derive(Debug, Clone, Copy)]
pub enum Period<'a> {
    /// A UTC day, `2026-11-20`.
    Day(&'a str),
    /// A UTC month, `2026-11`.
    Month(&'a str),
}

/// Partition of the digits watch.
pub const WATCH: &str = "WATCH";
/// First sort key of watched numbers.
pub const WATCHED_FROM: &str = "NUMBER#";
/// Last sort key of watched numbers.
pub const WATCHED_TO: &str = "NUMBER#~";

/// A watched number, by the work that waits for its digits.
#[must_use]
pub fn watched(id: WorkId) -> Key {
    Key { pk: WATCH.to_owned(), sk: format!("NUMBER#{id}") }
}

/// The work that waits for a watched number.
#[must_use]
pub fn parse_watched(sk: &str) -> Option<WorkId> {
    sk.strip_prefix("NUMBER#")?.parse().ok()
}

/// The watch itself.
#[must_use]
pub fn watch() -> Key {
    key(WATCH.to_owned(), "STATE")
}

/// An idempotency key, scoped to business and route; what is for no business, to its organization. `digest` is the hash of what the client sent.
#[must_use]
pub fn idempotency(
    organization: &OrganizationId,
    business: Option<&BusinessId>,
    route: &str,
    digest: &str,
) -> Key {
    if planted!(KeyNotScoped) {
        return key(format!("IDEMPOTENCY#{route}#{digest}"), "IDEMPOTENCY");
    }
    // No business has an empty name.
    let business = business.map_or("", BusinessId::as_str);
    key(format!("IDEMPOTENCY#{organization}#{business}#{route}#{digest}"), "IDEMPOTENCY")
}

/// A webhook event.
#[must_use]
pub fn event(provider: &str, id: &str) -> Key {
    key(format!("EVENT#{provider}#{id}"), "EVENT")
}

/// Parts of the due index; the tick reads each.
pub const DUE_SHARDS: u8 = 8;

/// Partition of the due index.
#[must_use]
pub fn due_partition(shard: u8) -> String {
    format!("DUE#{shard}")
}

/// The part of the due index a work stands in.
#[must_use]
pub fn due_shard(id: WorkId) -> u8 {
    let random = id.ulid().random();
    u8::try_from(random % u128::from(DUE_SHARDS)).unwrap_or(0)
}

/// Sort key of the due index.
#[must_use]
pub fn due_sort(at: Timestamp, id: WorkId) -> String {
    format!("{:013}#{id}", at.as_millis().max(0))
}

/// Last sort key of the due index at a time.
#[must_use]
pub fn due_until(at: Timestamp) -> String {
    format!("{:013}#~", at.as_millis().max(0))
}

/// The time a sort key of the due index names.
#[must_use]
pub fn parse_due(sort: &str) -> Option<Timestamp> {
    sort.split_once('#')?.0.parse().ok().map(Timestamp::from_millis)
}

/// Partition of the listing index for works in a state.
#[must_use]
pub fn works_in(state: &str) -> String {
    format!("WORKS#{state}")
}

/// Partition of the listing index for numbers in a state.
#[must_use]
pub fn numbers_in(state: &str) -> String {
    format!("NUMBERS#{state}")
}

/// Sort key of the listing index: by creation.
#[must_use]
pub fn list_sort(created: Timestamp, id: impl std::fmt::Display) -> String {
    format!("{:013}#{id}", created.as_millis().max(0))
}

#[cfg(test)]
mod tests;
