//! The comparison with what VAPI lists: a list shows what differs, a read by id confirms it, our
//! rows say what it amounts to, and a write starts what mends it. Between any two of these anything
//! may come, also another run that mends the same.
//!
//! What a record amounts to, and what is started, is the product's; the order of reads and writes
//! follows `sweep` of the steps.

use super::{State, marks};
use crate::bounds::DAY;
use crate::holder;
use crate::kept::{Kept, KeptNumber};
use crate::names::{Job, Record, deployment};
use crate::scene::Scene;
use crate::state::{Broken, Rest};
use crate::talk::Seen;
use crate::witness::Witness;
use domain::drift::{Drift, Known, Stray, adopt, at_vapi};
use domain::ids::{NumberId, Stamp};
use domain::number::{Number, Slot, State as At};
use domain::work::{Ask, Giving, take_off};
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use store::{Adopted, Maker, Started, StoreError};

/// Something that a comparison found, and how far it is with it.
#[derive(Debug, Clone)]
pub(crate) struct Finding {
    /// What the list showed.
    pub(crate) drift: Drift,
    pub(crate) record: Record,
    pub(crate) at: Step,
}

/// What is known of a finding, and so what comes next.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    /// The list showed it: it is to be read by id.
    Suspected,
    /// Read by id: our rows are to be asked.
    Confirmed(Seen),
    /// Nobody has it and somebody is linked: to be taken off, if its row is still this.
    TakesOff(Arc<KeptNumber>),
    /// To be looked at by its work, which is asked for a repair or only woken.
    Asks(Job, Option<Ask>),
    /// In no row, and its work has ended: to be taken in, with that slot.
    Adopts(Seen, Slot),
}

impl Finding {
    pub(crate) const fn is_suspected(&self) -> bool {
        matches!(self.at, Step::Suspected)
    }

    pub(crate) fn hash_at<H: Hasher>(&self, state: &State, hasher: &mut H) {
        self.record.hash(hasher);
        (self.drift as u8).hash(hasher);
        std::mem::discriminant(&self.at).hash(hasher);
        match &self.at {
            Step::Suspected => {}
            Step::Confirmed(seen) => seen.hash(hasher),
            Step::TakesOff(number) => state.hash_copies(std::slice::from_ref(number), hasher),
            Step::Asks(job, ask) => (job, ask.is_some()).hash(hasher),
            Step::Adopts(seen, slot) => (seen, slot.get()).hash(hasher),
        }
    }
}

/// What a read or a write of a comparison came to.
type Compared<T> = Result<T, StoreError>;

/// A list is read and held against our rows. One that shows nothing did not happen.
pub(super) fn list(scene: &Scene, state: &mut State) -> bool {
    state.left.comparisons -= 1;
    let found = state.sky.listed(state.now);
    let before = state.comparing.len();
    for (record, seen) in found {
        match known(scene, state, record) {
            Ok(known) => {
                let number = seen.number(record);
                if let Some(found) = at_vapi(&number, known.as_ref(), &deployment()) {
                    let at = Step::Suspected;
                    state.comparing.push(Finding { drift: found.drift, record, at });
                }
            }
            Err(error) => state.broke(Broken::Corrupt(error.to_string())),
        }
    }
    state.comparing.len() > before
}

/// The next step with one finding.
pub(super) fn goes_on(scene: &Scene, state: &mut State, place: usize) -> bool {
    let finding = state.comparing.remove(place);
    match step(scene, state, &finding) {
        Ok(Some(at)) => state.comparing.insert(place, Finding { at, ..finding }),
        Ok(None) => {}
        Err(error) => state.broke(Broken::Corrupt(error.to_string())),
    }
    true
}

/// `None`: there is nothing more to do about it.
fn step(scene: &Scene, state: &mut State, finding: &Finding) -> Compared<Option<Step>> {
    let record = finding.record;
    match &finding.at {
        Step::Suspected if finding.drift == Drift::Stray => made_by(scene, state, record),
        Step::Suspected => Ok(Some(Step::Confirmed(state.sky.seen(record, state.now)))),
        Step::Confirmed(seen) => judged(scene, state, finding, *seen),
        Step::TakesOff(number) => taken_off(scene, state, &number.number).map(|()| None),
        Step::Asks(job, ask) => asked(scene, state, *job, *ask).map(|()| None),
        Step::Adopts(seen, slot) => adopted(scene, state, (record, *seen), *slot).map(|()| None),
    }
}

fn known(scene: &Scene, state: &mut State, record: Record) -> Compared<Option<Known>> {
    let ids = [record.id()];
    let known = state.rows.with(scene.rules, async |store| store.known_at_vapi(&ids).await);
    Ok(known?.remove(&record.id()))
}

