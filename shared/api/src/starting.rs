//! Starting a provisioning, for whatever purpose.
//!
//! However many calls come at once for a business: one transaction inserts its row, its assistant
//! and the work, and only one can. The others read again and find it.

use crate::fields::Fields;
use crate::{Problem, idempotency};
use domain::assistant::{Assistant, Character, assistant_name};
use domain::ids::{AssistantId, BusinessId, DeploymentId, NumberId, OrganizationId, WorkId};
use domain::ledger::Caps;
use domain::number::Number;
use domain::request::Request;
use domain::setup::{EmergencyContacts, InvalidContact, Setup};
use domain::source::Source;
use domain::tenant::{Business, TooManyAssistants, source_order};
use domain::work::{Beginning, Kind, Phase, Recipient, Work};
use planted::planted;
use runtime::{Clock as _, Message, World};
use serde_json::Map;
use std::fmt;
use std::time::Duration;
use store::{IdempotencyKey, Marks, Premises, Start, Started, StoreError, WorkRow};

/// How often a call that was overtaken reads again.
pub const RACES_MAX: u32 = 20;
/// The wait before it reads again.
const RACE_PAUSE: Duration = Duration::from_millis(40);

/// What a provisioning is started for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    /// A number for the assistant named, or the business's primary.
    Number,
    /// This number of ours and no other: the assistant's former one, or one that an operator named.
    Reclaim(NumberId),
    /// A new assistant.
    Assistant,
    /// The business's first steps: whatever becomes of the number, they are done.
    Onboarding {
        /// The user whose business it is from now on, where no row says so yet.
        new_user: Option<String>,
    },
}

/// What holds where an organization set nothing.
#[derive(Debug, Clone, Copy)]
pub struct Defaults<'a> {
    /// The source order.
    pub sources: &'a [Source],
    /// The spending caps.
    pub caps: Caps,
    /// How long a number rests, in days.
    pub quarantine_days: u16,
}

/// A start in progress.
pub struct Starting<'a, 'r, W: World, C> {
    /// The call.
    pub request: &'a crate::Request<'r, W, C>,
    /// What holds where the organization set nothing.
    pub defaults: Defaults<'a>,
    /// Whose business it is.
    pub organization: OrganizationId,
    /// The business.
    pub business: BusinessId,
    /// What the call says.
    pub fields: Fields,
    /// What for.
    pub purpose: Purpose,
    /// The idempotency key, if one came.
    pub idempotency: Option<IdempotencyKey>,
    /// The marks of the call's writes.
    pub marks: Marks,
}

impl<W: World, C> fmt::Debug for Starting<'_, '_, W, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Starting").field("purpose", &self.purpose).finish_non_exhaustive()
    }
}

/// What a try to start came to.
#[derive(Debug)]
pub enum Tried {
    /// A work, new or found.
    Found(Box<WorkRow>),
    /// Somebody else was quicker: read again.
    Overtaken,
}

/// The assistant that a start is for.
enum Whose {
    /// It is to be made.
    New,
    /// It is there.
    Known(Box<Assistant>),
    /// It was the business's primary a moment ago, and is being deleted.
    Gone,
}

impl<'a, 'r, W: World, C: Sync> Starting<'a, 'r, W, C> {
    /// The start of what brings a former number back to its assistant.
    ///
    /// # Errors
    /// A problem when the idempotency key cannot be used.
    pub fn reclaiming(
        request: &'a crate::Request<'r, W, C>,
        defaults: Defaults<'a>,
        number: &Number,
        business: BusinessId,
        assistant: AssistantId,
    ) -> Result<Self, Problem> {
        let organization = number.organization.clone();
        let route = format!("undo.{}", number.id);
        let idempotency =
            idempotency::key(request, &organization, Some(&business), &route, &Map::new())?;
        let fields = Fields { assistant: Some(assistant), ..Fields::default() };
        let (purpose, marks) = (Purpose::Reclaim(number.id), request.deps.marks());
        Ok(Self { request, defaults, organization, business, fields, purpose, idempotency, marks })
    }

    /// Starts, or finds what is live or ready.
    ///
    /// # Errors
    /// A problem when it cannot be started, or the table does not answer.
    pub async fn run(&self) -> Result<WorkRow, Problem> {
        for race in 0..RACES_MAX {
            pause(self.request, race).await;
            match self.once().await? {
                Tried::Found(row) => return Ok(*row),
                Tried::Overtaken => {}
            }
        }
        Err(Problem::Contended)
    }

