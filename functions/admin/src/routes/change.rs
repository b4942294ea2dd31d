//! `PATCH /api/admin/phone-numbers`: what becomes of a number, by the work that makes it true.
//!
//! Nothing is done here but what is true at once: a rest that is over ends, a number that nobody uses
//! is retired, and a freeze is ended. Everything else is begun, and is the work's.

use crate::routes::assign::assign_ours;
use crate::routes::retire::{begun, read, retire, shown};
use crate::{Request, view};
use api::fields::{self, Fields};
use api::number::{latest, release, rest_of};
use api::starting::{Purpose, Starting};
use api::{Answer, Problem, body, idempotency, works};
use domain::ids::{BusinessId, NumberId, OrganizationId, WorkId};
use domain::number::{Number, State};
use domain::work::{Kind, prepare};
use runtime::{Message, World};
use serde_json::{Map, Value, json};
use std::time::Duration;
use store::{Freed, IdempotencyKey, PortOutEnd, Started, WorkRow};

/// The fields there are.
const FIELDS: [&str; 6] =
    ["id", "status", "assigned_to", "organization_id", "business_name", "port_out_over"];
/// How a request ended that an operator says is off.
const WITHDRAWN: &str = "withdrawn-by-operator";

/// What is to become of a number.
enum Wish {
    /// Nobody's, and in the pool.
    Available,
    /// Out of use.
    Retired,
    /// This business's.
    Of(BusinessId),
    /// Whose it is, and no longer asked for by this request to take it to another carrier.
    PortOutOver(String),
}

/// Changes what a number is.
pub(crate) async fn change<W: World>(request: &Request<'_, W>) -> Result<Answer, Problem> {
    let object = body::object(&request.call.body)?;
    body::only(&object, &FIELDS)?;
    let id = body::text(&object, "id")?
        .ok_or_else(|| Problem::field("id", "the id of a number is expected"))?;
    let id: NumberId = id.parse().map_err(|_no_id| Problem::NoSuchNumber)?;
    let wish = wish(&object)?;
    // An assignment alone, and what takes a number off somebody, is remembered with a key; one that
    // cannot be used is refused for all.
    let route = format!("number.{id}");
    idempotency::key(request, &OrganizationId::platform(), None, &route, &object)?;
    let number = read(request, id).await?;
    match wish {
        Wish::Available => available(request, number).await,
        Wish::Retired => retire(request, number).await,
        Wish::Of(business) => assign(request, number, business, &object).await,
        Wish::PortOutOver(over) => port_out_over(request, &number, &over).await,
    }
}

fn wish(object: &Map<String, Value>) -> Result<Wish, Problem> {
    if let Some(over) = body::text(object, "port_out_over")? {
        let mut rest = FIELDS.iter().filter(|field| !matches!(**field, "id" | "port_out_over"));
        return if rest.any(|field| body::given(object, field).is_some()) {
            Err(Problem::field("port_out_over", "it is said alone, beside the id"))
        } else {
            Ok(Wish::PortOutOver(over.to_owned()))
        };
    }
    let status = body::text(object, "status")?;
    let to: Option<BusinessId> = body::parsed(object, "assigned_to")?;
    if let Some(business) = to {
        let agrees = matches!(status, None | Some("assigned"));
        let expected = "what is to be a business's is assigned";
        return if agrees {
            Ok(Wish::Of(business))
        } else {
            Err(Problem::field("status", expected))
        };
    }
    for name in ["organization_id", "business_name"] {
        if body::find(object, name).is_some() {
            return Err(Problem::field(name, "it is said with assigned_to"));
        }
    }
    match status {
        Some("available") => Ok(Wish::Available),
        // It is taken off whoever has it.
        None if body::given(object, "assigned_to").is_some() => Ok(Wish::Available),
        Some("retired") => Ok(Wish::Retired),
        Some("assigned") => Err(Problem::field("assigned_to", "a business is expected")),
        Some(_) | None => {
            let expected = "available, retired, or assigned with assigned_to is expected";
            Err(Problem::field("status", expected))
        }
    }
}

/// Ends a request whose last notice never came, and with the last of them the freeze. The carrier's
/// word counts on: what it tells of a later moment freezes the number again.
async fn port_out_over<W: World>(
    request: &Request<'_, W>,
    number: &Number,
    over: &str,
) -> Result<Answer, Problem> {
    let (deps, id) = (request.deps, number.id);
    let (told, now) = ((over, WITHDRAWN), deps.now());
    match deps.store.end_port_out(id, told, now, &deps.marks()).await? {
        PortOutEnd::Ended => {
            let by = request.caller.sub.as_str();
            tracing::warn!(number.id = %id, by, "an operator says that a port-out is off");
        }
        PortOutEnd::WasOver => {}
        PortOutEnd::Unknown => {
            let expected = "the id of a request that is known of this number is expected";
            return Err(Problem::field("port_out_over", expected));
        }
    }
    let stands = deps.store.port_outs(&[id]).await?;
    let number = view::with_port_out(number, &[], stands.get(&id));
    Ok(Answer::json(200, json!({ "success": true, "number": number })))
}

