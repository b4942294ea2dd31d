//! `POST`, `PATCH` and `DELETE /api/admin/phone-numbers`: numbers that are added, taken out of use
//! and put back, and given back.
//!
//! What needs a provider is a work; what does not is one conditional write.

use crate::Request;
use crate::routes::stock::stocking;
use crate::view;
use api::{Answer, Problem, body, works};
use domain::ids::{NumberId, OrganizationId, WorkId};
use domain::money::Cents;
use domain::number::{Carrier, Number, Origin, State};
use domain::phone::E164;
use domain::request::{Country, NumberType};
use domain::source::Source;
use domain::work::{NotGivable, Work, give_back};
use runtime::{Message, World};
use serde_json::{Map, Value, json};
use std::time::Duration;
use store::{Inbox, Marks, Started, WorkRow};

/// Numbers added at once.
const ADDED_MAX: usize = 25;
/// Characters of a number that is shown again because it is none.
const SHOWN_CHARS: usize = 24;

/// Adds numbers that were bought past Dialtone: each is looked up and prepared for the pool by a
/// work of its own.
pub(crate) async fn add<W: World>(request: &Request<'_, W>) -> Result<Answer, Problem> {
    let object = body::object(&request.call.body)?;
    body::only(&object, &["numbers"])?;
    let Some(texts) = body::find(&object, "numbers").and_then(Value::as_array) else {
        return Err(Problem::field("numbers", "a list of numbers is expected"));
    };
    if texts.is_empty() || texts.len() > ADDED_MAX {
        return Err(Problem::field("numbers", format!("1 to {ADDED_MAX} numbers are expected")));
    }
    let marks = request.deps.marks();
    let (mut inserted, mut duplicates, mut invalid) = (Vec::new(), Vec::new(), Vec::new());
    for text in texts {
        let text = text.as_str().unwrap_or_default();
        let Some(digits) = E164::from_typed(text).ok().filter(E164::is_north_american) else {
            invalid.push(text.chars().take(SHOWN_CHARS).collect::<String>());
            continue;
        };
        match added(request, &digits, &marks).await? {
            Some((id, work)) => inserted
                .push(json!({ "number": digits.reveal(), "id": id, "provisioning_id": work })),
            None => duplicates.push(digits.reveal().to_owned()),
        }
    }
    let body = json!({
        "success": invalid.is_empty(),
        "inserted": inserted,
        "duplicates": duplicates,
        "invalid": invalid,
    });
    Ok(Answer::json(202, body))
}

/// The row of a new number, and its work; `None` for one we have already.
async fn added<W: World>(
    request: &Request<'_, W>,
    digits: &E164,
    marks: &Marks,
) -> Result<Option<(NumberId, WorkId)>, Problem> {
    let deps = request.deps;
    if deps.store.number_of_digits(digits).await?.is_some() {
        return Ok(None);
    }
    let organization = OrganizationId::platform();
    let common = stocking(request, &organization, marks).await?;
    let number = NumberId::new(deps.fresh());
    let work = common.of.prepare(WorkId::new(deps.fresh()), number, deps.now());
    let row = Number {
        id: number,
        organization,
        source: Source::Manual,
        carrier: Carrier::Unknown,
        origin: Origin::Imported,
        number_type: if digits.is_toll_free() { NumberType::TollFree } else { NumberType::Local },
        country: Country::US,
        stamp: work.stamp(),
        digits: Some(digits.clone()),
        sip_uri: None,
        vapi: None,
        monthly: Cents::ZERO,
        state: State::Unverified,
        work: None,
        linked_at: None,
        created_at: deps.now(),
    };
    match deps.store.start_preparing(&work, Some(&row), marks).await? {
        Started::Overtaken => Ok(None),
        Started::Started => {
            deps.send(&Message::work(work.id, work.created_at), Duration::ZERO).await;
            Ok(Some((number, work.id)))
        }
    }
}

/// Puts a number back to use, or takes one out of it.
pub(crate) async fn change<W: World>(request: &Request<'_, W>) -> Result<Answer, Problem> {
    let object = body::object(&request.call.body)?;
    body::only(&object, &["id", "status"])?;
    let id = body::parsed(&object, "id")?
        .ok_or_else(|| Problem::field("id", "the id of a number is expected"))?;
    let number = read(request, id).await?;
    match body::text(&object, "status")? {
        Some("available") => prepare(request, number).await,
        Some("suspended") => set_aside(request, number, State::Suspended).await,
        Some(_) | None => Err(Problem::field("status", "available or suspended is expected")),
    }
}

