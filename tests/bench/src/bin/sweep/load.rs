//! A town of many numbers: two are got as the product gets them, and their rows and records are
//! copied under other ids. Then some of them are changed at the providers.

use domain::ids::{AssistantId, Fresh, NumberId, Stamp, WorkId};
use exchange::{Method, Request};
use it::{City, Person, Shown as _, from_sources};
use serde_json::{Value, json};
use simulators::telnyx::NumberStatus;
use simulators::{Provider, STANDARD_TELNYX_KEY};
use std::sync::Arc;
use std::time::Duration;
use store::table::{Condition, Item, Key, Row, Table as _, Value as Stored, Write};

/// One in so many differs, in each way.
const ONE_IN: usize = 100;
/// One in so many numbers is nobody's.
const FREE_ONE_IN: usize = 10;

/// A number of the town.
struct Line {
    digits: String,
    record: String,
    telnyx: String,
    is_free: bool,
}

/// The town.
pub(crate) struct Town {
    lines: Vec<Line>,
    strays: usize,
    assistant: String,
    application: String,
}

/// A number that was really got, with its rows.
struct Model {
    rows: Vec<Row>,
    ids: [String; 6],
}

impl Town {
    pub(crate) fn build(city: &City, numbers: usize) -> Self {
        let (assigned, assistant) = model(city, "assigned", false);
        let (free, _) = model(city, "free", true);
        let stamp = city.works()[0].stamp();
        let application = {
            let all = city.providers.lock();
            all.telnyx.accounts()[0].applications.keys().next().copied().unwrap().to_string()
        };
        let mut town = Self { lines: Vec::new(), strays: 0, assistant, application };
        for place in 0..numbers {
            let is_free = place % FREE_ONE_IN == FREE_ONE_IN - 1;
            let line = town.held(city, place, is_free);
            let rows = copied(if is_free { &free } else { &assigned }, place, &line);
            rows.into_iter().for_each(|row| put(city, row));
            town.lines.push(line);
        }
        city.pass(Duration::from_secs(3600));
        town.drift(city, numbers, &stamp);
        town
    }

    /// A number that Telnyx and VAPI hold.
    fn held(&self, city: &City, place: usize, is_free: bool) -> Line {
        let digits = format!("+1415{:07}", 2_000_000 + place);
        let now = city.clock.millis();
        let application = Some(self.application.as_str());
        let bought = city
            .providers
            .with(|all| all.telnyx.buy_outside(now, STANDARD_TELNYX_KEY, &digits, application));
        let credential = {
            let all = city.providers.lock();
            all.vapi.orgs()[0].credentials.iter().next().unwrap().id.clone()
        };
        let assistant = (!is_free).then_some(&self.assistant);
        let body = json!({
            "provider": "telnyx", "number": digits, "credentialId": credential,
            "name": format!("copied {place}"), "assistantId": assistant,
        });
        let body = if is_free { without(body, "assistantId") } else { body };
        let (status, made) = city.at_vapi("POST", "/phone-number", body);
        assert_eq!(status, 201, "{made}");
        let record = made["id"].as_str().unwrap().to_owned();
        Line { digits, record, telnyx: bought.unwrap().to_string(), is_free }
    }

    /// Changes at the providers what a sweep is to find.
    fn drift(&mut self, city: &City, numbers: usize, stamp: &Stamp) {
        let (_, stranger) = city.at_vapi("POST", "/assistant", json!({ "name": "Somebody else" }));
        let link = json!({ "assistantId": stranger["id"] });
        let (mut taken, mut free) = (0, 0);
        for line in &self.lines {
            let path = format!("/phone-number/{}", line.record);
            // Nine in ten are somebody's, and one in a hundred of all shall differ in each way.
            let count = if line.is_free { &mut free } else { &mut taken };
            *count += 1;
            let way = if line.is_free {
                *count % (ONE_IN / FREE_ONE_IN)
            } else {
                *count % (ONE_IN * (FREE_ONE_IN - 1) / FREE_ONE_IN)
            };
            let ways = match (line.is_free, way) {
                (_, 1) => city.at_vapi("PATCH", &path, link.clone()).0 == 200,
                (false, 2) => {
                    city.providers.with(|all| all.telnyx.route_outside(&line.digits, None))
                }
                (true, 2) => city.at_vapi("DELETE", &path, Value::Null).0 == 200,
                (true, 3) => city
                    .providers
                    .with(|all| all.telnyx.set_number_status(&line.digits, NumberStatus::Deleted)),
                (false | true, _) => true,
            };
            assert!(ways, "it cannot be changed");
        }
        for place in 0..numbers / ONE_IN {
            let digits = format!("+1628{:07}", 2_000_000 + place);
            let now = city.clock.millis();
            let id = city
                .providers
                .with(|all| all.telnyx.buy_outside(now, STANDARD_TELNYX_KEY, &digits, None));
            let path = format!("/phone_numbers/{}", id.unwrap());
            at_telnyx(city, &path, &json!({ "customer_reference": stamp.as_str() }));
            self.strays += 1;
        }
    }

    /// How many differ.
    pub(crate) fn drifted(&self) -> usize {
        self.strays * 6
    }

