//! Numbers made or bought ahead: `POST /api/admin/phone-pool/provision`, `POST
//! /api/admin/phone-numbers/buy`, `GET /api/admin/purchases/{id}`.
//!
//! One transaction writes what was asked for and a work for each number; the works do the rest, and
//! what they come to is read from them.

use crate::Request;
use api::{Answer, Problem, body, idempotency, wanted};
use domain::ids::{DeploymentId, OrganizationId, PurchaseId, WorkId};
use domain::number::Number;
use domain::phone::AreaCode;
use domain::problem::Problem as Obstacle;
use domain::request::{Country, Match, NumberType, Wanted};
use domain::source::Source;
use domain::stock::{Purchase, Stocking, sources};
use domain::tenant::{Organization, source_order};
use domain::work::{Phase, Work};
use planted::planted;
use runtime::{Message, World};
use serde_json::{Map, Value, json};
use std::time::Duration;
use store::{IdempotencyKey, Marks, StartPurchase, Started, WorkRow};

/// Numbers made for the pool at once.
const MADE_MAX: u64 = 25;
/// Numbers bought at once.
const BOUGHT_MAX: u64 = 10;
/// How often a call that was overtaken reads again.
const RACES_MAX: u32 = 5;
/// The fields there are; `provider` is the first system's name for where they come from.
const FIELDS: [&str; 8] =
    ["count", "source", "provider", "type", "area_code", "country", "match", "organization_id"];

/// What is asked for.
struct Order {
    count: u64,
    /// The one source it is to be, where one is named.
    source: Option<Source>,
    wanted: Wanted,
    organization: OrganizationId,
}

/// Whether numbers of VAPI's free allowance are meant as well.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Free {
    Too,
    No,
}

/// Makes numbers for the pool: free ones as far as there are, else bought ones.
pub(crate) async fn make<W: World>(request: &Request<'_, W>) -> Result<Answer, Problem> {
    start(request, "phone-pool", MADE_MAX, Free::Too).await
}

/// Buys numbers for the pool.
pub(crate) async fn buy<W: World>(request: &Request<'_, W>) -> Result<Answer, Problem> {
    start(request, "buy", BOUGHT_MAX, Free::No).await
}

/// What has come of numbers that were asked for together.
pub(crate) async fn show<W: World>(request: &Request<'_, W>, id: &str) -> Result<Answer, Problem> {
    let id: PurchaseId = id.parse().map_err(|_no_id| Problem::NoSuchPurchase)?;
    let store = &request.deps.store;
    let purchase = store.purchase(id).await?.ok_or(Problem::NoSuchPurchase)?;
    let works = store.works(&purchase.works).await?;
    Ok(Answer::json(200, result(request, &purchase, &works).await?))
}

async fn start<W: World>(
    request: &Request<'_, W>,
    route: &str,
    most: u64,
    free: Free,
) -> Result<Answer, Problem> {
    let object = body::object(&request.call.body)?;
    body::only(&object, &FIELDS)?;
    let order = order(&object, most, free)?;
    let key = idempotency::key(request, &order.organization, None, route, &object)?;
    let marks = request.deps.marks();
    for _race in 0..RACES_MAX {
        if let Some(purchase) = known(request, key.as_ref()).await? {
            return accepted(request, &purchase).await;
        }
        if let Some(purchase) = once(request, &order, free, key.as_ref(), &marks).await? {
            return accepted(request, &purchase).await;
        }
    }
    Err(Problem::Contended)
}

/// What was asked for with the key before, if it was.
pub(crate) async fn known<W: World>(
    request: &Request<'_, W>,
    key: Option<&IdempotencyKey>,
) -> Result<Option<Purchase>, Problem> {
    let known = idempotency::known_thing(request, key).await?;
    match known.and_then(|id| id.parse().ok()) {
        Some(id) => Ok(request.deps.store.purchase(id).await?),
        None => Ok(None),
    }
}

