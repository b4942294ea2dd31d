//! What is so, whatever anybody answered: what the providers hold, and what the table says of it.

use crate::city::City;
use crate::deployment::Deployment;
use crate::person::Shown as _;
use provision::Answer;
use simulators::CallOutcome;
use simulators::twilio::By;
use simulators::vapi::NumberKind;
use std::collections::{BTreeMap, BTreeSet};
use store::table::Value;
use store::{keys, memory::MemoryTable};

/// What the providers hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Numbers bought at Telnyx and, by the functions, at Twilio.
    pub bought: BTreeSet<String>,
    /// Orders that did not fail.
    pub orders: usize,
    /// Purchases at Twilio.
    pub twilio_purchases: usize,
    /// Money spent at Telnyx and Twilio.
    pub spent_cents: i64,
    /// Free numbers of VAPI, by VAPI's id.
    pub free: BTreeSet<String>,
    /// Numbers imported into VAPI.
    pub imported: Vec<String>,
    /// Assistants of VAPI.
    pub assistants: BTreeSet<String>,
}

impl City {
    /// What the providers hold.
    pub fn held(&self) -> Held {
        let all = self.providers.lock();
        let (org, account) = (&all.vapi.orgs()[0], &all.telnyx.accounts()[0]);
        let of = |kind| org.numbers.iter().filter(move |number| number.kind == kind);
        let digits = |number: &simulators::vapi::PhoneNumber| number.digits.clone().unwrap();
        let at_twilio = all.twilio.accounts();
        let numbers_there = at_twilio.iter().flat_map(|account| account.numbers.values());
        let bought_at_twilio: Vec<&simulators::twilio::Number> =
            numbers_there.filter(|one| one.bought_by == By::Api).collect();
        let bought_there = bought_at_twilio.iter();
        let bought = account.numbers.values().map(|one| one.phone_number.clone());
        Held {
            bought: bought.chain(bought_there.map(|one| one.phone_number.clone())).collect(),
            orders: account.orders.len(),
            twilio_purchases: bought_at_twilio.len(),
            spent_cents: account.spent_cents
                + bought_at_twilio.iter().map(|one| one.paid_cents).sum::<i64>(),
            free: of(NumberKind::Vapi).map(|number| number.id.clone()).collect(),
            imported: of(NumberKind::Telnyx).chain(of(NumberKind::Twilio)).map(digits).collect(),
            assistants: org.assistants.iter().map(|one| one.id.clone()).collect(),
        }
    }

    /// The digits of the first number in VAPI.
    pub fn digits_in_vapi(&self) -> String {
        let id = self.providers.lock().vapi.orgs()[0].numbers.iter().next().unwrap().id.clone();
        let (_, record) =
            self.at_vapi("GET", &format!("/phone-number/{id}"), serde_json::Value::Null);
        record["number"].as_str().unwrap().to_owned()
    }

    /// The provisioning is ready, and a call reaches its own assistant.
    #[track_caller]
    pub fn assert_answers(&self, answer: &Answer) {
        assert_eq!(answer.state(), "ready", "{:#}", answer.body);
        let report = self.call(answer.text("phone_number"));
        assert_eq!(report.outcome, CallOutcome::Assistant, "{report:?}");
        assert_eq!(report.assistant_id.as_deref(), Some(answer.text("vapi_assistant_id")));
    }

    /// The end that every disturbance must lead to: one assistant, one number from this source,
    /// answered; and a table that knows exactly that.
    #[track_caller]
    pub fn assert_one_number(&self, source: &str, answer: &Answer) {
        self.assert_answers(answer);
        assert_eq!(answer.text("source"), source);
        let held = self.held();
        let number = answer.text("phone_number").to_owned();
        let assistant = answer.text("vapi_assistant_id").to_owned();
        assert_eq!(held.assistants, BTreeSet::from([assistant]), "one assistant");
        if source == "telnyx" {
            assert_eq!(held.bought, BTreeSet::from([number.clone()]), "one number bought");
            assert_eq!(held.imported, [number], "imported once");
            assert_eq!((held.orders, held.spent_cents, held.free.len()), (1, 200, 0));
        } else if source == "org_twilio" || source == "global_twilio" {
            assert_eq!(held.bought, BTreeSet::from([number.clone()]), "one number bought");
            assert_eq!(held.imported, [number], "imported once");
            let counts = (held.twilio_purchases, held.spent_cents, held.free.len(), held.orders);
            assert_eq!(counts, (1, 115, 0, 0));
        } else {
            assert_eq!((held.free.len(), held.orders, held.spent_cents), (1, 0, 0));
        }
        assert_sound(self, &held);
        let rows = rows(&self.table, "NUMBER#", "NUMBER");
        assert_eq!(rows.len(), 1, "one row");
        assert_eq!(rows[0].get(keys::STATE), Some(&Value::Text("assigned".to_owned())));
        assert!(!rows[0].contains_key(keys::WORK), "no work writes about it any more");
    }
}

/// The table agrees with the providers: slots with free numbers, ledgers with money spent, guards
/// with numbers; and nothing is watched any more.
#[track_caller]
pub fn assert_sound(deployment: &Deployment, held: &Held) {
    let table = &deployment.table;
    assert_eq!(rows_from(table, keys::FREE, "SLOT#").len(), held.free.len(), "slots");
    for row in rows_from(table, "LEDGER#ALL", "MONTH#") {
        assert_eq!(row.get(keys::COMMITTED), Some(&Value::Number(held.spent_cents)), "ledger");
    }
    assert_eq!(rows_from(table, keys::WATCH, "NUMBER#").len(), 0, "watched");
    let guarded: BTreeSet<String> = digits_guarded(table);
    let missing: Vec<&String> = held.bought.difference(&guarded).collect();
    assert!(missing.is_empty(), "numbers without a guard: {missing:?}");
}

/// The digits that belong to a row.
pub fn digits_guarded(table: &MemoryTable) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    table.inspect(|key, _| found.extend(key.pk.strip_prefix("DIGITS#").map(str::to_owned)));
    found
}

/// Items whose partition begins and whose sort key is so.
pub fn rows(table: &MemoryTable, partition: &str, sort: &str) -> Vec<store::table::Item> {
    let mut found = Vec::new();
    table.inspect(|key, item| {
        if key.pk.starts_with(partition) && key.sk == sort {
            found.push(item.clone());
        }
    });
    found
}

/// Items of a partition whose sort key begins so.
pub fn rows_from(table: &MemoryTable, partition: &str, sort: &str) -> Vec<store::table::Item> {
    let mut found = Vec::new();
    table.inspect(|key, item| {
        if key.pk == partition && key.sk.starts_with(sort) {
            found.push(item.clone());
        }
    });
    found
}

/// How many numbers the table has in each state.
pub fn number_states(table: &MemoryTable) -> BTreeMap<String, usize> {
    let mut states = BTreeMap::new();
    // Not by copies of the rows: there may be a hundred thousand.
    table.inspect(|key, row| {
        if key.pk.starts_with("NUMBER#")
            && key.sk == "NUMBER"
            && let Some(Value::Text(state)) = row.get(keys::STATE)
        {
            *states.entry(state.clone()).or_insert(0) += 1;
        }
    });
    states
}

/// What operators are shown of the last comparison with the providers.
pub fn drift(deployment: &Deployment) -> serde_json::Value {
    let call = crate::Person::operator().call("GET /api/admin/drift", &serde_json::Value::Null);
    deployment.send(call).body
}
