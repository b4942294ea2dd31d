//! Phone numbers by id: made, imported, read, linked, removed.

use crate::complaint::{Complaint, free_number, import, import_twilio, missing};
use crate::wire;
use crate::{VapiClient, body, no_reason};
use domain::ids::{Stamp, TwilioApiKeySid, VapiAssistantId, VapiNumberId};
use domain::outcome::{Missing, NoReason, Outcome};
use domain::vapi::{
    FreeNumberRefusal, FreeNumberSpec, ImportRefusal, ImportSpec, ImportedMessages, NumberProvider,
    TwilioImportSpec, VapiNumber,
};
use exchange::Call;
use exchange::Exchange;
use exchange::json::Field;
use planted::planted;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use serde_json::{Value, json};
use std::fmt;

/// A number whose link is to be changed, as it was last read.
///
/// There is no precondition at VAPI, and the last writer wins: read before, and read after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line<'a> {
    /// VAPI's id.
    pub id: &'a VapiNumberId,
    /// Who carries it, named to VAPI only if it asks.
    pub provider: NumberProvider,
    /// Whether a squad or a workflow is linked and must be cleared.
    pub linked_elsewhere: bool,
}

impl<'a> From<&'a VapiNumber> for Line<'a> {
    fn from(number: &'a VapiNumber) -> Self {
        Self {
            id: &number.id,
            provider: number.provider,
            linked_elsewhere: number.linked_elsewhere,
        }
    }
}

/// What VAPI is to open a Twilio account with. VAPI keeps it, and shows it in its answers, of which
/// nothing but the number is read. `Debug` prints neither.
#[derive(Clone, Copy)]
pub enum TwilioKey<'a> {
    /// The account's auth token.
    AuthToken(&'a SecretString),
    /// An API key of the account.
    ApiKey {
        /// Its id.
        sid: &'a TwilioApiKeySid,
        /// Its secret.
        secret: &'a SecretString,
    },
}

impl fmt::Debug for TwilioKey<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AuthToken(_) => "AuthToken",
            Self::ApiKey { .. } => "ApiKey",
        })
    }
}

/// The body of an import from Twilio.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TwilioImport<'a> {
    provider: &'static str,
    number: &'a str,
    twilio_account_sid: &'a str,
    #[serde(flatten)]
    key: TwilioKeyBody<'a>,
    sms_enabled: bool,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    assistant_id: Option<&'a str>,
    server: Value,
}

/// Either, never both: VAPI would take the token and ignore the API key.
#[derive(Serialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
enum TwilioKeyBody<'a> {
    AuthToken { twilio_auth_token: &'a str },
    ApiKey { twilio_api_key: &'a str, twilio_api_secret: &'a str },
}

impl<'a> TwilioKey<'a> {
    fn body(self) -> TwilioKeyBody<'a> {
        match self {
            Self::AuthToken(token) => {
                TwilioKeyBody::AuthToken { twilio_auth_token: token.expose_secret() }
            }
            Self::ApiKey { sid, secret } => TwilioKeyBody::ApiKey {
                twilio_api_key: sid.as_str(),
                twilio_api_secret: secret.expose_secret(),
            },
        }
    }

    /// What must never be shown.
    const fn secret(self) -> &'a SecretString {
        match self {
            Self::AuthToken(secret) | Self::ApiKey { secret, .. } => secret,
        }
    }
}

/// What a PATCH changes: a field left out stays as it is, `null` clears it.
#[derive(Serialize, Clone, Copy, Default)]
#[serde(rename_all = "camelCase")]
struct Patch<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<&'static str>,
    #[serde(skip_serializing_if = "Field::is_unchanged")]
    assistant_id: Field<&'a str>,
    #[serde(skip_serializing_if = "Field::is_unchanged")]
    squad_id: Field<&'a str>,
    #[serde(skip_serializing_if = "Field::is_unchanged")]
    workflow_id: Field<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    server: Option<&'a Value>,
}

impl<E: Exchange> VapiClient<E> {
    /// Creates a free number, linked from the start if an assistant is named
    /// (`POST /phone-number`).
    ///
    /// A create with stock buys at once and counts against the allowance; nothing can be asked
    /// beforehand.
    pub async fn create_free_number(
        &self,
        spec: &FreeNumberSpec,
    ) -> Outcome<VapiNumber, FreeNumberRefusal> {
        let name = if planted!(FreeNotStamped) { "" } else { spec.stamp.as_str() };
        let mut body = json!({
            "provider": "vapi",
            "name": name,
            "server": body::server(&self.settings),
        });
        if let Some(assistant) = &spec.assistant {
            set(&mut body, "assistantId", assistant.as_str().to_owned());
        }
        if spec.sip_only {
            let user = spec.stamp.as_str().to_lowercase();
            set(&mut body, "sipUri", format!("sip:{user}@sip.vapi.ai"));
        } else if let Some(area_code) = &spec.area_code {
            set(&mut body, "numberDesiredAreaCode", area_code.as_str().to_owned());
        }
        let reason = |complaint: &Complaint| free_number(complaint, spec.area_code.as_ref());
        self.send(Call::post("/phone-number", &body), wire::number, reason).await
    }

