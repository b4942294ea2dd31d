//! What goes wrong in a schedule, and how often: drawn once, from its seed.
//!
//! Each schedule has its own selection of kinds (swarm testing): where everything fails a little,
//! nothing ever gets far enough to fail in a new place.

use crate::dice::Dice;
use crate::kinds::{KINDS, Kind};

/// How often each kind strikes where it can, in 1,024ths.
#[derive(Debug, Clone)]
pub struct Weather {
    rates: [u16; KINDS],
}

/// A kind takes part in so many of 1,024 schedules.
const PART_TAKEN: u16 = 400;
/// What is found only by comparing with the providers takes part in fewer: sweeps follow it.
const DRIFT_PART_TAKEN: u16 = 96;

impl Weather {
    /// Nothing goes wrong.
    pub const fn calm() -> Self {
        Self { rates: [0; KINDS] }
    }

    /// The weather of a schedule.
    pub fn drawn(dice: &mut Dice) -> Self {
        let mut weather = Self::calm();
        // Some schedules are quiet: what only goes wrong by itself must show there.
        let strength = dice.pick(&[0, 1, 2, 2, 3, 4]);
        for kind in Kind::ALL {
            let drifts = matches!(kind, Kind::Drift);
            if dice.chance(if drifts { DRIFT_PART_TAKEN } else { PART_TAKEN }) {
                weather.rates[*kind as usize] = base(*kind) * strength / 2;
            }
        }
        weather
    }

    /// How often this kind strikes.
    pub const fn rate(&self, kind: Kind) -> u16 {
        self.rates[kind as usize]
    }
}

/// How often a kind strikes at middling strength, at each occasion it has.
const fn base(kind: Kind) -> u16 {
    match kind {
        // Occasions: messages sent.
        Kind::MessageTwice | Kind::MessageLate | Kind::MessageLost => 80,
        Kind::MessageNotTaken => 60,
        Kind::MessageReordered => 160,
        // Messages handed out.
        Kind::Visibility => 100,
        // Stretches of a task between two awaits.
        Kind::Crash => 6,
        // Requests to the table.
        Kind::WriteAnswerLost | Kind::WriteRepeated => 40,
        Kind::TableLost | Kind::Conflict | Kind::Throttled => 30,
        // Requests to a provider.
        Kind::NotSent
        | Kind::ResetBefore
        | Kind::TooMany
        | Kind::TooManyUntil
        | Kind::ErrorBefore
        | Kind::Garbled => 40,
        Kind::TimeoutBefore | Kind::TimeoutAfter | Kind::LateEffect => 40,
        Kind::ResetAmid | Kind::ErrorAfter => 60,
        Kind::Refused => 60,
        // Webhooks.
        Kind::WebhookLate | Kind::WebhookTwice | Kind::WebhookNever => 250,
        Kind::WebhookForged => 500,
        // Secrets read.
        Kind::SecretUnreadable => 60,
        // Moments in which nothing is under way.
        Kind::ByHand | Kind::Drift => 80,
        // Processes started.
        Kind::ClockSkew => 700,
        // Whole schedules.
        Kind::StaleIndex
        | Kind::TornRead
        | Kind::ListLag
        | Kind::WebhookEarly
        | Kind::SecretRotated
        | Kind::ClockStep
        | Kind::Deploy => 512,
        // They follow from others.
        Kind::Timeout
        | Kind::ConditionFailed
        | Kind::EffectAfterCrash
        | Kind::Hidden
        | Kind::OtherAccount => 0,
    }
}
