//! Invariant 9: nothing of one organization is reachable by another.

use super::{Checked, View, Violation};
use crate::mirror::Mirror;
use crate::twilio;
use domain::number::{Carrier, State};
use domain::twilio::Owner;

/// A number stays with the organization and business whose work got it.
pub fn check(mirror: &Mirror) -> Checked {
    for (id, _) in &mirror.news.numbers {
        let Some(number) = mirror.numbers.get(id) else { continue };
        let Some(work) = number.work.and_then(|work| mirror.works.get(&work)) else { continue };
        let other_business = match &number.state {
            State::Assigned { business, .. } => Some(business) != work.business(),
            State::Acquiring
            | State::Available { .. }
            | State::Reserved
            | State::Quarantined { .. }
            | State::Releasing
            | State::Released
            | State::Suspended
            | State::Retired
            | State::Unverified
            | State::Corrupted => false,
        };
        if number.organization != work.organization || other_business {
            let what = format!("number {id} is of another tenant than its work {}", work.id);
            return Err(Violation::of(9, what));
        }
    }
    Ok(())
}

/// An organization's own number is in the account of whoever has it, and nobody else's.
pub fn at_home(mirror: &Mirror) -> Checked {
    for (id, _) in &mirror.news.numbers {
        let Some(number) = mirror.numbers.get(id) else { continue };
        let Carrier::Twilio { home, .. } = &number.carrier else { continue };
        let wrong = match &home.owner {
            Owner::Platform => {
                PLATFORMS.iter().all(|place| home.account.as_str() != twilio::account(*place, None))
            }
            Owner::Organization(owner) => {
                let own = owner.as_str().strip_prefix("org-").and_then(|text| text.parse().ok());
                let accounts = PLATFORMS.map(|place| twilio::account(place, own));
                *owner != number.organization
                    || accounts.iter().all(|account| home.account.as_str() != account)
            }
        };
        if wrong {
            let what = format!("number {id} of {} is in {home:?}", number.organization);
            return Err(Violation::of(9, what));
        }
    }
    Ok(())
}

/// The places of deployments.
const PLATFORMS: [usize; 2] = [0, 1];

/// Who speaks to Twilio speaks of the account whose credentials it shows.
pub fn spoken(view: &View<'_>) -> Checked {
    for entry in view.sky.providers.twilio.log() {
        let account = entry.path.split('/').nth(2).unwrap_or_default();
        let account = account.trim_end_matches(".json");
        if entry.key != account {
            let what = format!("{} asked for something of {account}", entry.key);
            return Err(Violation::of(9, what));
        }
    }
    Ok(())
}

/// Who asks about another tenant's work learns nothing, and nothing happens.
pub fn stranger(status: u16, asked: &str) -> Checked {
    if status == 404 || status >= 500 {
        return Ok(());
    }
    Err(Violation::of(9, format!("a stranger's {asked} was answered {status}")))
}
