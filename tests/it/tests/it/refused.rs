//! Bad input: a clear problem each, and nothing changed.

use it::deployment::WEBHOOK_SECRET;
use it::{City, Person, Shown as _, harbor};
use provision::{Answer, Call};
use serde_json::{Value, json};
use store::table::Row;
use webhooks::Hook;

const MINE: &str = "/api/phone/provision";

/// A city with one ready provisioning of `harbor`, and its id.
fn city() -> (City, String) {
    let city = City::new();
    let asked = city.post(&harbor(), json!({}));
    city.settle();
    let id = asked.id().to_owned();
    (city, id)
}

fn world(city: &City) -> (Vec<Row>, it::truth::Held, u64) {
    (city.table.rows(), city.held(), city.queue.sent())
}

/// The answer, after nothing has changed by it.
#[track_caller]
fn refused(city: &City, call: Call) -> Answer {
    let before = world(city);
    let answer = city.send(call);
    assert!(world(city) == before, "something changed: {:#}", answer.body);
    assert!((400..500).contains(&answer.status), "{} {:#}", answer.status, answer.body);
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    for member in ["type", "title", "detail", "next_steps", "error"] {
        assert_ne!(answer.text(member), "", "{member} of {:#}", answer.body);
    }
    assert_eq!(answer.body["success"], json!(false));
    assert_eq!(answer.body["status"], json!(answer.status));
    answer
}

#[track_caller]
fn problem(city: &City, call: Call, status: u16, code: &str) {
    let answer = refused(city, call);
    assert_eq!((answer.status, answer.problem()), (status, code), "{:#}", answer.body);
}

#[test]
fn malformed_bodies() {
    let (city, _) = city();
    let broken: [&[u8]; 7] = [b"{", b"[]", b"\"text\"", b"1", b"null", b"{\"a\":}", b"\xff\xfe"];
    for body in broken {
        let call = Call { body: body.to_vec(), ..harbor().asks(Value::Null) };
        problem(&city, call, 400, "body-unreadable");
    }
}

#[test]
fn fields_of_the_wrong_kind_are_named() {
    let (city, _) = city();
    for (field, value) in [
        ("area_code", json!(415)),
        ("area_code", json!("41")),
        ("area_code", json!("000")),
        ("areaCode", json!("0x5")),
        ("area_code", json!("888")),
        ("type", json!("mobile")),
        ("type", json!(["local"])),
        ("match", json!("maybe")),
        ("country", json!("usa")),
        ("country", json!({})),
        ("number", json!("not a number")),
        ("phone_number", json!("+1")),
        ("sources", json!("telnyx")),
        ("sources", json!([])),
        ("sources", json!(["telnyx", "telnyx"])),
        ("sources", json!(["pigeon"])),
        ("business_data", json!("Harbor")),
        ("business_data", json!({ "business_name": 7 })),
        ("business_name", json!("x".repeat(201))),
        ("language", json!("klingon")),
        ("assistant_id", json!("x")),
        ("business_id", json!("a#b")),
        ("organization_id", json!("")),
    ] {
        let answer = refused(&city, harbor().asks(json!({ field: value })));
        let status = (answer.status, answer.problem());
        assert_eq!(status, (422, "field-invalid"), "{field} {value}: {:#}", answer.body);
    }
}

#[test]
fn wait_that_is_no_wait() {
    let (city, id) = city();
    for wait in ["-1", "26", "soon", "1.5", ""] {
        let call = harbor().call(&format!("GET {MINE}/{id}?wait={wait}"), &Value::Null);
        problem(&city, call, 422, "field-invalid");
        let call = harbor().call(&format!("POST {MINE}?wait={wait}"), &Value::Null);
        problem(&city, call, 422, "field-invalid");
    }
}

