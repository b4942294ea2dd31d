//! `/phone_numbers/{id}/voice`: where `connection_id` can be read but not written.

use exchange::Response;
use serde_json::{Value, json};

use super::numbers::Number;
use super::{Ask, TelnyxSim};
use crate::reply;

const KNOWN: [&str; 9] = [
    "tech_prefix_enabled",
    "translated_number",
    "caller_id_name_enabled",
    "call_forwarding",
    "cnam_listing",
    "usage_payment_method",
    "media_features",
    "call_recording",
    "inbound_call_screening",
];

impl TelnyxSim {
    pub(super) fn get_voice(&self, ask: &Ask<'_>, id: &str) -> Result<Response, Response> {
        let view = view(self.seen(ask, id)?);
        Ok(reply::json(200, &json!({ "data": view })))
    }

    pub(super) fn patch_voice(&mut self, ask: &Ask<'_>, id: &str) -> Result<Response, Response> {
        let number_id = self.seen(ask, id)?.id;
        let body = self.body(ask, &KNOWN)?;
        let number = self.number_mut(ask.account, number_id)?;
        let known = body.into_iter().filter(|(name, _)| KNOWN.contains(&name.as_str()));
        number.voice.extend(known);
        Ok(reply::json(200, &json!({ "data": view(number) })))
    }
}

fn view(number: &Number) -> Value {
    let mut view = json!({
        "id": number.id.to_string(),
        "record_type": "voice_settings",
        "phone_number": number.phone_number,
        "connection_id": number.connection_id,
        "customer_reference": number.customer_reference,
        "tech_prefix_enabled": false,
        "translated_number": "",
        "usage_payment_method": "pay-per-minute",
        "inbound_call_screening": "disabled",
    });
    for (name, value) in &number.voice {
        view[name] = value.clone();
    }
    view
}
