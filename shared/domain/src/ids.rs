//! Identifiers: one type per thing, so that no two can be mixed up.
//!
//! Ours are ULIDs or the platform's own names; the providers' are kept as they came.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
pub use ulid::Ulid as Fresh;
use ulid::Ulid;

/// Why a text is not an identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {kind}: {reason}")]
pub struct InvalidId {
    kind: &'static str,
    reason: &'static str,
}

/// Longest identifier a platform or provider may hand us, in characters.
const EXTERNAL_LENGTH_MAX: usize = 128;

macro_rules! ulid_id {
    ($(#[$doc:meta])* $name:ident, $kind:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Ulid);

        impl $name {
            /// The id made from a fresh ULID.
            #[must_use]
            pub const fn new(fresh: Ulid) -> Self {
                Self(fresh)
            }

            /// The ULID inside.
            #[must_use]
            pub const fn ulid(self) -> Ulid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Ulid::from_string(text)
                    .map(Self)
                    .map_err(|_invalid| InvalidId { kind: $kind, reason: "it is no ULID" })
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;
            fn try_from(text: String) -> Result<Self, InvalidId> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.to_string()
            }
        }
    };
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $kind:literal) => {
        text_id!($(#[$doc])* $name, $kind, external);
    };
    ($(#[$doc:meta])* $name:ident, $kind:literal, $valid:ident $(, $prefix:literal)?) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                $valid($($prefix,)? $kind, text).map(Self)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;
            fn try_from(text: String) -> Result<Self, InvalidId> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    };
}

/// Printable ASCII without `#`, which separates the parts of a table key, and without `/`, which
/// would change a provider's path.
fn external(kind: &'static str, text: &str) -> Result<String, InvalidId> {
    if text.is_empty() {
        return Err(InvalidId { kind, reason: "it is empty" });
    }
    if text.len() > EXTERNAL_LENGTH_MAX {
        return Err(InvalidId { kind, reason: "it is longer than 128 characters" });
    }
    if !text
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'#' | b'/' | b'?' | b'%' | b'\\'))
    {
        return Err(InvalidId {
            kind,
            reason: "only printable ASCII without spaces, '#', '/', '?' and '%' is allowed",
        });
    }
    if text.bytes().all(|byte| byte == b'.') {
        return Err(InvalidId { kind, reason: "it is only dots" });
    }
    Ok(text.to_owned())
}

/// Length of the hexadecimal part of Twilio's ids, in characters.
const TWILIO_HEX_LENGTH: usize = 32;

/// One of Twilio's ids: two letters that tell what it names, and 32 hexadecimal digits.
///
/// Twilio writes the digits in lower case, and so do we: a thing must not have two spellings, since
/// an account is kept to one organization by its id.
fn twilio(prefix: &str, kind: &'static str, text: &str) -> Result<String, InvalidId> {
    let digits = text.strip_prefix(prefix).unwrap_or_default();
    let valid =
        digits.len() == TWILIO_HEX_LENGTH && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    if valid {
        Ok(format!("{prefix}{}", digits.to_ascii_lowercase()))
    } else {
        Err(InvalidId { kind, reason: "two letters and 32 hexadecimal digits" })
    }
}

ulid_id!(
    /// A piece of work; of kind `answer` the API calls it a provisioning.
    WorkId,
    "provisioning id"
);
ulid_id!(
    /// One of our assistants. VAPI's id for it is a [`VapiAssistantId`].
    AssistantId,
    "assistant id"
);
ulid_id!(
    /// One telephone line we own or are acquiring.
    NumberId,
    "number id"
);
ulid_id!(
    /// An emergency contact of a business.
    ContactId,
    "contact id"
);
ulid_id!(
    /// Numbers for the pool that an operator asked for together.
    PurchaseId,
    "purchase id"
);
text_id!(
    /// A tenant of the platform, by the platform's own id.
    OrganizationId,
    "organization id"
);

impl OrganizationId {
    /// The platform itself, which pays for numbers that nobody in particular asked for. No tenant
    /// may have this id.
    #[must_use]
    pub fn platform() -> Self {
        Self("platform".to_owned())
    }
}

