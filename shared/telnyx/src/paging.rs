//! Lists read to their end.

use crate::wire::Many;
use crate::{TelnyxClient, no_reason};
use domain::outcome::{NoReason, Outcome};
use exchange::Call;
use exchange::{Exchange, reading};
use serde::de::DeserializeOwned;

/// Items on a page; Telnyx allows 250.
const PAGE_SIZE: u16 = 100;

/// Pages read in one look. Beyond them the look says nothing.
const PAGES_MAX: u32 = 20;

impl<E: Exchange> TelnyxClient<E> {
    /// All items of a list. `item` answers `None` for one that matters and cannot be read: the
    /// whole look is then `Transient`, as with a list beyond the limit.
    pub(crate) async fn all<W: DeserializeOwned, T>(
        &self,
        path: &str,
        filter: Option<(&str, &str)>,
        item: impl Fn(W) -> Option<T> + Send + Sync,
    ) -> Outcome<Vec<T>, NoReason> {
        let mut all = Vec::new();
        for page in 1..=PAGES_MAX {
            let mut call = Call::get(path);
            if let Some((name, value)) = filter {
                call = call.query(name, value);
            }
            let call = call.query("page[number]", page).query("page[size]", PAGE_SIZE);
            let decode = |wire: Many<W>| {
                let has_next = wire.has_next(page);
                let items = wire.data.into_iter().map(&item).collect::<Option<Vec<_>>>()?;
                Some((items, has_next))
            };
            let (items, has_next) = match reading::done(self.send(call, decode, no_reason).await) {
                Ok(page) => page,
                Err(end) => return end,
            };
            all.extend(items);
            if !has_next {
                return Outcome::Done(all);
            }
        }
        Outcome::Transient { retry_after: None }
    }
}
