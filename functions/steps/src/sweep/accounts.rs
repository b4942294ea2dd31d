//! Accounts at Twilio: the platform's, and each organization's own, one after the other.
//!
//! Each is asked with its own credentials and no others. One that cannot be read is passed over:
//! what somebody does with his account holds nobody else's comparison up. Nothing is missing in it
//! then, and the next sweep comes to it again.

use super::mend::{Mended, Read, read};
use super::{Run, Step};
use crate::effects::call;
use domain::drift::{Drift, Finding, Stray, at_twilio};
use domain::ids::{Stamp, TwilioNumberSid};
use domain::outcome::{NoReason, Outcome, Refusal};
use domain::twilio::{Home, Located, OwnedNumber, Owner};
use domain::work::Work;
use runtime::World;
use store::table::Cursor;
use store::{Place, Stage, StoreError};

/// Organizations looked at in one step.
const ORGANIZATIONS: u16 = 25;
/// Numbers of a page that are looked up in one read.
const KNOWN_AT_ONCE: usize = 100;
/// Pages of one account in one sweep; whoever has more, or is led round, is passed over beyond.
const PAGES_MAX: u32 = 2_000;

/// The first account.
pub(super) const FIRST: Stage = Stage::Twilio { owner: Owner::Platform, page: 1, link: None };

impl<W: World> Run<'_, W> {
    /// Reads a page of an account's list, and goes on to the next or to the account after it.
    pub(super) async fn account_page(
        &mut self,
        owner: Owner,
        page: u32,
        link: Option<String>,
    ) -> Result<Step, StoreError> {
        let listed = match self.deps.twilio_account(&owner, self.policy).await {
            Ok(access) => {
                let home = access.home.clone();
                access.client.list_page(link.as_deref()).await.map(|page| (home, page))
            }
            Err(not_reached) => not_reached.outcome(),
        };
        let mut next = None;
        match listed {
            Outcome::Done((home, read)) => {
                self.compare(&home, &read.numbers).await?;
                if read.next.is_none() {
                    self.shown.at_twilio.insert(home.account.as_str());
                }
                next = read.next.filter(|_link| page < PAGES_MAX);
            }
            // It has none, or the one it had was changed and whoever reads credentials says so.
            Outcome::Refused(Refusal::<NoReason>::NotConfigured) => {}
            outcome @ (Outcome::Refused(_) | Outcome::Transient { .. } | Outcome::Unknown) => {
                let why = outcome.map(|_read| ());
                tracing::warn!(?owner, ?why, "an account at Twilio cannot be read");
                self.deps.metrics.count(self.deps.now(), "AccountPassedOver", None);
            }
        }
        let after = match &owner {
            Owner::Platform => None,
            Owner::Organization(id) => Some(Place::of_organization(id)),
        };
        self.sweep.stage = match next {
            Some(link) => Stage::Twilio { owner, page: page.saturating_add(1), link: Some(link) },
            None => Stage::Accounts { after },
        };
        Ok(Step::Made)
    }

    /// Goes on to the next organization that has an account of its own, or to our rows.
    pub(super) async fn next_account(&mut self, after: Option<Place>) -> Result<Step, StoreError> {
        let after = after.map(Cursor::from);
        let (found, next) = self.deps.store.organizations(ORGANIZATIONS, after).await?;
        let own = found.into_iter().find(|row| row.organization.twilio.is_some());
        self.sweep.stage = match (own, next) {
            (Some(row), _) => {
                let owner = Owner::Organization(row.organization.id);
                Stage::Twilio { owner, page: 1, link: None }
            }
            (None, Some(next)) => Stage::Accounts { after: Some(next.into()) },
            (None, None) => Stage::Rows { state: 0, after: None },
        };
        Ok(Step::Made)
    }

    async fn compare(&mut self, home: &Home, numbers: &[OwnedNumber]) -> Result<(), StoreError> {
        for some in numbers.chunks(KNOWN_AT_ONCE) {
            let ids: Vec<TwilioNumberSid> = some.iter().map(|owned| owned.sid.clone()).collect();
            let known = self.deps.store.known_at_twilio(&home.account, &ids).await?;
            let judged = |owned: &OwnedNumber| {
                at_twilio(owned, home, known.get(&owned.sid), &self.deployment)
            };
            let found: Vec<Finding> = some.iter().filter_map(judged).collect();
            // What else is in an account is asked for by nobody, and there may be much of it.
            known.keys().for_each(|id| self.shown.at_twilio.insert(id.as_str()));
            // It says nothing of how many may be changed there, either.
            if home.owner == Owner::Platform {
                let strange = found.iter().filter(|finding| finding.number.is_none()).count();
                let kinds = [Drift::Misrouted, Drift::Stray, Drift::Foreign];
                self.sweep.survey.count_read(&kinds, known.len().saturating_add(strange));
            }
            self.note(found);
        }
        Ok(())
    }

    /// A number in its account; unreadable as well where its owner has another one by now.
    pub(super) async fn located(&self, at: &Located) -> Read<OwnedNumber> {
        read(call!(self.deps.twilio_client(&at.home, self.policy).await, read_owned(&at.id)))
    }

    /// Somebody's number whose calls do not go to VAPI.
    pub(super) async fn route_at_twilio(&self, at: &Located) -> Result<Mended, StoreError> {
        let Read::There(owned) = self.located(at).await else { return Ok(Mended::Left) };
        let account = &at.home.account;
        let known = self.deps.store.known_at_twilio(account, std::slice::from_ref(&at.id)).await?;
        let known = known.get(&at.id);
        let still = at_twilio(&owned, &at.home, known, &self.deployment);
        let is_so = still.is_some_and(|found| found.drift == Drift::Misrouted);
        match known.filter(|_number| is_so) {
            Some(number) => self.repair(number).await,
            None => Ok(Mended::Left),
        }
    }

    /// A number with our stamp, and VAPI's record of it if that is ours as well.
    ///
    /// In an organization's own account only what was bought for that organization is ours: a stamp
    /// of another's work was copied there.
    pub(super) async fn bought_at_twilio(
        &self,
        at: &Located,
        stamp: &Stamp,
        maker: &Work,
    ) -> Read<Stray> {
        if let Owner::Organization(id) = &at.home.owner
            && *id != maker.organization
        {
            tracing::error!(organization = %id, "a number bears the stamp of another's work");
            return Read::Gone;
        }
        let owned = match self.located(at).await {
            Read::There(owned) if owned.is_stamped(stamp) => owned,
            Read::There(_) | Read::Gone | Read::Unreadable => return Read::Gone,
        };
        match self.record_of(&owned.digits).await {
            Read::There(record) => {
                let home = at.home.clone();
                Read::There(Stray::BoughtAtTwilio(Box::new(owned), home, record))
            }
            Read::Gone => Read::Gone,
            Read::Unreadable => Read::Unreadable,
        }
    }
}