text_id!(
    /// A customer of an organization, by the platform's own id.
    BusinessId,
    "business id"
);
text_id!(
    /// VAPI's id of an assistant (a UUID).
    VapiAssistantId,
    "VAPI assistant id"
);
text_id!(
    /// VAPI's id of a phone number record (a UUID).
    VapiNumberId,
    "VAPI number id"
);
text_id!(
    /// VAPI's id of a stored credential (a UUID).
    CredentialId,
    "VAPI credential id"
);
text_id!(
    /// Telnyx's id of a number order (a UUID). It does not work on `/phone_numbers/{id}`.
    TelnyxOrderId,
    "Telnyx order id"
);
text_id!(
    /// Telnyx's id of an owned number: a numeric text of 19 digits, beyond 2^53.
    TelnyxNumberId,
    "Telnyx number id"
);
text_id!(
    /// Telnyx's id of a Voice API application, which is what `connection_id` names.
    ConnectionId,
    "Telnyx connection id"
);
text_id!(
    /// Twilio's id of an account or subaccount: `AC` and 32 hexadecimal digits.
    TwilioAccountSid,
    "Twilio account SID",
    twilio,
    "AC"
);
text_id!(
    /// Twilio's id of an API key: `SK` and 32 hexadecimal digits.
    TwilioApiKeySid,
    "Twilio API key SID",
    twilio,
    "SK"
);
text_id!(
    /// Twilio's id of an owned number: `PN` and 32 hexadecimal digits.
    TwilioNumberSid,
    "Twilio number SID",
    twilio,
    "PN"
);

/// Names one deployment of Dialtone: made once, kept in the table, part of every stamp.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DeploymentId(String);

/// Length of a deployment id, in characters.
const DEPLOYMENT_LENGTH: usize = 8;

impl DeploymentId {
    /// The deployment id made from a fresh ULID: eight of its random characters.
    #[must_use]
    pub fn new(fresh: Ulid) -> Self {
        Self(fresh.to_string().chars().skip(26 - DEPLOYMENT_LENGTH).collect())
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for DeploymentId {
    type Error = InvalidId;
    fn try_from(text: String) -> Result<Self, InvalidId> {
        let valid = text.len() == DEPLOYMENT_LENGTH
            && text.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
        if valid {
            Ok(Self(text))
        } else {
            Err(InvalidId { kind: "deployment id", reason: "eight characters 0-9 A-Z" })
        }
    }
}

impl From<DeploymentId> for String {
    fn from(id: DeploymentId) -> Self {
        id.0
    }
}

/// Which try of a work this is: 1 at first, one more with every `retry`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Attempt(u16);

impl Attempt {
    /// The first attempt.
    pub const FIRST: Self = Self(1);
    /// Attempts a work may take; three digits, so that a stamp stays within 40 characters.
    pub const MAX: Self = Self(999);

    /// The attempt after this one, or `None` at the limit.
    #[must_use]
    pub fn next(self) -> Option<Self> {
        (self < Self::MAX).then(|| Self(self.0.saturating_add(1)))
    }

    /// The attempt as a number.
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0
    }
}

/// What every create at a provider is stamped with: `<deployment>-<work>-<attempt>`.
///
/// It goes into `name` (VAPI: at most 40 characters), `customer_reference` (Telnyx) or `metadata`.
/// It says who asked for a purchase, never who owns the number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Stamp(String);

impl Stamp {
    /// Characters a stamp may have: VAPI's limit for `name`.
    pub const LENGTH_MAX: usize = 40;

    /// The stamp of one attempt of one work.
    #[must_use]
    pub fn new(deployment: &DeploymentId, work: WorkId, attempt: Attempt) -> Self {
        Self(format!("{}-{work}-{}", deployment.as_str(), attempt.get()))
    }

