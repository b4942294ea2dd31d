//! Numbers made ahead: an operator has some parked, and a business takes one with two calls at VAPI.

use e2e::{Figures, Owner, WORK_LIMIT, on_stack, sign_in};
use local::{Api, Stack, User};
use serde_json::{Value, json};
use simulators::LogEntry;
use std::time::{Duration, Instant};

/// An area that no other test wants a number of: what others left in the pool is elsewhere.
const AREA: &str = "907";
/// How long a comparison with the providers may take that another test has begun.
const COMPARISON_LIMIT: Duration = Duration::from_secs(60);
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(250);

/// Looks at an address until its answer is so.
async fn until(api: &Api, path: &str, limit: Duration, so: impl Fn(&Value) -> bool) -> Value {
    let begun = Instant::now();
    loop {
        let answer = api.get(path).await.unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text);
        if so(&answer.body) {
            return answer.body;
        }
        assert!(begun.elapsed() < limit, "not within {} s: {}", limit.as_secs(), answer.text);
        tokio::time::sleep(PAUSE).await;
    }
}

/// Whether no comparison is under way, which reads numbers as well.
fn nothing_is_compared(drift: &Value) -> bool {
    drift["sweep"].is_null() || matches!(drift["state"].as_str(), Some("over" | "braked"))
}

/// What the providers were asked.
struct Calls {
    vapi: Vec<LogEntry>,
    telnyx: Vec<LogEntry>,
}

impl Calls {
    fn so_far(stack: &Stack) -> Self {
        stack.providers().with(|all| Self {
            vapi: all.vapi.log().cloned().collect(),
            telnyx: all.telnyx.log().cloned().collect(),
        })
    }

    fn since(stack: &Stack, before: &Self) -> Self {
        let mut now = Self::so_far(stack);
        now.vapi.drain(..before.vapi.len());
        now.telnyx.drain(..before.telnyx.len());
        now
    }
}

/// The calls about single numbers, and those that make something.
fn about_numbers(calls: &[LogEntry], number: &'static str) -> Vec<(&'static str, &'static str)> {
    let counts = |entry: &&LogEntry| entry.template == number || entry.method == "POST";
    calls.iter().filter(counts).map(|entry| (entry.method, entry.template)).collect()
}

#[test]
fn a_number_made_ahead_is_linked_and_read_back_and_nothing_else() {
    on_stack(async |stack| {
        let token = sign_in(stack, User::in_group("operators")).await;
        let operator = stack.api(&token);
        let before = Figures::of(stack);
        let order = json!({ "count": 3, "source": "telnyx", "area_code": AREA });
        let asked = operator.post("/api/admin/phone-pool/provision", &order).await.unwrap();
        assert_eq!(asked.status, 202, "{}", asked.text);
        let path = asked.headers.get("location").expect("where to look");
        let made = until(&operator, path, WORK_LIMIT, |made| made["pending"] == json!(0)).await;
        assert_eq!(made["success"], json!(true), "{made:#}");
        let bought = Figures { assistants: 0, records: 3, orders: 3, bought: 3 };
        assert_eq!(before.added(stack), bought);
        let parked: Vec<&str> = made["numbers"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|number| number["state"] == "available")
            .filter_map(|number| number["number"].as_str())
            .collect();
        assert_eq!(parked.len(), 3, "{made:#}");

        let owner = Owner::new(stack).await;
        let mut request = owner.request("pool");
        request["area_code"] = json!(AREA);
        until(&operator, "/api/admin/drift", COMPARISON_LIMIT, nothing_is_compared).await;
        let (held, calls) = (Figures::of(stack), Calls::so_far(stack));
        let job = local::main_job::run(stack, &owner.api, &request, WORK_LIMIT, |_| ()).await;
        let job = job.unwrap_or_else(|error| panic!("{error:#}"));
        assert!(job.is_answered_rightly(), "{job:#?}");
        assert_eq!((job.text("state"), job.text("source")), (Some("ready"), Some("pool")));
        assert!(parked.contains(&job.text("phone_number").unwrap()), "{parked:?} {job:#?}");
        let nothing_new = Figures { assistants: 1, records: 0, orders: 0, bought: 0 };
        assert_eq!(held.added(stack), nothing_new);

        let calls = Calls::since(stack, &calls);
        let (number, owned) = ("/phone-number/{id}", "/phone_numbers/{id}");
        let at_vapi = [("POST", "/assistant"), ("PATCH", number), ("GET", number)];
        assert_eq!(about_numbers(&calls.vapi, number), at_vapi);
        assert_eq!(about_numbers(&calls.telnyx, owned), [("GET", owned)]);
    });
}
