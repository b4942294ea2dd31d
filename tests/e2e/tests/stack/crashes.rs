//! Processes die in the middle of things.

use std::time::Duration;

use e2e::{Figures, Owner, WORK_LIMIT, on_stack, until};
use local::main_job;
use simulators::{Fault, FaultScript, Provider, STANDARD_TELNYX_KEY};

#[test]
fn a_run_killed_while_it_orders_ends_with_one_number_bought() {
    on_stack(async |stack| {
        let owner = Owner::new(stack).await;
        let before = Figures::of(stack);
        // Bought at once, but the answer never reaches the run: it is dead by then.
        let slow = FaultScript::once(
            Provider::Telnyx,
            "POST",
            "/number_orders",
            Fault::Delay { ms: 8_000 },
        );
        stack.providers().lock().add_fault(slow);
        let request = owner.request("telnyx");
        let accepted = owner.api.post("/api/phone/provision", &request).await.unwrap();
        assert_eq!(accepted.status, 202, "{}", accepted.text);
        let id = accepted.text_at("provisioning_id").expect("an id");

        until(stack, "the order is placed", Duration::from_secs(60), |providers| {
            let account = providers.telnyx.account(STANDARD_TELNYX_KEY);
            account.is_some_and(|account| account.orders.len() > before.orders)
        })
        .await;
        let killed = stack.kill("steps").unwrap();
        assert!(killed > 0, "no process of steps was running");

        let view = main_job::follow(&owner.api, id, WORK_LIMIT, |_| ()).await.unwrap();
        assert_eq!(view["state"], "ready", "{view:#}");
        let number = view["phone_number"].as_str().expect("a number");
        let call = main_job::call(stack.vapi_url(), number).await.unwrap();
        assert_eq!(call["assistant_id"], view["vapi_assistant_id"], "{call:#}");
        let one = Figures { assistants: 1, records: 1, orders: 1, bought: 1 };
        assert_eq!(before.added(stack), one);
    });
}
