//! Accounts at Twilio: the platform's and each organization's, of every deployment.

use domain::ids::Fresh;
use domain::tenant::{CredentialKind, Organization, TwilioAccount};
use domain::time::Timestamp;
use serde_json::json;
use simulators::Providers;
use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use store::memory::MemoryTable;
use store::{Marks, Put, Store, Written};

/// What the names of a deployment's secrets begin with.
pub const PREFIX: &str = "sim";
/// Organizations there are.
const ORGANIZATIONS: u64 = 2;
/// What is in each account at first, in cents.
const BALANCE_CENTS: i64 = 100_000;
/// So often a future that waits for nothing is asked whether it has ended.
const POLLS_MAX: u32 = 10_000;

/// The account of a deployment's organization, or of its platform.
pub fn account(deployment: usize, organization: Option<u64>) -> String {
    let place = u64::try_from(deployment).unwrap() + 1;
    format!("AC{:032x}", 16 * place + organization.map_or(0, |number| number + 1))
}

/// The owners of a deployment's accounts.
fn owners() -> impl Iterator<Item = Option<u64>> {
    std::iter::once(None).chain((0..ORGANIZATIONS).map(Some))
}

fn token(sid: &str, rotations: u32) -> String {
    format!("token-{rotations}-of-{sid}")
}

/// Opens the accounts of so many deployments.
pub fn open(all: &mut Providers, now_ms: i64, deployments: usize) {
    for deployment in 0..deployments {
        for owner in owners() {
            let sid = account(deployment, owner);
            all.twilio.add_account(now_ms, &sid, "simulated", &token(&sid, 0), BALANCE_CENTS);
        }
    }
}

/// Changes the tokens of all of them; the old ones work no more.
pub fn rotate(all: &mut Providers, deployments: usize, rotations: u32) {
    for deployment in 0..deployments {
        for sid in owners().map(|owner| account(deployment, owner)) {
            all.twilio.set_token(&sid, &token(&sid, rotations));
        }
    }
}

/// The secrets of a deployment after so many rotations.
pub fn secrets(deployment: usize, rotations: u32) -> BTreeMap<String, String> {
    let secret = |owner: Option<u64>| {
        let sid = account(deployment, owner);
        let id = owner.map_or_else(
            || format!("{PREFIX}/twilio/global"),
            |number| format!("{PREFIX}/twilio/org/org-{number}"),
        );
        let text = json!({ "account_sid": sid, "auth_token": token(&sid, rotations) });
        (id, text.to_string())
    };
    owners().map(secret).collect()
}

/// Writes the organizations of a deployment, each with its account, into its empty table.
pub fn bring_accounts(table: &Arc<MemoryTable>, deployment: usize, now: Timestamp) {
    let store = Store::new(Arc::clone(table), it::world::NoPause);
    for number in 0..ORGANIZATIONS {
        // Of an invocation each: this stands also where an invocation's writes all look alike.
        let marks = Marks::new(Fresh::from_parts(0, u128::from(number) + 1));
        let account_sid = account(deployment, Some(number)).parse().unwrap();
        let twilio = TwilioAccount {
            account_sid,
            credentials: CredentialKind::AuthToken,
            phone_numbers: BTreeSet::new(),
            buys_numbers: true,
        };
        let id = format!("org-{number}").parse().unwrap();
        let organization = Organization { twilio: Some(twilio), ..Organization::new(id) };
        let takes = organization.twilio.as_ref().map(|account| &account.account_sid);
        let put = Put { organization: &organization, seen: None, takes, frees: &[], told: None };
        let written = at_once(store.put_organization(&put, now, &marks)).unwrap();
        assert!(matches!(written, Written::Written(_)), "{written:?}");
    }
}

/// The end of a future that waits for nothing but its turn.
fn at_once<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    for _poll in 0..POLLS_MAX {
        if let Poll::Ready(end) = future.as_mut().poll(&mut context) {
            return end;
        }
    }
    panic!("it waits for something")
}
