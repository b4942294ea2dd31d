//! The main job: a business asks for a number, gets it, and somebody calls.

use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use serde_json::{Value, json};

use crate::api::{Answer, Api};
use crate::by_hand;
use crate::stack::Stack;

/// Seconds a GET may be held open by the API while a step is under way.
const WAIT_SECONDS: u32 = 20;
/// Longest pause between two looks, even where the API says that the next check is later.
const PAUSE_MAX: Duration = Duration::from_secs(1);
/// Looks in a row that may fail: the emulator, not the work, is what fails then.
const FAILED_LOOKS_MAX: u32 = 5;
/// How long a call may take.
const CALL_LIMIT: Duration = Duration::from_secs(15);

/// What became of a provisioning, and of the call to its number.
#[derive(Debug, Clone)]
pub struct MainJob {
    /// The last view the API gave of the provisioning.
    pub view: Value,
    /// From the request to the view that said so.
    pub time_to_end: Duration,
    /// The simulator's report of the call; absent without a number to call.
    pub call: Option<Value>,
}

impl MainJob {
    /// A text of the last view.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.view.get(name).and_then(Value::as_str)
    }

    /// Whether the number is ready.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        matches!(self.text("state"), Some("ready" | "ready_degraded"))
    }

    /// VAPI's id of the assistant that took the call.
    #[must_use]
    pub fn answered_by(&self) -> Option<&str> {
        let call = self.call.as_ref().filter(|call| outcome(call) == Some("assistant"))?;
        call.get("assistant_id").and_then(Value::as_str)
    }

    /// Whether the number is ready and its own assistant took the call.
    #[must_use]
    pub fn is_answered_rightly(&self) -> bool {
        let wanted = self.text("vapi_assistant_id");
        self.is_ready() && wanted.is_some() && self.answered_by() == wanted
    }
}

/// Asks for a number, follows the work to its end, or until the time is up, and calls the number.
///
/// # Errors
///
/// When the request is refused or the API stops answering.
pub async fn run(
    stack: &Stack,
    api: &Api,
    request: &Value,
    limit: Duration,
    hear: impl FnMut(&Value),
) -> anyhow::Result<MainJob> {
    let begun = Instant::now();
    let view = provision(api, request, limit, hear).await?;
    called(stack, view, begun.elapsed()).await
}

/// Asks for a number that a person is to bring, and plays the operator: buys one past Dialtone and
/// names it, follows the work to its end, or until the time is up, and calls the number.
///
/// # Errors
///
/// When a request is refused, the API stops answering, or no number can be bought.
pub async fn run_by_hand(
    stack: &Stack,
    api: &Api,
    operator: &Api,
    request: &Value,
    limit: Duration,
    mut hear: impl FnMut(&Value),
) -> anyhow::Result<MainJob> {
    let begun = Instant::now();
    let waits = provision(api, request, limit, &mut hear).await?;
    let id = waits.get("provisioning_id").and_then(Value::as_str);
    let id = id.context("the view has no provisioning_id")?;
    let number = by_hand::buy(stack)?;
    by_hand::name(operator, id, &number).await?;
    let view = follow(api, id, limit.saturating_sub(begun.elapsed()), hear).await?;
    called(stack, view, begun.elapsed()).await
}

/// The end of a job, with a call to its number if there is one.
async fn called(stack: &Stack, view: Value, time_to_end: Duration) -> anyhow::Result<MainJob> {
    let number = view.get("phone_number").and_then(Value::as_str);
    let call = match number {
        Some(number) => Some(call_on(stack, number).await?),
        None => None,
    };
    Ok(MainJob { view, time_to_end, call })
}

/// Asks for a number and follows the work to its end, or until the time is up; gives the last view.
///
/// # Errors
///
/// When the request is refused or the API stops answering.
pub async fn provision(
    api: &Api,
    request: &Value,
    limit: Duration,
    hear: impl FnMut(&Value),
) -> anyhow::Result<Value> {
    let accepted = api.post("/api/phone/provision", request).await?;
    if !matches!(accepted.status, 200 | 202) {
        bail!("POST /api/phone/provision answered {}: {}", accepted.status, accepted.text);
    }
    let id = accepted.text_at("provisioning_id").context("the answer has no provisioning_id")?;
    follow(api, id, limit, hear).await
}

