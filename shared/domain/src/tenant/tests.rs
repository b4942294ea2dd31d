use super::*;
use crate::money::Cents;
use serde_json::json;
use std::collections::BTreeSet;
use std::time::Duration;

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

fn organization() -> Organization {
    Organization::new("org-1".parse().unwrap())
}

fn account(last: char) -> TwilioAccount {
    let account_sid = format!("AC{}{last}", "0".repeat(31)).parse().unwrap();
    let credentials = CredentialKind::AuthToken;
    TwilioAccount { account_sid, credentials, phone_numbers: BTreeSet::new() }
}

fn twilio(account: TwilioAccount) -> Change {
    Change { twilio: Setting::Set(account), ..Change::default() }
}

fn without_twilio() -> Change {
    Change { twilio: Setting::Unset, ..Change::default() }
}

#[test]
fn a_preferred_provider_goes_before_the_others_and_the_pool_keeps_its_place() {
    let order = |provider, deployment: &[Source]| {
        let organization = Organization { phone_provider: provider, ..organization() };
        source_order(Some(&organization), deployment)
    };
    let default = Source::DEFAULT_ORDER;
    let (pool, free, telnyx) = (Source::Pool, Source::VapiFree, Source::Telnyx);
    let manual = Source::Manual;
    assert_eq!(order(None, &default), default);
    assert_eq!(order(Some(PhoneProvider::Vapi), &default), default);
    assert_eq!(order(Some(PhoneProvider::Telnyx), &default), [pool, telnyx, free, manual]);
    assert_eq!(order(Some(PhoneProvider::Telnyx), &[free, pool, telnyx]), [telnyx, free, pool]);
    assert_eq!(order(Some(PhoneProvider::Vapi), &[telnyx, pool]), [telnyx, pool]);
    assert_eq!(order(Some(PhoneProvider::Twilio), &default), default);
    assert_eq!(source_order(None, &[telnyx]), [telnyx]);
}

#[test]
fn an_order_of_its_own_goes_before_any_preference() {
    let own = Organization {
        sources: Some(vec![Source::VapiFree]),
        phone_provider: Some(PhoneProvider::Telnyx),
        ..organization()
    };
    assert_eq!(source_order(Some(&own), &Source::DEFAULT_ORDER), [Source::VapiFree]);
}

#[test]
fn a_day_may_cost_a_fifth_of_the_month_unless_it_says_otherwise() {
    let own = |day: Option<i64>, month: Option<i64>| {
        let caps = OwnCaps {
            organization_day: day.map(Cents::new),
            organization_month: month.map(Cents::new),
            number_monthly: None,
        };
        let caps = Organization { caps: Some(caps), ..organization() }.caps(Caps::default());
        (caps.organization_day.get(), caps.organization_month.get())
    };
    assert_eq!(own(None, None), (2_000, 10_000));
    assert_eq!(own(None, Some(1_000)), (200, 1_000));
    assert_eq!(own(Some(700), Some(1_000)), (700, 1_000));
    assert_eq!(own(Some(700), None), (700, 10_000));
    assert_eq!(organization().caps(Caps::default()), Caps::default());
}

#[test]
fn rows_of_a_former_version_are_read_and_do_not_say_what_all_may_spend() {
    let former = json!({
        "id": "org-1", "sources": ["telnyx"], "quarantine_days": 3, "assistant_server": null,
        "caps": { "organization_day": 1, "organization_month": 2, "overall_day": 999_999,
                  "overall_month": 999_999, "number_monthly": 3 },
    });
    let organization: Organization = serde_json::from_value(former).unwrap();
    let caps = organization.caps(Caps::default());
    assert_eq!(caps.organization_day, Cents::new(1));
    assert_eq!((caps.organization_month, caps.number_monthly), (Cents::new(2), Cents::new(3)));
    assert_eq!(caps.overall_day, Caps::default().overall_day);
    assert_eq!((organization.twilio, organization.updated_at), (None, None));
    let bare = json!({ "id": "org-1", "sources": null, "caps": null });
    let bare: Organization = serde_json::from_value(bare).unwrap();
    assert_eq!(bare, Organization::new("org-1".parse().unwrap()));
}

#[test]
fn what_is_left_out_stays_and_what_is_unset_is_as_never_set() {
    let first = Change {
        quarantine_days: Setting::Set(0),
        number_type: Setting::Set(NumberType::TollFree),
        ..Change::default()
    };
    let changed = first.of(organization(), NOW).unwrap();
    assert_eq!(changed.names, ["number_type", "quarantine_days"]);
    assert_eq!((changed.takes, changed.secret), (None, SecretStep::None));
    let second = Change { number_type: Setting::Unset, ..Change::default() };
    let changed = second.of(changed.organization, NOW).unwrap().organization;
    assert_eq!((changed.number_type, changed.quarantine_days), (None, Some(0)));
    let text = serde_json::to_string(&changed).unwrap();
    assert_eq!(serde_json::from_str::<Organization>(&text).unwrap(), changed);
}

#[test]
fn nothing_is_changed_while_credentials_are_on_their_way() {
    let changed = twilio(account('a')).of(organization(), NOW).unwrap();
    assert_eq!(changed.secret, SecretStep::Write);
    let soon = NOW.after(CREDENTIALS_LAND_WITHIN - Duration::from_millis(1));
    let pending = changed.organization;
    assert_eq!(Change::default().of(pending.clone(), soon), Err(BeingChanged));
    // Whoever began it is dead by now.
    let later = NOW.after(CREDENTIALS_LAND_WITHIN);
    assert!(Change::default().of(pending.clone(), later).unwrap().organization.twilio.is_some());
    let (settled, free) = pending.settled();
    assert_eq!((settled.secret_change.clone(), free), (None, Vec::new()));
    assert!(Change::default().of(settled, soon).is_ok());
}

#[test]
fn an_account_that_is_left_is_free_only_once_the_secret_is_written() {
    let (first, second, third) = (account('a'), account('b'), account('c'));
    let (own, _) = twilio(first.clone()).of(organization(), NOW).unwrap().organization.settled();
    // Each of these dies before it has written the secret.
    let later = |times: u32| NOW.after(CREDENTIALS_LAND_WITHIN * times);
    let own = twilio(second.clone()).of(own, later(1)).unwrap();
    assert_eq!(own.takes.as_ref(), Some(&second.account_sid));
    let own = twilio(third.clone()).of(own.organization, later(2)).unwrap();
    let own = twilio(first.clone()).of(own.organization, later(3)).unwrap().organization;
    let (own, free) = own.settled();
    assert_eq!(own.twilio, Some(first.clone()));
    assert_eq!(free, [second.account_sid, third.account_sid]);

    let none = without_twilio().of(own, later(4)).unwrap();
    assert_eq!((none.takes.clone(), none.secret), (None, SecretStep::Empty));
    // Asked for again after a crash, it is still to be done.
    let none = without_twilio().of(none.organization, later(5)).unwrap();
    assert_eq!(none.secret, SecretStep::Empty);
    let (none, free) = none.organization.settled();
    assert_eq!((none.twilio.clone(), free), (None, vec![first.account_sid]));
    assert_eq!(without_twilio().of(none, later(6)).unwrap().secret, SecretStep::None);
}
