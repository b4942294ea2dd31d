//! `POST /phone-number`: free numbers and imports from Telnyx and Twilio.

use exchange::Response;
use serde_json::{Map, Value};

use super::errors::error;
use super::known;
use super::number_read::{Link, NumberKind, PhoneNumber};
use super::twilio::{ACCESS, TwilioAccess, TwilioImport};
use super::validate::Check;
use super::{Ask, Carrier, DoubleImport, ImportRouting, VapiSim};
use crate::faults::{DigitsPlan, Refusal};
use crate::ids::{is_e164, mix};
use crate::reply;

/// Properties kept as they came and shown again.
pub(super) const KEPT: [&str; 8] = [
    "server",
    "fallbackDestination",
    "hooks",
    "squadId",
    "workflowId",
    "authentication",
    "numberDesiredAreaCode",
    "smsEnabled",
];

impl VapiSim {
    pub(super) fn create_number(
        &mut self,
        ask: &Ask<'_>,
        carrier: &mut dyn Carrier,
    ) -> Result<Response, Response> {
        let body = ask.wire.object().map_err(|_| error(400, "Unexpected token in JSON"))?;
        let kind = match body.get("provider").and_then(Value::as_str) {
            Some("vapi") => NumberKind::Vapi,
            Some("telnyx") => NumberKind::Telnyx,
            Some("twilio") => NumberKind::Twilio,
            Some("vonage" | "byo-phone-number") => {
                return Err(error(400, "this simulator imports from Telnyx and Twilio only"));
            }
            _ => {
                let values = "byo-phone-number, twilio, vonage, vapi, telnyx";
                let text = format!("provider must be one of the following values: {values}");
                return Err(error(400, vec![text]));
            }
        };
        self.check_number(&body, kind, true)?;
        self.check_assistant(ask.org, &body)?;
        let number = match kind {
            NumberKind::Vapi => self.free_number(ask, &body)?,
            NumberKind::Telnyx => self.telnyx_number(ask, &body, carrier)?,
            NumberKind::Twilio => self.twilio_number(ask, &body, carrier)?,
        };
        let number = self.orgs[ask.org].numbers.insert(number);
        Ok(reply::json(201, &number.answer(ask.now_ms, &self.options)))
    }

    /// The checks that need nothing but the body.
    pub(super) fn check_number(
        &self,
        body: &Map<String, Value>,
        kind: NumberKind,
        create: bool,
    ) -> Result<(), Response> {
        let mut check = Check::new(body, &self.options);
        let more = match (kind, create) {
            (NumberKind::Vapi, true) => known::NUMBER_VAPI_CREATE,
            (NumberKind::Vapi, false) => known::NUMBER_VAPI_UPDATE,
            (NumberKind::Telnyx, _) => known::NUMBER_TELNYX,
            (NumberKind::Twilio, _) => known::NUMBER_TWILIO,
        };
        check.known(&[known::NUMBER, more]);
        check.text("name", 40);
        check.uuid("assistantId");
        check.uuid("squadId");
        check.uuid("workflowId");
        check.server();
        check.fallback_destination();
        check.list("hooks");
        if kind == NumberKind::Vapi {
            check.object("authentication");
            let area = body.get("numberDesiredAreaCode").filter(|value| !value.is_null());
            let three = |text: &str| text.len() == 3 && text.bytes().all(|b| b.is_ascii_digit());
            if area.is_some_and(|area| !area.as_str().is_some_and(three)) {
                check.problem("numberDesiredAreaCode must be exactly 3 digits");
            }
            let uri = body.get("sipUri").filter(|value| !value.is_null());
            if uri.is_some_and(|uri| !uri.as_str().is_some_and(|text| text.starts_with("sip:"))) {
                check.problem("sipUri must be a SIP URI");
            }
        } else {
            if kind == NumberKind::Telnyx {
                check.uuid("credentialId");
                if create && !body.contains_key("credentialId") {
                    check.problem("credentialId must be a UUID");
                }
            } else {
                check_access(&mut check, body, create);
            }
            let number = body.get("number");
            if (create || number.is_some()) && !number.and_then(Value::as_str).is_some_and(is_e164)
            {
                check.problem(
                    "number must be a valid phone number in the E.164 format. Hot tip, you may be \
                     missing the country code (Eg. US: +1).",
                );
            }
        }
        check.finish()
    }

