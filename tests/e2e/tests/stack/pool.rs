//! A number changes hands: given up by one business, answered by nobody, had by another.

use e2e::{Figures, Owner, WORK_LIMIT, assert_problem, held, on_stack};
use local::{Stack, main_job, pool};
use serde_json::json;

/// What a caller of a number that is nobody's hears.
const NOT_ASSIGNED: &str = "This number is not yet assigned.";
/// More numbers than all tests leave in the pool.
const POOL_MAX: u32 = 20;

async fn assert_nobody_answers(stack: &Stack, number: &str) {
    let call = main_job::call(stack.vapi_url(), number).await.unwrap();
    assert_eq!(call["outcome"], "server_reply", "{call:#}");
    assert_eq!(call["spoken"], NOT_ASSIGNED, "{call:#}");
}

/// Other businesses take from the pool until one has this number; what others have given up may be
/// there as well.
async fn assert_another_has(stack: &Stack, number: &str) {
    for _business in 0..POOL_MAX {
        let (next, before) = (Owner::new(stack).await, Figures::of(stack));
        let job = next.provision(stack, "pool").await;
        assert!(job.is_answered_rightly(), "{job:#?}");
        assert_eq!(job.text("source"), Some("pool"));
        let nothing_new = Figures { assistants: 1, records: 0, orders: 0, bought: 0 };
        assert_eq!(before.added(stack), nothing_new);
        if job.text("phone_number") == Some(number) {
            return;
        }
    }
    panic!("the number is not in the pool");
}

#[test]
fn a_number_given_up_is_answered_by_nobody_and_then_by_another_business() {
    on_stack(async |stack| {
        for source in ["vapi_free", "telnyx"] {
            let former = Owner::new(stack).await;
            let job = former.provision(stack, source).await;
            assert!(job.is_answered_rightly(), "{source}: {job:#?}");
            let number = job.text("phone_number").expect("a number");

            let released = pool::give_up(&former.api, &job.view, WORK_LIMIT).await.unwrap();
            assert_eq!(released["state"], "released", "{released:#}");
            assert_nobody_answers(stack, number).await;
            let status = former.api.get("/api/phone/provision").await.unwrap();
            assert_eq!(status.body["hasPhoneNumber"], json!(false), "{}", status.text);

            pool::sweep(stack).await.unwrap();
            assert_nobody_answers(stack, number).await;
            assert_another_has(stack, number).await;
        }
    });
}

#[test]
fn a_number_given_up_is_had_back_by_its_own_business_alone() {
    on_stack(async |stack| {
        let (owner, stranger) = (Owner::new(stack).await, Owner::new(stack).await);
        let job = owner.provision(stack, "vapi_free").await;
        let number = job.text("number_id").expect("an id");
        let (path, before) = (format!("/api/phone/numbers/{number}"), held(stack));
        assert_problem(&stranger.api.delete(&path).await.unwrap(), &[404]);
        assert_eq!(held(stack), before, "nothing of another business is within reach");
        pool::give_up(&owner.api, &job.view, WORK_LIMIT).await.unwrap();

        let undo = format!("{path}/undo");
        assert_problem(&stranger.api.post(&undo, &json!({})).await.unwrap(), &[404]);
        let asked = owner.api.post(&undo, &json!({})).await.unwrap();
        assert_eq!(asked.status, 202, "{}", asked.text);
        let id = asked.text_at("provisioning_id").expect("an id");
        let back = main_job::follow(&owner.api, id, WORK_LIMIT, |_| ()).await.unwrap();
        assert_eq!(back["state"], "ready", "{back:#}");
        assert_eq!(back["phone_number"].as_str(), job.text("phone_number"));
        let digits = job.text("phone_number").expect("a number");
        let call = main_job::call(stack.vapi_url(), digits).await.unwrap();
        assert_eq!(call["assistant_id"].as_str(), job.text("vapi_assistant_id"), "{call:#}");
    });
}
