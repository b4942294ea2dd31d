//! Numbers: the telephone lines we own or are acquiring.
//!
//! Two fields are never mixed: [`State`] is ours, `provider_status` is what the carrier last said.

use crate::ids::{
    AssistantId, BusinessId, ConnectionId, NumberId, OrganizationId, Stamp, TelnyxNumberId,
    TelnyxOrderId, TwilioAccountSid, TwilioNumberSid, VapiNumberId, WorkId,
};
use crate::money::Cents;
use crate::phone::{AreaCode, E164};
use crate::request::{Country, Match, NumberType, Wanted};
use crate::source::Source;
use crate::telnyx::OwnedStatus;
use crate::time::Timestamp;
use crate::twilio::{self, FormerSettings, Home, Owner};
use crate::vapi::NumberProvider;
use planted::planted;
use serde::{Deserialize, Serialize};

/// One place in VAPI's free allowance, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Slot(u16);

impl Slot {
    /// The slot of that number.
    #[must_use]
    pub const fn new(number: u16) -> Self {
        Self(number)
    }

    /// Its number.
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0
    }
}

/// Who carries a number, with what the carrier knows it by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "carrier")]
pub enum Carrier {
    /// VAPI itself: a free number holding a slot of the allowance.
    Vapi {
        /// The slot.
        slot: Slot,
    },
    /// Telnyx.
    Telnyx {
        /// The order that bought it, once Telnyx told its id.
        order: Option<TelnyxOrderId>,
        /// Telnyx's number id, once the order has settled.
        id: Option<TelnyxNumberId>,
        /// The Voice API application it should be routed to, where known.
        connection: Option<ConnectionId>,
        /// What the carrier last told us.
        provider_status: Option<OwnedStatus>,
        /// Where it was routed when it came to us, for one we did not buy.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        former: Option<ConnectionId>,
    },
    /// Twilio.
    Twilio {
        /// The account it is in.
        home: Home,
        /// Twilio's id of it, once it is known.
        id: Option<TwilioNumberSid>,
        /// What the carrier last told us.
        provider_status: Option<twilio::OwnedStatus>,
        /// How it was set before it was imported, to be put back when it is detached; `None` for
        /// one that was bought.
        former: Option<Box<FormerSettings>>,
    },
    /// Nobody has looked yet, or whoever was asked does not have it.
    Unknown,
}

impl Carrier {
    /// What VAPI calls it.
    #[must_use]
    pub const fn provider(&self) -> NumberProvider {
        match self {
            Self::Vapi { .. } => NumberProvider::Vapi,
            Self::Telnyx { .. } => NumberProvider::Telnyx,
            Self::Twilio { .. } => NumberProvider::Twilio,
            Self::Unknown => NumberProvider::Other,
        }
    }

    /// The one organization it can serve, where it is not everybody's.
    #[must_use]
    pub fn serves_only(&self) -> Option<&OrganizationId> {
        match self {
            Self::Twilio { .. } if planted!(OwnAccountServesAll) => None,
            Self::Twilio { home: Home { owner: Owner::Organization(id), .. }, .. } => Some(id),
            Self::Twilio { home: Home { owner: Owner::Platform, .. }, .. }
            | Self::Vapi { .. }
            | Self::Telnyx { .. }
            | Self::Unknown => None,
        }
    }
}

/// How a number came to us: only what we bought is ever deleted at a carrier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// An intent of ours paid for it (or took it from the allowance).
    Bought,
    /// Somebody else bought it, and we only put it to use: it is never deleted at its carrier.
    Imported,
}

/// Whether a number that rests was read back as answering before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// It was, and nothing is known against it.
    #[default]
    Proven,
    /// It was not, or was found otherwise since: it is read back before it goes into the pool.
    Unproven,
}

impl Proof {
    /// Whether it was.
    #[must_use]
    pub const fn is_proven(&self) -> bool {
        matches!(self, Self::Proven)
    }
}

