//! The platform's own server for the calls of an organization's assistants.
//!
//! VAPI prefers the server of an assistant to the number's (`assistant.server.url` before
//! `phoneNumber.serverUrl`), so that with one set the messages about calls go there and not to us;
//! calls are then learned from VAPI's call list. `assistant-request` stays with the number.

use crate::ids::CredentialId;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// Characters of an address.
const URL_LENGTH_MAX: usize = 2048;
/// Characters of a host name, and of each of its parts (RFC 1035).
const HOST_LENGTH_MAX: usize = 253;
const LABEL_LENGTH_MAX: usize = 63;

/// Where VAPI is to send what happens in calls, in place of us.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssistantServer {
    /// The address.
    pub url: ServerUrl,
    /// VAPI's credential with which it shows there who it is; without one the server must trust
    /// whoever knows its address.
    #[serde(default)]
    pub credential: Option<CredentialId>,
    /// The messages it wants; none named means those VAPI sends by default.
    #[serde(default)]
    pub messages: BTreeSet<ServerMessage>,
}

/// Why something cannot be set as a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidServer {
    /// The address.
    #[error(
        "an https address with a public host name, without user and fragment, is expected, \
         for example https://calls.example.com/vapi"
    )]
    Url,
    /// A message.
    #[error("a server message that VAPI knows is expected, for example end-of-call-report")]
    Message,
}

/// An https address of a public host. `Debug` leaves path and query out: they may hold a key.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ServerUrl(String);

impl ServerUrl {
    /// The whole address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address as people may see it: path and query may hold a key, and are left out.
    #[must_use]
    pub fn masked(&self) -> String {
        format!("https://{}/…", authority(&self.0).unwrap_or_default())
    }
}

impl FromStr for ServerUrl {
    type Err = InvalidServer;
    fn from_str(text: &str) -> Result<Self, InvalidServer> {
        let written = text.len() <= URL_LENGTH_MAX
            && text.bytes().all(|byte| byte.is_ascii_graphic())
            && !text.contains(['#', '\\', '"', '<', '>', '{', '}', '|', '^', '`']);
        let authority = authority(text).filter(|_| written).ok_or(InvalidServer::Url)?;
        let (host, port) = match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        };
        let port = port.is_none_or(|port| {
            let digits = port.bytes().all(|byte| byte.is_ascii_digit());
            digits && port.parse::<u16>().is_ok_and(|port| port > 0)
        });
        if port && is_public_name(host) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidServer::Url)
        }
    }
}

/// What stands between `https://` and the path.
fn authority(url: &str) -> Option<&str> {
    url.strip_prefix("https://")?.split(['/', '?']).next()
}

