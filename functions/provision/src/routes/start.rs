//! `POST /api/phone/provision`: start, or return the one that is live or ready.
//!
//! However many calls come at once for a business: one transaction inserts its row, its assistant
//! and the work, and only one can. The others read again and find it.

use crate::fields::Fields;
use crate::routes::whose;
use api::works::shown;
use api::{Answer, Problem, body, idempotency, wait};
use domain::assistant::{Assistant, assistant_name};
use domain::ids::{AssistantId, BusinessId, NumberId, OrganizationId, WorkId};
use domain::number::Number;
use domain::request::Request;
use domain::setup::Setup;
use domain::source::Source;
use domain::tenant::{Business, source_order};
use domain::work::{Beginning, Kind, Phase, Recipient, Work};
use planted::planted;
use runtime::{Clock as _, Message, World};
use serde_json::{Map, Value, json};
use std::time::Duration;
use store::{IdempotencyKey, Marks, Premises, Start, Started, WorkRow};

/// How often a call that was overtaken reads again.
const RACES_MAX: u32 = 20;
/// The wait before it reads again.
const RACE_PAUSE: Duration = Duration::from_millis(40);

/// A start in progress.
pub(crate) struct Starting<'a, 'r, W: World> {
    request: &'a crate::Request<'r, W>,
    organization: OrganizationId,
    business: BusinessId,
    fields: Fields,
    /// The former number that is to be had back.
    reclaim: Option<NumberId>,
    idempotency: Option<IdempotencyKey>,
    marks: Marks,
}

/// What a try to start came to.
enum Tried {
    /// A work, new or found.
    Found(Box<WorkRow>),
    /// Somebody else was quicker: read again.
    Overtaken,
}

pub(crate) async fn start<W: World>(request: &crate::Request<'_, W>) -> Result<Answer, Problem> {
    let wait = wait::parameter(request)?;
    let object = body::object(&request.call.body)?;
    let fields = Fields::from_object(&object, request.config.longest_call)?;
    let (organization, business) =
        whose(request, fields.organization.as_ref(), fields.business.as_ref()).await?;
    let idempotency =
        idempotency::key(request, &organization, Some(&business), "provision", &object)?;
    let marks = request.deps.marks();
    let reclaim = None;
    let starting =
        Starting { request, organization, business, fields, reclaim, idempotency, marks };
    let row = starting.run().await?;
    let was_ready = row.work.phase.is_ready();
    let row = wait::until_settled(request, row, wait).await?;
    let mut answer = answered(request, &row);
    if let Value::Object(body) = &mut answer.body {
        body.insert("alreadyAssigned".to_owned(), json!(was_ready));
    }
    Ok(answer)
}

/// A start as an answer: 200 says that there is a number; whatever else came of it, there is none.
pub(crate) fn answered<W: World>(request: &crate::Request<'_, W>, row: &WorkRow) -> Answer {
    let mut answer = shown(request, row);
    answer.status = if row.work.phase.is_ready() { 200 } else { 202 };
    answer
}

impl<'a, 'r, W: World> Starting<'a, 'r, W> {
    /// The start of what brings a former number back to its assistant.
    pub(crate) fn reclaiming(
        request: &'a crate::Request<'r, W>,
        number: &Number,
        business: BusinessId,
        assistant: AssistantId,
    ) -> Result<Self, Problem> {
        let organization = number.organization.clone();
        let route = format!("undo.{}", number.id);
        let idempotency =
            idempotency::key(request, &organization, Some(&business), &route, &Map::new())?;
        let fields = Fields { assistant: Some(assistant), ..Fields::default() };
        let (reclaim, marks) = (Some(number.id), request.deps.marks());
        Ok(Self { request, organization, business, fields, reclaim, idempotency, marks })
    }

    /// Starts, or finds what is live or ready.
    pub(crate) async fn run(&self) -> Result<WorkRow, Problem> {
        for race in 0..RACES_MAX {
            if race > 0 {
                self.request.deps.clock.sleep(RACE_PAUSE.saturating_mul(race)).await;
            }
            match self.once().await? {
                Tried::Found(row) => return Ok(*row),
                Tried::Overtaken => {}
            }
        }
        Err(Problem::Contended)
    }

    async fn once(&self) -> Result<Tried, Problem> {
        let store = &self.request.deps.store;
        let idempotency = self.idempotency.as_ref();
        let premises = store.premises(&self.organization, &self.business, idempotency).await?;
        if let (Some(key), Some(known)) = (idempotency, &premises.known) {
            if known.request_digest != key.request_digest && !planted!(KeyBodyIgnored) {
                return Err(Problem::IdempotencyKeyReused);
            }
            return self.existing(known.work).await;
        }
        let Some(assistant) = self.assistant(&premises).await? else {
            let id = AssistantId::new(self.request.deps.fresh());
            return self.begin(premises, id, None).await;
        };
        let row = store.work(assistant.work).await?.ok_or(Problem::NoSuchProvisioning)?;
        if row.work.phase.is_over() {
            return self.begin(premises, assistant.id, Some(&assistant)).await;
        }
        if row.is_being_released() {
            return Err(Problem::BeingReleased);
        }
        let stuck = matches!(row.work.phase, Phase::NeedsPerson(_));
        if row.cancel_asked() && !stuck && !row.work.phase.is_ready() {
            return Err(Problem::BeingCancelled);
        }
        if let Some(key) = idempotency {
            let now = self.request.deps.now();
            match store.remember(key, row.work.id, now, &self.marks).await? {
                Started::Started => {}
                Started::Overtaken => return Ok(Tried::Overtaken),
            }
        }
        Ok(Tried::Found(Box::new(row)))
    }

