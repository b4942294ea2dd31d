//! A number for the pool, by the means everybody has: a business gets one and gives it up, and the
//! sweeper frees it.

use std::time::Duration;

use anyhow::{Context, bail};
use serde_json::{Value, json};

use crate::api::Api;
use crate::main_job;
use crate::options::User;
use crate::stack::Stack;

/// What the schedule sends.
const TICK: &str = include_str!("../../../events/sweeper-tick.json");

/// Who gets a number only to give it up.
#[must_use]
pub fn neighbour() -> User {
    User::of_business("local", "neighbour")
}

/// Has the neighbour get a number and give it up, and frees it. Numbers must not rest
/// (`QuarantineDays` is 0), and the neighbour must be among the stack's users.
///
/// # Errors
///
/// When the number does not come, is not released within the time, or the sweeper fails.
pub async fn fill(stack: &Stack, limit: Duration) -> anyhow::Result<()> {
    let token = stack.token(&neighbour()).context("the neighbour got no token")?;
    let api = stack.api(token);
    let request = json!({
        "business_data": { "business_name": "Corner Bakery" },
        "sources": ["vapi_free", "telnyx"],
    });
    let view = main_job::provision(&api, &request, limit, |_view| ()).await?;
    expect(&view, "ready")?;
    let view = give_up(&api, &view, limit).await?;
    expect(&view, "released")?;
    sweep(stack).await
}

fn expect(view: &Value, state: &str) -> anyhow::Result<()> {
    match view.get("state").and_then(Value::as_str) {
        Some(found) if found == state => Ok(()),
        found => {
            let found = found.unwrap_or("nowhere");
            bail!("the number for the pool was to be {state} and is {found}: {view}")
        }
    }
}

/// Gives up the number of a provisioning that is ready, and follows the work to its end, or until
/// the time is up; gives the last view.
///
/// # Errors
///
/// When the release is refused or the API stops answering.
pub async fn give_up(api: &Api, ready: &Value, limit: Duration) -> anyhow::Result<Value> {
    let text = |name: &str| ready.get(name).and_then(Value::as_str);
    let number = text("number_id").context("the view has no number_id")?;
    let id = text("provisioning_id").context("the view has no provisioning_id")?;
    let path = format!("/api/phone/numbers/{number}");
    let asked = api.delete(&path).await?;
    if asked.status != 202 {
        bail!("DELETE {path} answered {}: {}", asked.status, asked.text);
    }
    main_job::follow(api, id, limit, |_view| ()).await
}

/// Runs the sweeper once, as its schedule does.
///
/// # Errors
///
/// When the sweep fails.
pub async fn sweep(stack: &Stack) -> anyhow::Result<()> {
    let tick = serde_json::from_str(TICK)?;
    stack.invoke("sweeper", &tick).await.map(drop)
}
