//! Adopting: a row for what a work of ours made and nobody has.

use crate::ids::{NumberId, Stamp, WorkId};
use crate::money::Cents;
use crate::number::{Carrier, Line, Number, Origin, Proof, Slot, State};
use crate::phone::E164;
use crate::request::NumberType;
use crate::source::Source;
use crate::telnyx::OwnedNumber;
use crate::time::Timestamp;
use crate::twilio::{self, Home, Owner};
use crate::vapi::{Digits, VapiNumber};
use crate::work::{Note, Phase, Unlinking, Why, Work, release};
use std::time::Duration;

/// A stray, as its provider shows it by id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stray {
    /// A free number of VAPI, with the slot it is to have.
    Free(Box<VapiNumber>, Slot),
    /// A number of Telnyx, with VAPI's record of it if there is one.
    Bought(Box<OwnedNumber>, Option<Box<VapiNumber>>),
    /// A number of this account at Twilio, with VAPI's record of it if there is one.
    BoughtAtTwilio(Box<twilio::OwnedNumber>, Home, Option<Box<VapiNumber>>),
}

/// A number that is taken in, and the work that takes off whoever is linked to it.
#[derive(Debug, Clone)]
pub struct Adoption {
    /// Its row.
    pub number: Number,
    /// The work; `None` where VAPI does not have it, so that nobody can be linked to it.
    pub work: Option<Work>,
}

/// Takes a stray in: at rest, for it may have taken calls, of the organization that it was made for.
#[must_use]
pub fn adopt(
    stray: &Stray,
    stamp: Stamp,
    maker: &Work,
    ids: (NumberId, WorkId),
    now: Timestamp,
    rest: Duration,
) -> Adoption {
    let (id, work) = ids;
    let (carrier, source, digits, at_vapi) = match stray {
        Stray::Free(record, slot) => {
            let carrier = Carrier::Vapi { slot: *slot };
            (carrier, Source::VapiFree, known(record), Some(record))
        }
        Stray::Bought(owned, record) => {
            let carrier = Carrier::Telnyx {
                order: None,
                id: Some(owned.id.clone()),
                connection: owned.connection.clone(),
                provider_status: Some(owned.status),
                former: None,
            };
            (carrier, Source::Telnyx, Some(owned.digits.clone()), record.as_ref())
        }
        Stray::BoughtAtTwilio(owned, home, record) => {
            let source = match home.owner {
                Owner::Organization(_) => Source::OrgTwilio,
                Owner::Platform => Source::GlobalTwilio,
            };
            let carrier = Carrier::Twilio {
                home: home.clone(),
                id: Some(owned.sid.clone()),
                provider_status: Some(owned.status),
                former: None,
            };
            (carrier, source, Some(owned.digits.clone()), record.as_ref())
        }
    };
    let of_digits = digits.as_ref().and_then(E164::country);
    let country = of_digits.unwrap_or(maker.request.wanted.country);
    let vapi = at_vapi.map(|record| record.id.clone());
    let sip_uri = at_vapi.and_then(|record| record.sip_uri.clone());
    let number_type = match &digits {
        Some(digits) if digits.is_toll_free() => NumberType::TollFree,
        None if sip_uri.is_some() && source == Source::VapiFree => NumberType::Sip,
        Some(_) | None => NumberType::Local,
    };
    let number = Number {
        id,
        organization: maker.organization.clone(),
        source,
        carrier,
        origin: origin(source),
        number_type,
        country,
        stamp,
        digits,
        sip_uri,
        vapi: vapi.clone(),
        // Nobody knows any more what was asked for it.
        monthly: Cents::ZERO,
        // Nobody has read it back yet.
        state: State::Quarantined {
            until: now.after(rest),
            former: None,
            assistant: None,
            proof: Proof::Unproven,
        },
        work: vapi.as_ref().map(|_vapi| work),
        linked_at: vapi.as_ref().map(|_vapi| now),
        created_at: now,
    };
    let work = vapi.map(|vapi| {
        let line = Line::new(vapi, number.clone());
        let phase = Phase::Unlinking(Unlinking::begin(line, Why::Unused));
        release(&number, work, maker.deployment.clone(), phase, Note::FoundLinked, now)
    });
    Adoption { number, work }
}

/// Whoever owns an account may copy a stamp there: only what is in our own was certainly bought.
const fn origin(source: Source) -> Origin {
    match source {
        Source::OrgTwilio => Origin::Imported,
        Source::Pool
        | Source::VapiFree
        | Source::GlobalTwilio
        | Source::Telnyx
        | Source::Manual => Origin::Bought,
    }
}

fn known(record: &VapiNumber) -> Option<E164> {
    match &record.digits {
        Digits::Known(digits) => Some(digits.clone()),
        Digits::Absent | Digits::Masked => None,
    }
}