    pub(super) fn check_assistant(
        &self,
        org: usize,
        body: &Map<String, Value>,
    ) -> Result<(), Response> {
        match body.get("assistantId").and_then(Value::as_str) {
            Some(id) if self.orgs[org].assistants.get(id).is_none() => {
                Err(error(400, format!("Couldn't Find Assistant. Assistant ID: {id}")))
            }
            _ => Ok(()),
        }
    }

    fn free_number(
        &mut self,
        ask: &Ask<'_>,
        body: &Map<String, Value>,
    ) -> Result<PhoneNumber, Response> {
        let options = &self.options;
        let org = &self.orgs[ask.org];
        let area = body.get("numberDesiredAreaCode").and_then(Value::as_str);
        let wanted_uri = body.get("sipUri").and_then(Value::as_str);
        let sip_only = wanted_uri.is_some() && area.is_none();
        let held = org.slots_used(options.sip_counts);
        let counts = options.sip_counts || !sip_only;
        if ask.script.refuses(Refusal::Limit) || (counts && held >= options.free_limit) {
            return Err(error(options.limit_status, options.limit_text.clone()));
        }
        let unpaid = options.later_need_payment && !org.payment_method && held > 0;
        if ask.script.refuses(Refusal::Payment) || unpaid {
            return Err(error(402, "Payment method required"));
        }
        let taken = |uri: &str| {
            let all = self.orgs.iter().flat_map(|org| org.numbers.iter());
            all.map(|number| number.sip_uri.as_deref()).any(|given| given == Some(uri))
        };
        if wanted_uri.is_some_and(taken) {
            return Err(error(400, "SIP URI is already taken. Please choose another."));
        }
        let area_or_default = area.unwrap_or("650");
        let empty = options.areas_without_stock.iter().any(|code| code == area_or_default);
        if ask.script.refuses(Refusal::Stock) || (!sip_only && (empty || !is_us(area_or_default))) {
            let hints = options.area_hints.join(", ");
            let text = format!(
                "Couldn't Get Phone Number. Area code {area_or_default} is currently not \
                 available. Try one of {hints}."
            );
            return Err(error(400, text));
        }
        let digits = (!sip_only).then(|| self.next_digits(area_or_default));
        let mut number = self.blank(ask, body, NumberKind::Vapi);
        number.sip_uri = Some(
            wanted_uri.map_or_else(|| format!("sip:{}@sip.vapi.ai", number.id), str::to_owned),
        );
        number.digits = digits;
        number.plan = ask.script.digits.unwrap_or(self.options.digits);
        self.orgs[ask.org].free_created += 1;
        Ok(number)
    }

    /// 400 or 409 for a number that has a record already, where the options say so. What of it
    /// must not be twice, VAPI says for Twilio: account and number.
    fn check_double(
        &self,
        ask: &Ask<'_>,
        digits: &str,
        twilio: Option<&TwilioAccess>,
    ) -> Result<(), Response> {
        let account = |access: &TwilioAccess| access.account_sid.clone();
        let found = self.orgs[ask.org].numbers.with_digits(digits).find(|number| {
            number.kind != NumberKind::Vapi
                && number.twilio.as_ref().map(account) == twilio.map(account)
        });
        match (self.options.double_import, found) {
            (DoubleImport::Rejects { status }, Some(found)) => {
                let text = twilio.map_or_else(
                    || format!("Existing Phone Number Already Uses This Number: {digits}."),
                    |access| {
                        let (id, account) = (&found.id, &access.account_sid);
                        format!(
                            "Existing Phone Number {id} Has Identical `twilioAccountSid` {account} \
                             and `number` {digits}."
                        )
                    },
                );
                Err(error(status, text))
            }
            (DoubleImport::Rejects { .. } | DoubleImport::SecondRecord, _) => Ok(()),
        }
    }

    fn telnyx_number(
        &mut self,
        ask: &Ask<'_>,
        body: &Map<String, Value>,
        carrier: &mut dyn Carrier,
    ) -> Result<PhoneNumber, Response> {
        let org = &self.orgs[ask.org];
        let digits = body.get("number").and_then(Value::as_str).unwrap_or("");
        let credential_id = body.get("credentialId").and_then(Value::as_str).unwrap_or("");
        let Some(credential) = org.credentials.get(credential_id) else {
            return Err(error(400, format!("Couldn't Find Credential {credential_id}.")));
        };
        self.check_double(ask, digits, None)?;
        let keep = self.options.import_routing == ImportRouting::KeepsFormer;
        let pointed = if ask.script.import_before_settled {
            Err(404)
        } else {
            let application = credential.application_id.as_deref();
            carrier.point_number(ask.now_ms, &credential.telnyx_key, digits, application, keep)
        };
        if let Err(status) = pointed {
            let text = format!(
                "Couldn't Update Telnyx Number. Error: Request failed with status code {status}"
            );
            return Err(error(400, text));
        }
        let mut number = self.blank(ask, body, NumberKind::Telnyx);
        number.digits = Some(digits.to_owned());
        number.credential_id = Some(credential_id.to_owned());
        Ok(number)
    }

