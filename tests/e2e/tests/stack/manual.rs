//! A person as the last source: an operator names a number that was bought past Dialtone.

use e2e::{Figures, Owner, WORK_LIMIT, assert_problem, on_stack, sign_in};
use local::{User, by_hand, main_job};
use serde_json::json;

#[test]
fn a_number_bought_outside_and_named_by_an_operator_answers() {
    on_stack(async |stack| {
        let owner = Owner::new(stack).await;
        let token = sign_in(stack, User::in_group("operators")).await;
        let operator = stack.api(&token);
        let before = Figures::of(stack);
        let request = owner.request("manual");
        let run = main_job::run_by_hand(stack, &owner.api, &operator, &request, WORK_LIMIT, |_| ());
        let job = run.await.unwrap_or_else(|error| panic!("{error:#}"));
        assert!(job.is_answered_rightly(), "{job:#?}");
        assert_eq!(job.text("source"), Some("manual"));
        let new = Figures { assistants: 1, records: 1, orders: 0, bought: 1 };
        assert_eq!(before.added(stack), new, "nothing was ordered, and it was imported once");
    });
}

#[test]
fn what_waits_for_a_person_is_named_by_operators_alone() {
    on_stack(async |stack| {
        let owner = Owner::new(stack).await;
        let request = owner.request("manual");
        let view = main_job::provision(&owner.api, &request, WORK_LIMIT, |_| ());
        let view = view.await.unwrap_or_else(|error| panic!("{error:#}"));
        assert_eq!(view["state"], "needs_person", "{view:#}");
        assert!(view["problem"].get("setup").is_none(), "{view:#}");
        let id = view["provisioning_id"].as_str().expect("an id");
        let path = format!("/api/admin/provisionings/{id}/assign");
        let number = by_hand::buy(stack).unwrap();
        let refused = owner.api.post(&path, &json!({ "number": number })).await.unwrap();
        assert_problem(&refused, &[403]);
        let ended = owner.api.delete(&format!("/api/phone/provision/{id}")).await.unwrap();
        assert_eq!(ended.status, 202, "{}", ended.text);
        let view = main_job::follow(&owner.api, id, WORK_LIMIT, |_| ()).await.unwrap();
        assert_eq!(view["state"], "cancelled", "{view:#}");
    });
}
