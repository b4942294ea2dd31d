//! The account's numbers, read to the end of the list.

use crate::wire::{Next, Owned, OwnedWire};
use crate::{TwilioClient, no_reason};
use domain::outcome::{NoReason, Outcome};
use exchange::Call;
use exchange::{Exchange, reading};

/// Numbers on a page; Twilio allows 1,000.
const PAGE_SIZE: u16 = 200;

/// Pages read in one look. Beyond them the look says nothing.
const PAGES_MAX: u32 = 50;

/// Numbers read in one look, however many Twilio puts on a page. Beyond them the look says nothing.
const NUMBERS_MAX: usize = 10_000;

/// Longest link to a next page, in bytes.
const LINK_LENGTH_MAX: usize = 2_048;

impl<E: Exchange> TwilioClient<E> {
    /// The numbers of the account, as far as `filter` lets them through. `item` answers `None` for
    /// one that matters and cannot be read: the whole look is then `Transient`, as with a list
    /// beyond a limit and with a link that leads elsewhere.
    pub(crate) async fn numbers<T>(
        &self,
        filter: Option<(&str, &str)>,
        item: impl Fn(OwnedWire) -> Option<Option<T>> + Send + Sync,
    ) -> Outcome<Vec<T>, NoReason> {
        let path = self.path("/IncomingPhoneNumbers.json");
        let mut call = Call::get(path.as_str());
        if let Some((name, value)) = filter {
            call = call.query(name, value);
        }
        call = call.query("PageSize", PAGE_SIZE);
        let (mut all, mut read) = (Vec::new(), 0_usize);
        for _page in 0..PAGES_MAX {
            let decode = |wire: Owned| {
                let (numbers, next) = wire.parts();
                let count = numbers.len();
                let wanted = numbers.into_iter().map(&item).collect::<Option<Vec<_>>>()?;
                Some((wanted, count, next))
            };
            let (wanted, count, next) =
                match reading::done(self.send(call, decode, no_reason).await) {
                    Ok(page) => page,
                    Err(end) => return end,
                };
            all.extend(wanted.into_iter().flatten());
            read = read.saturating_add(count);
            let next = match next {
                Next::End if read <= NUMBERS_MAX => return Outcome::Done(all),
                Next::Link(link) if read < NUMBERS_MAX => follow(&path, &link),
                Next::End | Next::Link(_) | Next::Unreadable => None,
            };
            match next {
                Some(next) => call = next,
                None => break,
            }
        }
        Outcome::Transient { retry_after: None }
    }

    /// One page: the first, with so many numbers, or the one a link leads to. A link that leads
    /// elsewhere, there or on the page, is `Transient`.
    pub(crate) async fn page<T>(
        &self,
        link: Option<&str>,
        size: u16,
        read: impl FnOnce(Vec<OwnedWire>, Option<String>) -> T + Send,
    ) -> Outcome<T, NoReason> {
        let path = self.path("/IncomingPhoneNumbers.json");
        let call = match link {
            None => Some(Call::get(path.as_str()).query("PageSize", size)),
            Some(link) => follow(&path, link),
        };
        let Some(call) = call else { return Outcome::Transient { retry_after: None } };
        let decode = |wire: Owned| {
            let (numbers, next) = wire.parts();
            let next = match next {
                Next::End => None,
                Next::Link(link) => follow(&path, &link).map(|_call| Some(link))?,
                Next::Unreadable => return None,
            };
            Some(read(numbers, next))
        };
        self.send(call, decode, no_reason).await
    }
}

/// The call for the next page of the list at `path`; `None` for a link that is not relative to
/// Twilio's own address, or that leads to another list or account. Only what stands behind `?` is
/// taken from it, so that our credentials go nowhere a link says.
fn follow(path: &str, link: &str) -> Option<Call> {
    let query = link.strip_prefix(path)?.strip_prefix('?')?;
    if link.len() > LINK_LENGTH_MAX || query.contains('#') {
        return None;
    }
    let pairs = form_urlencoded::parse(query.as_bytes());
    Some(pairs.fold(Call::get(path), |call, (name, value)| call.query(&name, value)))
}

#[cfg(test)]
mod tests;
