//! Assistants: made, changed in place, read, found again by stamp, removed.

use crate::complaint::{missing, pinned};
use crate::wire::{self, AssistantWire};
use crate::{VapiClient, body, no_reason};
use domain::ids::{Stamp, VapiAssistantId};
use domain::outcome::{Missing, NoReason, Outcome, Refusal};
use domain::template::Unusable;
use domain::time::Timestamp;
use domain::vapi::{AssistantRefusal, AssistantSpec, DeleteAssistantRefusal, VapiAssistant};
use exchange::Call;
use exchange::{Exchange, reading};
use std::time::Duration;

/// Assistants on a page. Each carries its whole prompt, so that a page of the 1,000 VAPI allows
/// could pass the limit of an answer.
const PAGE_SIZE: usize = 100;

/// Pages read in one look. Beyond them the look says nothing.
const PAGES_MAX: usize = 20;

/// How far VAPI's clock may be behind ours. The stamp decides; the time only shortens the list.
const CLOCK_SKEW_MAX: Duration = Duration::from_secs(300);

impl<E: Exchange> VapiClient<E> {
    /// Creates an assistant (`POST /assistant`).
    pub async fn create_assistant(
        &self,
        spec: &AssistantSpec,
    ) -> Outcome<VapiAssistantId, AssistantRefusal> {
        let body = match body::assistant(spec, &self.settings) {
            Ok(body) => body,
            Err(unusable) => return unusable_template(&unusable),
        };
        let call = Call::post("/assistant", &body);
        self.send(call, |wire: AssistantWire| wire.id?.parse().ok(), no_reason).await
    }

    /// Changes an assistant in place (`PATCH /assistant/{id}`) to what `spec` says, and answers
    /// with it as it is then.
    ///
    /// All settings are sent each time, whatever has changed, so that the call may be repeated and
    /// the last one decides alone. The metadata are not sent: what stands there never changes, and
    /// `spec.stamp` need not be the one it was created with. Whether VAPI replaces the objects
    /// within (`model`, `server`) or merges them is not in its contract; they are whole too.
    pub async fn update_assistant(
        &self,
        id: &VapiAssistantId,
        spec: &AssistantSpec,
    ) -> Outcome<VapiAssistant, Missing> {
        let body = match body::changed_assistant(spec, &self.settings) {
            Ok(body) => body,
            Err(unusable) => return unusable_template(&unusable),
        };
        let call = Call::patch(format!("/assistant/{id}"), &body);
        self.send(call, wire::assistant, missing).await
    }

    /// Reads an assistant (`GET /assistant/{id}`).
    pub async fn read_assistant(&self, id: &VapiAssistantId) -> Outcome<VapiAssistant, Missing> {
        self.send(Call::get(format!("/assistant/{id}")), wire::assistant, missing).await
    }

    /// Looks for the assistant with this stamp among those made after `created_after`.
    ///
    /// Of several, the oldest (by `createdAt`, then id), so that every look names the same one.
    /// `GET /assistant` has neither cursor nor filter for metadata: it is read newest first, with
    /// the oldest time of a page as the end of the next. Where that cannot be followed, the end is
    /// `Transient`, because absence would not be proved.
    pub async fn find_assistant(
        &self,
        stamp: &Stamp,
        created_after: Timestamp,
    ) -> Outcome<Option<VapiAssistantId>, NoReason> {
        let after = created_after.before(CLOCK_SKEW_MAX).rfc3339();
        let mut until: Option<String> = None;
        let mut oldest: Option<(String, VapiAssistantId)> = None;
        for _page in 0..PAGES_MAX {
            let page = match reading::done(self.assistants(&after, until.as_deref()).await) {
                Ok(page) => page,
                Err(end) => return end,
            };
            for assistant in page.iter().filter(|assistant| is_stamped(assistant, stamp)) {
                let Some(id) = assistant.id.as_deref().and_then(|id| id.parse().ok()) else {
                    return Outcome::Transient { retry_after: None };
                };
                let found = (assistant.created_at.clone().unwrap_or_default(), id);
                if oldest.as_ref().is_none_or(|oldest| found < *oldest) {
                    oldest = Some(found);
                }
            }
            if page.len() < PAGE_SIZE {
                return Outcome::Done(oldest.map(|(_created_at, id)| id));
            }
            let Some(next) = next_end(&page, until.as_deref()) else {
                break;
            };
            until = Some(next);
        }
        Outcome::Transient { retry_after: None }
    }

    async fn assistants(
        &self,
        after: &str,
        until: Option<&str>,
    ) -> Outcome<Vec<AssistantWire>, NoReason> {
        let mut call =
            Call::get("/assistant").query("limit", PAGE_SIZE).query("createdAtGe", after);
        if let Some(until) = until {
            call = call.query("createdAtLe", until);
        }
        self.send(call, Some, no_reason).await
    }

    /// Removes an assistant (`DELETE /assistant/{id}`); one that is gone counts as removed. One
    /// that something still refers to is refused as [`DeleteAssistantRefusal::Pinned`].
    pub async fn delete_assistant(
        &self,
        id: &VapiAssistantId,
    ) -> Outcome<(), DeleteAssistantRefusal> {
        self.remove(format!("/assistant/{id}"), pinned).await
    }
}

/// Nothing was sent: without its texts an assistant would not know what to say.
fn unusable_template<T, R>(unusable: &Unusable) -> Outcome<T, R> {
    Outcome::Refused(Refusal::Request(unusable.to_string()))
}

fn is_stamped(assistant: &AssistantWire, stamp: &Stamp) -> bool {
    let metadata = assistant.metadata.as_ref();
    metadata.and_then(|metadata| metadata.stamp.as_deref()) == Some(stamp.as_str())
}

/// The time at which the next page ends: the last one's, if the page is sorted newest first and
/// leads on. It is included again, so that none of the same millisecond is passed over.
fn next_end(page: &[AssistantWire], until: Option<&str>) -> Option<String> {
    let last = page.last()?.created_at.as_deref()?;
    let sorted = page.iter().all(|one| one.created_at.as_deref().is_some_and(|at| at >= last));
    (sorted && until != Some(last)).then(|| last.to_owned())
}

#[cfg(test)]
mod tests;