#[test]
fn foreign_businesses_and_assistants_do_not_exist() {
    let (city, id) = city();
    let assistant = city.look(&harbor(), &id).text("assistant_id").to_owned();
    let stranger = Person::of("org-1", "stranger");
    let namesake = Person::of("org-2", "harbor");
    for person in [&stranger, &namesake] {
        let call = person.asks(json!({ "assistant_id": assistant }));
        problem(&city, call, 404, "no-such-assistant");
        for line in [
            format!("GET {MINE}/{id}"),
            format!("DELETE {MINE}/{id}"),
            format!("POST {MINE}/{id}/retry"),
        ] {
            problem(&city, person.call(&line, &Value::Null), 404, "no-such-provisioning");
        }
        let mine = city.send(person.call(&format!("GET {MINE}"), &Value::Null));
        assert_eq!(mine.body["hasPhoneNumber"], json!(false));
    }
    let call = stranger.asks(json!({ "business_id": "harbor" }));
    problem(&city, call, 404, "no-such-business");
    let call = harbor().asks(json!({ "organization_id": "org-2" }));
    problem(&city, call, 404, "no-such-business");
    let unknown = "01JGF00000000000000000ABCD";
    problem(&city, harbor().asks(json!({ "assistant_id": unknown })), 404, "no-such-assistant");
    for id in [unknown, "x", "%00", "..", "WORK%23"] {
        let call = harbor().call(&format!("GET {MINE}/{id}"), &Value::Null);
        problem(&city, call, 404, "no-such-provisioning");
    }
}

#[test]
fn callers_without_the_right_token() {
    let (city, id) = city();
    let lines = [
        format!("POST {MINE}"),
        format!("GET {MINE}"),
        format!("GET {MINE}/{id}"),
        format!("DELETE {MINE}/{id}"),
        format!("POST {MINE}/{id}/retry"),
        "GET /api/phone/available".to_owned(),
        "GET /api/admin/provisionings".to_owned(),
        "GET /api/nothing".to_owned(),
    ];
    for line in &lines {
        problem(&city, Person::nobody().call(line, &Value::Null), 401, "not-signed-in");
        let access = harbor().claiming("token_use", "access");
        problem(&city, access.call(line, &Value::Null), 401, "id-token-required");
    }
    // What is in headers or query says nothing about who calls.
    let mut forged = Person::nobody().call(&format!("GET {MINE}?sub=x"), &Value::Null);
    forged.headers.insert("authorization".to_owned(), "Bearer x".to_owned());
    problem(&city, forged, 401, "not-signed-in");

    let homeless = harbor().without("custom:organization_id");
    problem(&city, homeless.asks(json!({})), 403, "no-organization");
    let unemployed = harbor().without("custom:business_id");
    problem(&city, unemployed.asks(json!({})), 409, "no-business");
    let odd = harbor().claiming("custom:business_id", "a#b");
    problem(&city, odd.asks(json!({})), 403, "claim-unusable");
}

#[test]
fn operators_matters_are_for_operators() {
    let (city, id) = city();
    let lines = [
        "GET /api/admin/provisionings".to_owned(),
        format!("GET /api/admin/provisionings/{id}"),
        format!("POST /api/admin/provisionings/{id}/retry"),
        format!("POST /api/admin/provisionings/{id}/cancel"),
        "GET /api/admin/organizations".to_owned(),
        "GET /api/admin/organizations/org-1".to_owned(),
        "PUT /api/admin/organizations/org-1".to_owned(),
        "GET /api/admin/organizations/org-1/history".to_owned(),
        "GET /api/admin/phone-numbers".to_owned(),
        format!("GET /api/admin/phone-numbers/{id}/history"),
        "GET /api/admin/phone-pool".to_owned(),
        "GET /api/admin/nothing".to_owned(),
    ];
    for line in &lines {
        problem(&city, Person::nobody().call(line, &Value::Null), 401, "not-signed-in");
    }
    for groups in ["[not-operators]", "[not-admin operators2]", "[]", "not-operators", "OPERATORS"]
    {
        let person = harbor().claiming("cognito:groups", groups);
        for line in &lines {
            problem(&city, person.call(line, &Value::Null), 403, "operators-only");
        }
    }
    let seen = city.send(Person::operator().call(&lines[1], &Value::Null));
    assert_eq!((seen.status, seen.state()), (200, "ready"));
    let listed = city
        .send(Person::operator().call("GET /api/admin/provisionings?state=ready", &Value::Null));
    assert_eq!(listed.body["provisionings"].as_array().unwrap().len(), 1);
    for query in ["state=odd", "limit=0", "limit=101", "cursor=x"] {
        let line = format!("GET /api/admin/provisionings?{query}");
        problem(&city, Person::operator().call(&line, &Value::Null), 422, "field-invalid");
    }
}

#[test]
fn bodies_that_are_too_large() {
    let (city, _) = city();
    let body = json!({ "business_name": "x".repeat(65 * 1024) });
    problem(&city, harbor().asks(body), 413, "body-too-large");
}

