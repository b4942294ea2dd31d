//! `POST /api/admin/provisionings/{id}/assign`: an operator names the number that a provisioning
//! waits for.
//!
//! What happens here is one transaction: the number's row, where it is new, and the work's inbox.
//! Everything else is the work's: looking the number up, importing, linking, routing, reading back.

use crate::Request;
use crate::routes::bring::country_of;
use crate::routes::provisionings::find;
use api::works::shown;
use api::{Answer, Problem, body, idempotency};
use domain::ids::{NumberId, WorkId};
use domain::number::Number;
use domain::phone::E164;
use domain::request::Country;
use domain::work::Work;
use runtime::{Message, World};
use serde_json::{Map, Value};
use std::time::Duration;
use store::{IdempotencyKey, Marks, Named, Started, WorkRow};

/// How often a call that was overtaken reads again.
const RACES_MAX: u32 = 5;
/// The fields there are.
const FIELDS: [&str; 3] = ["number", "phone_number", "country"];

/// Which number is named.
enum Which {
    /// The one with these digits; it may be one that nobody knows yet.
    Typed(E164, Country),
    /// One of ours.
    Ours(NumberId),
}

/// An assignment in progress.
struct Assigning<'a, 'r, W: World> {
    request: &'a Request<'r, W>,
    id: &'a str,
    which: Which,
    key: Option<IdempotencyKey>,
    marks: Marks,
}

/// Names a number for a provisioning that waits for one.
pub(crate) async fn assign<W: World>(
    request: &Request<'_, W>,
    id: &str,
) -> Result<Answer, Problem> {
    let object = body::object(&request.call.body)?;
    body::only(&object, &FIELDS)?;
    let which = number(&object)?;
    let work = find(request, id).await?.work;
    let route = format!("assign.{}", work.id);
    let key = idempotency::key(request, &work.organization, work.business(), &route, &object)?;
    let marks = request.deps.marks();
    Assigning { request, id, which, key, marks }.run().await
}

/// Names one of our numbers for a provisioning that waits for one, and remembers the key with that.
pub(crate) async fn assign_ours<W: World>(
    request: &Request<'_, W>,
    work: WorkId,
    number: NumberId,
    key: Option<IdempotencyKey>,
) -> Result<Answer, Problem> {
    let (id, which, marks) = (work.to_string(), Which::Ours(number), request.deps.marks());
    Assigning { request, id: &id, which, key, marks }.run().await
}

fn number(object: &Map<String, Value>) -> Result<Which, Problem> {
    let name = if body::find(object, "number").is_some() { "number" } else { "phone_number" };
    let text = body::text(object, name)?
        .ok_or_else(|| Problem::field("number", "the number to assign is expected"))?;
    let digits = E164::from_typed(text).map_err(|error| Problem::field(name, error))?;
    let country = country_of(&digits, body::parsed(object, "country")?)
        .map_err(|why| Problem::field("country", why))?;
    Ok(Which::Typed(digits, country))
}

impl<W: World> Assigning<'_, '_, W> {
    async fn run(&self) -> Result<Answer, Problem> {
        for _race in 0..RACES_MAX {
            if let Some(answer) = self.once().await? {
                return Ok(answer);
            }
        }
        Err(Problem::Contended)
    }

    /// `None`: somebody else was quicker, and all is to be read again.
    async fn once(&self) -> Result<Option<Answer>, Problem> {
        let store = &self.request.deps.store;
        let row = find(self.request, self.id).await?;
        let found = match &self.which {
            Which::Typed(digits, _country) => store.number_of_digits(digits).await?,
            Which::Ours(id) => Some(store.number(*id).await?.ok_or(Problem::NoSuchNumber)?),
        };
        let named = named(&row);
        if let Some(number) = &found
            && named == Some(number.id)
        {
            if let Some(key) = &self.key
                && store.remember(key, row.work.id, self.request.deps.now(), &self.marks).await?
                    == Started::Overtaken
            {
                return self.known(&row.work).await;
            }
            return self.wake(row, number.id).await.map(Some);
        }
        if !row.work.waits_for_number() {
            return Err(Problem::NotWaitingForNumber);
        }
        if row.cancel_asked() {
            return Err(Problem::BeingCancelled);
        }
        if named.is_some() {
            return Err(Problem::BeingAssigned);
        }
        let is_new = found.is_none();
        let number = match (found, &self.which) {
            (Some(number), _) => number,
            (None, Which::Typed(digits, country)) => {
                self.new_number(&row.work, (digits.clone(), *country))
            }
            (None, Which::Ours(_)) => return Err(Problem::NoSuchNumber),
        };
        if !row.work.may_take(&number, self.request.deps.now()) {
            return Err(Problem::NumberNotFree { state: number.state.name() });
        }
        self.request.must_not_be_frozen(number.id).await?;
        let (work, idempotency) = (row.work.id, self.key.as_ref());
        let named = Named { work, number: &number, is_new, idempotency };
        match store.name_number(&named, self.request.deps.now(), &self.marks).await? {
            Started::Started => {
                tracing::info!(work.id = %work, number.id = %number.id, "a number was named");
                self.wake(row, number.id).await.map(Some)
            }
            Started::Overtaken => self.known(&row.work).await,
        }
    }

    /// The key was used before: for this very number, or it must not be used again.
    async fn known(&self, work: &Work) -> Result<Option<Answer>, Problem> {
        let Some(key) = &self.key else { return Ok(None) };
        match self.request.deps.store.known(key).await? {
            Some(known) if known.request_digest != key.request_digest => {
                Err(Problem::IdempotencyKeyReused)
            }
            Some(_same) => {
                let row = self.request.deps.store.work(work.id).await?;
                let row = row.ok_or(Problem::NoSuchProvisioning)?;
                Ok(Some(self.shown(&row)))
            }
            None => Ok(None),
        }
    }

    /// The row of a number that was bought outside; nobody has looked for it yet.
    fn new_number(&self, work: &Work, number: (E164, Country)) -> Number {
        let deps = self.request.deps;
        let (id, organization) = (NumberId::new(deps.fresh()), work.organization.clone());
        Number::written_down(id, organization, number, work.stamp(), deps.now())
    }

    async fn wake(&self, mut row: WorkRow, number: NumberId) -> Result<Answer, Problem> {
        let deps = self.request.deps;
        if !row.work.phase.is_ready() {
            deps.send(&Message::work(row.work.id, deps.now()), Duration::ZERO).await;
            row.inbox.assign = Some(number);
        }
        Ok(self.shown(&row))
    }

    fn shown(&self, row: &WorkRow) -> Answer {
        let mut answer = shown(self.request, row);
        answer.status = if row.work.phase.is_ready() { 200 } else { 202 };
        answer
    }
}

/// The number that was named for the work, if one was: not heard yet, or being set up, or its own.
fn named(row: &WorkRow) -> Option<NumberId> {
    let held = row.work.phase.number().map(|number| number.id);
    row.inbox.assign.or_else(|| row.work.phase.named()).or(held)
}
