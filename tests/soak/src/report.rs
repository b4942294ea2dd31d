//! What the soak came to, for people and as JSON.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::figures::Figures;

/// What the soak came to.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) seed: u64,
    pub(crate) figures: Figures,
    pub(crate) works: BTreeMap<&'static str, u64>,
    pub(crate) businesses: u64,
    pub(crate) orders: usize,
    pub(crate) bought: usize,
    pub(crate) free: usize,
    pub(crate) spent_cents: i64,
    pub(crate) dead_letters: u64,
    pub(crate) complaints: BTreeMap<String, u64>,
    pub(crate) killing_seconds: u64,
    pub(crate) settling_seconds: u64,
    pub(crate) seconds: u64,
    pub(crate) findings: Vec<String>,
}

impl Report {
    pub(crate) fn is_good(&self) -> bool {
        self.findings.is_empty()
    }

    /// One object for programs.
    pub(crate) fn json(&self) -> Value {
        json!({
            "command": "soak",
            "ok": self.is_good(),
            "seed": self.seed,
            "killed": self.figures.killed(),
            "killed_amid": self.figures.killed_amid(),
            "businesses": self.businesses,
            "works": self.works,
            "orders": self.orders,
            "numbers_bought": self.bought,
            "numbers_free": self.free,
            "spent_cents": self.spent_cents,
            "dead_letters": self.dead_letters,
            "complaints": self.complaints,
            "killing_seconds": self.killing_seconds,
            "settling_seconds": self.settling_seconds,
            "seconds": self.seconds,
            "figures": self.figures,
            "violations": self.findings,
        })
    }

    /// The same for people; the last line says it all.
    pub(crate) fn text(&self) -> String {
        let logged = self.complaints.iter();
        let logged = logged.map(|(text, count)| format!("  logged     {count} times: {text}"));
        let wrong = self.findings.iter().map(|finding| format!("  VIOLATION: {finding}"));
        let lines = self.functions().chain(self.traffic()).chain(logged).chain(wrong);
        lines.chain([self.summary()]).collect::<Vec<_>>().join("\n")
    }

    /// A line for each function.
    fn functions(&self) -> impl Iterator<Item = String> {
        self.figures.kills.iter().map(|(name, kills)| {
            let ends = self.figures.invocations.get(name).copied().unwrap_or_default();
            format!(
                "  {:<10} {:>4} kills ({} amid an invocation); {} invocations: {} answered, \
                 {} died, {} timed out, {} failed",
                name.as_str(),
                kills.amid + kills.idle,
                kills.amid,
                ends.begun,
                ends.answered,
                ends.died,
                ends.timed_out,
                ends.failed,
            )
        })
    }

    /// Lines on what went through.
    fn traffic(&self) -> [String; 4] {
        let figures = &self.figures;
        let answers: Vec<String> =
            figures.answers.iter().map(|(status, count)| format!("{count} × {status}")).collect();
        [
            format!(
                "  messages   {} handed out: {} again, {} twice at once, {} returned, \
                 {} dead letters",
                figures.messages,
                figures.messages_again,
                figures.messages_twice,
                figures.messages_returned,
                self.dead_letters,
            ),
            format!(
                "  people     {} businesses: {} of {} requests accepted, {} cancels, {} retries, \
                 {} calls",
                self.businesses,
                figures.posts_accepted,
                figures.posts,
                figures.cancels,
                figures.retries,
                figures.calls,
            ),
            format!("  answers    {}", answers.join(", ")),
            format!(
                "  providers  {} faults, {} webhooks, {} orders, {} numbers bought, {} free, \
                 {} cents spent",
                figures.faults,
                figures.webhooks,
                self.orders,
                self.bought,
                self.free,
                self.spent_cents,
            ),
        ]
    }

    fn summary(&self) -> String {
        let figures = &self.figures;
        let works: Vec<String> =
            self.works.iter().map(|(phase, count)| format!("{count} {phase}")).collect();
        let verdict = if self.is_good() {
            "nothing lost, nothing bought twice".to_owned()
        } else {
            format!("{} violations", self.findings.len())
        };
        format!(
            "soak: {verdict}: {} kills ({} amid an invocation), {} works ({}), {} purchases, \
             {} invocations, {} messages again, {} s (seed {})",
            figures.killed(),
            figures.killed_amid(),
            self.works.values().sum::<u64>(),
            works.join(", "),
            self.bought,
            figures.invoked(),
            figures.messages_again + figures.messages_twice,
            self.seconds,
            self.seed,
        )
    }
}