/// Whose a number is and what may happen to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum State {
    /// A work is getting it.
    Acquiring,
    /// Nobody's; may be handed out.
    Available {
        /// Since when.
        since: Timestamp,
    },
    /// Picked by a work, not yet answering.
    Reserved,
    /// Answers for a business.
    Assigned {
        /// Whose it is.
        business: BusinessId,
        /// Who answers.
        assistant: AssistantId,
        /// Since when.
        since: Timestamp,
    },
    /// Rests, so that no caller of the former business reaches another.
    Quarantined {
        /// Until when.
        until: Timestamp,
        /// Who had it; it alone may have it back before.
        former: Option<BusinessId>,
        /// Which of its assistants answered, or was to; a former version did not say it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        assistant: Option<AssistantId>,
        /// Whether it was read back as answering. Rows of a former version do not say it, count as
        /// if it was, and are written as they were: a claim compares the whole row.
        #[serde(default, skip_serializing_if = "Proof::is_proven")]
        proof: Proof,
    },
    /// Being given back to the carrier.
    Releasing,
    /// No longer ours.
    Released,
    /// Unlinked by an operator; the owner is kept.
    Suspended,
    /// Kept at the carrier, never handed out.
    Retired,
    /// Named by a person, and not looked up yet or found nowhere.
    Unverified,
    /// A person must look.
    Corrupted,
}

impl State {
    /// Since when it is nobody's, or from when on; `None` for what is not.
    #[must_use]
    pub const fn free_since(&self) -> Option<Timestamp> {
        match self {
            Self::Available { since } => Some(*since),
            Self::Quarantined { until, .. } => Some(*until),
            Self::Acquiring
            | Self::Reserved
            | Self::Assigned { .. }
            | Self::Releasing
            | Self::Released
            | Self::Suspended
            | Self::Retired
            | Self::Unverified
            | Self::Corrupted => None,
        }
    }

    /// The name in the table and in figures.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Acquiring => "acquiring",
            Self::Available { .. } => "available",
            Self::Reserved => "reserved",
            Self::Assigned { .. } => "assigned",
            Self::Quarantined { .. } => "quarantined",
            Self::Releasing => "releasing",
            Self::Released => "released",
            Self::Suspended => "suspended",
            Self::Retired => "retired",
            Self::Unverified => "unverified",
            Self::Corrupted => "corrupted",
        }
    }
}

/// Something that identifies a number and may belong to one row only, over all organizations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Guard {
    /// Its digits.
    Digits(E164),
    /// VAPI's id of it.
    Vapi(VapiNumberId),
    /// Telnyx's id of it.
    Telnyx(TelnyxNumberId),
    /// Twilio's id of it, and the account it is in.
    Twilio(TwilioAccountSid, TwilioNumberSid),
}

/// One telephone line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Number {
    /// Our id.
    pub id: NumberId,
    /// The organization whose it is, or was last; at first the one whose money paid for it.
    pub organization: OrganizationId,
    /// Where it came from.
    pub source: Source,
    /// Who carries it.
    pub carrier: Carrier,
    /// How it came to us.
    pub origin: Origin,
    /// The kind of line.
    pub number_type: NumberType,
    /// The country it is a number of. Rows of a former version are all of the United States, and
    /// are written as they were: a claim compares the whole row.
    #[serde(default, skip_serializing_if = "Country::is_us")]
    pub country: Country,
    /// The stamp it was asked for with.
    pub stamp: Stamp,
    /// Its digits, once known.
    pub digits: Option<E164>,
    /// Its SIP address, once known.
    pub sip_uri: Option<String>,
    /// VAPI's id, once it is there.
    pub vapi: Option<VapiNumberId>,
    /// What it costs a month.
    pub monthly: Cents,
    /// Whose it is.
    pub state: State,
    /// The one work allowed to write to providers about it; `None` when nobody is.
    pub work: Option<WorkId>,
    /// When it was last linked to an assistant, if ever.
    pub linked_at: Option<Timestamp>,
    /// When its row was made.
    pub created_at: Timestamp,
}

