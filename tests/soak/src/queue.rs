//! The event source mapping: messages of the queue become batches of the steps, and only what was
//! carried is deleted. And the schedule that calls the poller.
//!
//! A batch is now and then handed out twice at the same time: a queue delivers at least once.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{DeleteMessageBatchRequestEntry, Message, MessageSystemAttributeName};
use serde_json::{Value, json};
use tokio::time::{MissedTickBehavior, interval, sleep};

use crate::dice::Dice;
use crate::figures::Counting;
use crate::lambda::{Ended, Lambda, Name};
use crate::settings;

/// How long the queue is waited for at each look.
const WAIT_SECONDS: i32 = 1;
/// The wait after the queue did not answer.
const FAILED_PAUSE: Duration = Duration::from_millis(200);
/// So many of a hundred batches are handed out twice.
const TWICE_PERCENT: u64 = 5;

/// One poller of the queue.
#[derive(Debug)]
pub(crate) struct Mapping {
    pub(crate) sqs: Client,
    pub(crate) queue_url: String,
    pub(crate) lambda: Arc<Lambda>,
    pub(crate) counting: Counting,
    pub(crate) dice: Dice,
}

impl Mapping {
    /// Hands messages over, for ever.
    pub(crate) async fn run(mut self) {
        loop {
            match self.receive().await {
                Ok(messages) if messages.is_empty() => {}
                Ok(messages) => self.carry(&messages).await,
                Err(error) => {
                    eprintln!("  the queue does not answer: {error:#}");
                    sleep(FAILED_PAUSE).await;
                }
            }
        }
    }

    async fn receive(&self) -> anyhow::Result<Vec<Message>> {
        let asked = self.sqs.receive_message().queue_url(&self.queue_url);
        let asked = asked.max_number_of_messages(settings::BATCH_MAX);
        let asked = asked.wait_time_seconds(WAIT_SECONDS);
        let asked = asked.message_system_attribute_names(MessageSystemAttributeName::All);
        Ok(asked.send().await?.messages.unwrap_or_default())
    }

    async fn carry(&mut self, messages: &[Message]) {
        let event = event(messages);
        let twice = self.dice.chance(TWICE_PERCENT);
        self.count(messages, twice);
        let ended = if twice {
            let both =
                (self.lambda.invoke(Name::Steps, &event), self.lambda.invoke(Name::Steps, &event));
            // The second delivery is nobody's: its messages are deleted, or not, by the first.
            tokio::join!(both.0, both.1).0
        } else {
            self.lambda.invoke(Name::Steps, &event).await
        };
        let Ended::Answered(answer) = ended else { return };
        let failed = failed(&answer);
        let returned = u64::try_from(failed.len()).unwrap_or(0);
        self.counting.with(|figures| figures.messages_returned += returned);
        let done = messages
            .iter()
            .filter(|one| one.message_id().is_none_or(|id| !failed.contains(id)))
            .collect::<Vec<_>>();
        if let Err(error) = self.delete(&done).await {
            eprintln!("  messages cannot be deleted and come again: {error:#}");
        }
    }

    fn count(&self, messages: &[Message], twice: bool) {
        let again = messages.iter().filter(|one| receives(one) > 1).count();
        let (all, again) = (as_u64(messages.len()), as_u64(again));
        self.counting.with(|figures| {
            figures.messages += all;
            figures.messages_again += again;
            figures.messages_twice += if twice { all } else { 0 };
        });
    }

    async fn delete(&self, done: &[&Message]) -> anyhow::Result<()> {
        let entries = done
            .iter()
            .enumerate()
            .map(|(place, message)| {
                let entry = DeleteMessageBatchRequestEntry::builder().id(place.to_string());
                entry.receipt_handle(message.receipt_handle().unwrap_or_default()).build()
            })
            .collect::<Result<Vec<_>, _>>()?;
        if !entries.is_empty() {
            let asked = self.sqs.delete_message_batch().queue_url(&self.queue_url);
            asked.set_entries(Some(entries)).send().await?;
        }
        Ok(())
    }
}

fn as_u64(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

fn receives(message: &Message) -> u32 {
    let attributes = message.attributes();
    let count = attributes
        .and_then(|all| all.get(&MessageSystemAttributeName::ApproximateReceiveCount))
        .and_then(|count| count.parse().ok());
    count.unwrap_or(1)
}

fn event(messages: &[Message]) -> Value {
    let records: Vec<Value> = messages
        .iter()
        .map(|message| {
            json!({
                "messageId": message.message_id(),
                "receiptHandle": message.receipt_handle(),
                "body": message.body(),
                "attributes": { "ApproximateReceiveCount": receives(message).to_string() },
                "messageAttributes": {},
                "md5OfBody": message.md5_of_body(),
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:soak-steps",
                "awsRegion": "us-east-1",
            })
        })
        .collect();
    json!({ "Records": records })
}

/// The messages that must come again.
fn failed(answer: &Value) -> BTreeSet<String> {
    let failures = answer.get("batchItemFailures").and_then(Value::as_array);
    let id = |failure: &Value| Some(failure.get("itemIdentifier")?.as_str()?.to_owned());
    failures.into_iter().flatten().filter_map(id).collect()
}

/// Calls the poller, for ever; a tick that takes long makes the next ones late, not more.
pub(crate) async fn tick(lambda: Arc<Lambda>) {
    let mut ticks = interval(settings::POLLER_TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let event = json!({ "source": "aws.scheduler", "detail-type": "Scheduled Event" });
    loop {
        ticks.tick().await;
        // Whatever becomes of it, the next one does the same.
        let _ended = lambda.invoke(Name::Poller, &event).await;
    }
}
