//! Who and what there is in a model, by small numbers, and the real ids they stand for.

use domain::ids::{
    AssistantId, Attempt, BusinessId, ConnectionId, CredentialId, DeploymentId, Fresh, NumberId,
    Stamp, TelnyxNumberId, TelnyxOrderId, VapiAssistantId, VapiNumberId, WorkId,
};
use domain::number::Guard;
use domain::phone::E164;
use domain::work::Work;
use std::sync::LazyLock;
use store::keys;
use store::table::Key;

/// The ids drawn for numbers lie so far apart that the choice among up to three things, and the
/// jitter of a wait, do not depend on whose they are.
const FRESH_STEP: u128 = 3_000_000_000;
/// Numbers one work may have rows of, beside each other.
const NUMBERS_OF_ONE: u128 = 100;
/// Works there may be, those that begin meanwhile among them.
const JOBS_MAX: u8 = 32;

/// A business with its one assistant, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Customer(pub(crate) u8);

impl Customer {
    pub(crate) fn of(work: &Work) -> Self {
        Self::served_by(work).expect("a work for somebody")
    }

    /// `None`: the work is for nobody.
    pub(crate) fn served_by(work: &Work) -> Option<Self> {
        work.business().map(Self::of_business)
    }

    pub(crate) fn business(self) -> BusinessId {
        format!("business-{}", self.0).parse().unwrap()
    }

    pub(crate) fn of_business(id: &BusinessId) -> Self {
        Self(last_digit(id.as_str()))
    }

    pub(crate) fn assistant(self) -> AssistantId {
        AssistantId::new(Fresh(u128::from(self.0) + 101))
    }

    /// What its assistant is called at VAPI, once it is there.
    pub(crate) fn at_vapi(self) -> VapiAssistantId {
        format!("assistant-{}", self.0).parse().unwrap()
    }

    pub(crate) fn of_vapi(id: &VapiAssistantId) -> Self {
        Self(last_digit(id.as_str()))
    }
}

/// A provisioning, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Job(pub(crate) u8);

impl Job {
    pub(crate) fn place(self) -> usize {
        self.0.into()
    }

    pub(crate) fn id(self) -> WorkId {
        WorkId::new(Fresh(u128::from(self.0) + 1))
    }

    /// The key of its row.
    pub(crate) fn row(self) -> &'static Key {
        static ALL: LazyLock<Vec<Key>> =
            LazyLock::new(|| (0..JOBS_MAX).map(|job| keys::work(Job(job).id())).collect());
        &ALL[self.place()]
    }

    /// Whose first provisioning it is. Only these create anything.
    pub(crate) fn customer(self) -> Customer {
        Customer(self.0)
    }

    /// What a decision draws when it makes a number's row: `nth` tells the work's rows apart,
    /// `choice` is the place of what is chosen among several.
    pub(crate) fn fresh(self, nth: u128, choice: u8) -> Fresh {
        let number = (u128::from(self.0) + 1) * NUMBERS_OF_ONE + nth;
        Fresh(number * FRESH_STEP + u128::from(choice))
    }

    /// The work that drew a number's id, and which of its numbers it is.
    pub(crate) fn of_number(id: NumberId) -> Option<(Self, u128)> {
        let number = id.ulid().random() / FRESH_STEP;
        let job = u8::try_from(number / NUMBERS_OF_ONE).ok()?.checked_sub(1)?;
        Some((Self(job), number % NUMBERS_OF_ONE))
    }

    pub(crate) fn of_work(id: WorkId) -> Option<Self> {
        u8::try_from(id.ulid().random()).ok()?.checked_sub(1).map(Self)
    }
}

/// What a create is stamped with: whose it is, and of which attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Tag {
    pub(crate) job: Job,
    pub(crate) attempt: u16,
}

impl Tag {
    pub(crate) fn of(stamp: &Stamp) -> Self {
        let (_deployment, work, attempt) = Stamp::parse(stamp.as_str()).unwrap();
        Self { job: Job::of_work(work).unwrap(), attempt: attempt.get() }
    }

    pub(crate) fn stamp(self) -> Stamp {
        let mut attempt = Attempt::FIRST;
        while attempt.get() < self.attempt {
            attempt = attempt.next().unwrap();
        }
        Stamp::new(&deployment(), self.job.id(), attempt)
    }
}

/// The deployment all models are of.
pub(crate) fn deployment() -> DeploymentId {
    DeploymentId::try_from("M0DE1000".to_owned()).unwrap()
}

/// A telephone number that Telnyx has for sale, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Line(pub(crate) u8);

impl Line {
    pub(crate) fn place(self) -> usize {
        self.0.into()
    }

    pub(crate) fn digits(self) -> E164 {
        format!("+1415555010{}", self.0).parse().unwrap()
    }

    pub(crate) fn of(digits: &E164) -> Self {
        Self(last_digit(digits.reveal()))
    }

    pub(crate) fn guard(self) -> Key {
        keys::guard(&Guard::Digits(self.digits()))
    }

    pub(crate) fn telnyx(self) -> TelnyxNumberId {
        format!("129300000000000000{}", self.0).parse().unwrap()
    }

    pub(crate) fn of_telnyx(id: &TelnyxNumberId) -> Self {
        Self(last_digit(id.as_str()))
    }

    pub(crate) fn order(self) -> TelnyxOrderId {
        format!("order-{}", self.0).parse().unwrap()
    }
}

/// A number record at VAPI.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Record {
    /// A free number of VAPI, in the order of their creation.
    Free(u8),
    /// A number imported from Telnyx.
    Imported(Line),
}

impl Record {
    pub(crate) fn id(self) -> VapiNumberId {
        match self {
            Self::Free(nth) => format!("free-{nth}"),
            Self::Imported(line) => format!("line-{}", line.0),
        }
        .parse()
        .unwrap()
    }

    pub(crate) fn of(id: &VapiNumberId) -> Self {
        let nth = last_digit(id.as_str());
        if id.as_str().starts_with("free") { Self::Free(nth) } else { Self::Imported(Line(nth)) }
    }

    /// The digits it has or will have.
    pub(crate) fn digits(self) -> E164 {
        match self {
            Self::Free(nth) => format!("+1628555010{nth}").parse().unwrap(),
            Self::Imported(line) => line.digits(),
        }
    }
}

/// VAPI's credential for the Telnyx account.
pub(crate) fn credential() -> CredentialId {
    "credential-1".parse().unwrap()
}

/// The application calls must be routed to.
pub(crate) fn application() -> ConnectionId {
    "app-1".parse().unwrap()
}

fn last_digit(text: &str) -> u8 {
    text.bytes().last().filter(u8::is_ascii_digit).unwrap() - b'0'
}
