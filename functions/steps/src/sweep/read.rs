//! Reading: a page of a provider's list, or of our rows, in one step.

use super::{Run, Step, accounts};
use crate::effects::call;
use domain::drift::{Drift, Finding, TELNYX_LIST, at_telnyx, at_vapi, missing};
use domain::ids::{TelnyxNumberId, VapiNumberId};
use domain::outcome::{NoReason, Outcome, Refusal};
use runtime::World;
use std::time::Duration;
use store::table::Cursor;
use store::{Shown, Stage, StoreError};

/// Rows read at once.
const PAGE_ROWS: u16 = 100;
/// The states of rows that must be at their providers.
pub(super) const STATES: [&str; 5] =
    ["assigned", "available", "quarantined", "suspended", "retired"];
/// A row younger than this before the sweep may be in no list yet.
const YOUNG: Duration = Duration::from_secs(600);

impl<W: World> Run<'_, W> {
    /// Reads one page, and goes on to the next or to what comes after.
    pub(super) async fn read(&mut self) -> Result<Step, StoreError> {
        match self.sweep.stage.clone() {
            Stage::Vapi { page } => self.vapi_page(page).await,
            Stage::Telnyx { page } => self.telnyx_page(page).await,
            Stage::Twilio { owner, page, link } => self.account_page(owner, page, link).await,
            Stage::Accounts { after } => self.next_account(after).await,
            Stage::Rows { state, after } => self.rows(state, after.map(Cursor::from)).await,
            Stage::Mending { .. } | Stage::Braked { .. } | Stage::Over => Ok(Step::Made),
        }
    }

    async fn vapi_page(&mut self, page: u32) -> Result<Step, StoreError> {
        let listed = match call!(self.deps.vapi_client(self.policy).await, list_numbers(page)) {
            Outcome::Done(listed) => listed,
            Outcome::Refused(_) | Outcome::Transient { .. } | Outcome::Unknown => {
                return Ok(Step::Unreadable);
            }
        };
        let ids: Vec<VapiNumberId> =
            listed.numbers.iter().map(|record| record.id.clone()).collect();
        let known = self.deps.store.known_at_vapi(&ids).await?;
        let found: Vec<Finding> = listed
            .numbers
            .iter()
            .filter_map(|record| at_vapi(record, known.get(&record.id), &self.deployment))
            .collect();
        ids.iter().for_each(|id| self.shown.at_vapi.insert(id.as_str()));
        let kinds = [Drift::Linked, Drift::Misled, Drift::Stray, Drift::Foreign];
        self.sweep.survey.count_read(&kinds, ids.len());
        self.note(found);
        self.sweep.stage = match listed.next {
            Some(page) => Stage::Vapi { page },
            None => Stage::Telnyx { page: 1 },
        };
        Ok(Step::Made)
    }

    async fn telnyx_page(&mut self, page: u32) -> Result<Step, StoreError> {
        let listed = match call!(self.deps.telnyx_client(self.policy).await, list_owned(page)) {
            Outcome::Done(listed) => listed,
            // Nobody has an account there.
            Outcome::Refused(Refusal::<NoReason>::NotConfigured) => {
                self.sweep.stage = accounts::FIRST;
                return Ok(Step::Made);
            }
            Outcome::Refused(_) | Outcome::Transient { .. } | Outcome::Unknown => {
                return Ok(Step::Unreadable);
            }
        };
        let ids: Vec<TelnyxNumberId> =
            listed.numbers.iter().map(|owned| owned.id.clone()).collect();
        let known = self.deps.store.known_at_telnyx(&ids).await?;
        let found: Vec<Finding> = listed
            .numbers
            .iter()
            .filter_map(|owned| at_telnyx(owned, known.get(&owned.id), &self.deployment))
            .collect();
        ids.iter().for_each(|id| self.shown.at_telnyx.insert(id.as_str()));
        let kinds = [Drift::Misrouted, Drift::Stray, Drift::Foreign];
        self.sweep.survey.count_read(&kinds, ids.len());
        self.note(found);
        self.sweep.stage = match listed.next {
            Some(page) => Stage::Telnyx { page },
            None => {
                self.shown.at_telnyx.insert(TELNYX_LIST);
                accounts::FIRST
            }
        };
        Ok(Step::Made)
    }

    async fn rows(&mut self, state: usize, after: Option<Cursor>) -> Result<Step, StoreError> {
        let Some(name) = STATES.get(state) else {
            self.read_through();
            return Ok(Step::Made);
        };
        let (numbers, next) = self.deps.store.numbers_in(name, PAGE_ROWS, after).await?;
        let Shown { at_vapi, at_telnyx, at_twilio } = &self.shown;
        let old = self.sweep.begun_at.before(YOUNG);
        let settled = numbers.iter().filter(|number| number.created_at < old);
        let found: Vec<Finding> =
            settled.flat_map(|number| missing(number, at_vapi, at_telnyx, at_twilio)).collect();
        let kinds = [Drift::GoneAtVapi, Drift::GoneAtCarrier];
        self.sweep.survey.count_read(&kinds, numbers.len());
        self.note(found);
        self.sweep.stage = match next {
            Some(next) => Stage::Rows { state, after: Some(next.into()) },
            None => Stage::Rows { state: state.saturating_add(1), after: None },
        };
        Ok(Step::Made)
    }

    pub(super) fn note(&mut self, found: Vec<Finding>) {
        self.sweep.survey.count_found(&found);
        self.found.extend(found);
    }
}