    /// The stamp as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The parts of a stamp, or `None` for a text that is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<(DeploymentId, WorkId, Attempt)> {
        let mut parts = text.split('-');
        let deployment = DeploymentId::try_from(parts.next()?.to_owned()).ok()?;
        let work = parts.next()?.parse().ok()?;
        let attempt = parts.next()?.parse::<u16>().ok().map(Attempt)?;
        let valid = attempt >= Attempt::FIRST && attempt <= Attempt::MAX && parts.next().is_none();
        valid.then_some((deployment, work, attempt))
    }
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Stamp {
    type Error = InvalidId;
    fn try_from(text: String) -> Result<Self, InvalidId> {
        match Self::parse(&text) {
            Some(_parts) => Ok(Self(text)),
            None => Err(InvalidId { kind: "stamp", reason: "<deployment>-<work>-<attempt>" }),
        }
    }
}

impl From<Stamp> for String {
    fn from(stamp: Stamp) -> Self {
        stamp.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_stamp_fits_vapis_name_and_reads_back() {
        let deployment = DeploymentId::new(Ulid(u128::MAX));
        let work = WorkId::new(Ulid(u128::MAX));
        let stamp = Stamp::new(&deployment, work, Attempt::MAX);
        assert!(stamp.as_str().len() <= Stamp::LENGTH_MAX);
        assert_eq!(Stamp::parse(stamp.as_str()), Some((deployment, work, Attempt::MAX)));
    }

    #[test]
    fn a_foreign_name_is_no_stamp() {
        for name in ["", "Front desk", "A-B-C", "ABCDEFGH-01J-1"] {
            assert_eq!(Stamp::parse(name), None, "{name}");
        }
    }

    #[test]
    fn an_id_that_could_leave_its_key_or_path_is_refused() {
        for text in ["", "a#b", "a/b", "a b", "ä", "a?b", "..", "a%2e"] {
            assert!(BusinessId::from_str(text).is_err(), "{text}");
        }
        assert!(BusinessId::from_str("biz_42").is_ok());
    }

    #[test]
    fn a_twilio_id_names_one_kind_of_thing() {
        let hex = "0123456789abcdef0123456789abcdef";
        let read = |text: &str| {
            let account = text.parse::<TwilioAccountSid>().is_ok();
            let key = text.parse::<TwilioApiKeySid>().is_ok();
            (account, key, text.parse::<TwilioNumberSid>().is_ok())
        };
        assert_eq!(read(&format!("AC{hex}")), (true, false, false));
        assert_eq!(read(&format!("SK{hex}")), (false, true, false));
        assert_eq!(read(&format!("PN{hex}")), (false, false, true));
        let short = hex.split_at(31).0;
        for text in [
            "",
            "AC",
            hex,
            &format!("ac{hex}"),
            &format!("AC{short}"),
            &format!("AC{short}g"),
            &format!("AC{short}/"),
            &format!("AC{hex}0"),
            &format!(" AC{hex}"),
            &format!("AC{}", "é".repeat(16)),
        ] {
            assert_eq!(read(text), (false, false, false), "{text}");
        }
        // One thing, one spelling.
        let shouted: TwilioAccountSid = format!("AC{}", hex.to_uppercase()).parse().unwrap();
        assert_eq!(shouted.as_str(), format!("AC{hex}"));
    }

    proptest! {
        #[test]
        fn a_twilio_id_survives_its_text(hex in "[0-9a-f]{32}") {
            let sid: TwilioNumberSid = format!("PN{hex}").parse().unwrap();
            prop_assert_eq!(sid.as_str(), format!("PN{hex}"));
            let kept = serde_json::to_string(&sid).unwrap();
            prop_assert_eq!(serde_json::from_str::<TwilioNumberSid>(&kept).unwrap(), sid);
        }

        #[test]
        fn any_text_is_read_as_a_twilio_id_without_a_crash(text in ".*") {
            prop_assert!(text.parse::<TwilioAccountSid>().is_err() || text.len() == 34);
        }
    }

    #[test]
    fn attempts_end() {
        assert_eq!(Attempt::MAX.next(), None);
        assert_eq!(Attempt::FIRST.next(), Some(Attempt(2)));
    }
}