    async fn existing(&self, id: WorkId) -> Result<Tried, Problem> {
        let row = self.request.deps.store.work(id).await?.ok_or(Problem::NoSuchProvisioning)?;
        Ok(Tried::Found(Box::new(row)))
    }

    /// The assistant it is for: the one named, or the business's primary; `None` when the business
    /// is new.
    async fn assistant(&self, premises: &Premises) -> Result<Option<Assistant>, Problem> {
        let id = match (self.fields.assistant, &premises.business) {
            (Some(named), _) => named,
            (None, Some(business)) => business.primary,
            (None, None) => return Ok(None),
        };
        let found = self.request.deps.store.assistant(id).await?;
        let own = found.filter(|assistant| {
            assistant.organization == self.organization && assistant.business == self.business
        });
        own.map(Some).ok_or(Problem::NoSuchAssistant)
    }

    /// Writes a new work for the assistant, which is new when `existing` is `None`.
    async fn begin(
        &self,
        premises: Premises,
        id: AssistantId,
        existing: Option<&Assistant>,
    ) -> Result<Tried, Problem> {
        let deps = self.request.deps;
        let now = deps.now();
        let deployment = match premises.deployment.clone() {
            Some(deployment) => deployment,
            None => deps.store.make_deployment(deps.fresh(), &self.marks).await?,
        };
        let work = self.work(&premises, deployment, id, existing);
        let Request { wanted, sources, reclaim: _ } = &work.request;
        if !Source::any_suits(sources, wanted) {
            return Err(Problem::Unobtainable);
        }
        let business = Business {
            id: self.business.clone(),
            organization: self.organization.clone(),
            name: self.business_name(),
            primary: id,
            created_at: now,
        };
        let start = Start {
            work: &work,
            new_business: premises.business.is_none().then_some(&business),
            new_organization: premises.organization.is_none(),
            new_assistant: existing.is_none(),
            replaces: existing.map(|assistant| assistant.work),
            idempotency: self.idempotency.as_ref(),
        };
        let started = deps.store.start(&start, &self.marks).await;
        let started = if planted!(AcceptedUnwritten) { Ok(Started::Started) } else { started };
        match started? {
            Started::Overtaken => Ok(Tried::Overtaken),
            Started::Started => {
                tracing::info!(work.id = %work.id, "provisioning started");
                deps.send(&Message::work(work.id, work.created_at), Duration::ZERO).await;
                let due_at = Some(work.created_at);
                let inbox = store::Inbox::default();
                Ok(Tried::Found(Box::new(WorkRow { work, due_at, leased_until: None, inbox })))
            }
        }
    }

    fn work(
        &self,
        premises: &Premises,
        deployment: domain::ids::DeploymentId,
        id: AssistantId,
        existing: Option<&Assistant>,
    ) -> Work {
        let (deps, config) = (self.request.deps, self.request.config);
        let settings = premises.organization.as_ref();
        let sources = self.fields.sources.clone();
        let name = existing
            .map_or_else(|| assistant_name(&self.business_name()), |known| known.name.clone());
        let language = self.fields.language.or_else(|| existing.map(|known| known.language));
        let recipient = Recipient {
            business: self.business.clone(),
            assistant: id,
            assistant_name: name,
            language: language.unwrap_or_default(),
            persona: self.fields.persona.clone(),
            setup: Setup {
                server: settings.and_then(|organization| organization.assistant_server.clone()),
                ..Setup::default()
            },
            vapi_assistant: existing.and_then(|known| known.vapi.clone()),
        };
        let beginning = Beginning {
            id: WorkId::new(deps.fresh()),
            kind: Kind::Answer(Box::new(recipient)),
            deployment,
            organization: self.organization.clone(),
            request: Request {
                wanted: self.fields.wanted_of(settings),
                sources: match self.reclaim {
                    Some(_) => vec![Source::Pool],
                    None => sources.unwrap_or_else(|| source_order(settings, &config.sources)),
                },
                reclaim: self.reclaim,
            },
            caps: settings.map_or(config.caps, |organization| organization.caps(config.caps)),
            quarantine_days: settings
                .and_then(|organization| organization.quarantine_days)
                .unwrap_or(config.quarantine_days),
        };
        Work::begin(beginning, deps.now())
    }

    fn business_name(&self) -> String {
        self.fields.business_name.clone().unwrap_or_else(|| self.business.to_string())
    }
}
