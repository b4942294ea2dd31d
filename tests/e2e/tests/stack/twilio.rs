//! Numbers of an organization's own account at Twilio, and of the platform's.

use e2e::{Owner, assistant_name, on_stack, sign_in};
use local::main_job::MainJob;
use local::{Stack, User, twilio};
use simulators::STANDARD_TWILIO_SID;

const OWN: (&str, &str) = ("AC000000000000000000000000000000e2", "token-of-an-own-account");

/// Somebody of a new business of an organization that has an account of its own.
async fn owner(stack: &Stack, business: &str) -> Owner {
    let token = sign_in(stack, User::of_business("brings-twilio", business)).await;
    let business_name = format!("{business} & Sons");
    Owner { api: stack.api(&token), token, business_name }
}

/// The number answers, and this account has it.
fn assert_answers_from(stack: &Stack, job: &MainJob, owner: &Owner, account: &str) {
    assert!(job.is_answered_rightly(), "{job:#?}");
    assert_eq!((job.text("state"), job.text("phone_provider")), (Some("ready"), Some("twilio")));
    let name = assistant_name(stack, job.answered_by().unwrap());
    assert_eq!(name.as_ref(), Some(&owner.business_name));
    let number = job.text("phone_number").expect("a number");
    let providers = stack.providers().lock();
    let (holder, _number) = providers.twilio.holding(number).expect("somebody has the number");
    assert_eq!(holder.sid, account);
}

#[test]
fn a_number_of_the_platforms_account_is_bought_and_answered() {
    on_stack(async |stack| {
        let owner = Owner::new(stack).await;
        let job = owner.provision(stack, "global_twilio").await;
        assert_answers_from(stack, &job, &owner, STANDARD_TWILIO_SID);
    });
}

#[test]
fn a_number_the_organization_owns_is_imported_and_then_one_is_bought_in_its_account() {
    on_stack(async |stack| {
        let owned = "+14155550199";
        stack.providers().with(|providers| {
            providers.twilio.add_account(0, OWN.0, "own", OWN.1, 100_000);
            providers.twilio.buy_outside(0, OWN.0, owned, &[]).expect("the number is free");
        });
        let operator = sign_in(stack, User::in_group("operators")).await;
        twilio::give_account(stack, &operator, "brings-twilio", OWN).await.unwrap();
        let (first, second) = (owner(stack, "first").await, owner(stack, "second").await);
        let job = first.provision(stack, "org_twilio").await;
        assert_answers_from(stack, &job, &first, OWN.0);
        assert_eq!(job.text("phone_number"), Some(owned));
        let job = second.provision(stack, "org_twilio").await;
        assert_answers_from(stack, &job, &second, OWN.0);
        assert_ne!(job.text("phone_number"), Some(owned));
        let logs = stack.logs("steps").await.unwrap().join("\n");
        assert!(!logs.contains(OWN.1) && !logs.contains(&owned[1..]));
    });
}
