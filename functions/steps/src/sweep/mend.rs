//! Mending: each finding is read by id once more, and what it still shows is handed to a work.

use super::{Run, Step};
use crate::effects::call;
use domain::drift::{Brake, Drift, Finding, Stray, adopt, at_telnyx, at_vapi};
use domain::ids::{Fresh, NumberId, Stamp, TelnyxNumberId, VapiNumberId, WorkId};
use domain::number::{Number, Slot, State};
use domain::outcome::{Missing, Outcome, Refusal};
use domain::phone::E164;
use domain::telnyx::{OwnedNumber, OwnedStatus};
use domain::vapi::{Digits, NumberProvider, VapiNumber};
use domain::work::{Ask, take_off};
use planted::planted;
use runtime::{Message, World};
use std::time::Duration;
use store::{Adopted, Maker, Stage, Started, StoreError};

/// What is not found by id must stay so for this long before it counts as gone.
const GONE_AFTER: Duration = Duration::from_secs(600);
/// What is in no row is left alone for this long: its work may still come to it.
const STRAY_AFTER: Duration = Duration::from_secs(3600);
/// How long an adopted number rests: nobody knows whom it answered for.
const ADOPTED_RESTS: Duration = Duration::from_secs(30 * 24 * 3600);

/// What became of a finding.
pub(super) enum Mended {
    /// Something was started for it.
    Started,
    /// It is not so, or not so yet, or not for us to change.
    Left,
    /// Its provider does not answer.
    Unreadable,
}

/// A thing read by id.
pub(super) enum Read<T> {
    There(T),
    Gone,
    Unreadable,
}

pub(super) fn read<T>(outcome: Outcome<T, Missing>) -> Read<T> {
    match outcome {
        Outcome::Done(found) => Read::There(found),
        Outcome::Refused(Refusal::Because(Missing::NotFound)) => Read::Gone,
        Outcome::Refused(_) | Outcome::Transient { .. } | Outcome::Unknown => Read::Unreadable,
    }
}

