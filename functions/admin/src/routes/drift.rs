//! `/api/admin/drift`: what the providers hold against what our table says, and a person's word that
//! it may be changed.

use crate::Request;
use crate::routes::bring;
use api::{Answer, Problem, body, page};
use domain::drift::{Drift, Finding};
use domain::ids::OrganizationId;
use domain::phone::E164;
use runtime::{Message, World};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::time::Duration;
use store::{Stage, Sweep, SweepRow};

/// Findings shown at once unless `limit` asks for fewer.
const SHOWN: usize = 100;
/// Runs read for one page. After them the answer says where to go on, however little was found.
const RUNS_PAGE_MAX: u32 = 20;
/// Runs whose findings are looked through for numbers that are to be adopted: a run finds 700 before
/// it ends, or what a slow provider lists in its time, so that these cover 100 000 numbers, each found
/// at VAPI and at its carrier.
const RUNS_ADOPT_MAX: u32 = 1_000;
/// What the first part of a cursor of the findings is.
const LIST: &str = "drift";

/// Which findings are asked for.
struct Wanted {
    /// Those of one run; of all without.
    run: Option<u32>,
    /// Those of one kind.
    drift: Option<Drift>,
    limit: usize,
}

impl Wanted {
    /// All of them.
    const ALL: Self = Self { run: None, drift: None, limit: SHOWN };

    fn read(query: &BTreeMap<String, String>) -> Result<Self, Problem> {
        let run = query.get("run").map(|text| {
            text.parse().map_err(|_invalid| Problem::field("run", "a whole number is expected"))
        });
        let drift = query.get("drift").map(|name| {
            let kinds = Drift::ALL.map(Drift::as_str);
            let kind = Drift::ALL.into_iter().find(|kind| kind.as_str() == name);
            let expected = format!("one of {} is expected", kinds.join(", "));
            kind.ok_or_else(|| Problem::field("drift", expected))
        });
        let limit = match query.get("limit") {
            Some(_) => usize::from(page::limit(query)?),
            None => SHOWN,
        };
        Ok(Self { run: run.transpose()?, drift: drift.transpose()?, limit })
    }
}

/// A place among the findings of a comparison: a run, and the finding there that comes next.
#[derive(Clone, Copy)]
struct Place {
    run: u32,
    next: usize,
}

/// The last comparison.
pub(crate) async fn show<W: World>(request: &Request<'_, W>) -> Result<Answer, Problem> {
    let wanted = Wanted::read(&request.call.query)?;
    let row = request.deps.store.sweep().await?;
    shown(request, row.as_ref().map(|row| &row.sweep), &wanted, 200).await
}