/// Writes all of it; `None` when somebody else was quicker.
async fn once<W: World>(
    request: &Request<'_, W>,
    order: &Order,
    free: Free,
    idempotency: Option<&IdempotencyKey>,
    marks: &Marks,
) -> Result<Option<Purchase>, Problem> {
    let (deps, now) = (request.deps, request.deps.now());
    let settings = deps.store.organization(&order.organization).await?;
    let settings = settings.map(|row| row.organization);
    let stocking = stocking(request, order, free, settings.as_ref(), marks).await?;
    let make = || stocking.make(WorkId::new(deps.fresh()), now);
    let works: Vec<Work> = (0..order.count).map(|_number| make()).collect();
    let purchase = Purchase {
        id: PurchaseId::new(deps.fresh()),
        organization: order.organization.clone(),
        works: works.iter().map(|work| work.id).collect(),
        numbers: Vec::new(),
        by: request.caller.sub.clone(),
        created_at: now,
    };
    let new_organization = settings.is_none();
    let idempotency = idempotency.filter(|_key| !planted!(StockKeyNotKept));
    let start = StartPurchase {
        purchase: &purchase,
        works: &works,
        numbers: &[],
        new_organization,
        idempotency,
    };
    if deps.store.start_purchase(&start, marks).await? == Started::Overtaken {
        return Ok(None);
    }
    tracing::info!(purchase.id = %purchase.id, count = works.len(), "numbers asked for");
    for work in &works {
        deps.send(&Message::work(work.id, now), Duration::ZERO).await;
    }
    Ok(Some(purchase))
}

/// What the works of an order have in common.
async fn stocking<W: World>(
    request: &Request<'_, W>,
    order: &Order,
    free: Free,
    settings: Option<&Organization>,
    marks: &Marks,
) -> Result<Stocking, Problem> {
    let config = request.config;
    let organization = order.organization.clone();
    let all = sources(&source_order(settings, &config.sources), &organization);
    let meant = |source: &Source| free == Free::Too || *source != Source::VapiFree;
    let sources: Vec<Source> = match order.source {
        Some(source) => vec![source],
        None => all.into_iter().filter(meant).collect(),
    };
    if !Source::any_suits(&sources, &order.wanted) {
        return Err(Problem::Unobtainable);
    }
    let deployment = deployment(request, marks).await?;
    let caps = settings.map_or(config.caps, |organization| organization.caps(config.caps));
    let wanted = order.wanted.clone();
    Ok(Stocking { deployment, organization, caps, wanted, sources })
}

/// The deployment's id, which the first work makes.
pub(crate) async fn deployment<W: World>(
    request: &Request<'_, W>,
    marks: &Marks,
) -> Result<DeploymentId, Problem> {
    let deps = request.deps;
    match deps.store.deployment().await? {
        Some(deployment) => Ok(deployment),
        None => Ok(deps.store.make_deployment(deps.fresh(), marks).await?),
    }
}

async fn accepted<W: World>(
    request: &Request<'_, W>,
    purchase: &Purchase,
) -> Result<Answer, Problem> {
    let works = request.deps.store.works(&purchase.works).await?;
    let body = result(request, purchase, &works).await?;
    let answer = Answer::json(202, body).with("location", location(purchase));
    Ok(answer.with("retry-after", "2".to_owned()))
}

/// Where what became of it is told.
pub(crate) fn location(purchase: &Purchase) -> String {
    format!("/api/admin/purchases/{}", purchase.id)
}

/// The numbers there are, why others are not, and how many are on their way.
async fn result<W: World>(
    request: &Request<'_, W>,
    purchase: &Purchase,
    works: &[WorkRow],
) -> Result<Value, Problem> {
    let stocked = |row: &WorkRow| {
        if let Phase::Stocked { number } = row.work.phase { Some(number) } else { None }
    };
    let ids: Vec<_> = works.iter().filter_map(stocked).collect();
    let named: Vec<_> = works.iter().filter_map(|row| row.work.phase.named()).collect();
    let read = request.deps.store.numbers(&[ids.clone(), named].concat()).await?;
    let numbers = read.iter().filter(|number| ids.contains(&number.id));
    let numbers: Vec<Value> = numbers
        .map(|number| {
            let digits = number.digits.as_ref().map(|digits| digits.reveal());
            json!({ "number": digits, "id": number.id, "state": number.state.name() })
        })
        .collect();
    let errors: Vec<Value> = works.iter().filter_map(|row| error(&row.work, &read)).collect();
    let (requested, purchased) = (purchase.works.len(), numbers.len());
    let pending = requested.saturating_sub(purchased).saturating_sub(errors.len());
    let message = match (pending, errors.len()) {
        (0, 0) => format!("{purchased} of {requested} numbers are in the pool"),
        (0, failed) => {
            format!("{purchased} of {requested} numbers are in the pool, {failed} are not")
        }
        (pending, _) => format!("{pending} of {requested} numbers are on their way"),
    };
    Ok(json!({
        "success": errors.is_empty(),
        "purchase_id": purchase.id,
        "organization_id": purchase.organization,
        "requested": requested,
        "purchased": purchased,
        "pending": pending,
        "numbers": numbers,
        "errors": errors,
        "message": message,
        "provisioning_ids": purchase.works,
        "created_at": purchase.created_at.rfc3339(),
    }))
}

