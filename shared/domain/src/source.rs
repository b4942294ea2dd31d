//! Where numbers come from, and why a source was passed over.

use crate::phone::AreaCode;
use crate::request::{Country, NumberType, Wanted};
use serde::{Deserialize, Serialize};

/// A way to get a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Numbers we own that nobody uses.
    Pool,
    /// VAPI's free allowance.
    VapiFree,
    /// A purchase at Telnyx.
    Telnyx,
    /// A person, who names a number.
    Manual,
}

impl Source {
    /// Every source, in the order they are tried unless a setting says otherwise.
    pub const DEFAULT_ORDER: [Self; 4] = [Self::Pool, Self::VapiFree, Self::Telnyx, Self::Manual];

    /// The name in the API and in settings.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pool => "pool",
            Self::VapiFree => "vapi_free",
            Self::Telnyx => "telnyx",
            Self::Manual => "manual",
        }
    }

    /// Why it cannot have such a number, as far as that can be told without asking its provider.
    #[must_use]
    pub fn unsuited(self, wanted: &Wanted) -> Option<Passed> {
        match self {
            // What a search offers is for sale: it is not ours yet.
            Self::Pool => wanted.picked.is_some().then_some(Passed::CannotPick),
            Self::VapiFree if wanted.picked.is_some() => Some(Passed::CannotPick),
            Self::VapiFree if wanted.country != Country::US => Some(Passed::WrongCountry),
            Self::VapiFree => match wanted.number_type {
                NumberType::Local | NumberType::Sip => None,
                NumberType::TollFree => Some(Passed::WrongType),
            },
            Self::Telnyx => match wanted.number_type {
                NumberType::Local | NumberType::TollFree => None,
                NumberType::Sip => Some(Passed::WrongType),
            },
            Self::Manual => None,
        }
    }

    /// Whether sources can be tried in this order: each once, and a person last, since nothing is
    /// tried after one.
    #[must_use]
    pub fn is_order(sources: &[Self]) -> bool {
        let once = |(place, source)| !sources.iter().take(place).any(|before| before == source);
        let person = sources.iter().position(|source| *source == Self::Manual);
        let last = person.is_none_or(|place| place.saturating_add(1) == sources.len());
        !sources.is_empty() && last && sources.iter().enumerate().all(once)
    }

    /// Whether one of these sources could have such a number. A person is asked for what the others
    /// could have had and did not, or where nobody else is asked.
    #[must_use]
    pub fn any_suits(sources: &[Self], wanted: &Wanted) -> bool {
        let suits = |source: &Self| *source != Self::Manual && source.unsuited(wanted).is_none();
        sources == [Self::Manual] || sources.iter().any(suits)
    }

    /// The source of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::DEFAULT_ORDER.into_iter().find(|source| source.as_str() == name)
    }
}

/// A spending cap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cap {
    /// What the organization may commit in a day.
    OrganizationDay,
    /// What the organization may commit in a month.
    OrganizationMonth,
    /// What all organizations may commit in a day.
    OverallDay,
    /// What all organizations may commit in a month.
    OverallMonth,
    /// What one number may cost a month.
    NumberMonthly,
}

/// Why a source brought no number. Recorded on the timeline; the next source is tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "reason")]
pub enum Passed {
    /// No key is set for its provider.
    NotConfigured,
    /// It has no numbers of the wanted type.
    WrongType,
    /// It has no numbers of the wanted country.
    WrongCountry,
    /// A picked number cannot be had there.
    CannotPick,
    /// None of the numbers nobody uses fits.
    PoolEmpty,
    /// The free allowance is used up.
    AllowanceUsed,
    /// VAPI wants a payment method before it gives another free number.
    PaymentRequired,
    /// No number in the wanted area code.
    AreaCodeUnavailable {
        /// Area codes the provider named instead.
        try_instead: Vec<AreaCode>,
    },
    /// No number for sale that fits.
    NoStock,
    /// The account's balance does not cover the order.
    NoBalance,
    /// The country or number class asks for documents first.
    DocumentsRequired,
    /// A spending cap would be passed.
    CapReached {
        /// Which one.
        cap: Cap,
    },
    /// The provider named no price; an unknown price is not paid.
    PriceUnknown,
    /// VAPI holds no Telnyx credential.
    NoCredential,
    /// VAPI holds several Telnyx credentials and no setting picks one.
    SeveralCredentials,
    /// The VAPI key may not list credentials and no setting names one.
    CredentialsUnreadable,
    /// The credential the setting names does not exist.
    CredentialMissing,
    /// Every number tried was sold to others meanwhile.
    NumbersTaken,
    /// The provider rejected our key.
    KeyRejected,
    /// The provider refused in words of its own.
    Refused {
        /// Its words, without numbers and keys.
        detail: String,
    },
    /// The provider did not answer for too long.
    Unavailable,
    /// The number it gave turned out to be unusable.
    NumberUnusable,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_names_each_source_once_and_a_person_last() {
        assert!(Source::is_order(&Source::DEFAULT_ORDER));
        assert!(Source::is_order(&[Source::Manual]));
        for none in [
            [].as_slice(),
            &[Source::Pool, Source::Pool],
            &[Source::Manual, Source::Telnyx],
            &[Source::Manual, Source::Manual],
        ] {
            assert!(!Source::is_order(none), "{none:?}");
        }
    }

    #[test]
    fn a_person_makes_up_for_what_others_lack_and_not_for_what_nobody_has() {
        let abroad = Wanted {
            country: "GB".parse().unwrap(),
            number_type: NumberType::Sip,
            ..Wanted::default()
        };
        let (free, person) = (Source::VapiFree, Source::Manual);
        assert!(Source::any_suits(&[free, person], &Wanted::default()));
        assert!(!Source::any_suits(&[free, person], &abroad));
        assert!(Source::any_suits(&[person], &abroad));
    }
}
