//! Random paths: lost answers, crashes, rows in the way, asks at any time, others who meddle.
//!
//! Each path runs against stand-ins with everything going wrong that may; then nothing goes wrong
//! any more, and the work must settle within a bounded number of decisions. After every decision
//! the rules of [`super::rules`] are checked.

use super::fixtures::{START, any_local, new_stock, new_work, picked, sip};
use super::providers::{Dice, End, Providers};
use super::rules::{self, Absence};
use super::table::{Holder, Table, new_guards};
use super::{script, show};
use crate::request::{Match, Wanted};
use crate::source::Source;
use crate::time::Timestamp;
use crate::work::{
    Ask, Change, Context, Decision, Effect, Input, Limits, Next, Phase, PhaseName, Work, decide,
};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::time::Duration;
use ulid::Ulid;

/// Decisions a work may take once nothing goes wrong any more: an order that is pending for a day
/// takes the most.
const CALM_DECISIONS: usize = 400;
/// How long a lease outlives its dead holder.
const LEASE: Duration = Duration::from_secs(90);

/// A work on its way.
pub(super) struct Run {
    pub(super) work: Work,
    pub(super) world: Providers,
    pub(super) table: Table,
    pub(super) now: Timestamp,
    pub(super) absence: Option<Absence>,
    /// When the last call was begun.
    pub(super) asked_at: Timestamp,
    took_over: bool,
    effect: Option<Effect>,
    pub(super) limits: Limits,
    fresh: u128,
    told: Vec<String>,
    reached: BTreeSet<PhaseName>,
}

impl Run {
    pub(super) fn new(work: Work, dice: Dice) -> Self {
        Self {
            work,
            world: Providers::new(dice),
            table: Table { cap: 1000, ..Table::default() },
            now: START,
            absence: None,
            asked_at: START,
            took_over: false,
            effect: None,
            limits: Limits::default(),
            fresh: 1,
            told: Vec::new(),
            reached: BTreeSet::new(),
        }
    }

    /// Carries the work until it settles.
    pub(super) fn settle(&mut self) {
        self.settle_from(Input::Resumed);
    }

    fn settle_from(&mut self, mut input: Input) {
        let mut calm = 0;
        loop {
            if self.world.dice.is_calm() {
                calm += 1;
                assert!(calm < CALM_DECISIONS, "it does not settle");
            }
            match self.step(input) {
                Some(next) => input = next,
                None => return rules::check_settled(self),
            }
        }
    }

    /// If the work's number answers, it is released.
    fn release(&mut self) {
        if matches!(self.work.phase, Phase::Ready { .. }) {
            (self.effect, self.took_over) = (None, false);
            self.settle_from(Input::Asked(Ask::Release { number: None, quarantine_days: 7 }));
        }
    }

    /// The assistant is deleted, wherever its work stands.
    fn remove(&mut self) {
        (self.effect, self.took_over) = (None, false);
        self.settle_from(Input::Asked(Ask::Remove { quarantine_days: 7 }));
    }

    fn step(&mut self, input: Input) -> Option<Input> {
        assert!(script::answers(self.effect.as_ref(), &input));
        self.told.push(show::input(&input));
        let decision = self.decide(input.clone());
        let is_effect = matches!(decision.next, Next::Do(_));
        if is_effect && self.world.dice.hits(24) {
            // The invocation's time is up: nothing is written, and the next one resumes.
            self.told.push("time is up".to_owned());
            self.left(Duration::ZERO);
            return Some(Input::Resumed);
        }
        self.interfere(&decision);
        if let Err(obstacle) = self.table.commit(&decision.changes, self.work.id) {
            self.effect = None;
            return Some(Input::WriteRefused(obstacle));
        }
        rules::check_decision(self, &input, &decision);
        self.work = decision.work;
        rules::check_rows(self);
        self.reached.insert(self.work.phase.name());
        match decision.next {
            Next::Do(effect) => Some(self.perform(effect)),
            Next::Wait { until, .. } => Some(self.wait(until)),
            Next::End => self.ask_again(),
        }
    }

    fn decide(&mut self, input: Input) -> Decision {
        self.fresh += (1 << 80) + 7;
        let ctx = Context {
            now: self.now,
            asked_at: if input.is_end() { self.asked_at } else { self.now },
            fresh: Ulid(self.fresh),
            took_over: self.took_over,
            limits: &self.limits,
        };
        let decision = decide(&self.work, input, ctx).unwrap();
        let seconds = self.now.since(START).as_secs();
        self.told.push(format!("{seconds} {}", show::decision(&decision, self.now)));
        decision
    }

