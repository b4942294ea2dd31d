//! `PATCH` and `DELETE /phone_numbers/{id}`; the change VAPI's import makes.

use exchange::Response;
use serde_json::{Value, json};

use super::numbers::{Number, NumberStatus};
use super::{Ask, Holder, TelnyxSim, errors};
use crate::reply;

const KNOWN: [&str; 8] = [
    "id",
    "tags",
    "external_pin",
    "hd_voice_enabled",
    "customer_reference",
    "address_id",
    "connection_id",
    "billing_group_id",
];

impl TelnyxSim {
    pub(super) fn patch_number(&mut self, ask: &Ask<'_>, id: &str) -> Result<Response, Response> {
        let number_id = self.seen(ask, id)?.id;
        let body = self.body(ask, &KNOWN)?;
        let connection = body.get("connection_id").map(|value| value.as_str().unwrap_or(""));
        self.check_connection(ask.account, connection.filter(|id| !id.is_empty()))?;
        let tags = match body.get("tags") {
            None => None,
            Some(value) => Some(
                serde_json::from_value::<Vec<String>>(value.clone())
                    .map_err(|_| errors::bad_request("must be a list of strings", "/tags"))?,
            ),
        };
        let number = self.number_mut(ask.account, number_id)?;
        if let Some(tags) = tags {
            number.tags = tags;
        }
        for (name, value) in &body {
            // Null and the empty text both clear a property.
            let text = value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
            match name.as_str() {
                "connection_id" => number.connection_id = text,
                "customer_reference" => number.customer_reference = text,
                "billing_group_id" => number.billing_group_id = text,
                "external_pin" | "hd_voice_enabled" | "address_id" => {
                    number.rest.insert(name.clone(), value.clone());
                }
                _ => {}
            }
        }
        number.updated_ms = ask.now_ms;
        let view = self.number_view(ask.account, self.seen(ask, id)?);
        Ok(reply::json(200, &json!({ "data": view })))
    }

    pub(super) fn delete_number(&mut self, ask: &Ask<'_>, id: &str) -> Result<Response, Response> {
        let number_id = self.seen(ask, id)?.id;
        let needed = self.options.deletes_needed;
        let lingers = self.options.delete_lingers_ms > 0;
        let number = self.number_mut(ask.account, number_id)?;
        if number.deletion_locked {
            let detail = "The phone number has its deletion lock enabled.";
            return Err(errors::error(422, "10015", "Bad Request", detail));
        }
        number.deletes += 1;
        number.updated_ms = ask.now_ms;
        let gone = number.deletes >= needed;
        if gone {
            number.status = NumberStatus::Deleted;
        }
        let phone_number = number.phone_number.clone();
        if gone {
            self.accounts[ask.account].numbers.delete(number_id, ask.now_ms);
        }
        let number = self.accounts[ask.account].numbers.get(&number_id);
        let mut view = number.map(|number| self.number_view(ask.account, number));
        if let Some(view) = &mut view {
            // The answer says `deleted` even where another DELETE will be needed.
            view["status"] = json!("deleted");
            let left_out =
                ["country_iso_alpha2", "emergency_status", "inbound_call_screening", "source_type"];
            if let Some(view) = view.as_object_mut() {
                view.retain(|name, _| !left_out.contains(&name.as_str()));
            }
        }
        if gone {
            // A number given back rests; nobody is offered it again.
            self.holders.insert(phone_number, Holder::Elsewhere);
            if !lingers {
                self.accounts[ask.account].numbers.remove(number_id);
            }
        }
        Ok(reply::json(200, &json!({ "data": view })))
    }

    pub(super) fn number_mut(&mut self, account: usize, id: u64) -> Result<&mut Number, Response> {
        self.accounts[account].numbers.get_mut(id).ok_or_else(errors::not_found)
    }

    /// 422 for an application the account does not have.
    pub(super) fn check_connection(
        &self,
        account: usize,
        connection_id: Option<&str>,
    ) -> Result<(), Response> {
        let Some(id) = connection_id else {
            return Ok(());
        };
        let found = id.parse::<u64>().ok();
        if found.is_some_and(|id| self.accounts[account].applications.contains_key(&id)) {
            return Ok(());
        }
        let source: Value = json!({ "pointer": "/connection_id" });
        let detail = "The connection does not exist.";
        Err(errors::with_source(422, "10017", "Associated resource missing", detail, source))
    }
}

impl TelnyxSim {
    /// Points an active number of the key's account at an application, as VAPI's import does. The
    /// error is the status the real one answers.
    pub(crate) fn point_number(
        &mut self,
        now_ms: i64,
        key: &str,
        number: &str,
        application_id: Option<&str>,
        keep_former: bool,
    ) -> Result<(), u16> {
        self.tick(now_ms);
        let account = self.account_place(key).ok_or(401_u16)?;
        let id = match self.holders.get(number) {
            Some(Holder::Account(holder, id)) if *holder == account => *id,
            _ => return Err(404),
        };
        let found = self.accounts[account].numbers.get(&id).ok_or(404_u16)?;
        if found.status != NumberStatus::Active || !self.is_seen(found, now_ms) {
            return Err(404);
        }
        // A stale application is not noticed here: the number then rings out.
        let found = self.accounts[account].numbers.get_mut(id).ok_or(404_u16)?;
        if !(keep_former && found.connection_id.is_some()) {
            found.connection_id = application_id.map(str::to_owned);
            found.updated_ms = now_ms;
        }
        Ok(())
    }
}