/// Takes it off whoever has it, ends a rest that is over, or prepares it for the pool.
async fn available<W: World>(request: &Request<'_, W>, number: Number) -> Result<Answer, Problem> {
    let State::Assigned { assistant, .. } = &number.state else {
        return free(request, number).await;
    };
    let default_days = request.config.quarantine_days;
    if let Some(answer) = release(request, &number, *assistant, default_days).await? {
        return Ok(answer);
    }
    // It was given up meanwhile. Whoever has it by now is not whom the operator saw.
    let number = read(request, number.id).await?;
    if matches!(number.state, State::Assigned { .. }) {
        return Err(Problem::Contended);
    }
    free(request, number).await
}

/// The same of a number that is nobody's.
async fn free<W: World>(request: &Request<'_, W>, number: Number) -> Result<Answer, Problem> {
    if let Some(work) = number.work {
        return being_prepared(request, work).await;
    }
    match &number.state {
        State::Available { .. } => Ok(shown(&number)),
        State::Quarantined { .. }
            if number.vapi.is_some() && !number.awaits_proof(request.deps.now()) =>
        {
            Ok(shown(&rested(request, number).await?))
        }
        State::Quarantined { .. } | State::Suspended | State::Retired | State::Unverified => {
            prepared(request, number).await
        }
        State::Acquiring
        | State::Reserved
        | State::Assigned { .. }
        | State::Releasing
        | State::Released
        | State::Corrupted => Err(Problem::NumberNotFree { state: number.state.name() }),
    }
}

/// Asked for twice, it is prepared once; any other work is at it for something else.
async fn being_prepared<W: World>(
    request: &Request<'_, W>,
    work: WorkId,
) -> Result<Answer, Problem> {
    match request.deps.store.work(work).await? {
        Some(row) if matches!(row.work.kind, Kind::Stock) => Ok(works::shown(request, &row)),
        Some(_) | None => Err(Problem::NumberBusy { work }),
    }
}

/// A number whose rest is over is in the pool, as the sweeper would have it.
async fn rested<W: World>(request: &Request<'_, W>, was: Number) -> Result<Number, Problem> {
    let (deps, now) = (request.deps, request.deps.now());
    let State::Quarantined { until, .. } = was.state else {
        return Err(Problem::NumberNotFree { state: was.state.name() });
    };
    let since = was.rested_since(now).ok_or(Problem::NumberResting { until })?;
    request.must_not_be_frozen(was.id).await?;
    match deps.store.free(&was, since, &deps.marks()).await? {
        Freed::Freed => Ok(Number { state: State::Available { since }, ..was }),
        Freed::Changed => Err(Problem::Contended),
    }
}

/// A work makes it true that the number may be handed out.
async fn prepared<W: World>(request: &Request<'_, W>, was: Number) -> Result<Answer, Problem> {
    let (deps, now) = (request.deps, request.deps.now());
    request.must_not_be_frozen(was.id).await?;
    let deployment = deps.store.deployment().await?.ok_or(Problem::NoSuchNumber)?;
    let rest_days = rest_of(request, &was.organization, request.config.quarantine_days).await?;
    let id = WorkId::new(deps.fresh());
    let preparing = prepare(&was, id, deployment, rest_days, now)
        .ok_or_else(|| Problem::NumberNotFree { state: was.state.name() })?;
    let preparing = preparing.claiming(was);
    match deps.store.start_giving_back(&preparing, &deps.marks()).await? {
        Started::Overtaken => Err(Problem::Contended),
        Started::Started => {
            deps.send(&Message::work(id, now), Duration::ZERO).await;
            Ok(begun(request, preparing.work))
        }
    }
}

/// Brings the business this very number: by a provisioning of its own, or by the one that waits for a
/// number.
async fn assign<W: World>(
    request: &Request<'_, W>,
    number: Number,
    business: BusinessId,
    object: &Map<String, Value>,
) -> Result<Answer, Problem> {
    let organization: OrganizationId =
        body::parsed(object, "organization_id")?.ok_or_else(|| {
            Problem::field("organization_id", "the organization of the business is expected")
        })?;
    let name = fields::business_name(object)?;
    let (id, route) = (number.id, format!("number.{}", number.id));
    let key = idempotency::key(request, &organization, Some(&business), &route, object)?;
    if let Some(row) = before(request, key.as_ref()).await? {
        return brought(request, &row, id, key).await;
    }
    if let State::Assigned { business: has, assistant, .. } = &number.state {
        if number.organization != organization || *has != business {
            return Err(Problem::NumberNotFree { state: number.state.name() });
        }
        if key.is_none() {
            return Ok(shown(&number));
        }
        // A repeat is told of the provisioning that brought it, and so is the first.
        let row = latest(request, *assistant).await?;
        remember(request, key.as_ref(), row.work.id).await?;
        return brought(request, &row, id, None).await;
    }
    if let Some(work) = number.work {
        let whose = (&organization, &business);
        return on_its_way(request, work, whose, key.as_ref()).await;
    }
    let ends_its_rest = must_be_had(request, &number, &organization, &business)?;
    if number.carrier.serves_only().is_some_and(|only| *only != organization) {
        let expected = "the number serves the organization alone whose account it is in";
        return Err(Problem::field("organization_id", expected));
    }
    request.must_not_be_frozen(number.id).await?;
    must_be_known(request, &organization, &business, name.as_deref()).await?;
    let starting = Starting {
        request,
        defaults: request.config.defaults(),
        idempotency: key,
        organization,
        business,
        fields: Fields { business_name: name, ..Fields::default() },
        purpose: Purpose::Reclaim(id),
        marks: request.deps.marks(),
    };
    // Last, as what is refused changes nothing.
    if ends_its_rest {
        rested(request, number).await?;
    }
    let row = starting.run().await?;
    brought(request, &row, id, starting.idempotency).await
}

