//! One call of an API that answers in JSON, before it becomes a request.

use crate::reading::Effect;
use crate::{Method, Request};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

/// What is asked of a provider.
pub struct Call {
    method: Method,
    path: String,
    query: Vec<(String, String)>,
    body: Option<Body>,
}

/// A body with the name of its form.
struct Body {
    content_type: &'static str,
    bytes: Vec<u8>,
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("method", &self.method).finish_non_exhaustive()
    }
}

/// Where a provider is, and with whose key it is called.
#[derive(Debug, Clone, Copy)]
pub struct Access<'a> {
    /// Its base URL.
    pub base_url: &'a str,
    /// The key.
    pub authorization: Authorization<'a>,
    /// How long one call may take.
    pub deadline: Duration,
}

/// How a request shows whose it is. `Debug` prints no key.
#[derive(Clone, Copy)]
pub enum Authorization<'a> {
    /// A bearer key (VAPI, Telnyx).
    Bearer(&'a SecretString),
    /// A user and a password (Twilio).
    Basic {
        /// The user, without a colon.
        user: &'a str,
        /// The password.
        password: &'a SecretString,
    },
}

impl fmt::Debug for Authorization<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bearer(_) => "Bearer",
            Self::Basic { .. } => "Basic",
        })
    }
}

impl Authorization<'_> {
    /// The value of the `Authorization` header. It is as secret as the key.
    #[must_use]
    pub fn header(self) -> String {
        match self {
            Self::Bearer(key) => format!("Bearer {}", key.expose_secret()),
            Self::Basic { user, password } => {
                let pair = format!("{user}:{}", password.expose_secret());
                format!("Basic {}", STANDARD.encode(pair))
            }
        }
    }
}

impl Call {
    /// Reads.
    pub fn get(path: impl Into<String>) -> Self {
        Self { method: Method::Get, path: path.into(), query: Vec::new(), body: None }
    }

    /// Removes.
    pub fn delete(path: impl Into<String>) -> Self {
        Self { method: Method::Delete, ..Self::get(path) }
    }

    /// Creates, buys, imports.
    pub fn post(path: impl Into<String>, body: &impl Serialize) -> Self {
        // Our bodies have only text keys and cannot fail to be written.
        let json = serde_json::to_vec(body).ok();
        let body = json.map(|bytes| Body { content_type: "application/json", bytes });
        Self { method: Method::Post, body, ..Self::get(path) }
    }

    /// Creates, buys or changes, at a provider that takes forms.
    pub fn form<'a>(
        path: impl Into<String>,
        fields: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Self {
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let content_type = "application/x-www-form-urlencoded";
        let body = Some(Body { content_type, bytes: form.into_bytes() });
        Self { method: Method::Post, body, ..Self::get(path) }
    }

    /// Changes in part.
    pub fn patch(path: impl Into<String>, body: &impl Serialize) -> Self {
        Self { method: Method::Patch, ..Self::post(path, body) }
    }

    /// With one more query parameter.
    #[must_use]
    pub fn query(mut self, name: &str, value: impl ToString) -> Self {
        self.query.push((name.to_owned(), value.to_string()));
        self
    }

    /// What the call does there.
    #[must_use]
    pub const fn effect(&self) -> Effect {
        match self.method {
            Method::Get => Effect::Reads,
            Method::Post | Method::Patch | Method::Delete => Effect::Changes,
        }
    }

    /// The call as a request.
    #[must_use]
    pub fn request(self, access: Access<'_>) -> Request {
        let mut headers = BTreeMap::from([
            ("accept".to_owned(), "application/json".to_owned()),
            ("authorization".to_owned(), access.authorization.header()),
        ]);
        if let Some(body) = &self.body {
            headers.insert("content-type".to_owned(), body.content_type.to_owned());
        }
        Request {
            method: self.method,
            url: format!("{}{}", access.base_url.trim_end_matches('/'), self.path),
            query: self.query,
            headers,
            body: self.body.map(|body| body.bytes),
            deadline: access.deadline,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn request(call: Call, authorization: Authorization<'_>) -> Request {
        let base_url = "https://provider.test/";
        call.request(Access { base_url, authorization, deadline: Duration::from_secs(1) })
    }

    #[test]
    fn a_body_of_json_goes_out_with_a_bearer_key() {
        let key = SecretString::from("sesame");
        let call = Call::post("/things", &json!({ "a": 1 })).query("page", 2);
        let request = request(call, Authorization::Bearer(&key));
        assert_eq!(request.url, "https://provider.test/things");
        assert_eq!(request.query, [("page".to_owned(), "2".to_owned())]);
        assert_eq!(request.body.as_deref(), Some(br#"{"a":1}"#.as_slice()));
        assert_eq!(request.headers["content-type"], "application/json");
        assert_eq!(request.headers["authorization"], "Bearer sesame");
    }

    #[test]
    fn a_form_goes_out_with_user_and_password() {
        // The example of RFC 7617.
        let password = SecretString::from("open sesame");
        let basic = Authorization::Basic { user: "Aladdin", password: &password };
        let fields = [("PhoneNumber", "+1415"), ("Name", "é & co"), ("Url", "")];
        let call = Call::form("/things", fields);
        assert_eq!(call.effect(), Effect::Changes);
        let request = request(call, basic);
        assert_eq!(request.method, Method::Post);
        let body = b"PhoneNumber=%2B1415&Name=%C3%A9+%26+co&Url=";
        assert_eq!(request.body.as_deref(), Some(body.as_slice()));
        assert_eq!(request.headers["content-type"], "application/x-www-form-urlencoded");
        assert_eq!(request.headers["authorization"], "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    }

    #[test]
    fn a_call_without_a_body_names_no_form() {
        let key = SecretString::from("sesame");
        let request = request(Call::get("/things"), Authorization::Bearer(&key));
        assert!(!request.headers.contains_key("content-type"));
        assert_eq!(request.headers["accept"], "application/json");
    }

    #[test]
    fn no_key_is_printed() {
        let secret = SecretString::from("sesame");
        for authorization in [
            Authorization::Bearer(&secret),
            Authorization::Basic { user: "sesame-user", password: &secret },
        ] {
            let access = Access { base_url: "", authorization, deadline: Duration::ZERO };
            let call = Call::form("/sesame", [("sesame", "sesame")]);
            let printed = format!("{access:?} {call:?}");
            let printed = format!("{printed} {:?}", request(call, authorization));
            assert!(!printed.contains("sesame"), "{printed}");
        }
    }
}
