//! The comparison with the providers, one run after the other: what VAPI, Telnyx and the accounts at
//! Twilio list against our rows, and then our rows against what was listed.
//!
//! It changes nothing at a provider. When all is read it says whether that may be true at all, and
//! only then starts, for each finding that a read by id confirms, the work that mends it.

mod accounts;
mod mend;
mod read;
mod witness;

use crate::config::Config;
use domain::drift::{Brake, Drift, Finding, brake};
use domain::ids::DeploymentId;
use domain::time::Timestamp;
use planted::planted;
use runtime::metrics::Unit;
use runtime::providers::CallPolicy;
use runtime::{Deadline, Deps, Message, World};
use std::time::Duration;
use store::{Marks, Shown, Stage, StoreError, Sweep, SweepRow};
use witness::Named;

/// A run takes no longer, so that works carried beside it are not held up.
const RUN_MAX: Duration = Duration::from_secs(20);
/// Findings of one run: what fits an item of the table.
const FINDINGS_MAX: usize = 700;
/// What of the invocation must be left beside a call's own deadline before another step is begun.
const STEP_MARGIN: Duration = Duration::from_secs(10);

/// One run.
struct Run<'a, W: World> {
    deps: &'a Deps<W>,
    config: &'a Config,
    policy: CallPolicy,
    marks: Marks,
    deployment: DeploymentId,
    deadline: Deadline,
    ends: Timestamp,
    sweep: Sweep,
    shown: Shown,
    found: Vec<Finding>,
}

/// Goes on with the sweep under way, as far as one run goes, and sends for the next run.
pub(crate) async fn go_on<W: World>(
    deps: &Deps<W>,
    config: &Config,
    deadline: Deadline,
) -> Result<(), StoreError> {
    let Some(row) = deps.store.sweep().await?.filter(|row| row.sweep.goes_on()) else {
        return Ok(());
    };
    // Before the first provisioning there is nothing to compare.
    let Some(deployment) = deps.store.deployment().await? else { return Ok(()) };
    let mut run = Run {
        deps,
        config,
        policy: config.calls.until(deadline),
        marks: deps.marks(),
        deployment,
        deadline,
        ends: deps.now().after(RUN_MAX),
        shown: deps.store.shown(&row.sweep).await?,
        sweep: row.sweep.clone(),
        found: Vec::new(),
    };
    let is_trusted = row.sweep.confirmed || planted!(BrakeIgnored);
    let named = if is_trusted { Named::Ours } else { witness::named(&run).await? };
    match named {
        Named::Ours => run.run(row).await,
        Named::Another(provider) => {
            let brake = Brake::OtherAccount { provider: provider.to_owned() };
            run.sweep.stage = Stage::Braked { brake };
            run.kept(&row).await?;
            run.tell();
            Ok(())
        }
        // The next sweep goes on here.
        Named::Unreadable => {
            tracing::warn!("a provider does not answer; the comparison waits");
            Ok(())
        }
    }
}

/// Whether a step could be made.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Made,
    /// A provider does not answer: the next sweep goes on here.
    Unreadable,
}

impl<W: World> Run<'_, W> {
    async fn run(&mut self, row: SweepRow) -> Result<(), StoreError> {
        let mut row = row;
        let mut step = Step::Made;
        while self.is_reading() && self.has_time() && step == Step::Made {
            step = self.read().await?;
        }
        if self.is_reading() {
            self.deps
                .store
                .keep_shown(&self.sweep, &self.shown, self.deps.now(), &self.marks)
                .await?;
        }
        let read_all = matches!(self.sweep.stage, Stage::Mending { .. });
        if self.sweep != row.sweep || !self.found.is_empty() {
            let Some(kept) = self.kept(&row).await? else { return Ok(()) };
            let begins_mending = read_all && !matches!(row.sweep.stage, Stage::Mending { .. });
            if begins_mending || !kept.sweep.goes_on() {
                self.tell();
            }
            row = kept;
        }
        while let Stage::Mending { .. } = self.sweep.stage
            && self.has_time()
            && step == Step::Made
        {
            step = self.mend().await?;
        }
        if self.sweep != row.sweep && self.kept(&row).await?.is_none() {
            return Ok(());
        }
        if self.sweep.goes_on() && step == Step::Made {
            self.deps.send(&Message::Sweep, Duration::ZERO).await;
        }
        Ok(())
    }

    const fn is_reading(&self) -> bool {
        match self.sweep.stage {
            Stage::Vapi { .. }
            | Stage::Telnyx { .. }
            | Stage::Twilio { .. }
            | Stage::Accounts { .. }
            | Stage::Rows { .. } => true,
            Stage::Mending { .. } | Stage::Braked { .. } | Stage::Over => false,
        }
    }

    fn has_time(&self) -> bool {
        let now = self.deps.now();
        let needed = self.config.calls.deadline.saturating_add(STEP_MARGIN);
        now < self.ends && self.deadline.allows(needed, now) && self.found.len() < FINDINGS_MAX
    }

    /// Writes where the sweep is and what was found; `None` when another run was quicker.
    async fn kept(&mut self, row: &SweepRow) -> Result<Option<SweepRow>, StoreError> {
        if !self.found.is_empty() {
            self.sweep.runs = self.sweep.runs.saturating_add(1);
        }
        let (store, now) = (&self.deps.store, self.deps.now());
        let found = std::mem::take(&mut self.found);
        store.keep_sweep(Some(row), self.sweep.clone(), &found, now, &self.marks).await
    }

    /// All is read: either it is mended, or a person is asked first.
    fn read_through(&mut self) {
        let held = match (self.sweep.confirmed, self.is_restored()) {
            // Whoever confirmed it has seen that.
            (true, _) => None,
            (false, true) => Some(Brake::Restored),
            (false, false) => brake(&self.sweep.survey),
        };
        self.sweep.stage = match held {
            Some(brake) => Stage::Braked { brake },
            None if planted!(FindingsPassedOver) => Stage::Mending { run: 2, next: 0 },
            None => Stage::Mending { run: 1, next: 0 },
        };
    }

    /// Whether the table is another than the one that was swept last.
    fn is_restored(&self) -> bool {
        let table = self.config.table_name.as_str();
        self.sweep.trusted_table.as_deref().is_some_and(|trusted| trusted != table)
    }

    /// Tells what was found, and whether the brake holds.
    fn tell(&self) {
        let (now, metrics) = (self.deps.now(), &self.deps.metrics);
        let mut all = 0_u64;
        for drift in Drift::ALL {
            let found = self.sweep.survey.found.get(&drift).copied().unwrap_or(0);
            metrics.put(now, "Drift", found, Unit::Count, Some(("Kind", drift.as_str())));
            if drift.is_mended() {
                all = all.saturating_add(found);
            }
        }
        metrics.put(now, "DriftFound", all, Unit::Count, None);
        for (organization, drift, found) in self.sweep.left() {
            let drift = drift.as_str();
            tracing::error!(%organization, drift, found, "too much differs in its own account");
        }
        let braked = if let Stage::Braked { brake } = &self.sweep.stage {
            tracing::error!(
                why = brake.as_str(),
                "the sweep changes nothing before it is confirmed"
            );
            1
        } else {
            0
        };
        metrics.put(now, "SweepBraked", braked, Unit::Count, None);
        tracing::info!(found = all, braked, "compared with the providers");
    }
}