    /// How many still do, by what the providers and the table hold.
    pub(crate) fn unmended(&self, city: &City) -> usize {
        let states = it::truth::number_states(&city.table);
        let state = |name: &str| states.get(name).copied().unwrap_or(0);
        let marked = (2 * self.strays).abs_diff(state("corrupted"));
        let adopted = self.strays.abs_diff(state("quarantined"));
        let all = city.providers.lock();
        let org = &all.vapi.orgs()[0];
        let astray = |line: &&Line| {
            let record = org.numbers.get(&line.record).and_then(|record| record.assistant_id());
            let wanted = (!line.is_free).then_some(self.assistant.as_str());
            let id: u64 = line.telnyx.parse().unwrap();
            let held = all.telnyx.accounts()[0].numbers.get(&id);
            let routed = held.and_then(|held| held.connection_id.as_deref());
            record != wanted || !line.is_free && routed != Some(self.application.as_str())
        };
        marked + adopted + self.lines.iter().filter(astray).count()
    }

    /// Calls to the providers so far.
    pub(crate) fn calls(&self, city: &City) -> u64 {
        let all = city.providers.lock();
        let vapi = [
            ("GET", "/v2/phone-number"),
            ("GET", "/phone-number/{id}"),
            ("PATCH", "/phone-number/{id}"),
        ];
        let telnyx = [
            ("GET", "/phone_numbers"),
            ("GET", "/phone_numbers/{id}"),
            ("PATCH", "/phone_numbers/{id}"),
        ];
        let at_vapi = vapi.iter().map(|(method, path)| all.vapi.calls_counted(method, path));
        let at_telnyx = telnyx.iter().map(|(method, path)| all.telnyx.calls_counted(method, path));
        at_vapi.chain(at_telnyx).sum()
    }
}

/// A number as the product gets it, given up again if it is to be nobody's; and who answers it.
fn model(city: &City, name: &str, is_free: bool) -> (Model, String) {
    let before: Vec<Key> = city.table.rows().into_iter().map(|row| row.key).collect();
    let person = Person::of("org-1", name);
    let asked = city.post(&person, from_sources(&["telnyx"]));
    city.settle();
    let ready = city.look(&person, asked.id());
    city.assert_answers(&ready);
    if is_free {
        let line = format!("DELETE /api/phone/numbers/{}", ready.text("number_id"));
        city.send(person.call(&line, &Value::Null));
        city.settle();
        city.pass(Duration::from_secs(60));
        city.sweep();
        city.settle();
    }
    let digits = ready.text("phone_number").to_owned();
    let (record, telnyx) = {
        let all = city.providers.lock();
        let record =
            all.vapi.orgs()[0].numbers.iter().find(|one| one.digits.as_ref() == Some(&digits));
        let held = all.telnyx.holding(&digits).unwrap().1.id.to_string();
        (record.unwrap().id.clone(), held)
    };
    let text = |name: &str| ready.text(name).to_owned();
    let ids =
        [text("number_id"), text("provisioning_id"), text("assistant_id"), digits, record, telnyx];
    let about = ["NUMBER#", "DIGITS#", "VAPI#", "TELNYX#", "ASSISTANT#", "WORK#"];
    let rows = city.table.rows().into_iter().filter(|row| {
        let kept = about.iter().any(|kind| row.key.pk.starts_with(kind));
        kept && !before.contains(&row.key) && !row.key.sk.starts_with("HISTORY#")
    });
    (Model { rows: rows.collect(), ids }, text("vapi_assistant_id"))
}

/// The rows of a model under the ids of a line.
fn copied(model: &Model, place: usize, line: &Line) -> Vec<Row> {
    let fresh = Fresh(u128::try_from(place).unwrap() + (1 << 90));
    let ids = [
        NumberId::new(fresh).to_string(),
        WorkId::new(fresh).to_string(),
        AssistantId::new(fresh).to_string(),
        line.digits.clone(),
        line.record.clone(),
        line.telnyx.clone(),
    ];
    let other = |text: &str| {
        let pairs = model.ids.iter().zip(&ids);
        pairs.fold(text.to_owned(), |text, (from, to)| text.replace(from.as_str(), to))
    };
    let item = |item: &Item| -> Item {
        let value = |value: &Stored| match value {
            Stored::Text(text) => Stored::Text(other(text)),
            Stored::Document(text) => Stored::Document(Arc::from(other(text))),
            Stored::Number(number) => Stored::Number(*number),
        };
        item.iter().map(|(name, held)| (*name, value(held))).collect()
    };
    let row = |row: &Row| Row {
        key: Key { pk: other(&row.key.pk), sk: other(&row.key.sk) },
        item: item(&row.item),
    };
    model.rows.iter().map(row).collect()
}

/// One by one: rows kept aside would leave memory in which a sweep could grow unseen.
fn put(city: &City, row: Row) {
    let put = Write::Put { key: row.key, item: row.item, condition: Condition::Absent };
    city.clock.run(city.table.write(&put)).unwrap();
}

fn without(mut body: Value, name: &str) -> Value {
    if let Some(fields) = body.as_object_mut() {
        fields.remove(name);
    }
    body
}

fn at_telnyx(city: &City, path: &str, body: &Value) {
    let request = Request {
        method: Method::Patch,
        url: format!("https://api.telnyx.com/v2{path}"),
        query: Vec::new(),
        headers: [
            ("authorization".to_owned(), format!("Bearer {STANDARD_TELNYX_KEY}")),
            ("content-type".to_owned(), "application/json".to_owned()),
            ("user-agent".to_owned(), "a portal".to_owned()),
        ]
        .into(),
        body: Some(body.to_string().into_bytes()),
        deadline: Duration::from_secs(10),
    };
    let now = city.clock.millis();
    city.providers.with(|all| all.handle(now, Provider::Telnyx, &request));
}
