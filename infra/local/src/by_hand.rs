//! What an operator does where a person is the last source: a number bought past Dialtone, and
//! named.

use anyhow::{Context, bail};
use serde_json::json;
use simulators::STANDARD_TELNYX_KEY;
use simulators::server::wall_ms;

use crate::api::Api;
use crate::stack::Stack;

/// The first of the numbers that are tried, and how many there are.
const NUMBERS: (u64, u64) = (14_155_550_100, 100);

/// Buys a number at the built-in Telnyx, as a person in its portal does.
///
/// # Errors
///
/// When none can be had.
pub fn buy(stack: &Stack) -> anyhow::Result<String> {
    let (first, count) = NUMBERS;
    let mut providers = stack.providers().lock();
    let bought =
        (first..first.saturating_add(count)).map(|digits| format!("+{digits}")).find(|number| {
            let telnyx = &mut providers.telnyx;
            telnyx.buy_outside(wall_ms(), STANDARD_TELNYX_KEY, number, None).is_some()
        });
    bought.context("no number can be bought by hand")
}

/// Names a number for a provisioning that waits for one.
///
/// # Errors
///
/// When that is refused.
pub async fn name(operator: &Api, id: &str, number: &str) -> anyhow::Result<()> {
    let path = format!("/api/admin/provisionings/{id}/assign");
    let answer = operator.post(&path, &json!({ "number": number })).await?;
    if answer.status != 202 {
        bail!("POST {path} answered {}: {}", answer.status, answer.text);
    }
    Ok(())
}
