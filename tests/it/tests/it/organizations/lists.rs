//! The list of organizations, page by page.

use super::{change, get, refused};
use it::{City, Person, Shown as _};
use serde_json::{Value, json};

#[test]
fn organizations_are_listed_page_by_page_with_what_they_spent() {
    let city = City::new();
    for number in 0..5 {
        let body = json!({ "quarantine_days": number });
        assert_eq!(city.send(change(&format!("org-{number}"), None, &body)).status, 200);
    }
    // One that nobody has set anything for is known by its first provisioning.
    let person = Person::of("org-5", "bakery");
    let asked = city.post(&person, json!({ "sources": ["telnyx"] }));
    city.settle();
    city.assert_answers(&city.look(&person, asked.id()));
    let (mut found, mut cursor) = (Vec::new(), String::new());
    for page in 0..4 {
        let answer = get(&city, &format!("/api/admin/organizations?limit=2{cursor}"));
        let organizations = answer.body["organizations"].as_array().unwrap().clone();
        assert!(organizations.len() <= 2);
        found.extend(organizations);
        let next = answer.text("next_cursor");
        if next.is_empty() {
            assert!(page > 1, "more than two pages");
            break;
        }
        cursor = format!("&cursor={next}");
    }
    let ids: Vec<&str> = found.iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["org-0", "org-1", "org-2", "org-3", "org-4", "org-5"]);
    let spent: Vec<&Value> = found.iter().map(|one| &one["month_committed_cents"]).collect();
    assert_eq!(spent, [0, 0, 0, 0, 0, 200]);
    for query in ["limit=0", "limit=101", "cursor=x", "cursor=WyJhIl0"] {
        let line = format!("GET /api/admin/organizations?{query}");
        refused(&city, Person::operator().call(&line, &Value::Null), 422, "field-invalid");
    }
}
