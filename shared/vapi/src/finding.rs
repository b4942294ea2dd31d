//! Phone numbers by what is known of them, over `GET /v2/phone-number`.
//!
//! `search` matches parts of name, number and SIP address without regard to case, so that every
//! hit is compared exactly here. Lists are read oldest first: what is added meanwhile comes last.

use crate::wire::{self, NumberWire, PageWire};
use crate::{VapiClient, no_reason};
use domain::ids::{Stamp, VapiNumberId};
use domain::outcome::{Missing, NoReason, Outcome, Refusal};
use domain::phone::E164;
use domain::vapi::{Digits, VapiNumber};
use exchange::Call;
use exchange::{Exchange, reading};

/// Numbers on a page.
const PAGE_SIZE: u16 = 100;

/// Pages read in one look. A stamp or whole number has a handful of hits; beyond this the look
/// says nothing.
const PAGES_MAX: u32 = 10;

/// Masked hits that are read by id in one look.
const CONFIRMED_MAX: usize = 10;

/// A page of numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberPage {
    /// The numbers; digits may be masked.
    pub numbers: Vec<VapiNumber>,
    /// The page after this one, if there is one.
    pub next: Option<u32>,
}

/// A hit of a search, with what it is ordered by.
struct Hit {
    created_at: String,
    /// The digits as VAPI shows them.
    shown: Option<String>,
    number: VapiNumber,
}

impl Hit {
    /// Whether its digits are masked and may be these.
    fn may_hide(&self, digits: &E164) -> bool {
        let masked = self.number.digits == Digits::Masked;
        let shown = self.shown.as_deref();
        masked && shown.is_some_and(|shown| wire::mask_fits(shown, digits))
    }
}

impl<E: Exchange> VapiClient<E> {
    /// One page of all numbers, oldest first; the first page is 1.
    pub async fn list_numbers(&self, page: u32) -> Outcome<NumberPage, NoReason> {
        self.page(None, page).await.map(|(hits, has_next)| NumberPage {
            numbers: hits.into_iter().map(|hit| hit.number).collect(),
            next: has_next.then(|| page.saturating_add(1)),
        })
    }

    /// Looks for the number with this stamp as its name.
    ///
    /// Of several, the oldest (by `createdAt`, then id), so that every look names the same one.
    pub async fn find_number(&self, stamp: &Stamp) -> Outcome<Option<VapiNumber>, NoReason> {
        self.search(stamp.as_str()).await.map(|hits| {
            hits.into_iter()
                .find(|hit| hit.number.name.as_deref() == Some(stamp.as_str()))
                .map(|hit| hit.number)
        })
    }

    /// Looks for the number with these digits, whatever it is named; of several, the oldest.
    ///
    /// Where the list masks digits that may be these, the number is read by id.
    pub async fn find_number_by_digits(
        &self,
        digits: &E164,
    ) -> Outcome<Option<VapiNumber>, NoReason> {
        let hits = match reading::done(self.search(digits.digits()).await) {
            Ok(hits) => hits,
            Err(end) => return end,
        };
        let mut confirmed = 0;
        for hit in hits {
            if is_known(&hit.number, digits) {
                return Outcome::Done(Some(hit.number));
            }
            if !hit.may_hide(digits) {
                continue;
            }
            confirmed += 1;
            if confirmed > CONFIRMED_MAX {
                return Outcome::Transient { retry_after: None };
            }
            match reading::done(self.read_if_there(&hit.number.id).await) {
                Ok(Some(number)) if is_known(&number, digits) => {
                    return Outcome::Done(Some(number));
                }
                Ok(_) => {}
                Err(end) => return end,
            }
        }
        Outcome::Done(None)
    }

    /// Reads a number by id; `None` when it is not there.
    pub async fn read_if_there(&self, id: &VapiNumberId) -> Outcome<Option<VapiNumber>, NoReason> {
        found(self.read_number(id).await)
    }

    /// All hits of a search, oldest first.
    async fn search(&self, text: &str) -> Outcome<Vec<Hit>, NoReason> {
        let mut all = Vec::new();
        for page in 1..=PAGES_MAX {
            let (hits, has_next) = match reading::done(self.page(Some(text), page).await) {
                Ok(page) => page,
                Err(end) => return end,
            };
            all.extend(hits);
            if !has_next {
                let age = |hit: &Hit| (hit.created_at.clone(), hit.number.id.clone());
                all.sort_by_key(age);
                return Outcome::Done(all);
            }
        }
        Outcome::Transient { retry_after: None }
    }

    async fn page(&self, search: Option<&str>, page: u32) -> Outcome<(Vec<Hit>, bool), NoReason> {
        let mut call = Call::get("/v2/phone-number");
        if let Some(text) = search {
            call = call.query("search", text);
        }
        let call = call.query("page", page).query("limit", PAGE_SIZE).query("sortOrder", "ASC");
        let decode = |wire: PageWire| {
            let has_next = wire.has_next(page);
            // One record that cannot be read could be the one looked for.
            let hits = wire.results.into_iter().map(hit).collect::<Option<Vec<_>>>()?;
            Some((hits, has_next))
        };
        self.send(call, decode, no_reason).await
    }
}

fn hit(mut wire: NumberWire) -> Option<Hit> {
    let created_at = wire.created_at.take().unwrap_or_default();
    let shown = wire.number.clone();
    Some(Hit { created_at, shown, number: wire::number(wire)? })
}

fn is_known(number: &VapiNumber, digits: &E164) -> bool {
    matches!(&number.digits, Digits::Known(known) if known == digits)
}

/// A read by id as a look: what is not there any more is not found.
fn found(read: Outcome<VapiNumber, Missing>) -> Outcome<Option<VapiNumber>, NoReason> {
    match read {
        Outcome::Done(number) => Outcome::Done(Some(number)),
        Outcome::Transient { retry_after } => Outcome::Transient { retry_after },
        Outcome::Unknown => Outcome::Unknown,
        Outcome::Refused(Refusal::Because(Missing::NotFound)) => Outcome::Done(None),
        Outcome::Refused(Refusal::NotConfigured) => Outcome::Refused(Refusal::NotConfigured),
        Outcome::Refused(Refusal::Key) => Outcome::Refused(Refusal::Key),
        Outcome::Refused(Refusal::Request(text)) => Outcome::Refused(Refusal::Request(text)),
    }
}

#[cfg(test)]
mod tests;