impl<W: World> Run<'_, W> {
    /// Mends what a run found, from where it was left.
    pub(super) async fn mend(&mut self) -> Result<Step, StoreError> {
        let Stage::Mending { run, next } = self.sweep.stage else { return Ok(Step::Made) };
        // What was confirmed for an organization is of before the restore.
        if !self.sweep.confirmed_for.is_empty() && self.is_restored() {
            self.sweep.stage = Stage::Braked { brake: Brake::Restored };
            self.tell();
            return Ok(Step::Made);
        }
        if run > self.sweep.runs {
            self.sweep.stage = Stage::Over;
            self.sweep.trusted_table = Some(self.config.table_name.clone());
            tracing::info!(mended = self.sweep.mended, "swept what differed");
            return Ok(Step::Made);
        }
        let findings = self.deps.store.findings(&self.sweep, run).await?;
        for (place, finding) in findings.iter().enumerate().skip(next) {
            if !self.has_time() {
                self.sweep.stage = Stage::Mending { run, next: place };
                return Ok(Step::Made);
            }
            let changes = self.sweep.changes(finding);
            let mended = if changes { self.one(finding).await? } else { Mended::Left };
            match mended {
                Mended::Started => self.sweep.mended = self.sweep.mended.saturating_add(1),
                Mended::Left => {}
                Mended::Unreadable => {
                    self.sweep.stage = Stage::Mending { run, next: place };
                    return Ok(Step::Unreadable);
                }
            }
        }
        self.sweep.stage = Stage::Mending { run: run.saturating_add(1), next: 0 };
        Ok(Step::Made)
    }

    async fn one(&self, finding: &Finding) -> Result<Mended, StoreError> {
        match (finding.drift, &finding.vapi, &finding.telnyx, &finding.twilio) {
            (Drift::Linked | Drift::Misled, Some(id), _, _) => self.link(finding, id).await,
            (Drift::Misrouted, _, Some(id), _) => self.route(finding, id).await,
            (Drift::Misrouted, _, _, Some(at)) => self.route_at_twilio(at).await,
            (Drift::GoneAtVapi, Some(id), _, _) => {
                let shown = read(call!(self.deps.vapi_client(self.policy).await, read_number(id)));
                self.gone(finding, shown).await
            }
            (Drift::GoneAtCarrier, _, Some(id), _) => {
                let shown = self.owned(id).await;
                self.gone(finding, shown).await
            }
            (Drift::GoneAtCarrier, _, _, Some(at)) => match self.located(at).await {
                Read::Unreadable => Ok(Mended::Left),
                shown @ (Read::There(_) | Read::Gone) => self.gone(finding, shown).await,
            },
            (Drift::Stray, _, _, _) => self.stray(finding).await,
            (
                Drift::Linked
                | Drift::Misled
                | Drift::Misrouted
                | Drift::GoneAtVapi
                | Drift::GoneAtCarrier
                | Drift::Foreign,
                _,
                _,
                _,
            ) => Ok(Mended::Left),
        }
    }

    /// A number of Telnyx; one that is shown as deleted is gone.
    async fn owned(&self, id: &TelnyxNumberId) -> Read<OwnedNumber> {
        match read(call!(self.deps.telnyx_client(self.policy).await, read_owned(id))) {
            Read::There(owned) if owned.status == OwnedStatus::Gone => Read::Gone,
            shown @ (Read::There(_) | Read::Gone | Read::Unreadable) => shown,
        }
    }

    async fn link(&self, finding: &Finding, id: &VapiNumberId) -> Result<Mended, StoreError> {
        let record = match read(call!(self.deps.vapi_client(self.policy).await, read_number(id))) {
            Read::There(record) => record,
            Read::Gone => return Ok(Mended::Left),
            Read::Unreadable => return Ok(Mended::Unreadable),
        };
        let known = self.deps.store.known_at_vapi(std::slice::from_ref(id)).await?.remove(id);
        let still = at_vapi(&record, known.as_ref(), &self.deployment);
        match (still.map(|found| found.drift), known) {
            (Some(Drift::Linked), Some(_known)) if planted!(LinkedLeft) => Ok(Mended::Left),
            (Some(Drift::Linked), Some(known)) => self.unlink(known.number).await,
            (Some(Drift::Misled), Some(known)) if finding.drift == Drift::Misled => {
                self.repair(&known.number).await
            }
            (Some(_) | None, Some(_) | None) => Ok(Mended::Left),
        }
    }

    async fn route(&self, finding: &Finding, id: &TelnyxNumberId) -> Result<Mended, StoreError> {
        let owned = match self.owned(id).await {
            Read::There(owned) => owned,
            Read::Gone => return Ok(Mended::Left),
            Read::Unreadable => return Ok(Mended::Unreadable),
        };
        let known = self.deps.store.known_at_telnyx(std::slice::from_ref(id)).await?.remove(id);
        let still = at_telnyx(&owned, known.as_ref(), &self.deployment);
        match (still.map(|found| found.drift), known) {
            (Some(drift), Some(number)) if drift == finding.drift => self.repair(&number).await,
            (Some(_) | None, Some(_) | None) => Ok(Mended::Left),
        }
    }

    /// Takes off whoever is linked to a number that nobody has.
    async fn unlink(&self, number: Number) -> Result<Mended, StoreError> {
        let (deps, now) = (self.deps, self.deps.now());
        // One a sweep for each number: of two runs side by side one starts it.
        let begun = u64::try_from(self.sweep.begun_at.as_millis()).unwrap_or(0);
        let id = WorkId::new(Fresh::from_parts(begun, number.id.ulid().random()));
        let Ok(giving) = take_off(number, id, self.deployment.clone(), now) else {
            return Ok(Mended::Left);
        };
        if deps.store.start_giving_back(&giving, &self.marks).await? == Started::Overtaken {
            return Ok(Mended::Left);
        }
        deps.send(&Message::work(id, now), Duration::ZERO).await;
        Ok(Mended::Started)
    }

    /// Asks the work whose the number is to read it back and put it right.
    pub(super) async fn repair(&self, number: &Number) -> Result<Mended, StoreError> {
        let State::Assigned { assistant, .. } = &number.state else { return Ok(Mended::Left) };
        let Some(assistant) = self.deps.store.assistant(*assistant).await? else {
            return Ok(Mended::Left);
        };
        self.ask(assistant.work, Some(Ask::Repair)).await
    }

    async fn ask(&self, work: WorkId, ask: Option<Ask>) -> Result<Mended, StoreError> {
        let (deps, now) = (self.deps, self.deps.now());
        if !deps.store.ask(work, ask, now, &self.marks).await? {
            return Ok(Mended::Left);
        }
        deps.send(&Message::work(work, now), Duration::ZERO).await;
        Ok(Mended::Started)
    }

    /// What is not found by id now, nor was ten minutes ago, is gone: what answers for somebody is
    /// its work's to say, anything else is marked.
    async fn gone<T>(&self, finding: &Finding, shown: Read<T>) -> Result<Mended, StoreError> {
        let (store, now) = (&self.deps.store, self.deps.now());
        match shown {
            Read::Unreadable => return Ok(Mended::Unreadable),
            Read::There(_) => {
                store.unsuspected(finding, &self.marks).await?;
                return Ok(Mended::Left);
            }
            Read::Gone => {}
        }
        let since = store.suspected(&self.sweep, finding, now, &self.marks).await?;
        let is_believed = now >= since.after(GONE_AFTER) || planted!(SuspicionBelieved);
        let Some(id) = finding.number.filter(|_id| is_believed) else {
            return Ok(Mended::Left);
        };
        let Some(number) = store.number(id).await?.filter(|number| number.work.is_none()) else {
            return Ok(Mended::Left);
        };
        if matches!(number.state, State::Assigned { .. }) {
            return self.repair(&number).await;
        }
        tracing::error!(number.id = %id, "a number that nobody has is gone at its provider");
        let marked = store.mark_gone(&number, &self.marks).await?;
        Ok(if marked { Mended::Started } else { Mended::Left })
    }

    /// What a work of ours made and no row has.
    async fn stray(&self, finding: &Finding) -> Result<Mended, StoreError> {
        let (store, now) = (&self.deps.store, self.deps.now());
        let Some(stamp) = &finding.stamp else { return Ok(Mended::Left) };
        let Some((_deployment, work, _attempt)) = Stamp::parse(stamp.as_str()) else {
            return Ok(Mended::Left);
        };
        let since = store.suspected(&self.sweep, finding, now, &self.marks).await?;
        if now < since.after(STRAY_AFTER) {
            return Ok(Mended::Left);
        }
        let maker = match store.maker(work).await? {
            Maker::Ended(maker) => maker,
            Maker::Alive => return self.ask(work, None).await,
            Maker::Unknown => {
                tracing::error!(work.id = %work, "a number bears the stamp of a work nobody knows");
                return Ok(Mended::Left);
            }
        };
        let stray = match (&finding.vapi, &finding.telnyx, &finding.twilio) {
            (Some(id), _, _) => self.at_vapi(id, stamp).await?,
            (None, Some(id), _) => self.at_telnyx(id).await,
            (None, None, Some(at)) => self.bought_at_twilio(at, stamp, &maker).await,
            (None, None, None) => Read::Gone,
        };
        let stray = match stray {
            Read::There(stray) => stray,
            Read::Gone => return Ok(Mended::Left),
            Read::Unreadable => return Ok(Mended::Unreadable),
        };
        let ids = (NumberId::new(self.deps.fresh()), WorkId::new(self.deps.fresh()));
        let adoption = adopt(&stray, stamp.clone(), &maker, ids, now, ADOPTED_RESTS);
        if store.adopt(&adoption, work, now, &self.marks).await? == Adopted::Left {
            return Ok(Mended::Left);
        }
        tracing::warn!(number.id = %ids.0, work.id = %work, "a number in no row was taken in");
        if let Some(work) = &adoption.work {
            self.deps.send(&Message::work(work.id, now), Duration::ZERO).await;
        }
        Ok(Mended::Started)
    }

    /// A record of VAPI with our stamp, and the number it is an import of.
    async fn at_vapi(&self, id: &VapiNumberId, stamp: &Stamp) -> Result<Read<Stray>, StoreError> {
        let record = match read(call!(self.deps.vapi_client(self.policy).await, read_number(id))) {
            Read::There(record) if record.name.as_deref() == Some(stamp.as_str()) => record,
            Read::There(_) | Read::Gone => return Ok(Read::Gone),
            Read::Unreadable => return Ok(Read::Unreadable),
        };
        match record.provider {
            NumberProvider::Vapi => {
                let taken = self.deps.store.allowance().await?.taken;
                let free = (1..=u16::MAX).map(Slot::new).find(|slot| !taken.contains(slot));
                let stray = free.map(|slot| Stray::Free(Box::new(record), slot));
                Ok(stray.map_or(Read::Gone, Read::There))
            }
            NumberProvider::Telnyx => Ok(self.imported(record).await),
            // One that was bought is found in the account at Twilio, and taken in with its record.
            NumberProvider::Twilio | NumberProvider::Other => Ok(Read::Gone),
        }
    }

    /// An import of a number of Telnyx, if that bears our stamp as well.
    async fn imported(&self, record: VapiNumber) -> Read<Stray> {
        let Digits::Known(digits) = &record.digits else { return Read::Gone };
        let telnyx = self.deps.telnyx_client(self.policy).await;
        match call!(telnyx, find_owned(digits)) {
            Outcome::Done(Some(owned)) if self.is_ours(owned.reference.as_deref()) => {
                Read::There(Stray::Bought(Box::new(owned), Some(Box::new(record))))
            }
            Outcome::Done(_) => Read::Gone,
            Outcome::Refused(_) | Outcome::Transient { .. } | Outcome::Unknown => Read::Unreadable,
        }
    }

    /// A number of Telnyx with our stamp, and VAPI's record of it if that is ours as well.
    async fn at_telnyx(&self, id: &TelnyxNumberId) -> Read<Stray> {
        let owned = match self.owned(id).await {
            Read::There(owned) => owned,
            Read::Gone => return Read::Gone,
            Read::Unreadable => return Read::Unreadable,
        };
        match self.record_of(&owned.digits).await {
            Read::There(record) => Read::There(Stray::Bought(Box::new(owned), record)),
            Read::Gone => Read::Gone,
            Read::Unreadable => Read::Unreadable,
        }
    }

    /// VAPI's record of a number, if there is one that bears our stamp.
    pub(super) async fn record_of(&self, digits: &E164) -> Read<Option<Box<VapiNumber>>> {
        let vapi = self.deps.vapi_client(self.policy).await;
        match call!(vapi, find_number_by_digits(digits)) {
            Outcome::Done(record) => {
                let ours = |record: &VapiNumber| self.is_ours(record.name.as_deref());
                Read::There(record.filter(ours).map(Box::new))
            }
            Outcome::Refused(_) | Outcome::Transient { .. } | Outcome::Unknown => Read::Unreadable,
        }
    }

    fn is_ours(&self, name: Option<&str>) -> bool {
        let stamp = name.and_then(Stamp::parse);
        stamp.is_some_and(|(deployment, _work, _attempt)| deployment == self.deployment)
    }
}