impl Number {
    /// A number that was bought past us, as a person writes it down: nobody has looked for it yet.
    #[must_use]
    pub fn written_down(
        id: NumberId,
        organization: OrganizationId,
        (digits, country): (E164, Country),
        stamp: Stamp,
        now: Timestamp,
    ) -> Self {
        let number_type =
            if digits.is_toll_free() { NumberType::TollFree } else { NumberType::Local };
        Self {
            id,
            organization,
            source: Source::Manual,
            carrier: Carrier::Unknown,
            origin: Origin::Imported,
            number_type,
            country,
            stamp,
            digits: Some(digits),
            sip_uri: None,
            vapi: None,
            monthly: Cents::ZERO,
            state: State::Unverified,
            work: None,
            linked_at: None,
            created_at: now,
        }
    }

    /// Everything that identifies it so far.
    #[must_use]
    pub fn guards(&self) -> Vec<Guard> {
        let at_carrier = match &self.carrier {
            Carrier::Vapi { .. } | Carrier::Unknown => None,
            Carrier::Telnyx { id, .. } => id.clone().map(Guard::Telnyx),
            Carrier::Twilio { home, id, .. } => {
                id.clone().map(|id| Guard::Twilio(home.account.clone(), id))
            }
        };
        let digits = self.digits.clone().map(Guard::Digits);
        let vapi = self.vapi.clone().map(Guard::Vapi);
        digits.into_iter().chain(vapi).chain(at_carrier).collect()
    }

    /// Since when it may be handed out, if it rests and its rest is over. One that VAPI does not
    /// have yet, or that was not read back as answering, must be prepared first.
    #[must_use]
    pub fn rested_since(&self, now: Timestamp) -> Option<Timestamp> {
        let State::Quarantined { until, proof, .. } = self.state else { return None };
        let over = until <= now || planted!(FreedEarly);
        let proven = proof.is_proven() || planted!(UnprovenFreed);
        (over && proven && self.vapi.is_some()).then_some(until)
    }

    /// Whether its rest is over, and all it lacks is to be read back as answering.
    #[must_use]
    pub fn awaits_proof(&self, now: Timestamp) -> bool {
        let State::Quarantined { until, proof: Proof::Unproven, .. } = self.state else {
            return false;
        };
        until <= now && self.vapi.is_some()
    }

    /// Its class in the pool.
    #[must_use]
    pub fn pool_class(&self) -> PoolClass {
        PoolClass {
            country: self.country,
            number_type: self.number_type,
            only: self.carrier.serves_only().cloned(),
        }
    }

    /// The North American area code, if it has one.
    #[must_use]
    pub fn area_code(&self) -> Option<AreaCode> {
        self.digits.as_ref().and_then(E164::area_code)
    }

    /// Whether it is a number of the area, if one is named.
    #[must_use]
    pub fn is_in(&self, area_code: Option<&AreaCode>) -> bool {
        area_code.is_none() || self.area_code().as_ref() == area_code
    }

    /// Whether it is such a number; an area code counts only where it is binding.
    #[must_use]
    pub fn fits(&self, wanted: &Wanted) -> bool {
        let class = self.country == wanted.country && self.number_type == wanted.number_type;
        class && (wanted.matching == Match::Any || self.is_in(wanted.area_code.as_ref()))
    }
}

/// What numbers nobody uses are kept apart by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolClass {
    /// The country.
    pub country: Country,
    /// The kind of line.
    pub number_type: NumberType,
    /// The one organization they serve, if they are not everybody's.
    pub only: Option<OrganizationId>,
}

/// A number that exists at VAPI: what every step after the acquisition works on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The number as our table has it.
    pub number: Number,
    /// VAPI's id of it.
    pub vapi: VapiNumberId,
    /// Until when a link that was sent again may still take effect, whatever its answer was or
    /// whether one came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link_lands_by: Option<Timestamp>,
}

impl Line {
    /// A number that VAPI has under this id, and whose links have all been answered.
    pub(crate) const fn new(vapi: VapiNumberId, number: Number) -> Self {
        Self { number, vapi, link_lands_by: None }
    }
}