    /// Tries once.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub async fn once(&self) -> Result<Tried, Problem> {
        let store = &self.request.deps.store;
        let idempotency = self.idempotency.as_ref();
        let premises = store.premises(&self.organization, &self.business, idempotency).await?;
        if let (Some(key), Some(known)) = (idempotency, &premises.known) {
            if known.request_digest != key.request_digest && !planted!(KeyBodyIgnored) {
                return Err(Problem::IdempotencyKeyReused);
            }
            return self.existing(known.work).await;
        }
        let assistant = match self.assistant(&premises).await? {
            Whose::New => return self.begin(premises, None).await,
            // The business has another primary by now, or none.
            Whose::Gone => return Ok(Tried::Overtaken),
            Whose::Known(assistant) => assistant,
        };
        let row = store.work(assistant.work).await?.ok_or(Problem::NoSuchProvisioning)?;
        if row.work.phase.is_over() {
            let latest = row.work.recipient().ok_or(Problem::NoSuchProvisioning)?;
            let character = assistant.character(latest);
            return self.begin(premises, Some((&assistant, character))).await;
        }
        if !matches!(self.purpose, Purpose::Onboarding { .. }) {
            may_go_on(&row)?;
        }
        if let Purpose::Reclaim(number) = self.purpose
            && !row.work.brings(number)
        {
            // It is no answer to the call yet, which may be refused, and is not remembered then.
            return Ok(Tried::Found(Box::new(row)));
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

    /// The assistant it is for: the one named, or the business's primary.
    async fn assistant(&self, premises: &Premises) -> Result<Whose, Problem> {
        if self.purpose == Purpose::Assistant {
            return Ok(Whose::New);
        }
        let primary = premises.business.as_ref().and_then(|business| business.primary);
        let Some(id) = self.fields.assistant.or(primary) else { return Ok(Whose::New) };
        let found = self.request.deps.store.assistant(id).await?;
        let own = found.filter(|assistant| {
            assistant.organization == self.organization
                && assistant.business == self.business
                && !assistant.removal_asked
        });
        match own {
            Some(own) => Ok(Whose::Known(Box::new(own))),
            None if self.fields.assistant.is_some() => Err(Problem::NoSuchAssistant),
            None => Ok(Whose::Gone),
        }
    }

    /// Writes a new work for the assistant, which is new when `existing` is `None`.
    async fn begin(
        &self,
        premises: Premises,
        existing: Option<(&Assistant, Character)>,
    ) -> Result<Tried, Problem> {
        let deps = self.request.deps;
        let deployment = match premises.deployment.clone() {
            Some(deployment) => deployment,
            None => deps.store.make_deployment(deps.fresh(), &self.marks).await?,
        };
        let new_id = AssistantId::new(deps.fresh());
        let (known, character) = match existing {
            Some((assistant, character)) => {
                (Some(assistant), self.of_existing(assistant, character))
            }
            None => (None, self.new_character(premises.business.as_ref())),
        };
        let id = known.map_or(new_id, |assistant| assistant.id);
        let work = self.work(&premises, deployment, (id, known), character)?;
        self.must_be_obtainable(&work.request)?;
        let business = self.business_with(premises.business.as_ref(), id, known.is_none())?;
        let new_user = match &self.purpose {
            Purpose::Onboarding { new_user } => new_user.as_deref(),
            Purpose::Number | Purpose::Reclaim(_) | Purpose::Assistant => None,
        };
        let changed = premises.business.as_ref().filter(|_was| known.is_none());
        let start = Start {
            work: &work,
            new_business: premises.business.is_none().then_some(&business),
            changed_business: changed.map(|was| (was, &business)),
            new_organization: premises.organization.is_none(),
            new_user,
            existing: known,
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

    /// What none of the sources can have is refused, except where the number is not the point.
    fn must_be_obtainable(&self, wish: &Request) -> Result<(), Problem> {
        let Request { wanted, sources, reclaim: _ } = wish;
        let lenient = matches!(self.purpose, Purpose::Onboarding { .. });
        let unsuited = !Source::any_suits(sources, wanted);
        if unsuited && !lenient { Err(Problem::Unobtainable) } else { Ok(()) }
    }

    /// What a new assistant is like.
    fn new_character(&self, business: Option<&Business>) -> Character {
        let name = match (&self.fields.business_name, business) {
            (Some(name), _) => name.clone(),
            (None, Some(business)) => business.name.clone(),
            (None, None) => self.business.to_string(),
        };
        Character {
            name: assistant_name(&name),
            language: self.fields.language.unwrap_or_default(),
            industry: self.fields.industry.unwrap_or_default(),
            persona: self.fields.persona.clone(),
        }
    }

    /// What an assistant is like that there is already: at VAPI it is changed by a `PATCH` alone.
    fn of_existing(&self, assistant: &Assistant, known: Character) -> Character {
        if assistant.vapi.is_some() {
            return known;
        }
        let own = &self.fields.persona;
        Character {
            language: self.fields.language.unwrap_or(known.language),
            industry: self.fields.industry.unwrap_or(known.industry),
            persona: if own.settings().is_empty() { known.persona } else { own.clone() },
            ..known
        }
    }

    /// The business as it is with the assistant.
    fn business_with(
        &self,
        known: Option<&Business>,
        id: AssistantId,
        new: bool,
    ) -> Result<Business, Problem> {
        match known {
            Some(business) if new => business
                .clone()
                .with_assistant(id)
                .map_err(|TooManyAssistants| Problem::TooManyAssistants),
            Some(business) => Ok(business.clone()),
            None => Ok(Business {
                id: self.business.clone(),
                organization: self.organization.clone(),
                name: self
                    .fields
                    .business_name
                    .clone()
                    .unwrap_or_else(|| self.business.to_string()),
                primary: Some(id),
                created_at: self.request.deps.now(),
                others: Vec::new(),
                contacts: Vec::new(),
            }),
        }
    }

    fn work(
        &self,
        premises: &Premises,
        deployment: DeploymentId,
        (id, existing): (AssistantId, Option<&Assistant>),
        character: Character,
    ) -> Result<Work, Problem> {
        let (deps, defaults) = (self.request.deps, self.defaults);
        let settings = premises.organization.as_ref();
        let sources = self.fields.sources.clone();
        let (sources, reclaim) = match self.purpose {
            Purpose::Reclaim(number) => (vec![Source::Pool], Some(number)),
            Purpose::Number | Purpose::Assistant | Purpose::Onboarding { .. } => {
                (sources.unwrap_or_else(|| source_order(settings, defaults.sources)), None)
            }
        };
        let recipient = Recipient {
            business: self.business.clone(),
            assistant: id,
            assistant_name: character.name,
            language: character.language,
            persona: character.persona,
            setup: Setup {
                industry: character.industry,
                contacts: contacts(premises.business.as_ref())?,
                server: settings.and_then(|organization| organization.assistant_server.clone()),
            },
            vapi_assistant: existing.and_then(|known| known.vapi.clone()),
            update: None,
            removal_asked: false,
        };
        let beginning = Beginning {
            id: WorkId::new(deps.fresh()),
            kind: Kind::Answer(Box::new(recipient)),
            deployment,
            organization: self.organization.clone(),
            request: Request { wanted: self.fields.wanted_of(settings), sources, reclaim },
            caps: settings.map_or(defaults.caps, |organization| organization.caps(defaults.caps)),
            quarantine_days: settings
                .and_then(|organization| organization.quarantine_days)
                .unwrap_or(defaults.quarantine_days),
        };
        Ok(Work::begin(beginning, deps.now()))
    }
}

/// The wait before the try of this number, counted from 0.
pub async fn pause<W: World, C: Sync>(request: &crate::Request<'_, W, C>, race: u32) {
    if race > 0 {
        request.deps.clock.sleep(RACE_PAUSE.saturating_mul(race)).await;
    }
}

/// Whom the business's assistants may put callers through to.
fn contacts(business: Option<&Business>) -> Result<EmergencyContacts, Problem> {
    let contacts = business.map(Business::emergency_contacts).transpose();
    let unreadable =
        |error: InvalidContact| StoreError::Corrupt { what: "business", why: error.to_string() };
    Ok(contacts.map_err(unreadable)?.unwrap_or_default())
}

/// What is being called off or released must end before anything new begins.
fn may_go_on(row: &WorkRow) -> Result<(), Problem> {
    if row.is_being_released() {
        return Err(Problem::BeingReleased);
    }
    let stuck = matches!(row.work.phase, Phase::NeedsPerson(_));
    if row.cancel_asked() && !stuck && !row.work.phase.is_ready() {
        return Err(Problem::BeingCancelled);
    }
    Ok(())
}
