//! Number orders after their creation: reads, changes, and how they end.

use exchange::Response;
use serde_json::{Value, json};

use super::numbers::NumberStatus;
use super::order::{Order, OrderStatus};
use super::page::Page;
use super::{Ask, Holder, TelnyxSim, errors};
use crate::{reply, stamp};

impl TelnyxSim {
    pub(super) fn list_orders(&self, ask: &Ask<'_>) -> Result<Response, Response> {
        let page = Page::read(ask.wire, 20)?;
        let filter = |name: &str| ask.wire.query(&format!("filter[{name}]"));
        let bound = |name: &str| filter(name).and_then(stamp::parse);
        let after = bound("created_at][gt").unwrap_or(i64::MIN);
        let before = bound("created_at][lt").unwrap_or(i64::MAX);
        let met = filter("requirements_met").map(|text| text == "true");
        let count = filter("phone_numbers_count").and_then(|text| text.parse::<usize>().ok());
        let visible_ms = ask.now_ms - self.options.order_visible_after_ms;
        let rows: Vec<&Order> = self.accounts[ask.account]
            .orders
            .iter()
            .rev()
            .filter(|order| order.created_ms <= visible_ms)
            .filter(|order| after < order.created_ms && order.created_ms < before)
            .filter(|order| filter("status").is_none_or(|text| json!(order.status()) == text))
            .filter(|order| {
                let wanted = filter("customer_reference");
                wanted.is_none_or(|text| order.customer_reference.as_deref() == Some(text))
            })
            .filter(|order| count.is_none_or(|count| order.lines.len() == count))
            .filter(|order| {
                met.is_none_or(|met| order.lines.iter().all(|line| line.documents_missing != met))
            })
            .filter(|order| {
                let number = order.lines.first().map(|line| line.phone_number.as_str());
                !ask.script.hides(&[order.customer_reference.as_deref(), number])
            })
            .collect();
        Ok(page.answer(&rows, |order| order.view()))
    }

    pub(super) fn get_order(&self, ask: &Ask<'_>, id: &str) -> Result<Response, Response> {
        let visible_ms = ask.now_ms - self.options.order_visible_after_ms;
        let found = self.accounts[ask.account].orders.get(id);
        let order = found.filter(|order| order.created_ms <= visible_ms);
        let view = order.ok_or_else(errors::not_found)?.view();
        Ok(reply::json(200, &json!({ "data": view })))
    }

    pub(super) fn patch_order(&mut self, ask: &Ask<'_>, id: &str) -> Result<Response, Response> {
        let body = self.body(ask, &["customer_reference", "regulatory_requirements"])?;
        let order = self.accounts[ask.account].orders.get_mut(id);
        let order = order.ok_or_else(errors::not_found)?;
        if let Some(text) = body.get("customer_reference").and_then(Value::as_str) {
            order.customer_reference = Some(text.to_owned());
        }
        if body.contains_key("regulatory_requirements") {
            for line in order.lines.iter_mut().filter(|line| line.documents_missing) {
                line.requirements_status = "requirement-info-under-review";
            }
        }
        order.updated_ms = ask.now_ms;
        Ok(reply::json(200, &json!({ "data": order.view() })))
    }

    /// `PATCH /sub_number_orders/{id}/cancel`: only while pending.
    pub(super) fn cancel(&mut self, ask: &Ask<'_>, sub_id: &str) -> Result<Response, Response> {
        let orders = &self.accounts[ask.account].orders;
        let found = orders.iter().find_map(|order| {
            let line = order.lines.iter().find(|line| line.sub_order_id == sub_id)?;
            Some((order.id.clone(), line.clone()))
        });
        let (order_id, line) = found.ok_or_else(errors::not_found)?;
        if line.status != OrderStatus::Pending {
            let detail = "Only pending orders can be cancelled.";
            return Err(errors::error(422, "10015", "Bad Request", detail));
        }
        self.end_lines(ask.now_ms, ask.account, &order_id, OrderStatus::Failure);
        Ok(reply::json(
            200,
            &json!({ "data": {
                "id": sub_id, "record_type": "sub_number_order", "order_request_id": order_id,
                "status": "cancelled", "country_code": line.country,
                "phone_number_type": line.kind, "phone_numbers_count": 1,
                "requirements_met": !line.documents_missing,
            }}),
        ))
    }

    /// An order's time has come: it succeeds, fails, or begins to wait for documents.
    pub(super) fn settle(&mut self, at_ms: i64, account: usize, order_id: &str) {
        let Some(order) = self.accounts[account].orders.get(order_id) else {
            return;
        };
        if order.fails {
            self.end_lines(at_ms, account, order_id, OrderStatus::Failure);
            return;
        }
        let order = order.clone();
        for line in order.lines.iter().filter(|line| line.documents_missing) {
            self.add_number(at_ms, account, &order, line, at_ms);
        }
        self.end_lines(at_ms, account, order_id, OrderStatus::Success);
    }

    /// Ends the pending lines of an order. Lines without documents cannot succeed, only fail.
    pub(super) fn end_lines(
        &mut self,
        at_ms: i64,
        account: usize,
        order_id: &str,
        end: OrderStatus,
    ) {
        let Some(order) = self.accounts[account].orders.get_mut(order_id) else {
            return;
        };
        let mut ended = Vec::new();
        for line in &mut order.lines {
            let waits = line.documents_missing && end == OrderStatus::Success;
            if line.status == OrderStatus::Pending && !waits {
                line.status = end;
                ended.push(line.clone());
                if end == OrderStatus::Failure {
                    line.requirements_status = "cancelled";
                    line.charged_cents = 0;
                }
            }
        }
        if ended.is_empty() {
            return;
        }
        order.updated_ms = at_ms;
        let order = order.clone();
        for line in &ended {
            if end == OrderStatus::Success {
                let visible_ms = at_ms + self.options.number_visible_after_ms;
                self.add_number(at_ms, account, &order, line, visible_ms);
                self.set_status(account, &line.phone_number, NumberStatus::Active);
            } else {
                self.charge(account, -line.charged_cents);
                self.drop_number(account, &line.phone_number);
                self.holders.insert(line.phone_number.clone(), Holder::Elsewhere);
            }
        }
        if order.status() != OrderStatus::Pending {
            self.report_order(at_ms, account, &order);
        }
    }
}
