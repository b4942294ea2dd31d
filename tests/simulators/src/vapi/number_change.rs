//! `PATCH` and `DELETE /phone-number/{id}`.

use exchange::Response;
use serde_json::{Map, Value};

use super::errors::{error, not_found};
use super::number_create::KEPT;
use super::number_read::{Link, NumberKind, PhoneNumber};
use super::{Ask, ProviderInPatch, Unlink, VapiSim};
use crate::faults::DigitsPlan;

impl VapiSim {
    pub(super) fn patch_number(&mut self, ask: &Ask<'_>, id: &str) -> Result<Response, Response> {
        let body = ask.wire.object().map_err(|_| error(400, "Unexpected token in JSON"))?;
        let found = self.orgs[ask.org].numbers.get(id);
        let kind = found.ok_or_else(|| not_found("phone number", id))?.kind;
        self.check_provider(&body, kind)?;
        self.check_number(&body, kind, false)?;
        self.check_assistant(ask.org, &body)?;
        if body.get("assistantId").is_some_and(Value::is_null)
            && self.options.unlink == Unlink::Rejected
        {
            return Err(error(400, vec!["assistantId must be a string"]));
        }
        if let Some(credential) = body.get("credentialId").and_then(Value::as_str)
            && self.orgs[ask.org].credentials.get(credential).is_none()
        {
            return Err(error(400, format!("Couldn't Find Credential {credential}.")));
        }
        let options = &self.options;
        let changed = self.orgs[ask.org].numbers.change(id, |number| {
            change(number, &body, options.unlink);
            number.updated_ms = ask.now_ms;
            number.respond(200, ask.now_ms, options)
        });
        changed.ok_or_else(|| not_found("phone number", id))
    }

    /// The contradictory part of the contract: with or without `provider`.
    fn check_provider(&self, body: &Map<String, Value>, kind: NumberKind) -> Result<(), Response> {
        let right = match kind {
            NumberKind::Vapi => "vapi",
            NumberKind::Telnyx => "telnyx",
            NumberKind::Twilio => "twilio",
        };
        match (self.options.provider_in_patch, body.get("provider")) {
            (ProviderInPatch::Forbidden, Some(_)) => {
                Err(error(400, vec!["property provider should not exist"]))
            }
            (ProviderInPatch::Required, None) => Err(error(
                400,
                vec![
                    "provider must be one of the following values: byo-phone-number, twilio, \
                     vonage, vapi, telnyx",
                ],
            )),
            (_, Some(given)) if given.as_str() != Some(right) => Err(error(
                400,
                vec![format!("provider must be one of the following values: {right}")],
            )),
            (_, _) => Ok(()),
        }
    }

    pub(super) fn delete_number(&mut self, ask: &Ask<'_>, id: &str) -> Result<Response, Response> {
        let org = &mut self.orgs[ask.org];
        let number = org.numbers.remove(id).ok_or_else(|| not_found("phone number", id))?;
        if number.kind == NumberKind::Vapi && !self.options.delete_frees_slot {
            org.slots_lost += 1;
        }
        Ok(number.respond(200, ask.now_ms, &self.options))
    }

    /// Decides again how a free number comes to its digits.
    pub fn set_digits(&mut self, number_id: &str, plan: DigitsPlan) -> bool {
        self.change_any(number_id, |number| number.plan = plan)
    }

    /// Blocks a record, as VAPI's abuse desk does, or lifts the block.
    pub fn set_blocked(&mut self, number_id: &str, blocked: bool) -> bool {
        self.change_any(number_id, |number| number.blocked = blocked)
    }

    fn change_any(&mut self, number_id: &str, change: impl Fn(&mut PhoneNumber)) -> bool {
        self.orgs.iter_mut().any(|org| org.numbers.change(number_id, &change).is_some())
    }
}

fn change(number: &mut PhoneNumber, body: &Map<String, Value>, unlink: Unlink) {
    if let Some(access) = number.twilio.as_ref().and_then(|access| access.changed(body)) {
        number.twilio = Some(access);
    }
    for (name, value) in body {
        let text = value.as_str().map(str::to_owned);
        match name.as_str() {
            "name" => number.name = text,
            "assistantId" => {
                number.link = match (text, unlink) {
                    (Some(id), _) => Link::To(id),
                    (None, Unlink::NullAfter) => Link::Null,
                    (None, Unlink::AbsentAfter | Unlink::Rejected) => Link::Absent,
                }
            }
            "sipUri" if text.is_some() => number.sip_uri = text,
            "number" if text.is_some() => number.digits = text,
            "credentialId" if text.is_some() => number.credential_id = text,
            kept if KEPT.contains(&kept) => {
                if value.is_null() {
                    number.rest.remove(kept);
                } else {
                    number.rest.insert(name.clone(), value.clone());
                }
            }
            _ => {}
        }
    }
}
