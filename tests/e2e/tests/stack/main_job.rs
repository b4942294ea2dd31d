//! A business gets a number that its own assistant answers.

use e2e::{Figures, Owner, assistant_name, on_stack};
use serde_json::json;

#[test]
fn a_free_number_is_answered_by_the_businesss_own_assistant() {
    on_stack(async |stack| {
        let owner = Owner::new(stack).await;
        let before = Figures::of(stack);
        let job = owner.provision(stack, "vapi_free").await;
        assert!(job.is_answered_rightly(), "{:#?}", job);
        assert_eq!(job.text("state"), Some("ready"));
        assert_eq!(job.text("phone_provider"), Some("vapi"));
        let name = assistant_name(stack, job.answered_by().unwrap());
        assert_eq!(name.as_ref(), Some(&owner.business_name));
        let one = Figures { assistants: 1, records: 1, orders: 0, bought: 0 };
        assert_eq!(before.added(stack), one);
    });
}

#[test]
fn a_number_bought_at_telnyx_is_routed_and_answered() {
    on_stack(async |stack| {
        let owner = Owner::new(stack).await;
        let before = Figures::of(stack);
        let job = owner.provision(stack, "telnyx").await;
        assert!(job.is_answered_rightly(), "{:#?}", job);
        assert_eq!(job.text("state"), Some("ready"));
        assert_eq!(job.text("phone_provider"), Some("telnyx"));
        let name = assistant_name(stack, job.answered_by().unwrap());
        assert_eq!(name.as_ref(), Some(&owner.business_name));
        let one = Figures { assistants: 1, records: 1, orders: 1, bought: 1 };
        assert_eq!(before.added(stack), one);
    });
}

#[test]
fn a_business_that_has_its_number_gets_the_same_again() {
    on_stack(async |stack| {
        let owner = Owner::new(stack).await;
        let job = owner.provision(stack, "vapi_free").await;
        let number = job.text("phone_number").expect("a number");
        let before = Figures::of(stack);

        let again = owner.api.post("/api/phone/provision", &owner.request("telnyx")).await.unwrap();
        assert_eq!(again.status, 200, "{}", again.text);
        assert_eq!(again.body["alreadyAssigned"], json!(true));
        assert_eq!(again.text_at("phone_number"), Some(number));

        let status = owner.api.get("/api/phone/provision").await.unwrap();
        assert_eq!(status.status, 200, "{}", status.text);
        assert_eq!(status.body["hasPhoneNumber"], json!(true));
        assert_eq!(status.text_at("phoneNumber"), Some(number));
        assert_eq!(before, Figures::of(stack));
    });
}

#[test]
fn many_requests_at_once_make_one_work_and_one_number() {
    on_stack(async |stack| {
        let owner = Owner::new(stack).await;
        let before = Figures::of(stack);
        let request = owner.request("vapi_free");
        let posts: Vec<_> = (0..8)
            .map(|_| {
                let (api, request) = (owner.api.clone(), request.clone());
                tokio::spawn(async move { api.post("/api/phone/provision", &request).await })
            })
            .collect();
        let mut ids = Vec::new();
        for post in posts {
            let answer = post.await.unwrap().unwrap();
            assert!(matches!(answer.status, 200 | 202), "{} {}", answer.status, answer.text);
            ids.push(answer.text_at("provisioning_id").expect("an id").to_owned());
        }
        ids.dedup();
        assert_eq!(ids.len(), 1, "{ids:?}");

        let job = owner.provision(stack, "vapi_free").await;
        assert!(job.is_answered_rightly(), "{:#?}", job);
        let one = Figures { assistants: 1, records: 1, orders: 0, bought: 0 };
        assert_eq!(before.added(stack), one);
    });
}
