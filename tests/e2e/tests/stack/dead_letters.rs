//! The dead-letter drill: a message that fails again and again reaches the queue that is watched,
//! and completes its work once the cause is mended and it is sent back.

use aws_credential_types::Credentials;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_sqs::types::{Message, QueueAttributeName};
use e2e::{Figures, Owner, WORK_LIMIT, on_stack, until};
use local::{Stack, main_job};
use simulators::{Fault, FaultScript, Provider, STANDARD_TELNYX_KEY};
use std::time::{Duration, Instant};
use store::keys;

/// What the template says: so often a message is handed out.
const RECEIVES_MAX: usize = 5;
/// A message that failed comes again after this, in place of two minutes.
const VISIBILITY_SECONDS: u32 = 1;
/// How long a message may take until it is set aside, and pauses between two looks for it.
const SET_ASIDE_WITHIN: Duration = Duration::from_secs(90);
const LOOK_PAUSE: Duration = Duration::from_millis(300);
/// What nobody can read, and what is told of that and of a record that failed.
const UNREADABLE: &str = r#"{"version":9}"#;
const UNREAD: &str = r#""MessageUnreadable":1"#;
const FAILED: &str = r#""RecordFailed":1"#;

/// The stack's queues and table, in an operator's hands.
struct Operator<'a> {
    stack: &'a Stack,
    sqs: aws_sdk_sqs::Client,
    dynamo: aws_sdk_dynamodb::Client,
}

impl<'a> Operator<'a> {
    fn of(stack: &'a Stack) -> Self {
        let api = stack.api_url();
        let endpoint = api.split("/_aws/").next().expect("the emulator's address");
        let config = aws_sdk_sqs::Config::builder()
            .behavior_version(aws_sdk_sqs::config::BehaviorVersion::latest())
            .region(aws_sdk_sqs::config::Region::new("us-east-1"))
            .credentials_provider(Credentials::from_keys("test", "test", None))
            .endpoint_url(endpoint)
            .http_client(aws_smithy_http_client::Builder::new().build_http());
        Self {
            stack,
            sqs: aws_sdk_sqs::Client::from_conf(config.build()),
            dynamo: aws_sdk_dynamodb::Client::from_conf(dynamodb_local::config(endpoint).build()),
        }
    }

    fn queue(&self) -> &str {
        self.stack.output("QueueUrl").expect("the template names its queue")
    }

    fn dead(&self) -> &str {
        self.stack.output("DeadLetterQueueUrl").expect("the template names its dead letters")
    }

    async fn attribute(&self, queue: &str, name: QueueAttributeName) -> String {
        let asked = self.sqs.get_queue_attributes().queue_url(queue).attribute_names(name.clone());
        let attributes = asked.send().await.expect("the queue answers").attributes;
        attributes.unwrap_or_default().remove(&name).expect("the attribute is there")
    }

    async fn set_visibility(&self, seconds: &str) {
        let set = self.sqs.set_queue_attributes().queue_url(self.queue());
        let set = set.attributes(QueueAttributeName::VisibilityTimeout, seconds);
        set.send().await.expect("the queue is changed");
    }

    /// What the alarm on dead letters counts.
    async fn dead_letters(&self) -> usize {
        let visible = QueueAttributeName::ApproximateNumberOfMessages;
        self.attribute(self.dead(), visible).await.parse().unwrap()
    }

    async fn until_set_aside(&self) {
        let begun = Instant::now();
        while self.dead_letters().await == 0 {
            assert!(begun.elapsed() < SET_ASIDE_WITHIN, "no dead letter");
            tokio::time::sleep(LOOK_PAUSE).await;
        }
    }

    async fn send(&self, text: &str) {
        let sent = self.sqs.send_message().queue_url(self.queue()).message_body(text).send();
        sent.await.expect("the message is sent");
    }

    /// What a message move task does, which the emulator does not know. Brings the bodies moved.
    async fn redrive(&self) -> Vec<String> {
        let mut moved = Vec::new();
        for message in self.receive_dead().await {
            let body = message.body.expect("a body");
            self.send(&body).await;
            let done = self.sqs.delete_message().queue_url(self.dead());
            let done = done.set_receipt_handle(message.receipt_handle).send();
            done.await.expect("the dead letter is gone");
            moved.push(body);
        }
        moved
    }

