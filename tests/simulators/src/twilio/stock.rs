//! The numbers for sale: the same seed always has the same stock, and none that Telnyx sells.

use exchange::Response;

use super::{Ask, Holder, TwilioSim, errors};
use crate::numbering::{Walk, calling_code, split_number};

/// How far apart the beginnings of two shuffled searches are.
const SHUFFLE_STEP: u64 = 17;

/// The class of a sub-resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Local,
    TollFree,
    Mobile,
}

impl Kind {
    /// The class a path names.
    pub(super) fn of(segment: &str) -> Option<Self> {
        match segment {
            "Local" => Some(Self::Local),
            "TollFree" => Some(Self::TollFree),
            "Mobile" => Some(Self::Mobile),
            _ => None,
        }
    }

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::TollFree => "toll_free",
            Self::Mobile => "mobile",
        }
    }

    /// 404 where a country has no numbers of the class, or is not known.
    pub(super) fn check(self, ask: &Ask<'_>, country: &str) -> Result<(), Response> {
        let american = calling_code(country).map(|code| code == "1");
        match (self, american) {
            (Self::Local, Some(_)) | (Self::TollFree, Some(true)) | (Self::Mobile, Some(false)) => {
                Ok(())
            }
            (_, _) => Err(errors::not_found(ask.wire.path)),
        }
    }
}

impl TwilioSim {
    /// Who has a number now.
    pub(super) fn holder(&self, now_ms: i64, number: &str) -> Option<Holder> {
        let holder = self.holders.get(number).copied();
        holder
            .filter(|holder| !matches!(holder, Holder::Resting { until_ms } if *until_ms <= now_ms))
    }

    fn stock(&self, area: &str) -> u64 {
        self.options.stock_by_area.get(area).copied().unwrap_or(self.options.stock).into()
    }

    /// The numbers of an area that are for sale.
    pub(super) fn for_sale(
        &self,
        now_ms: i64,
        country: &str,
        area: &str,
    ) -> impl Iterator<Item = String> {
        let code = calling_code(country);
        let stock = if code.is_some() { self.stock(area) } else { 0 };
        let walk = Walk::new(self.seed, code.unwrap_or(""), area);
        let shift = self.searches * SHUFFLE_STEP;
        (0..stock)
            .map(move |place| walk.backward((place + shift) % stock))
            .filter(move |number| self.holder(now_ms, number).is_none())
    }

    /// Whether a number is for sale.
    pub(super) fn is_for_sale(&self, now_ms: i64, number: &str) -> bool {
        split_number(number).is_some_and(|(code, area)| {
            let place = Walk::new(self.seed, code, area).place_backward(number);
            place.is_some_and(|place| place < self.stock(area))
        }) && self.holder(now_ms, number).is_none()
    }
}
