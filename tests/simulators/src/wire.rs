//! A request as the simulators read it: path segments, decoded query, key, JSON or form body.

use base64::Engine;
use exchange::{Method, Request};
use serde_json::{Map, Value};

use crate::ids::is_sid;
use crate::secret::Secret;

/// A request, taken apart.
#[derive(Debug)]
pub(crate) struct Wire<'a> {
    pub(crate) method: Method,
    /// Path with its leading slash, without host and query.
    pub(crate) path: &'a str,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) body: Option<&'a [u8]>,
    /// The bearer token, if any.
    pub(crate) key: &'a str,
    /// User and password of basic authentication, if any.
    pub(crate) basic: Option<(String, Secret)>,
    /// Whether the body says it is a form.
    is_form: bool,
    pub(crate) user_agent: bool,
}

impl<'a> Wire<'a> {
    pub(crate) fn read(request: &'a Request) -> Self {
        let (path, in_url) = split(&request.url);
        let mut query = request.query.clone();
        if let Some(text) = in_url {
            query.extend(decode_query(text));
        }
        let key = request
            .headers
            .get("authorization")
            .and_then(|value| {
                value.strip_prefix("Bearer ").or_else(|| value.strip_prefix("bearer "))
            })
            .unwrap_or("");
        let basic = request.headers.get("authorization").and_then(|value| basic(value));
        let is_form = request
            .headers
            .get("content-type")
            .is_some_and(|value| value.starts_with("application/x-www-form-urlencoded"));
        let user_agent = request.headers.get("user-agent").is_some_and(|value| !value.is_empty());
        let (method, body) = (request.method, request.body.as_deref());
        Self { method, path, query, body, key, basic, is_form, user_agent }
    }

    /// Who asked, as the log names it: the end of a bearer token, or the id a basic user is.
    /// A user that is no id may be a secret in the wrong place, and is not written down.
    pub(crate) fn asker(&self) -> String {
        match &self.basic {
            Some((user, _)) if is_sid(user, "AC") || is_sid(user, "SK") => user.clone(),
            Some(_) => "no id".to_owned(),
            None => {
                let tail = self.key.char_indices().rev().nth(3).map_or(0, |(at, _)| at);
                self.key[tail..].to_owned()
            }
        }
    }

    /// The parameters of a form body. A body that does not say it is a form has none.
    pub(crate) fn form(&self) -> Result<Vec<(String, String)>, BadBody> {
        let Some(bytes) = self.body.filter(|_| self.is_form) else {
            return Ok(Vec::new());
        };
        let text = std::str::from_utf8(bytes).map_err(|_| BadBody)?;
        let hex = |rest: &str| {
            rest.get(..2).is_some_and(|pair| pair.bytes().all(|byte| byte.is_ascii_hexdigit()))
        };
        if !text.split('%').skip(1).all(hex) {
            return Err(BadBody);
        }
        Ok(decode_query(text))
    }

    /// The first value of a query parameter.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// All values of a list parameter: `name=a,b`, `name[]=a&name[]=b`, `name[0]=a` or repeated.
    pub(crate) fn query_list(&self, name: &str) -> Vec<&str> {
        let matches = |given: &str| {
            given.strip_prefix(name).is_some_and(|rest| {
                rest.is_empty()
                    || rest
                        .strip_prefix('[')
                        .and_then(|rest| rest.strip_suffix(']'))
                        .is_some_and(|index| index.bytes().all(|byte| byte.is_ascii_digit()))
            })
        };
        self.query
            .iter()
            .filter(|(given, _)| matches(given))
            .flat_map(|(_, value)| value.split(','))
            .filter(|value| !value.is_empty())
            .collect()
    }

    /// The body as a JSON object; a missing body counts as an empty one.
    pub(crate) fn object(&self) -> Result<Map<String, Value>, BadBody> {
        match self.body {
            None | Some([]) => Ok(Map::new()),
            Some(bytes) => match serde_json::from_slice(bytes) {
                Ok(Value::Object(map)) => Ok(map),
                Ok(_) | Err(_) => Err(BadBody),
            },
        }
    }
}

/// User and password of a basic authorization.
fn basic(header: &str) -> Option<(String, Secret)> {
    let coded = header.strip_prefix("Basic ").or_else(|| header.strip_prefix("basic "))?;
    let bytes = base64::engine::general_purpose::STANDARD.decode(coded.trim()).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (user, password) = text.split_once(':')?;
    Some((user.to_owned(), Secret::new(password)))
}

/// The body is not a JSON object, or not a form.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BadBody;

/// Splits a URL into its path and the query that may hang on it.
pub(crate) fn split(url: &str) -> (&str, Option<&str>) {
    let after_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    let from_path = if url.contains("://") {
        after_scheme.find('/').map_or("/", |at| &after_scheme[at..])
    } else {
        after_scheme
    };
    let (path, query) =
        from_path.split_once('?').map_or((from_path, None), |(path, query)| (path, Some(query)));
    let path = if path.len() > 1 { path.trim_end_matches('/') } else { path };
    (if path.is_empty() { "/" } else { path }, query)
}

/// Decodes a query string.
pub(crate) fn decode_query(text: &str) -> Vec<(String, String)> {
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

/// Encodes parameters as a query or a form.
pub(crate) fn encode_query(pairs: &[(&str, &str)]) -> String {
    let pairs = pairs.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value)));
    pairs.collect::<Vec<_>>().join("&")
}

fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                char::from(byte).to_string()
            }
            byte => format!("%{byte:02X}"),
        })
        .collect()
}

fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = text.get(at + 1..at + 3).and_then(|pair| u8::from_str_radix(pair, 16).ok());
        match (bytes[at], hex) {
            (b'%', Some(byte)) => {
                out.push(byte);
                at += 2;
            }
            (b'+', _) => out.push(b' '),
            (byte, _) => out.push(byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_lose_their_host_and_query() {
        assert_eq!(split("https://api.telnyx.com/v2/balance"), ("/v2/balance", None));
        assert_eq!(split("http://127.0.0.1:80/call?limit=1"), ("/call", Some("limit=1")));
        assert_eq!(split("http://127.0.0.1"), ("/", None));
        assert_eq!(split("/call/"), ("/call", None));
    }

    #[test]
    fn what_is_encoded_is_decoded() {
        let text = encode_query(&[("FriendlyName", "a b&c=d+é"), ("PhoneNumber", "+14155550123")]);
        assert!(text.ends_with("&PhoneNumber=%2B14155550123"));
        assert_eq!(decode_query(&text)[0].1, "a b&c=d+é");
        assert_eq!(decode_query(&text)[1].1, "+14155550123");
    }

    #[test]
    fn queries_are_decoded() {
        assert_eq!(
            decode_query("filter%5Btag%5D=a+b&number=%2B1415"),
            [
                ("filter[tag]".to_owned(), "a b".to_owned()),
                ("number".to_owned(), "+1415".to_owned())
            ]
        );
    }
}
