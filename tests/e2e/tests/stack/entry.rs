//! Who is let in: tokens, groups, origins.

use e2e::{Owner, assert_problem, held, on_stack, sign_in};
use local::{ORIGIN, User};
use reqwest::Method;
use serde_json::json;

#[test]
fn nobody_comes_in_without_a_token() {
    on_stack(async |stack| {
        let before = held(stack);
        let api = stack.api_without_token();
        let request = json!({ "business_data": { "business_name": "Nobody" } });
        assert_eq!(api.post("/api/phone/provision", &request).await.unwrap().status, 401);
        assert_eq!(api.get("/api/phone/provision").await.unwrap().status, 401);
        assert_eq!(api.get("/api/admin/provisionings").await.unwrap().status, 401);
        assert_eq!(api.get("/health").await.unwrap().status, 200);
        assert_eq!(held(stack), before);
    });
}

#[test]
fn nobody_comes_in_with_a_token_that_is_none_or_is_forged() {
    on_stack(async |stack| {
        let owner = Owner::new(stack).await;
        let (signed, _signature) = owner.token.rsplit_once('.').expect("a JWT");
        let unsigned = format!("{signed}.AAAA");
        for token in ["garbage", "a.b.c", unsigned.as_str()] {
            let answer = stack.api(token).get("/api/phone/provision").await.unwrap();
            assert_eq!(answer.status, 401, "{token}: {}", answer.text);
        }
    });
}

#[test]
fn nobody_comes_in_with_an_expired_token() {
    on_stack(async |stack| {
        let owner = Owner::new(stack).await;
        let before = held(stack);
        // The same claims signed again are let in, so that it is the time that keeps out.
        let same = stack.forge(&owner.token, &json!({})).await.unwrap();
        let answer = stack.api(&same).get("/api/phone/provision").await.unwrap();
        assert_ne!(answer.status, 401, "{}", answer.text);

        let expired = json!({ "iat": 1_700_000_000, "exp": 1_700_003_600 });
        let expired = stack.forge(&owner.token, &expired).await.unwrap();
        let request = owner.request("vapi_free");
        let answer = stack.api(&expired).post("/api/phone/provision", &request).await.unwrap();
        assert_eq!(answer.status, 401, "{}", answer.text);
        assert_eq!(held(stack), before);
    });
}

#[test]
fn operators_matters_are_for_operators() {
    on_stack(async |stack| {
        let owner = Owner::new(stack).await;
        let answer = owner.api.get("/api/admin/provisionings").await.unwrap();
        assert_problem(&answer, &[403]);
        for group in ["not-admin", "not-operators", "operators2"] {
            let token = sign_in(stack, User::in_group(group)).await;
            let answer = stack.api(&token).get("/api/admin/provisionings").await.unwrap();
            assert_problem(&answer, &[403]);
        }
        let operator = sign_in(stack, User::in_group("operators")).await;
        let answer = stack.api(&operator).get("/api/admin/provisionings").await.unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text);
    });
}

#[test]
fn a_preflight_needs_no_token() {
    on_stack(async |stack| {
        let api = stack.api_without_token();
        let ask = [
            ("origin", ORIGIN),
            ("access-control-request-method", "POST"),
            (
                "access-control-request-headers",
                "authorization,content-type,idempotency-key,if-match",
            ),
        ];
        let answer = api.send(Method::OPTIONS, "/api/phone/provision", &ask, None).await.unwrap();
        assert!((200..300).contains(&answer.status), "{} {}", answer.status, answer.text);
        let header = |name: &str| {
            answer.headers.get(name).map_or_else(String::new, |value| value.to_ascii_lowercase())
        };
        assert_eq!(header("access-control-allow-origin"), ORIGIN);
        assert!(header("access-control-allow-methods").contains("post"));
        for name in ["authorization", "content-type", "idempotency-key", "if-match"] {
            assert!(header("access-control-allow-headers").contains(name), "{name}");
        }
    });
}

#[test]
fn pages_from_elsewhere_are_not_let_in() {
    on_stack(async |stack| {
        let api = stack.api_without_token();
        let ask =
            [("origin", "https://elsewhere.example"), ("access-control-request-method", "POST")];
        let answer = api.send(Method::OPTIONS, "/api/phone/provision", &ask, None).await.unwrap();
        assert_eq!(answer.headers.get("access-control-allow-origin"), None);
    });
}

#[test]
fn a_page_may_read_where_the_work_is() {
    on_stack(async |stack| {
        let owner = Owner::new(stack).await;
        let ask = [("origin", ORIGIN)];
        let path = "/api/phone/provision";
        let answer = owner.api.send(Method::GET, path, &ask, None).await.unwrap();
        let exposed = answer.headers.get("access-control-expose-headers").cloned();
        let exposed = exposed.unwrap_or_default().to_ascii_lowercase();
        assert!(exposed.contains("location") && exposed.contains("retry-after"), "{exposed}");
    });
}