/// Retires a number, or with `release` gives it back.
pub(crate) async fn remove<W: World>(request: &Request<'_, W>) -> Result<Answer, Problem> {
    let query = &request.call.query;
    let id =
        query.get("id").ok_or_else(|| Problem::field("id", "the id of a number is expected"))?;
    let id = id.parse().map_err(|_no_id| Problem::NoSuchNumber)?;
    let number = read(request, id).await?;
    match query.get("release").map(String::as_str) {
        None | Some("false") => set_aside(request, number, State::Retired).await,
        Some("true") => release(request, number).await,
        Some(_) => Err(Problem::field("release", "true or false is expected")),
    }
}

async fn read<W: World>(request: &Request<'_, W>, id: NumberId) -> Result<Number, Problem> {
    request.deps.store.number(id).await?.ok_or(Problem::NoSuchNumber)
}

/// A work makes it true that the number may be handed out.
async fn prepare<W: World>(request: &Request<'_, W>, number: Number) -> Result<Answer, Problem> {
    if matches!(number.state, State::Available { .. }) {
        return Ok(shown(&number));
    }
    let (deps, marks) = (request.deps, request.deps.marks());
    let common = stocking(request, &number.organization, &marks).await?;
    let work = common.of.prepare(WorkId::new(deps.fresh()), number.id, deps.now());
    if !work.may_take(&number) {
        return Err(Problem::NumberNotFree { state: number.state.name() });
    }
    deps.store.start_preparing(&work, None, &marks).await?;
    deps.send(&Message::work(work.id, work.created_at), Duration::ZERO).await;
    Ok(begun(request, work))
}

/// Takes a number nobody uses out of use; it stays ours.
async fn set_aside<W: World>(
    request: &Request<'_, W>,
    was: Number,
    state: State,
) -> Result<Answer, Problem> {
    if was.state == state {
        return Ok(shown(&was));
    }
    let free = match &was.state {
        State::Available { .. }
        | State::Quarantined { .. }
        | State::Suspended
        | State::Retired
        | State::Unverified
        | State::Corrupted => was.work.is_none(),
        State::Acquiring
        | State::Reserved
        | State::Assigned { .. }
        | State::Releasing
        | State::Released => false,
    };
    if !free {
        return Err(Problem::NumberNotFree { state: was.state.name() });
    }
    let now = Number { state, ..was.clone() };
    match request.deps.store.set_aside(&was, &now, &request.deps.marks()).await? {
        Started::Started => Ok(shown(&now)),
        Started::Overtaken => {
            let now = read(request, was.id).await?;
            if now.state == was.state { Err(Problem::Contended) } else { Ok(shown(&now)) }
        }
    }
}

async fn release<W: World>(request: &Request<'_, W>, number: Number) -> Result<Answer, Problem> {
    let (deps, now) = (request.deps, request.deps.now());
    let deployment = deps.store.deployment().await?.ok_or(Problem::NoSuchNumber)?;
    let id = WorkId::new(deps.fresh());
    let state = number.state.name();
    let giving = give_back(number, id, deployment, now).map_err(|why| match why {
        NotGivable::InUse | NotGivable::Busy => Problem::NumberNotFree { state },
        NotGivable::Gone | NotGivable::Unidentified => Problem::NotGivable { why: why.to_string() },
    })?;
    match deps.store.start_giving_back(&giving, &deps.marks()).await? {
        Started::Overtaken => Err(Problem::Contended),
        Started::Started => {
            deps.send(&Message::work(id, now), Duration::ZERO).await;
            Ok(begun(request, giving.work))
        }
    }
}

fn shown(number: &Number) -> Answer {
    let body: Map<String, Value> =
        [("success".to_owned(), json!(true)), ("number".to_owned(), view::number(number, &[]))]
            .into_iter()
            .collect();
    Answer::json(200, Value::Object(body))
}

/// A work that has just been written, as an answer.
fn begun<W: World>(request: &Request<'_, W>, work: Work) -> Answer {
    let due_at = Some(work.created_at);
    let row = WorkRow { work, due_at, leased_until: None, inbox: Inbox::default() };
    let mut answer = works::shown(request, &row);
    answer.status = 202;
    answer
}
