//! `/number_reservations`: thirty minutes in which nobody else may order a number.

use exchange::{Method, Response};
use serde_json::{Value, json};

use super::{Ask, TelnyxSim, errors};
use crate::{reply, stamp};

const HOLD_MS: i64 = 30 * 60_000;

/// A reservation of some numbers.
#[derive(Debug, Clone)]
pub(crate) struct Reservation {
    id: String,
    /// Number, line id, and whether it was to be had.
    lines: Vec<(String, String, bool)>,
    customer_reference: Option<String>,
    created_ms: i64,
    expires_ms: i64,
}

impl Reservation {
    fn view(&self) -> Value {
        let word = |good: bool| if good { "success" } else { "failure" };
        let lines: Vec<Value> = self
            .lines
            .iter()
            .map(|(number, id, held)| {
                let mut line = json!({
                    "id": id, "record_type": "reserved_phone_number", "phone_number": number,
                    "status": word(*held),
                    "created_at": stamp::micros(self.created_ms),
                    "updated_at": stamp::micros(self.created_ms),
                    "expired_at": stamp::micros(self.expires_ms),
                });
                if !held {
                    line["errors"] = json!("Number is already on hold");
                }
                line
            })
            .collect();
        json!({
            "id": self.id, "record_type": "number_reservation",
            "status": word(self.lines.iter().all(|(_, _, held)| *held)),
            "customer_reference": self.customer_reference,
            "phone_numbers": lines,
            "created_at": stamp::micros(self.created_ms),
            "updated_at": stamp::micros(self.created_ms),
        })
    }
}

impl TelnyxSim {
    pub(super) fn reservations_route(
        &mut self,
        ask: &Ask<'_>,
        rest: &[&str],
    ) -> Result<Response, Response> {
        match (ask.wire.method, rest) {
            (Method::Post, []) => self.reserve(ask),
            (Method::Get, [id]) => {
                let found = self.accounts[ask.account].reservations.get(id);
                let view = found.ok_or_else(errors::not_found)?.view();
                Ok(reply::json(200, &json!({ "data": view })))
            }
            (_, _) => Err(errors::not_found()),
        }
    }

    fn reserve(&mut self, ask: &Ask<'_>) -> Result<Response, Response> {
        let body = self.body(ask, &["phone_numbers", "customer_reference"])?;
        let wanted = body.get("phone_numbers").and_then(Value::as_array);
        let wanted = wanted.filter(|list| !list.is_empty());
        let wanted = wanted.ok_or_else(|| errors::missing("/phone_numbers"))?;
        let mut lines = Vec::new();
        for line in wanted {
            let number = line.get("phone_number").and_then(Value::as_str).unwrap_or("");
            let held =
                !self.holders.contains_key(number) && !self.is_held_by_other(number, ask.account);
            lines.push((number.to_owned(), self.ids.uuid(), held));
        }
        let reservation = Reservation {
            id: self.ids.uuid(),
            lines,
            customer_reference: body
                .get("customer_reference")
                .and_then(Value::as_str)
                .map(str::to_owned),
            created_ms: ask.now_ms,
            expires_ms: ask.now_ms + HOLD_MS,
        };
        let answer = reply::json(200, &json!({ "data": reservation.view() }));
        let id = reservation.id.clone();
        for (number, _, held) in &reservation.lines {
            if *held {
                self.holds.insert(number.clone(), (ask.account, reservation.expires_ms));
            }
        }
        self.accounts[ask.account].reservations.insert(&id, reservation);
        Ok(answer)
    }

    pub(super) fn is_held_by_other(&self, number: &str, account: usize) -> bool {
        self.holds
            .get(number)
            .is_some_and(|(holder, until_ms)| *holder != account && self.last_tick_ms < *until_ms)
    }
}