/// Looks at a provisioning until it has ended or the time is up; gives the last view.
///
/// # Errors
///
/// When the API stops answering.
pub async fn follow(
    api: &Api,
    id: &str,
    limit: Duration,
    mut hear: impl FnMut(&Value),
) -> anyhow::Result<Value> {
    let path = format!("/api/phone/provision/{id}?wait={WAIT_SECONDS}");
    let begun = Instant::now();
    let (mut failed, mut last) = (0, Value::Null);
    while begun.elapsed() < limit {
        let look = api.get(&path).await;
        match &look {
            Ok(answer) if matches!(answer.status, 200 | 202) => {
                failed = 0;
                last = answer.body.clone();
                hear(&last);
                if has_ended(&last) {
                    return Ok(last);
                }
            }
            Ok(answer) if answer.status < 500 => {
                bail!("GET {path} answered {}: {}", answer.status, answer.text)
            }
            Ok(_) | Err(_) if failed < FAILED_LOOKS_MAX => failed += 1,
            Ok(answer) => bail!("GET {path} answered {}: {}", answer.status, answer.text),
            Err(_) => return Err(look.err().unwrap_or_else(|| anyhow::anyhow!("no answer"))),
        }
        tokio::time::sleep(pause(look.ok().as_ref())).await;
    }
    if last.is_null() {
        bail!("GET {path} has given no view within {} s", limit.as_secs());
    }
    Ok(last)
}

/// Whether nothing more happens by itself. What waits for a person and is checked on soon has yet to
/// hear what the person did.
#[must_use]
pub fn has_ended(view: &Value) -> bool {
    let ends = ["ready", "ready_degraded", "failed", "cancelled", "released", "deleted"];
    match view.get("state").and_then(Value::as_str) {
        Some("needs_person") => view["next_check_at"].is_null(),
        Some(state) => ends.contains(&state),
        None => false,
    }
}

fn pause(answer: Option<&Answer>) -> Duration {
    let after = answer.and_then(|answer| answer.headers.get("retry-after"));
    let after = after.and_then(|text| text.parse().ok()).map(Duration::from_secs);
    after.unwrap_or(Duration::from_millis(200)).min(PAUSE_MAX)
}

fn outcome(call: &Value) -> Option<&str> {
    call.get("outcome").and_then(Value::as_str)
}

/// Calls a number where it is: at the built-in simulator, or at what stands in its place and can
/// be called in the same way.
async fn call_on(stack: &Stack, number: &str) -> anyhow::Result<Value> {
    let report = call(stack.vapi_url(), number).await?;
    match stack.other_vapi_url() {
        Some(other) if outcome(&report) == Some("not_in_service") => {
            Ok(call(other, number).await.unwrap_or(report))
        }
        Some(_) | None => Ok(report),
    }
}

/// Has a simulator call a number; gives its report.
///
/// # Errors
///
/// When the simulator does not answer.
pub async fn call(simulator_url: &str, number: &str) -> anyhow::Result<Value> {
    let client = reqwest::Client::builder().no_proxy().timeout(CALL_LIMIT).build()?;
    let url = format!("{simulator_url}/_sim/call?number={}", number.replace('+', "%2B"));
    let answer = client.get(&url).send().await.context("the simulator cannot be called")?;
    let status = answer.status();
    if !status.is_success() {
        bail!("GET {url} answered {status}");
    }
    Ok(serde_json::from_slice(&answer.bytes().await?)?)
}

/// The request for the business of the main job.
#[must_use]
pub fn request(source: Option<&str>) -> Value {
    let mut request = json!({ "business_data": { "business_name": BUSINESS_NAME } });
    if let (Some(source), Some(members)) = (source, request.as_object_mut()) {
        members.insert("sources".to_owned(), json!([source]));
    }
    request
}

/// Who gets a number in the main job.
pub const BUSINESS_NAME: &str = "Harbor Heating & Air";