    /// Other works are at the same rows.
    fn interfere(&mut self, decision: &Decision) {
        self.table.cap = 1000;
        for change in &decision.changes {
            match change {
                Change::TakeSlot(slot) if self.world.dice.hits(6) => {
                    self.table.slots.insert(*slot, Holder::Foreign);
                }
                Change::Reserve(..) if self.world.dice.hits(8) => {
                    self.table.cap = self.table.committed;
                }
                Change::ConfirmLatest(_) if self.world.dice.hits(6) => self.table.superseded = true,
                Change::AssistantNumber(..) if self.world.dice.hits(16) => {
                    self.table.assistant_gone = true;
                }
                _ => {}
            }
        }
        if let Some(guard) = new_guards(&decision.changes).into_iter().next()
            && self.world.dice.hits(24)
        {
            self.table.guards.entry(guard).or_insert(None);
        }
    }

    fn perform(&mut self, effect: Effect) -> Input {
        rules::check_effect(self, &effect);
        if effect.creates() {
            self.absence = None;
        }
        let crash = self.world.dice.roll(30);
        if crash == 28 {
            return self.crash("before");
        }
        self.asked_at = self.now;
        self.now = self.now.after(Duration::from_secs(self.world.dice.roll(4).into()));
        let end = if let Effect::ReadRow(id) = &effect {
            Input::RowRead(self.world.row(self.table.numbers.get(id)))
        } else {
            self.world.perform(&effect, self.table.allowance(), self.now)
        };
        if crash == 29 {
            return self.crash("after");
        }
        rules::look(self, &end);
        if self.world.dice.hits(24) {
            // Its process stands still before it decides about what it was told.
            self.now = self.now.after(Duration::from_secs(130));
        }
        self.effect = Some(effect);
        end
    }

    /// The holder dies before or after its call; another one takes over once the lease has ended.
    fn crash(&mut self, when: &str) -> Input {
        self.told.push(format!("crash {when} the call"));
        self.left(LEASE);
        self.took_over = true;
        Input::Resumed
    }

    /// What was under way is forgotten; looks that find nothing count from now.
    fn left(&mut self, pause: Duration) {
        self.now = self.now.after(pause);
        self.effect = None;
        self.absence = match self.absence {
            Some(absence) if pause.is_zero() => Some(absence),
            _ => Some(Absence { since: self.now, looks: 0 }),
        };
    }

    fn wait(&mut self, until: Timestamp) -> Input {
        self.took_over = false;
        self.effect = None;
        match self.world.dice.roll(12) {
            7 => self.now = until.after(Duration::from_secs(5000)),
            8 => self.now = self.now.after(Duration::from_secs(1)),
            9 => return Input::Asked(Ask::Retry),
            10 => return Input::Asked(Ask::Cancel),
            11 => return Input::Asked(Ask::Update),
            _ => self.now = until,
        }
        Input::Resumed
    }

    fn ask_again(&mut self) -> Option<Input> {
        self.took_over = false;
        self.effect = None;
        if self.world.dice.is_calm() {
            return None;
        }
        self.now = self.now.after(Duration::from_secs(600));
        Some(match self.world.dice.roll(6) {
            0 => Input::Asked(Ask::Cancel),
            1 => Input::Resumed,
            2 => Input::Asked(Ask::Update),
            _ => {
                if self.work.phase.name() == PhaseName::NeedsPerson {
                    // What was in doubt is looked up from the beginning.
                    self.absence = Some(Absence { since: self.now, looks: 0 });
                }
                let looked = self.work.phase.is_in_doubt() && self.world.dice.roll(4) > 0;
                Input::Asked(if looked { Ask::Repeat } else { Ask::Retry })
            }
        })
    }
}

impl Drop for Run {
    #[expect(clippy::print_stderr, reason = "only a test that fails prints")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            // The way that led here, for the message of the failed test.
            eprintln!("{}", self.told.join("\n"));
        }
    }
}

fn wanted() -> impl Strategy<Value = Wanted> {
    prop_oneof![
        4 => Just(any_local()),
        1 => Just(picked()),
        1 => Just(Wanted { matching: Match::Any, ..picked() }),
        1 => Just(sip()),
        1 => Just(Wanted { area_code: Some("415".parse().unwrap()), ..any_local() }),
    ]
}