/// Lets a comparison that the brake holds go on, as a person has looked at what it would change; or
/// one that is over, in an organization's own account that it left as it is.
pub(crate) async fn repair<W: World>(request: &Request<'_, W>) -> Result<Answer, Problem> {
    let fields = body::object(&request.call.body)?;
    if body::find(&fields, "adopt").is_some() {
        return adopt(request, &fields).await;
    }
    body::only(&fields, &["confirm", "sweep", "organization_id"])?;
    let confirmed = match body::find(&fields, "confirm") {
        None | Some(Value::Bool(false)) => false,
        Some(Value::Bool(true)) => true,
        Some(_) => return Err(Problem::field("confirm", "true or false is expected")),
    };
    let named = body::text(&fields, "sweep")?;
    let organization: Option<OrganizationId> = body::parsed(&fields, "organization_id")?;
    let row = request.deps.store.sweep().await?;
    if !confirmed {
        return shown(request, row.as_ref().map(|row| &row.sweep), &Wanted::ALL, 200).await;
    }
    let its_name = |row: &SweepRow| row.sweep.begun_at.rfc3339();
    let row = row.filter(|row| named == Some(its_name(row).as_str()));
    let row = row.ok_or(Problem::NothingToConfirm)?;
    let sweep = row.sweep.confirm(organization.clone()).ok_or(Problem::NothingToConfirm)?;
    let (deps, now) = (request.deps, request.deps.now());
    let by = request.caller.sub.as_str();
    tracing::warn!(by, ?organization, "a repair is confirmed");
    match deps.store.keep_sweep(Some(&row), sweep, &[], now, &deps.marks()).await? {
        Some(kept) => {
            deps.send(&Message::Sweep, Duration::ZERO).await;
            shown(request, Some(&kept.sweep), &Wanted::ALL, 202).await
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
    let foreign = foreign(request, &listed.digits()).await?;
    bring::brought(request, "drift.adopt", fields, listed, Some(foreign.as_slice())).await
}

/// Those of these numbers that the last comparison found `foreign`.
async fn foreign<W: World>(
    request: &Request<'_, W>,
    listed: &[E164],
) -> Result<Vec<E164>, Problem> {
    let mut foreign = Vec::new();
    let Some(row) = request.deps.store.sweep().await? else { return Ok(foreign) };
    for run in 1..=row.sweep.runs.min(RUNS_ADOPT_MAX) {
        let findings = request.deps.store.findings(&row.sweep, run).await?;
        let found = findings.into_iter().filter(|one| one.drift == Drift::Foreign);
        for digits in found.filter_map(|one| one.digits) {
            if listed.contains(&digits) && !foreign.contains(&digits) {
                foreign.push(digits);
            }
        }
        if foreign.len() == listed.len() {
            break;
        }
    }
    Ok(foreign)
}

async fn shown<W: World>(
    request: &Request<'_, W>,
    sweep: Option<&Sweep>,
    wanted: &Wanted,
    status: u16,
) -> Result<Answer, Problem> {
    let Some(sweep) = sweep else {
        return Ok(Answer::json(status, json!({ "success": true, "sweep": null, "drift": {} })));
    };
    let place = place(request, sweep, wanted)?;
    let (findings, next) = findings(request, sweep, wanted, place).await?;
    let drift: Map<String, Value> = Drift::ALL
        .into_iter()
        .map(|kind| {
            let of = |counts: &BTreeMap<Drift, u64>| counts.get(&kind).copied().unwrap_or(0);
            let counts = json!({ "found": of(&sweep.survey.found), "read": of(&sweep.survey.read),
                "mended_by_itself": kind.is_mended() });
            (kind.as_str().to_owned(), counts)
        })
        .collect();
    let left: Vec<Value> = sweep
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
        "confirmed_for": sweep.confirmed_for,
        "started": sweep.mended,
        "drift": drift,
        "left": left,
        "run": place.run,
        "runs": sweep.runs,
        "findings": findings.iter().map(finding).collect::<Vec<_>>(),
        "next_cursor": next.map(|place| seal(sweep, place)),
    });
    Ok(Answer::json(status, body))
}

/// The findings that are asked for from a place on, and where they go on.
async fn findings<W: World>(
    request: &Request<'_, W>,
    sweep: &Sweep,
    wanted: &Wanted,
    mut place: Place,
) -> Result<(Vec<Finding>, Option<Place>), Problem> {
    let mut findings = Vec::new();
    let last = wanted.run.map_or(sweep.runs, |run| run.min(sweep.runs));
    for _run in 0..RUNS_PAGE_MAX {
        if place.run > last {
            return Ok((findings, None));
        }
        let found = request.deps.store.findings(sweep, place.run).await?;
        for (next, finding) in found.into_iter().enumerate().skip(place.next) {
            if wanted.drift.is_some_and(|kind| kind != finding.drift) {
                continue;
            }
            if findings.len() == wanted.limit {
                return Ok((findings, Some(Place { next, ..place })));
            }
            findings.push(finding);
        }
        place = Place { run: place.run.saturating_add(1), next: 0 };
    }
    Ok((findings, (place.run <= last).then_some(place)))
}

fn seal(sweep: &Sweep, place: Place) -> String {
    page::seal(&json!([LIST, sweep.begun_at.as_millis(), place.run, place.next]))
}

/// Where the findings are to go on: at a place that an answer about this comparison named, in the run
/// that is asked for. Another comparison found something else.
fn place<W: World>(
    request: &Request<'_, W>,
    sweep: &Sweep,
    wanted: &Wanted,
) -> Result<Place, Problem> {
    let Some(text) = request.call.query.get("cursor") else {
        return Ok(Place { run: wanted.run.unwrap_or(1), next: 0 });
    };
    let read = || {
        let (list, begun_at, run, next) = page::open::<(String, i64, u32, usize)>(text)?;
        let is_its = list == LIST && begun_at == sweep.begun_at.as_millis();
        let is_asked = wanted.run.is_none_or(|only| only == run);
        (is_its && is_asked).then_some(Place { run, next })
    };
    let expected = "a next_cursor of the same run of the last comparison is expected";
    read().ok_or_else(|| Problem::field("cursor", expected))
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