    /// The words for a number that is not there have been seen; those for credentials that do not
    /// open the account have not, and are made after those of Telnyx' import.
    fn twilio_number(
        &mut self,
        ask: &Ask<'_>,
        body: &Map<String, Value>,
        carrier: &mut dyn Carrier,
    ) -> Result<PhoneNumber, Response> {
        let digits = body.get("number").and_then(Value::as_str).unwrap_or("");
        let Some(access) = TwilioAccess::read(body) else {
            return Err(error(400, "Couldn't Find Twilio Credentials."));
        };
        self.check_double(ask, digits, Some(&access))?;
        let import = TwilioImport {
            sms: body.get("smsEnabled").and_then(Value::as_bool).unwrap_or(true),
            keep_former: self.options.import_routing == ImportRouting::KeepsFormer,
            status_callback: self.options.twilio_status_callback,
        };
        let pointed = if ask.script.import_before_settled {
            Err(404)
        } else {
            carrier.point_twilio(ask.now_ms, &access, digits, import)
        };
        if let Err(status) = pointed {
            let text = match status {
                404 => "Number Not Found on Twilio".to_owned(),
                status => format!(
                    "Couldn't Update Twilio Number. Error: Request failed with status code {status}"
                ),
            };
            return Err(error(400, text));
        }
        let mut number = self.blank(ask, body, NumberKind::Twilio);
        number.digits = Some(digits.to_owned());
        number.twilio = Some(access);
        Ok(number)
    }

    /// A record with what all kinds have.
    fn blank(&mut self, ask: &Ask<'_>, body: &Map<String, Value>, kind: NumberKind) -> PhoneNumber {
        let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
        let kept =
            body.iter().filter(|(name, value)| KEPT.contains(&name.as_str()) && !value.is_null());
        PhoneNumber {
            id: self.ids.uuid(),
            org_id: self.orgs[ask.org].id.clone(),
            kind,
            digits: None,
            plan: DigitsPlan::After { ms: 0 },
            blocked: false,
            sip_uri: None,
            credential_id: None,
            twilio: None,
            name: text("name"),
            link: text("assistantId").map_or(Link::Absent, Link::To),
            rest: kept.map(|(name, value)| (name.clone(), value.clone())).collect(),
            created_ms: ask.now_ms,
            updated_ms: ask.now_ms,
        }
    }

    /// Digits nobody has: exchanges from 600 up are VAPI's, those below Telnyx' (`inventory`).
    fn next_digits(&mut self, area: &str) -> String {
        self.digits_given += 1;
        // 7 919 has no factor in common with four million, so the walk repeats only after all.
        let step = (mix(0x5641) + self.digits_given * 7_919) % 4_000_000;
        format!("+1{area}{:03}{:04}", 600 + step / 10_000, step % 10_000)
    }
}

/// The access to Twilio: an account, and a token or a pair of key and secret.
fn check_access(check: &mut Check<'_>, body: &Map<String, Value>, create: bool) {
    for name in ACCESS {
        check.text(name, usize::MAX);
    }
    let given = |name: &str| body.get(name).is_some_and(Value::is_string);
    if create && !given("twilioAccountSid") {
        check.problem("twilioAccountSid must be a string");
    }
    let pair = given("twilioApiKey") && given("twilioApiSecret");
    if create && !given("twilioAuthToken") && !pair {
        check.problem("twilioAuthToken, or twilioApiKey and twilioApiSecret, must be given");
    }
    if body.get("smsEnabled").is_some_and(|value| !value.is_boolean() && !value.is_null()) {
        check.problem("smsEnabled must be a boolean value");
    }
}

/// Whether a code can be a geographic area code of the United States.
fn is_us(area: &str) -> bool {
    let bytes = area.as_bytes();
    let toll_free = ["800", "822", "833", "844", "855", "866", "877", "888", "900"];
    bytes.len() == 3
        && bytes[0] >= b'2'
        && bytes[1] != b'9'
        && bytes[1..] != *b"11"
        && !toll_free.contains(&area)
        && !crate::numbering::CANADA.contains(&area)
}
