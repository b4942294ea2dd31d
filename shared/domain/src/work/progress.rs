//! How far a work is, for people who wait for it.

use crate::time::Timestamp;
use crate::work::{Kind, Phase, Unlinking, Why, Work};

/// How far a work is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// The state as the API names it.
    pub state: &'static str,
    /// The step as the API names it.
    pub step: &'static str,
    /// How far, 0 to 100.
    pub percent: u8,
    /// What a business user reads.
    pub message: String,
}

impl Progress {
    /// The same with a cancel asked: what is under way is being called off.
    #[must_use]
    pub fn called_off(self) -> Self {
        let under_way = matches!(self.state, "queued" | "running" | "waiting");
        if under_way { Self { state: "cancelling", ..self } } else { self }
    }

    /// The same with a release asked: what answers is being given up.
    #[must_use]
    pub fn given_up(self) -> Self {
        let ready = matches!(self.state, "ready" | "ready_degraded");
        if ready {
            let message = "the number is being released".to_owned();
            Self { state: "releasing", message, ..self }
        } else {
            self
        }
    }
}

/// How far the work is.
#[must_use]
pub fn progress(work: &Work, now: Timestamp) -> Progress {
    let (state, percent, message) = match &work.phase {
        Phase::Queued => ("queued", 5, "your request is in the queue".to_owned()),
        Phase::CreatingAssistant { .. } => {
            ("running", 15, "your assistant is being set up".to_owned())
        }
        Phase::Claiming | Phase::CheckingAllowance | Phase::Scouting => {
            ("running", 30, "a number is being looked for".to_owned())
        }
        Phase::CreatingFree(_) => ("running", 40, "a number is being set up".to_owned()),
        Phase::Ordering(_) => ("running", 45, "a number is being ordered".to_owned()),
        Phase::AwaitingDigits(awaiting) => {
            let minutes = now.since(awaiting.since).as_secs() / 60;
            let text = if awaiting.late {
                "the number takes longer than usual to become active; we are looking into it"
            } else {
                "the number is becoming active; this takes 2 to 10 minutes"
            };
            (
                "waiting",
                50_u8.saturating_add(u8::try_from(minutes.min(10) * 3).unwrap_or(30)),
                text.to_owned(),
            )
        }
        Phase::AwaitingOrder(_) => {
            ("waiting", 60, "the phone company is preparing the number".to_owned())
        }
        Phase::Taking { .. } | Phase::Finding(_) => {
            ("running", 60, "a number is being looked up".to_owned())
        }
        Phase::Bought(_) | Phase::Importing(_) | Phase::Adopting(_) => {
            ("running", 75, connecting(work).to_owned())
        }
        Phase::Proving(_) => ("running", 90, checking(work).to_owned()),
        Phase::Releasing(_) | Phase::Unlinking(Unlinking { why: Why::Released, .. }) => {
            ("releasing", 50, "the number is being released".to_owned())
        }
        Phase::Unlinking(Unlinking { why: Why::GivenBack, .. }) | Phase::GivingBack(_) => {
            ("releasing", 50, "the number is being given back to its carrier".to_owned())
        }
        Phase::Unlinking(Unlinking { why: Why::Unused, .. }) => {
            ("releasing", 50, "the number is being disconnected".to_owned())
        }
        Phase::Unlinking(Unlinking { why: Why::CalledOff, .. }) => {
            ("cancelling", 90, "the number is being given back".to_owned())
        }
        Phase::Ready { .. } => ("ready", 100, "your assistant answers on its number".to_owned()),
        Phase::ReadyDegraded(degraded) => {
            ("ready_degraded", 100, degraded.problem.plain().to_owned())
        }
        Phase::NeedsPerson(stuck) => ("needs_person", 50, stuck.problem.plain().to_owned()),
        Phase::Failed { problem } => ("failed", 100, problem.plain().to_owned()),
        Phase::Cancelled => ("cancelled", 100, "this was called off".to_owned()),
        Phase::Stocked { .. } => ("stocked", 100, "the number is in the pool".to_owned()),
        Phase::Released => ("released", 100, "the number is released".to_owned()),
        Phase::Removing => ("deleting", 90, "the assistant is being deleted".to_owned()),
        Phase::Removed => ("deleted", 100, "the assistant is deleted".to_owned()),
    };
    let progress = Progress { state, step: work.phase.name().as_str(), percent, message };
    if work.cancel_asked { progress.called_off() } else { progress }
}

/// What is read while a number is being put into VAPI; one for the pool has no assistant.
const fn connecting(work: &Work) -> &'static str {
    match work.kind {
        Kind::Answer(_) | Kind::Release => "the number is being connected to your assistant",
        Kind::Stock => "the number is being set up at VAPI",
    }
}

/// What is read while a number is read back.
const fn checking(work: &Work) -> &'static str {
    match work.kind {
        Kind::Answer(_) | Kind::Release => "we are checking that calls reach your assistant",
        Kind::Stock => "we are checking that calls reach VAPI",
    }
}
