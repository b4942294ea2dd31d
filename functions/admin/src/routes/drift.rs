//! `/api/admin/drift`: what the providers hold against what our table says, and a person's word that
//! it may be changed.

use crate::Request;
use crate::routes::bring;
use api::{Answer, Problem, body};
use domain::drift::{Brake, Drift, Finding};
use domain::phone::E164;
use runtime::{Message, World};
use serde_json::{Map, Value, json};
use std::time::Duration;
use store::{Stage, Sweep};

/// Findings shown at once; `run` asks for those of another run.
const SHOWN: usize = 100;
/// Runs whose findings are looked through for numbers that are to be adopted.
const RUNS_MAX: u32 = 20;

/// The last comparison.
pub(crate) async fn show<W: World>(request: &Request<'_, W>) -> Result<Answer, Problem> {
    let run = match request.call.query.get("run") {
        None => 1,
        Some(text) => {
            text.parse().map_err(|_invalid| Problem::field("run", "a whole number is expected"))?
        }
    };
    let row = request.deps.store.sweep().await?;
    shown(request, row.as_ref().map(|row| &row.sweep), run, 200).await
}

/// Lets a comparison that the brake holds go on, as a person has looked at what it would change.
pub(crate) async fn repair<W: World>(request: &Request<'_, W>) -> Result<Answer, Problem> {
    let fields = body::object(&request.call.body)?;
    if body::find(&fields, "adopt").is_some() {
        return adopt(request, &fields).await;
    }
    body::only(&fields, &["confirm", "sweep"])?;
    let confirmed = match body::find(&fields, "confirm") {
        None | Some(Value::Bool(false)) => false,
        Some(Value::Bool(true)) => true,
        Some(_) => return Err(Problem::field("confirm", "true or false is expected")),
    };
    let named = body::text(&fields, "sweep")?;
    let Some(row) = request.deps.store.sweep().await? else {
        return if confirmed {
            Err(Problem::NothingToConfirm)
        } else {
            shown(request, None, 1, 200).await
        };
    };
    if !confirmed {
        return shown(request, Some(&row.sweep), 1, 200).await;
    }
    let is_it = named == Some(row.sweep.begun_at.rfc3339().as_str());
    if !is_it || !matches!(row.sweep.stage, Stage::Braked { .. }) {
        return Err(Problem::NothingToConfirm);
    }
    let (deps, now) = (request.deps, request.deps.now());
    let stage = if read_through(&row.sweep) {
        Stage::Mending { run: 1, next: 0 }
    } else {
        Stage::Vapi { page: 1 }
    };
    let sweep = Sweep { confirmed: true, stage, ..row.sweep.clone() };
    let by = request.caller.sub.as_str();
    tracing::warn!(by, "a repair is confirmed");
    match deps.store.keep_sweep(Some(&row), sweep, &[], now, &deps.marks()).await? {
        Some(kept) => {
            deps.send(&Message::Sweep, Duration::ZERO).await;
            shown(request, Some(&kept.sweep), 1, 202).await
        }
        None => Err(Problem::NothingToConfirm),
    }
}

/// Brings in numbers that the last comparison found in no row and without a stamp.
async fn adopt<W: World>(
    request: &Request<'_, W>,
    fields: &Map<String, Value>,
) -> Result<Answer, Problem> {
    body::only(fields, &["adopt", "country"])?;
    let listed = bring::listed(fields, "adopt")?;
    let mut foreign = Vec::new();
    if let Some(row) = request.deps.store.sweep().await? {
        for run in 1..=row.sweep.runs.min(RUNS_MAX) {
            let findings = request.deps.store.findings(&row.sweep, run).await?;
            let found = findings.into_iter().filter(|one| one.drift == Drift::Foreign);
            foreign.extend(found.filter_map(|one| one.digits));
        }
    }
    bring::brought(request, "drift.adopt", fields, listed, Some(foreign.as_slice())).await
}

/// Whether it was stopped after it had read everything.
const fn read_through(sweep: &Sweep) -> bool {
    match &sweep.stage {
        Stage::Braked { brake: Brake::TooMuch { .. } | Brake::Restored } => true,
        Stage::Braked { brake: Brake::OtherAccount { .. } }
        | Stage::Vapi { .. }
        | Stage::Telnyx { .. }
        | Stage::Twilio { .. }
        | Stage::Accounts { .. }
        | Stage::Rows { .. }
        | Stage::Mending { .. }
        | Stage::Over => false,
    }
}

async fn shown<W: World>(
    request: &Request<'_, W>,
    sweep: Option<&Sweep>,
    run: u32,
    status: u16,
) -> Result<Answer, Problem> {
    let Some(sweep) = sweep else {
        return Ok(Answer::json(status, json!({ "success": true, "sweep": null, "drift": {} })));
    };
    let findings = request.deps.store.findings(sweep, run).await?;
    let drift: Map<String, Value> = Drift::ALL
        .into_iter()
        .map(|kind| {
            let of = |counts: &std::collections::BTreeMap<Drift, u64>| {
                counts.get(&kind).copied().unwrap_or(0)
            };
            let counts = json!({ "found": of(&sweep.survey.found), "read": of(&sweep.survey.read),
                "mended_by_itself": kind.is_mended() });
            (kind.as_str().to_owned(), counts)
        })
        .collect();
    let left: Vec<Value> = sweep
        .survey
        .left()
        .map(|(organization, drift, found)| {
            json!({ "organization_id": organization, "drift": drift.as_str(), "found": found })
        })
        .collect();
    let body = json!({
        "success": true,
        "sweep": sweep.begun_at.rfc3339(),
        "state": state(&sweep.stage),
        "brake": brake(&sweep.stage),
        "confirmed": sweep.confirmed,
        "started": sweep.mended,
        "drift": drift,
        "left": left,
        "run": run,
        "runs": sweep.runs,
        "findings": findings.iter().take(SHOWN).map(finding).collect::<Vec<_>>(),
    });
    Ok(Answer::json(status, body))
}

const fn state(stage: &Stage) -> &'static str {
    match stage {
        Stage::Vapi { .. }
        | Stage::Telnyx { .. }
        | Stage::Twilio { .. }
        | Stage::Accounts { .. }
        | Stage::Rows { .. } => "reading",
        Stage::Mending { .. } => "mending",
        Stage::Braked { .. } => "braked",
        Stage::Over => "over",
    }
}

fn brake(stage: &Stage) -> Value {
    match stage {
        Stage::Braked { brake } => serde_json::to_value(brake).unwrap_or_default(),
        Stage::Vapi { .. }
        | Stage::Telnyx { .. }
        | Stage::Twilio { .. }
        | Stage::Accounts { .. }
        | Stage::Rows { .. }
        | Stage::Mending { .. }
        | Stage::Over => Value::Null,
    }
}

fn finding(finding: &Finding) -> Value {
    json!({
        "drift": finding.drift.as_str(),
        "number_id": finding.number,
        "number": finding.digits.as_ref().map(E164::reveal),
        "vapi_id": finding.vapi,
        "telnyx_id": finding.telnyx,
        "twilio_sid": finding.twilio.as_ref().map(|at| &at.id),
        "twilio_account": finding.twilio.as_ref().map(|at| &at.home.account),
        "stamp": finding.stamp,
    })
}
