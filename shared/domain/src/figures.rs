//! How many numbers there are, by what people ask for.

use crate::number::{Carrier, Number, State};
use crate::request::{Country, NumberType};
use serde::{Deserialize, Serialize};

/// What the state of a number amounts to for whoever counts numbers. One that was given back to
/// its carrier is not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Nobody's; may be handed out.
    Available,
    /// Answers for a business, or is being acquired or claimed for one.
    Assigned,
    /// Neither: it rests, or somebody must look.
    Suspended,
}

impl Status {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Available, Self::Assigned, Self::Suspended];

    /// The status of a number in that state; `None` for one that is no longer ours.
    #[must_use]
    pub const fn of(state: &State) -> Option<Self> {
        match state {
            State::Available { .. } => Some(Self::Available),
            State::Acquiring | State::Reserved | State::Assigned { .. } => Some(Self::Assigned),
            State::Quarantined { .. }
            | State::Releasing
            | State::Suspended
            | State::Retired
            | State::Unverified
            | State::Corrupted => Some(Self::Suspended),
            State::Released => None,
        }
    }

    /// The names of the states that amount to it, as the table lists them.
    #[must_use]
    pub const fn states(self) -> &'static [&'static str] {
        match self {
            Self::Available => &["available"],
            Self::Assigned => &["acquiring", "reserved", "assigned"],
            Self::Suspended => {
                &["quarantined", "releasing", "suspended", "retired", "unverified", "corrupted"]
            }
        }
    }

    /// The name in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Assigned => "assigned",
            Self::Suspended => "suspended",
        }
    }

    /// The status of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }
}

/// How many numbers have each status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Counts {
    /// Nobody's.
    pub available: u64,
    /// Some business's.
    pub assigned: u64,
    /// Neither.
    pub suspended: u64,
}

impl Counts {
    /// All of them together.
    #[must_use]
    pub const fn total(self) -> u64 {
        self.available.saturating_add(self.assigned).saturating_add(self.suspended)
    }

    const fn add(&mut self, status: Status) {
        let count = match status {
            Status::Available => &mut self.available,
            Status::Assigned => &mut self.assigned,
            Status::Suspended => &mut self.suspended,
        };
        *count = count.saturating_add(1);
    }

    const fn with(self, other: Self) -> Self {
        Self {
            available: self.available.saturating_add(other.available),
            assigned: self.assigned.saturating_add(other.assigned),
            suspended: self.suspended.saturating_add(other.suspended),
        }
    }
}

/// The numbers of one class: country, kind of line, carrier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Class {
    /// The country.
    pub country: Country,
    /// The kind of line.
    pub number_type: NumberType,
    /// Who carries them, by the name in the API.
    pub provider: String,
    /// How many there are.
    #[serde(flatten)]
    pub counts: Counts,
}

/// All numbers that were counted, class by class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(transparent)]
pub struct Tally(Vec<Class>);

impl Tally {
    /// Counts a number.
    pub fn add(&mut self, number: &Number) {
        let Some(status) = Status::of(&number.state) else { return };
        let provider = provider(&number.carrier);
        let same = |class: &&mut Class| {
            class.country == number.country
                && class.number_type == number.number_type
                && class.provider == provider
        };
        if let Some(class) = self.0.iter_mut().find(same) {
            class.counts.add(status);
            return;
        }
        let (country, number_type) = (number.country, number.number_type);
        let mut counts = Counts::default();
        counts.add(status);
        self.0.push(Class { country, number_type, provider: provider.to_owned(), counts });
    }

    /// How many there are over all classes.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.0.iter().fold(Counts::default(), |sum, class| sum.with(class.counts))
    }

    /// The classes.
    #[must_use]
    pub fn classes(&self) -> &[Class] {
        &self.0
    }
}

/// The name of a carrier in the API.
#[must_use]
pub const fn provider(carrier: &Carrier) -> &'static str {
    match carrier {
        Carrier::Vapi { .. } => "vapi",
        Carrier::Telnyx { .. } => "telnyx",
        Carrier::Unknown => "unknown",
    }
}

#[cfg(test)]
mod tests;
