//! `POST /number_orders`: the call that costs money.

use exchange::Response;
use serde_json::{Map, Value, json};

use super::account::decimal;
use super::options::TakenError;
use super::order::{Order, OrderLine, OrderStatus};
use super::{Ask, Holder, TelnyxSim, errors};
use crate::WebhookMode;
use crate::faults::Refusal;
use crate::ids::is_e164;
use crate::numbering::{Class, classify};
use crate::reply;

const KNOWN: [&str; 5] = [
    "phone_numbers",
    "connection_id",
    "messaging_profile_id",
    "billing_group_id",
    "customer_reference",
];

impl TelnyxSim {
    pub(super) fn create_order(&mut self, ask: &Ask<'_>) -> Result<Response, Response> {
        let body = self.body(ask, &KNOWN)?;
        let mut lines = self.order_lines(ask, &body)?;
        let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
        let connection_id = text("connection_id").filter(|id| !id.is_empty());
        self.check_connection(ask.account, connection_id.as_deref())?;
        if ask.script.refuses(Refusal::Documents) {
            for line in &mut lines {
                line.documents_missing = true;
                line.requirements_status = "requirement-info-pending";
            }
        }
        let total: i64 = lines.iter().map(|line| line.charged_cents).sum();
        let balance = self.accounts[ask.account].balance_cents;
        if ask.script.refuses(Refusal::Balance) || balance < total {
            let detail = format!(
                "Your balance of {} USD does not cover this order ({} USD).",
                decimal(balance),
                decimal(total)
            );
            let status = self.options.balance_status;
            return Err(errors::error(status, "20100", "Insufficient Funds", &detail));
        }
        self.charge(ask.account, total);
        for line in &lines {
            self.holders.insert(line.phone_number.clone(), Holder::Ordered(ask.account));
        }
        let order = Order {
            id: self.ids.uuid(),
            lines,
            customer_reference: text("customer_reference"),
            connection_id,
            messaging_profile_id: text("messaging_profile_id"),
            billing_group_id: text("billing_group_id"),
            fails: ask.script.order_fails,
            created_ms: ask.now_ms,
            updated_ms: ask.now_ms,
        };
        let answer = reply::json(200, &json!({ "data": order.view() }));
        self.accept(ask, order);
        Ok(answer)
    }

    fn accept(&mut self, ask: &Ask<'_>, order: Order) {
        let id = order.id.clone();
        if self.options.pending_number_visible && !order.fails {
            for line in &order.lines {
                self.add_number(ask.now_ms, ask.account, &order, line, ask.now_ms);
            }
        }
        self.accounts[ask.account].orders.insert(&id, order);
        // The answer above still says `pending`: that is what an overtaking webhook is about.
        if self.options.webhooks == WebhookMode::BeforeAnswer {
            self.settle(ask.now_ms, ask.account, &id);
        } else {
            self.schedule(ask.now_ms + self.options.order_settle_ms, ask.account, &id);
        }
    }

    fn order_lines(
        &mut self,
        ask: &Ask<'_>,
        body: &Map<String, Value>,
    ) -> Result<Vec<OrderLine>, Response> {
        let wanted = body.get("phone_numbers").and_then(Value::as_array);
        let wanted = wanted.filter(|list| !list.is_empty());
        let wanted = wanted.ok_or_else(|| errors::missing("/phone_numbers"))?;
        let mut lines: Vec<OrderLine> = Vec::with_capacity(wanted.len());
        for (place, line) in wanted.iter().enumerate() {
            let pointer = format!("/phone_numbers/{place}");
            let Some(line) = line.as_object() else {
                return Err(errors::bad_request("must be an object", &pointer));
            };
            self.check_known(
                line,
                &["phone_number", "requirement_group_id", "bundle_id"],
                &pointer,
            )?;
            let number = line.get("phone_number").and_then(Value::as_str);
            let number =
                number.ok_or_else(|| errors::missing(&format!("{pointer}/phone_number")))?;
            if !is_e164(number) {
                let title = "Invalid phone number";
                let detail = "Phone number must be in +E.164 format.";
                let source = json!({ "pointer": format!("{pointer}/phone_number") });
                return Err(errors::with_source(400, "10016", title, detail, source));
            }
            let twice = lines.iter().any(|line| line.phone_number == number);
            if twice || !self.is_orderable(ask, number) {
                return Err(self.taken(number, &pointer));
            }
            lines.push(self.order_line(number, line.contains_key("requirement_group_id")));
        }
        Ok(lines)
    }

    fn order_line(&mut self, number: &str, has_documents: bool) -> OrderLine {
        let class = classify(number).unwrap_or(Class { country: "US", kind: "local" });
        let options = &self.options;
        let documents_missing = !has_documents
            && (options.documents_countries.iter().any(|country| country == class.country)
                || options.documents_classes.iter().any(|kind| kind == class.kind));
        let price = options.price(class.kind);
        OrderLine {
            id: self.ids.uuid(),
            sub_order_id: self.ids.uuid(),
            phone_number: number.to_owned(),
            kind: class.kind,
            country: class.country,
            status: OrderStatus::Pending,
            documents_missing,
            requirements_status: if documents_missing {
                "requirement-info-pending"
            } else {
                "approved"
            },
            charged_cents: price.upfront_cents + price.monthly_cents,
        }
    }

    fn is_orderable(&self, ask: &Ask<'_>, number: &str) -> bool {
        !ask.script.refuses(Refusal::Taken)
            && !self.holders.contains_key(number)
            && self.accounts[ask.account].offered.contains(number)
            && !self.is_held_by_other(number, ask.account)
    }

    /// The same refusal whoever has the number, ourselves included.
    fn taken(&self, number: &str, pointer: &str) -> Response {
        let source = json!({ "pointer": format!("{pointer}/phone_number") });
        match self.options.taken {
            TakenError::BadRequest10015 => {
                let detail = format!("The phone number {number} is not available for purchase.");
                errors::with_source(400, "10015", "Bad Request", &detail, source)
            }
            TakenError::Conflict85001 => {
                let detail = format!("The phone number {number} is no longer available.");
                errors::with_source(409, "85001", "Number not available", &detail, source)
            }
        }
    }
}