/// What the same call came to before, if it did: whatever became of the number since, it is told of
/// that and does nothing anew.
async fn before<W: World>(
    request: &Request<'_, W>,
    key: Option<&IdempotencyKey>,
) -> Result<Option<WorkRow>, Problem> {
    let Some(key) = key else { return Ok(None) };
    let store = &request.deps.store;
    match store.known(key).await? {
        Some(known) if known.request_digest != key.request_digest => {
            Err(Problem::IdempotencyKeyReused)
        }
        Some(known) => Ok(Some(store.work(known.work).await?.ok_or(Problem::NoSuchProvisioning)?)),
        None => Ok(None),
    }
}

/// The provisioning that brings the number, or the one that waits for one and is to have this.
async fn brought<W: World>(
    request: &Request<'_, W>,
    row: &WorkRow,
    id: NumberId,
    key: Option<IdempotencyKey>,
) -> Result<Answer, Problem> {
    // What has ended is the answer to a call that is repeated: none that was refused is remembered.
    if row.work.brings(id) || row.work.phase.is_over() {
        let mut answer = works::shown(request, row);
        answer.status = if row.work.phase.is_ready() { 200 } else { 202 };
        return Ok(answer);
    }
    if row.work.waits_for_number() {
        return assign_ours(request, row.work.id, id, key).await;
    }
    Err(Problem::HasAnotherNumber)
}

/// Asked for twice, it is assigned once; any other work is at it for somebody else.
async fn on_its_way<W: World>(
    request: &Request<'_, W>,
    work: WorkId,
    (organization, business): (&OrganizationId, &BusinessId),
    key: Option<&IdempotencyKey>,
) -> Result<Answer, Problem> {
    let row = request.deps.store.work(work).await?;
    let its_own = |row: &WorkRow| {
        row.work.organization == *organization && row.work.business() == Some(business)
    };
    let row = row.filter(its_own).ok_or(Problem::NumberBusy { work })?;
    remember(request, key, work).await?;
    Ok(works::shown(request, &row))
}

/// What is so already, or begun by another call, is the answer to this one for good.
async fn remember<W: World>(
    request: &Request<'_, W>,
    key: Option<&IdempotencyKey>,
    work: WorkId,
) -> Result<(), Problem> {
    let Some(key) = key else { return Ok(()) };
    let (deps, now) = (request.deps, request.deps.now());
    match deps.store.remember(key, work, now, &deps.marks()).await? {
        Started::Started => Ok(()),
        Started::Overtaken => Err(Problem::Contended),
    }
}

/// The business may have it: it is nobody's, or formerly its own and at rest, or, which is answered
/// with true, its rest is over and ends with this.
fn must_be_had<W: World>(
    request: &Request<'_, W>,
    number: &Number,
    organization: &OrganizationId,
    business: &BusinessId,
) -> Result<bool, Problem> {
    match &number.state {
        State::Available { .. } => Ok(false),
        State::Quarantined { former, until, .. } if number.vapi.is_some() => {
            let now = request.deps.now();
            if former.as_ref() == Some(business) && number.organization == *organization {
                return Ok(false);
            }
            // Nobody but who had it gets what was not read back as answering.
            if number.awaits_proof(now) {
                return Err(Problem::NumberNotFree { state: number.state.name() });
            }
            match number.rested_since(now) {
                Some(_since) => Ok(true),
                None => Err(Problem::NumberResting { until: *until }),
            }
        }
        State::Acquiring
        | State::Reserved
        | State::Assigned { .. }
        | State::Quarantined { .. }
        | State::Releasing
        | State::Released
        | State::Suspended
        | State::Retired
        | State::Unverified
        | State::Corrupted => Err(Problem::NumberNotFree { state: number.state.name() }),
    }
}

/// Nobody is made a business by a slip: a new one comes with its name, and a known one has its own.
async fn must_be_known<W: World>(
    request: &Request<'_, W>,
    organization: &OrganizationId,
    business: &BusinessId,
    name: Option<&str>,
) -> Result<(), Problem> {
    match (request.deps.store.business(organization, business).await?, name) {
        (None, None) => Err(Problem::NoSuchBusiness),
        (Some(known), Some(name)) if known.name != name => {
            Err(Problem::field("business_name", "the business has another name"))
        }
        (None, Some(_)) | (Some(_), None | Some(_)) => Ok(()),
    }
}