/// What was read by id, against what our rows say now.
fn judged(
    scene: &Scene,
    state: &mut State,
    finding: &Finding,
    seen: Seen,
) -> Compared<Option<Step>> {
    let known = known(scene, state, finding.record)?;
    let number = seen.number(finding.record);
    let still = at_vapi(&number, known.as_ref(), &deployment()).map(|found| found.drift);
    let next = match (still, known) {
        (Some(Drift::Linked), Some(known)) => {
            Some(Step::TakesOff(Arc::new(KeptNumber::new(known.number))))
        }
        (Some(Drift::Misled), Some(known)) if finding.drift == Drift::Misled => {
            owner(scene, state, &known.number)?.map(|job| Step::Asks(job, Some(Ask::Repair)))
        }
        (Some(_) | None, Some(_) | None) => None,
    };
    if next.is_none() {
        scene.witnesses.saw(Witness::SuspectedInVain);
    }
    Ok(next)
}

/// The latest work of the assistant that has the number.
fn owner(scene: &Scene, state: &mut State, number: &Number) -> Compared<Option<Job>> {
    let At::Assigned { assistant, .. } = number.state else { return Ok(None) };
    let row = state.rows.with(scene.rules, async |store| store.assistant(assistant).await)?;
    Ok(row.map(|row| Job::of_work(row.work).expect("a work of the model")))
}

/// Where the work stands that made a stray: only what it has certainly left is taken in, as VAPI
/// shows it by id, and with the first slot that is free.
fn made_by(scene: &Scene, state: &mut State, record: Record) -> Compared<Option<Step>> {
    let seen = state.sky.seen(record, state.now);
    let job = seen.tag.job;
    let rules = scene.rules;
    Ok(match state.rows.with(rules, async |store| store.maker(job.id()).await)? {
        Maker::Alive => Some(Step::Asks(job, None)),
        Maker::Unknown => None,
        Maker::Ended(_) => {
            let taken = state.rows.with(rules, async |store| store.allowance().await)?.taken;
            let free = (1..=u16::MAX).map(Slot::new).find(|slot| !taken.contains(slot));
            free.map(|slot| Step::Adopts(seen, slot))
        }
    })
}

fn taken_off(scene: &Scene, state: &mut State, was: &Number) -> Compared<()> {
    let (job, now) = (next_job(state), state.now);
    let Ok(mut giving) = take_off(was.clone(), job.id(), deployment(), now) else { return Ok(()) };
    giving.work.timeline.clear();
    let marks = marks(state);
    let started = state
        .rows
        .with(scene.rules, async |store| store.start_giving_back(&giving, &marks).await)?;
    let Giving { work, claim: _ } = giving;
    match started {
        Started::Started => {
            scene.witnesses.saw(Witness::TakenOff);
            state.works.push(Arc::new(Kept::new(work, &scene.limits)));
        }
        Started::Overtaken => scene.witnesses.saw(Witness::TakenOffInVain),
    }
    Ok(())
}

fn asked(scene: &Scene, state: &mut State, job: Job, ask: Option<Ask>) -> Compared<()> {
    let (now, marks) = (state.now, marks(state));
    state.rows.with(scene.rules, async |store| store.ask(job.id(), ask, now, &marks).await)?;
    let is_repair = ask.is_some();
    scene.witnesses.saw(if is_repair { Witness::RepairAsked } else { Witness::StrayLeft });
    holder::send(state, job);
    Ok(())
}

fn adopted(
    scene: &Scene,
    state: &mut State,
    (record, seen): (Record, Seen),
    slot: Slot,
) -> Compared<()> {
    let (job, now) = (next_job(state), state.now);
    let maker = seen.tag.job;
    let stray = Stray::Free(Box::new(seen.number(record)), slot);
    let stamp: Stamp = seen.tag.stamp();
    let ids = (NumberId::new(job.fresh(0, 0)), job.id());
    let rest = DAY * scene.rest_days.into();
    let mut adoption = adopt(&stray, stamp, &state.kept(maker).work, ids, now, rest);
    if let Some(work) = &mut adoption.work {
        work.timeline.clear();
    }
    let marks = marks(state);
    let adopted = state
        .rows
        .with(scene.rules, async |store| store.adopt(&adoption, maker.id(), now, &marks).await)?;
    match (adopted, adoption.work) {
        (Adopted::Adopted, Some(work)) => {
            scene.witnesses.saw(Witness::StrayAdopted);
            state.works.push(Arc::new(Kept::new(work, &scene.limits)));
            let until = now.after(rest);
            state.rests.push(Rest { number: ids.0, former: None, until });
            state.rests.retain(|rest| rest.until > now);
        }
        (Adopted::Adopted, None) => unreachable!("VAPI has it"),
        (Adopted::Left, _) => scene.witnesses.saw(Witness::StrayLeft),
    }
    Ok(())
}

/// The work that is started next.
fn next_job(state: &State) -> Job {
    Job(u8::try_from(state.works.len()).unwrap())
}