fn sources() -> impl Strategy<Value = Vec<Source>> {
    prop_oneof![
        2 => Just(vec![Source::VapiFree, Source::Telnyx]),
        1 => Just(vec![Source::Telnyx, Source::VapiFree]),
        1 => Just(vec![Source::VapiFree]),
        2 => Just(vec![Source::Telnyx]),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn whatever_happens_nothing_is_lost_and_the_work_settles(
        wanted in wanted(),
        sources in sources(),
        bytes in proptest::collection::vec(any::<u8>(), 0..400),
    ) {
        Run::new(new_work(wanted, &sources), Dice::new(bytes)).settle();
    }

    #[test]
    fn whatever_happens_a_number_for_the_pool_is_kept_and_linked_to_nobody(
        wanted in wanted(),
        sources in sources(),
        bytes in proptest::collection::vec(any::<u8>(), 0..400),
    ) {
        Run::new(new_stock(wanted, &sources), Dice::new(bytes)).settle();
    }
}

#[test]
fn the_random_paths_lead_through_every_phase() {
    let mut reached = BTreeSet::new();
    let mut state: u32 = 1;
    for path in 0..500 {
        let mut byte = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_be_bytes()[0]
        };
        let bytes = (0..300).map(|_place| byte()).collect();
        // Half of them buy, which leads further than most.
        let sources: &[Source] =
            if path % 2 == 0 { &Source::DEFAULT_ORDER } else { &[Source::Telnyx] };
        let mut run = Run::new(new_work(any_local(), sources), Dice::new(bytes));
        run.settle();
        run.release();
        run.remove();
        reached.append(&mut run.reached);
    }
    let mut stock = Run::new(new_stock(any_local(), &[Source::Telnyx]), Dice::new(Vec::new()));
    stock.settle();
    reached.append(&mut stock.reached);
    // A picked number alone can fail: everything else waits for a person.
    let missed: Vec<_> = ALL.iter().filter(|phase| !reached.contains(phase)).collect();
    // A provisioning gives nothing back.
    assert_eq!(missed, [&PhaseName::GivingBack, &PhaseName::Failed]);
}

/// Every phase.
const ALL: [PhaseName; 24] = [
    PhaseName::Queued,
    PhaseName::CreatingAssistant,
    PhaseName::Claiming,
    PhaseName::CheckingAllowance,
    PhaseName::CreatingFree,
    PhaseName::AwaitingDigits,
    PhaseName::Scouting,
    PhaseName::Ordering,
    PhaseName::AwaitingOrder,
    PhaseName::Bought,
    PhaseName::Importing,
    PhaseName::Proving,
    PhaseName::Releasing,
    PhaseName::Unlinking,
    PhaseName::GivingBack,
    PhaseName::Ready,
    PhaseName::ReadyDegraded,
    PhaseName::NeedsPerson,
    PhaseName::Failed,
    PhaseName::Cancelled,
    PhaseName::Released,
    PhaseName::Removing,
    PhaseName::Removed,
    PhaseName::Stocked,
];

/// The calls that may always end in the same way.
const CALLS: [&str; 21] = [
    "create_assistant",
    "find_assistant",
    "search_pool",
    "read_row",
    "read_allowance",
    "create_free",
    "find_free",
    "read_number",
    "scout",
    "place_order",
    "find_order",
    "check_order",
    "import",
    "find_import",
    "read_line",
    "link",
    "unlink",
    "read_calls",
    "route",
    "update_assistant",
    "delete_assistant",
];

#[test]
fn a_call_that_always_ends_badly_does_not_keep_a_work_for_ever() {
    for call in CALLS {
        for end in [End::Refused, End::Key, End::Later, End::Lost, End::Nothing] {
            for source in Source::DEFAULT_ORDER {
                let work = new_work(any_local(), &[source]);
                let mut run = Run::new(work, Dice::new(Vec::new()));
                run.world.always = Some((call, end));
                run.settle();
                (run.effect, run.took_over) = (None, false);
                run.settle_from(Input::Asked(Ask::Update));
                run.release();
                run.remove();
            }
        }
    }
}

#[test]
fn a_provider_that_always_says_later_is_passed_over_after_so_many_tries() {
    for (call, source) in [("create_free", Source::VapiFree), ("place_order", Source::Telnyx)] {
        let mut run = Run::new(new_work(any_local(), &[source]), Dice::new(Vec::new()));
        run.world.always = Some((call, End::Later));
        run.settle();
        assert_eq!(run.work.passed, [(source, crate::source::Passed::Unavailable)]);
        let tried = run.told.iter().filter(|line| **line == format!("{call} later")).count();
        assert_eq!(tried, usize::from(run.limits.tries) + 1);
    }
}
