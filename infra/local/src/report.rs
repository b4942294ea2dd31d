//! What the main job has led to, for people and as JSON.

use serde_json::{Value, json};

use crate::console::Console;
use crate::main_job::{BUSINESS_NAME, MainJob};
use crate::stack::Stack;

/// The tokens people paste.
#[derive(Debug)]
pub(crate) struct Tokens {
    pub(crate) business: String,
    pub(crate) operator: String,
}

/// One object for programs. Fields that have no value yet are null.
pub(crate) fn json(stack: &Stack, tokens: &Tokens, job: Result<&MainJob, &str>) -> Value {
    let (error, job) = (job.err(), job.ok());
    let field = |name: &str| job.and_then(|job| job.view.get(name));
    let state = field("state").and_then(Value::as_str).unwrap_or("error");
    let ready = job.filter(|job| job.is_ready());
    let seconds = ready.map(|job| (job.time_to_end.as_secs_f64() * 10.0).round() / 10.0);
    json!({
        "state": state,
        "phone_number": field("phone_number"),
        "assistant_id": field("vapi_assistant_id"),
        "provisioning_id": field("provisioning_id"),
        "seconds_to_ready": seconds,
        "answered_by": job.and_then(MainJob::answered_by),
        "api_url": stack.api_url(),
        "token": tokens.business,
        "admin_token": tokens.operator,
        "vapi_url": stack.vapi_url(),
        "telnyx_url": stack.telnyx_url(),
        "twilio_url": stack.twilio_url(),
        "call": job.and_then(|job| job.call.as_ref()),
        "problem": field("problem"),
        "error": error,
    })
}

/// The object of a run that never came to the main job.
pub(crate) fn json_of_failure(reason: &str) -> Value {
    json!({
        "state": "error", "phone_number": null, "assistant_id": null, "provisioning_id": null,
        "seconds_to_ready": null, "answered_by": null, "api_url": null, "token": null,
        "admin_token": null, "vapi_url": null, "telnyx_url": null, "twilio_url": null,
        "error": reason,
    })
}

/// What became of the main job.
pub(crate) fn result(console: &Console, job: &MainJob) {
    let number = job.text("phone_number").unwrap_or("no number");
    let state = job.text("state").unwrap_or("unknown");
    console.line("");
    if job.is_answered_rightly() {
        let seconds = job.time_to_end.as_secs_f32();
        console.line(format!("{BUSINESS_NAME} has {number}: {state} after {seconds:.1} s."));
        console.line("A caller was answered by the right assistant.");
    } else {
        let seconds = job.time_to_end.as_secs_f32();
        console.line(format!("{BUSINESS_NAME}: {state} after {seconds:.1} s, {number}."));
        console.line("No call was answered by the right assistant.");
        if let Some(detail) = job.view.pointer("/problem/detail").and_then(Value::as_str) {
            console.line(format!("  {detail}"));
        }
    }
    let stations = job.call.as_ref().and_then(|call| call.get("path")?.as_array());
    for station in stations.into_iter().flatten().filter_map(Value::as_str) {
        console.line(format!("  → {station}"));
    }
}

/// Addresses, and lines to paste into a shell.
pub(crate) fn addresses(console: &Console, stack: &Stack, tokens: &Tokens, job: Option<&MainJob>) {
    let (api, vapi, telnyx) = (stack.api_url(), stack.vapi_url(), stack.telnyx_url());
    let number = job.and_then(|job| job.text("phone_number")).unwrap_or("+14155550100");
    let id = job.and_then(|job| job.text("provisioning_id")).unwrap_or("ID");
    let number = number.replace('+', "%2B");
    for line in [
        "",
        &format!("API     {api}"),
        &format!("VAPI    {vapi}  (simulator)"),
        &format!("Telnyx  {telnyx}/v2  (simulator)"),
        &format!("Twilio  {}  (simulator)", stack.twilio_url()),
        "",
        "To paste into another shell:",
        "",
        // The URL holds a dollar sign, so it stands in single quotes.
        &format!("API='{api}'"),
        &format!("TOKEN='{}'", tokens.business),
        &format!("ADMIN_TOKEN='{}'", tokens.operator),
        "",
        "# what the business has, and how it came about",
        "curl -s -H \"Authorization: Bearer $TOKEN\" \"$API/api/phone/provision\"",
        &format!("curl -s -H \"Authorization: Bearer $TOKEN\" \"$API/api/phone/provision/{id}\""),
        "# numbers for sale",
        "curl -s -H \"Authorization: Bearer $TOKEN\" \"$API/api/phone/available?area_code=415\"",
        "# the same request again: the same number",
        &format!(
            "curl -s -X POST -H \"Authorization: Bearer $TOKEN\" -H 'Content-Type: application/json' \
             -d '{{\"business_data\":{{\"business_name\":\"{BUSINESS_NAME}\"}}}}' \
             \"$API/api/phone/provision\""
        ),
        "# the operator's view of what is ready",
        "curl -s -H \"Authorization: Bearer $ADMIN_TOKEN\" \"$API/api/admin/provisionings?state=ready\"",
        "# call the number; what the providers hold and what it cost",
        &format!("curl -s '{vapi}/_sim/call?number={number}'"),
        &format!("curl -s '{vapi}/_sim/truth'"),
    ] {
        console.line(line);
    }
}
