//! A newcomer's way: onboarding, one more person to put callers through to, a change, the end.

use e2e::{WORK_LIMIT, assert_problem, on_stack, sign_in};
use local::{User, main_job};
use reqwest::Method;
use serde_json::{Value, json};

const JSON: [(&str, &str); 1] = [("content-type", "application/json")];

#[test]
fn a_newcomer_gets_a_business_whose_assistant_answers_changes_and_goes() {
    on_stack(async |stack| {
        let newcomer = User {
            email: "rosa@newcomers.example".to_owned(),
            business_id: None,
            ..User::of_business("acme", "none")
        };
        let api = stack.api(&sign_in(stack, newcomer).await);
        assert_problem(&api.get("/api/phone/provision").await.unwrap(), &[409]);

        let body = json!({
            "businessData": { "business_name": "Rosa's Bakery" },
            "industryCode": "restaurant",
            "sources": ["vapi_free"],
        });
        let path = "/api/onboarding/complete?wait=0";
        let asked = api.post(path, &body).await.unwrap();
        assert_eq!((asked.status, &asked.body["success"]), (202, &json!(true)), "{}", asked.text);
        let id = asked.text_at("provisioning_id").expect("an id");
        let ready = main_job::follow(&api, id, WORK_LIMIT, |_| ()).await.unwrap();
        assert_eq!(ready["state"], "ready", "{ready:#}");
        let number = ready["phone_number"].as_str().expect("a number");
        let call = main_job::call(stack.vapi_url(), number).await.unwrap();
        assert_eq!(call["assistant_id"], ready["vapi_assistant_id"], "{call:#}");
        let again = api.post(path, &body).await.unwrap();
        assert_eq!((again.status, again.text_at("provisioning_id")), (200, Some(id)));

        let contact = json!({ "name": "Dana Reyes", "phone_number": "+14155550199" });
        let added = api.post("/api/emergency-contacts", &contact).await.unwrap();
        assert_eq!(added.status, 201, "{}", added.text);
        let path = format!("/api/assistants/{}", ready["assistant_id"].as_str().expect("an id"));
        let change = json!({ "assistant": { "firstMessage": "Rosa's, good morning!" } });
        let change = Some(change.to_string().into_bytes());
        let changed = api.send(Method::PATCH, &path, &JSON, change).await.unwrap();
        assert_eq!(changed.status, 202, "{}", changed.text);
        let begun = std::time::Instant::now();
        loop {
            let one = api.get(&path).await.unwrap();
            if one.body["up_to_date"] == true {
                break;
            }
            assert!(begun.elapsed() < WORK_LIMIT, "{}", one.text);
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        }
        let at_vapi = |id: &Value| {
            let providers = stack.providers().lock();
            let assistants = &providers.vapi.orgs()[0].assistants;
            let one = assistants.iter().find(|one| Some(one.id.as_str()) == id.as_str());
            one.map(|one| {
                let transfer = &one.body["model"]["tools"][1];
                (one.body["firstMessage"].clone(), transfer["destinations"].clone())
            })
        };
        let (greeting, destinations) = at_vapi(&ready["vapi_assistant_id"]).expect("it is there");
        assert_eq!(greeting, "Rosa's, good morning!");
        assert_eq!(destinations[0]["number"], "+14155550199");

        assert_eq!(api.delete(&path).await.unwrap().status, 202);
        let gone = main_job::follow(&api, id, WORK_LIMIT, |_| ()).await.unwrap();
        assert_eq!(gone["state"], "deleted", "{gone:#}");
        assert!(at_vapi(&ready["vapi_assistant_id"]).is_none(), "the assistant is gone");
        let call = main_job::call(stack.vapi_url(), number).await.unwrap();
        assert_eq!(call["outcome"], "server_reply", "nobody answers: {call:#}");
        let list = api.get("/api/assistants/list").await.unwrap();
        assert_eq!(list.body["count"], 0, "{}", list.text);
    });
}