/// Why a work brought no number, if it did not and will not by itself.
fn error(work: &Work, read: &[Number]) -> Option<Value> {
    let why = match work.phase.problem() {
        Some(problem) => said(problem),
        None if work.phase == Phase::Cancelled => "it was called off".to_owned(),
        None => return None,
    };
    let named = work.phase.named();
    let number = work.phase.number().or_else(|| read.iter().find(|one| Some(one.id) == named));
    let number = number.and_then(|number| number.digits.as_ref());
    Some(json!({
        "number": number.map(|digits| digits.reveal()),
        "error": why,
        "provisioning_id": work.id,
    }))
}

fn said(problem: &Obstacle) -> String {
    if let Obstacle::SourcesExhausted { passed } = problem {
        let why =
            passed.iter().map(|(source, why)| format!("{}: {}", source.as_str(), why.plain()));
        return why.collect::<Vec<_>>().join("; ");
    }
    if let Obstacle::NotAssignable { why } = problem {
        return why.plain();
    }
    format!("{}: {}", problem.code(), problem.next_steps())
}

fn order(object: &Map<String, Value>, most: u64, free: Free) -> Result<Order, Problem> {
    let count = match body::find(object, "count") {
        None => 1,
        Some(value) => value
            .as_u64()
            .filter(|count| (1..=most).contains(count))
            .ok_or_else(|| Problem::field("count", format!("1 to {most} is expected")))?,
    };
    let organization =
        body::parsed(object, "organization_id")?.unwrap_or_else(OrganizationId::platform);
    let name = if body::find(object, "source").is_some() { "source" } else { "provider" };
    let source = match body::text(object, name)? {
        None => None,
        Some(text) => Some(source(text, free, &organization).ok_or_else(|| {
            let expected = match free {
                Free::Too => "vapi_free, org_twilio, global_twilio or telnyx is expected",
                Free::No => "org_twilio, global_twilio or telnyx is expected",
            };
            Problem::field(name, format!("{expected}; org_twilio with its organization_id"))
        })?),
    };
    Ok(Order { count, source, wanted: wanted(object)?, organization })
}

/// The source of that name, if numbers for the pool can come from it. A provider's name means its
/// account: at Twilio the organization's own, where one pays.
fn source(text: &str, free: Free, organization: &OrganizationId) -> Option<Source> {
    let own = *organization != OrganizationId::platform();
    let source = match text {
        "vapi" => Source::VapiFree,
        "twilio" if own => Source::OrgTwilio,
        "twilio" => Source::GlobalTwilio,
        name => Source::from_name(name)?,
    };
    let meant = free == Free::Too || source != Source::VapiFree;
    sources(&[source], organization).into_iter().find(|_source| meant)
}

fn wanted(object: &Map<String, Value>) -> Result<Wanted, Problem> {
    let area_code: Option<AreaCode> = body::parsed(object, "area_code")?;
    let country: Country = body::parsed(object, "country")?.unwrap_or_default();
    let toll_free = area_code.as_ref().is_some_and(AreaCode::is_toll_free);
    let number_type = match body::text(object, "type")? {
        None if toll_free => NumberType::TollFree,
        None | Some("local") => NumberType::Local,
        Some("toll_free" | "toll-free" | "tollfree") => NumberType::TollFree,
        Some(_other) => return Err(Problem::field("type", "local or toll_free is expected")),
    };
    let matching = match body::text(object, "match")? {
        // Who names a prefix or a place wants a number there.
        None | Some("strict") => Match::Strict,
        Some("any") => Match::Any,
        Some(_other) => return Err(Problem::field("match", "strict or any is expected")),
    };
    let wanted = Wanted { country, area_code, matching, number_type, picked: None };
    wanted::check(&wanted)?;
    Ok(wanted)
}