    async fn receive_dead(&self) -> Vec<Message> {
        let received = self.sqs.receive_message().queue_url(self.dead());
        let received = received.max_number_of_messages(10).send().await;
        received.expect("the dead letters are read").messages.unwrap_or_default()
    }

    /// Sets the counter of a work's leases by hand.
    async fn set_lease_epoch(&self, work: &str, value: AttributeValue) -> AttributeValue {
        let key = keys::work(work.parse().unwrap());
        let set = self.dynamo.update_item().key("pk", AttributeValue::S(key.pk));
        let set = set.key("sk", AttributeValue::S(key.sk)).update_expression("SET #epoch = :value");
        let set = set.expression_attribute_names("#epoch", keys::LEASE_EPOCH);
        let set = set.expression_attribute_values(":value", value);
        let name = self.stack.output("TableName").expect("the template names its table");
        let old = aws_sdk_dynamodb::types::ReturnValue::UpdatedOld;
        let set = set.table_name(name).return_values(old).send().await.expect("it is set");
        set.attributes.unwrap_or_default().remove(keys::LEASE_EPOCH).expect("what stood there")
    }

    async fn logged(&self, text: &str) -> usize {
        let lines = self.stack.logs("steps").await.unwrap();
        lines.iter().filter(|line| line.contains(text)).count()
    }
}

#[test]
fn a_message_that_fails_is_set_aside_and_completes_its_work_when_sent_back() {
    on_stack(async |stack| {
        let operator = Operator::of(stack);
        let visibility = QueueAttributeName::VisibilityTimeout;
        let visibility = operator.attribute(operator.queue(), visibility).await;
        operator.set_visibility(&VISIBILITY_SECONDS.to_string()).await;
        let owner = Owner::new(stack).await;
        let before = Figures::of(stack);
        let (failed, unread) = (operator.logged(FAILED).await, operator.logged(UNREAD).await);
        let id = stuck(stack, &owner, before).await;

        // Somebody's hand, or a version that is not yet here: the item cannot be used.
        let broken = AttributeValue::S("many".to_owned());
        let sound = operator.set_lease_epoch(&id, broken).await;
        operator.send(UNREADABLE).await;
        operator.until_set_aside().await;
        operator.set_visibility(&visibility).await;
        assert!(operator.logged(FAILED).await - failed >= RECEIVES_MAX, "told at every failure");
        assert_eq!(operator.logged(UNREAD).await - unread, 1, "never handed out again");

        stack.providers().lock().clear_faults();
        operator.set_lease_epoch(&id, sound).await;
        let moved = operator.redrive().await;
        assert!(!moved.is_empty() && moved.iter().all(|body| body.contains(&id)), "{moved:?}");
        let view = main_job::follow(&owner.api, &id, WORK_LIMIT, |_| ()).await.unwrap();
        assert_eq!(view["state"], "ready", "{view:#}");
        let number = view["phone_number"].as_str().expect("a number");
        let call = main_job::call(stack.vapi_url(), number).await.unwrap();
        assert_eq!(call["assistant_id"], view["vapi_assistant_id"], "{call:#}");
        let one = Figures { assistants: 1, records: 1, orders: 1, bought: 1 };
        assert_eq!(before.added(stack), one);
    });
}

/// A work that has ordered a number, and does not get on since Telnyx answers nothing else.
async fn stuck(stack: &Stack, owner: &Owner, before: Figures) -> String {
    let fault =
        Fault::Status { status: 503, retry_after_seconds: None, reset_seconds: None, text: None };
    let busy = FaultScript::once(Provider::Telnyx, "GET", "/number_orders/{id}", fault);
    stack.providers().lock().add_fault(FaultScript { times: 1_000, ..busy });
    let accepted = owner.api.post("/api/phone/provision", &owner.request("telnyx")).await.unwrap();
    assert_eq!(accepted.status, 202, "{}", accepted.text);
    until(stack, "the order is placed", Duration::from_secs(60), |providers| {
        let account = providers.telnyx.account(STANDARD_TELNYX_KEY);
        account.is_some_and(|account| account.orders.len() > before.orders)
    })
    .await;
    accepted.text_at("provisioning_id").expect("an id").to_owned()
}