/// A host name with a dot, whose last part begins with a letter: neither an address in numbers nor a
/// name that only some network knows.
fn is_public_name(host: &str) -> bool {
    let label = |label: &str| {
        (1..=LABEL_LENGTH_MAX).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let last = host.rsplit('.').next().unwrap_or_default();
    host.len() <= HOST_LENGTH_MAX
        && host.contains('.')
        && host.split('.').all(label)
        && last.starts_with(|letter: char| letter.is_ascii_alphabetic())
}

impl fmt::Debug for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

impl TryFrom<String> for ServerUrl {
    type Error = InvalidServer;
    fn try_from(text: String) -> Result<Self, InvalidServer> {
        text.parse()
    }
}

impl From<ServerUrl> for String {
    fn from(url: ServerUrl) -> Self {
        url.0
    }
}

/// A message of VAPI about a call, by its name in `serverMessages`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct ServerMessage(&'static str);

/// Those VAPI's interface description knows (`CreateAssistantDTO.serverMessages`).
const MESSAGES: [&str; 28] = [
    "assistant.started",
    "assistant.speechStarted",
    "conversation-update",
    "end-of-call-report",
    "function-call",
    "hang",
    "language-changed",
    "language-change-detected",
    "model-output",
    "phone-call-control",
    "speech-update",
    "status-update",
    "transcript",
    "transcript[transcriptType=\"final\"]",
    "tool-calls",
    "transfer-destination-request",
    "handoff-destination-request",
    "transfer-update",
    "user-interrupted",
    "voice-input",
    "chat.created",
    "chat.deleted",
    "session.created",
    "session.updated",
    "session.deleted",
    "call.deleted",
    "call.delete.failed",
    "call.artifact.upload",
];

impl ServerMessage {
    /// What VAPI sends where nothing is named (the same description).
    pub const DEFAULT: [Self; 11] = [
        Self("conversation-update"),
        Self("end-of-call-report"),
        Self("function-call"),
        Self("hang"),
        Self("speech-update"),
        Self("status-update"),
        Self("tool-calls"),
        Self("transfer-destination-request"),
        Self("handoff-destination-request"),
        Self("user-interrupted"),
        Self("assistant.started"),
    ];

    /// Its name at VAPI.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl FromStr for ServerMessage {
    type Err = InvalidServer;
    fn from_str(text: &str) -> Result<Self, InvalidServer> {
        MESSAGES.into_iter().find(|name| *name == text).map(Self).ok_or(InvalidServer::Message)
    }
}

impl<'de> Deserialize<'de> for ServerMessage {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_https_address_of_a_public_host_is_taken_as_it_is() {
        for url in [
            "https://calls.example.com",
            "https://calls.example.com/vapi?org=7&key=a",
            "https://calls.example.com:8443/vapi",
            "https://xn--bcher-kva.example/",
            "https://a.b?c",
        ] {
            assert_eq!(url.parse::<ServerUrl>().unwrap().as_str(), url);
        }
    }

    #[test]
    fn any_other_address_is_refused() {
        let long = format!("https://example.com/{}", "x".repeat(2048));
        let label = format!("https://{}.com", "x".repeat(64));
        for url in [
            "",
            "http://calls.example.com",
            "HTTPS://calls.example.com",
            "https://",
            "https:///path",
            "https://localhost/",
            "https://127.0.0.1/",
            "https://2130706433.1/",
            "https://[::1]/",
            "https://user:key@example.com/",
            "https://user@example.com/",
            "https://example.com:0/",
            "https://example.com:/",
            "https://example.com:99999/",
            "https://example.com:+443/",
            "https://example..com/",
            "https://-example.com/",
            "https://example.com./",
            "https://example.com/a b",
            "https://example.com/#here",
            "https://example.com\\@evil.example/",
            "https://example.com/{{customer.number}}",
            "https://exämple.com/",
            &long,
            &label,
        ] {
            assert_eq!(url.parse::<ServerUrl>(), Err(InvalidServer::Url), "{url}");
        }
    }

    #[test]
    fn debug_leaves_out_what_may_be_a_key() {
        let url: ServerUrl = "https://calls.example.com/secret?key=planted".parse().unwrap();
        assert_eq!(format!("{url:?}"), "https://calls.example.com/…");
    }

    #[test]
    fn only_messages_that_vapi_knows_are_taken() {
        for name in MESSAGES {
            assert_eq!(name.parse::<ServerMessage>().unwrap().as_str(), name);
        }
        for message in ServerMessage::DEFAULT {
            assert_eq!(message.as_str().parse(), Ok(message));
        }
        for name in ["", "assistant-request", "Hang", "hang "] {
            assert_eq!(name.parse::<ServerMessage>(), Err(InvalidServer::Message), "{name}");
        }
    }

    #[test]
    fn what_is_stored_is_checked_when_it_is_read() {
        let read = |value| serde_json::from_value::<AssistantServer>(value);
        let server = read(json!({ "url": "https://calls.example.com" })).unwrap();
        assert_eq!((server.credential, server.messages.len()), (None, 0));
        assert!(read(json!({ "url": "http://calls.example.com" })).is_err());
        let messages = json!(["whatever"]);
        assert!(read(json!({ "url": "https://a.example", "messages": messages })).is_err());
        let credential = json!("a b");
        assert!(read(json!({ "url": "https://a.example", "credential": credential })).is_err());
    }
}