#[test]
fn addresses_where_nothing_is() {
    let (city, id) = city();
    for line in [
        "GET /".to_owned(),
        "GET /api/phone".to_owned(),
        format!("PUT {MINE}"),
        format!("PATCH {MINE}/{id}"),
        format!("POST {MINE}/{id}/explode"),
        format!("DELETE {MINE}"),
    ] {
        problem(&city, harbor().call(&line, &Value::Null), 404, "no-such-route");
    }
}

/// Hears a webhook that must be rejected, with nothing changed.
#[track_caller]
fn rejected(city: &City, hook: Hook, status: u16) {
    let before = world(city);
    let answer = city.clock.run(city.hear(hook));
    assert_eq!(answer.status, status, "{:?}", answer.body);
    assert!(world(city) == before, "something changed");
}

fn hook(path: &str, headers: &[(&str, &str)], body: &str) -> Hook {
    Hook {
        method: "POST".to_owned(),
        path: path.to_owned(),
        query: String::new(),
        headers: headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        body: body.as_bytes().to_vec(),
    }
}

#[test]
fn forged_webhooks_of_vapi() {
    let (city, _) = city();
    let vapi = city.held().free.first().unwrap().clone();
    let body = json!({ "message": {
        "type": "end-of-call-report", "call": { "id": "call-1", "phoneNumberId": vapi },
        "durationSeconds": 60, "phoneNumber": { "id": vapi },
    }})
    .to_string();
    for headers in [
        &[][..],
        &[("x-vapi-secret", "wrong")],
        &[("x-vapi-secret", "")],
        &[("authorization", "Bearer wrong")],
        &[("x-vapi-secret", WEBHOOK_SECRET), ("x-vapi-secret", WEBHOOK_SECRET)],
    ] {
        rejected(&city, hook("/webhooks/vapi", headers, &body), 401);
    }
    let large = "x".repeat(4 * 1024 * 1024 + 1);
    rejected(&city, hook("/webhooks/vapi", &[("x-vapi-secret", WEBHOOK_SECRET)], &large), 413);
    assert!(city.figures("WebhookRejected") >= 6);
}

#[test]
fn forged_webhooks_of_telnyx() {
    let city = City::new();
    city.switch(&json!({ "telnyx": { "order_settle_ms": 3_600_000 } }));
    let asked = city.post(&harbor(), json!({ "sources": ["telnyx"] }));
    city.pass(std::time::Duration::from_secs(200));
    let work = city.works().remove(0);
    assert_eq!(work.id.to_string(), asked.id());
    let body = json!({ "data": {
        "event_type": "number_order.complete", "id": "event-1",
        "payload": { "customer_reference": work.stamp().as_str(), "status": "success" },
    }})
    .to_string();
    let now = (city.clock.millis() / 1000).to_string();
    let signature =
        "GESeF35+8bjm5uthGCMWwzd5H5mSeG4XLIEGAqLGJ8hW3qZCiUuJS2B7i67hl88TMwBXrWhbheawxE8ZM+VrAw==";
    for headers in [
        &[][..],
        &[("telnyx-timestamp", now.as_str())],
        &[("telnyx-signature-ed25519", signature)],
        &[("telnyx-signature-ed25519", signature), ("telnyx-timestamp", now.as_str())],
        &[("telnyx-signature-ed25519", "AAAA"), ("telnyx-timestamp", now.as_str())],
        &[("telnyx-signature-ed25519", signature), ("telnyx-timestamp", "soon")],
    ] {
        rejected(&city, hook("/webhooks/telnyx", headers, &body), 401);
    }
}

#[test]
fn webhooks_of_telnyx_that_are_stale_or_altered() {
    for (shift_ms, altered, status) in
        [(-301_000, false, 401), (301_000, false, 401), (0, true, 401), (-299_000, false, 200)]
    {
        let city = City::new();
        city.post(&harbor(), json!({ "sources": ["telnyx"] }));
        city.until(|city| city.held().orders == 1);
        let now = city.clock.millis();
        let mut due = city.providers.with(|all| {
            all.telnyx.tick(now + 10_000);
            all.take_webhooks_stamped(now + 10_000, now + shift_ms)
        });
        let delivery = due.pop().unwrap();
        let mut hook = city.hook(&delivery.url, &delivery.headers, &delivery.body).unwrap();
        if altered {
            hook.body.push(b' ');
        }
        if status == 401 {
            rejected(&city, hook, 401);
        } else {
            assert_eq!(city.clock.run(city.hear(hook)).status, status);
        }
    }
}

#[test]
fn problems_of_wrong_webhook_addresses() {
    let (city, _) = city();
    rejected(&city, hook("/webhooks/carrier-pigeon", &[], "{}"), 404);
}