    /// Imports a number from Telnyx, linked from the start if an assistant is named
    /// (`POST /phone-number`).
    ///
    /// VAPI calls Telnyx while this runs, and points the number at its own Voice API application.
    pub async fn import_telnyx_number(
        &self,
        spec: &ImportSpec,
    ) -> Outcome<VapiNumber, ImportRefusal> {
        let mut body = json!({
            "provider": "telnyx",
            "number": spec.digits.reveal(),
            "credentialId": spec.credential.as_str(),
            "name": spec.stamp.as_str(),
            "server": body::server(&self.settings),
        });
        if let Some(assistant) = &spec.assistant {
            set(&mut body, "assistantId", assistant.as_str().to_owned());
        }
        self.send(Call::post("/phone-number", &body), wire::number, import).await
    }

    /// Imports a number from Twilio (`POST /phone-number`), linked from the start if an assistant is
    /// named.
    ///
    /// VAPI calls Twilio while this runs, and overwrites the number's `voice_url` with its own; a
    /// trunk or a voice application set there stays, and would go before it.
    pub async fn import_twilio_number(
        &self,
        spec: &TwilioImportSpec,
        key: TwilioKey<'_>,
    ) -> Outcome<VapiNumber, ImportRefusal> {
        let body = TwilioImport {
            provider: "twilio",
            number: spec.digits.reveal(),
            twilio_account_sid: spec.account.as_str(),
            key: key.body(),
            sms_enabled: match spec.messages {
                ImportedMessages::AsBefore => false,
                ImportedMessages::Vapi => true,
            },
            name: spec.stamp.as_str(),
            assistant_id: spec.assistant.as_ref().map(VapiAssistantId::as_str),
            server: body::server(&self.settings),
        };
        let call = Call::post("/phone-number", &body);
        self.send_hiding(Some(key.secret()), call, wire::number, import_twilio).await
    }

    /// Reads a number (`GET /phone-number/{id}`); the only place where digits are never masked.
    pub async fn read_number(&self, id: &VapiNumberId) -> Outcome<VapiNumber, Missing> {
        self.send(Call::get(format!("/phone-number/{id}")), wire::number, missing).await
    }

    /// Links a number to an assistant.
    pub async fn link(
        &self,
        line: Line<'_>,
        assistant: &VapiAssistantId,
    ) -> Outcome<VapiNumber, Missing> {
        self.relink(line, Field::Set(assistant.as_str())).await
    }

    /// Takes whoever answers off a number: an explicit `null`.
    ///
    /// The contract types `assistantId` as plain text, while it is cleared by `null` in practice;
    /// so the caller reads back.
    pub async fn unlink(&self, line: Line<'_>) -> Outcome<VapiNumber, Missing> {
        self.relink(line, Field::Cleared).await
    }

    /// Makes a record ours that others made: our name and our server on it. Who answers stays.
    pub async fn adopt(&self, line: Line<'_>, stamp: &Stamp) -> Outcome<VapiNumber, Missing> {
        let server = body::server(&self.settings);
        let (name, server) = (Some(stamp.as_str()), Some(&server));
        self.patch(line, Patch { name, server, ..Patch::default() }).await
    }

    /// `PATCH /phone-number/{id}` of who answers.
    async fn relink(
        &self,
        line: Line<'_>,
        assistant_id: Field<&str>,
    ) -> Outcome<VapiNumber, Missing> {
        let other = if line.linked_elsewhere { Field::Cleared } else { Field::Unchanged };
        let (squad_id, workflow_id) = (other, other);
        self.patch(line, Patch { assistant_id, squad_id, workflow_id, ..Patch::default() }).await
    }

    /// `PATCH /phone-number/{id}`, first without `provider`.
    ///
    /// VAPI's changelog (2025-01-11) asks for `provider`, while a production report (2026-05) has
    /// it refused with 400. A 400 that names it is answered by one more try with it, unless the
    /// number's provider is one we cannot name.
    async fn patch(&self, line: Line<'_>, plain: Patch<'_>) -> Outcome<VapiNumber, Missing> {
        let path = format!("/phone-number/{}", line.id);
        let mut wants_provider = false;
        let outcome = self
            .send(Call::patch(path.as_str(), &plain), wire::number, |complaint| {
                wants_provider = complaint.is_about_provider();
                missing(complaint)
            })
            .await;
        match wire::provider_name(line.provider) {
            Some(provider) if wants_provider => {
                let named = Patch { provider: Some(provider), ..plain };
                self.send(Call::patch(path, &named), wire::number, missing).await
            }
            Some(_) | None => outcome,
        }
    }

    /// Removes a number from VAPI (`DELETE /phone-number/{id}`); one that is gone counts as
    /// removed. A free number is given up; an imported one stays, and bills, at its carrier.
    pub async fn delete_number(&self, id: &VapiNumberId) -> Outcome<(), NoReason> {
        self.remove(format!("/phone-number/{id}"), no_reason).await
    }

    /// Whether VAPI's call list knows a call of this number (`GET /call`). The list reaches back
    /// only as far as VAPI keeps calls.
    pub async fn has_calls(&self, id: &VapiNumberId) -> Outcome<bool, NoReason> {
        let call = Call::get("/call").query("phoneNumberId", id).query("limit", 1);
        self.send(call, |calls: Vec<Value>| Some(!calls.is_empty()), no_reason).await
    }
}

fn set(body: &mut Value, name: &str, value: String) {
    if let Some(fields) = body.as_object_mut() {
        fields.insert(name.to_owned(), Value::String(value));
    }
}

#[cfg(test)]
mod tests;
