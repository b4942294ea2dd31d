//! Sends webhooks, and sends them again where the provider would.
#![expect(clippy::disallowed_methods, reason = "deliveries run beside the requests, and wait")]

use std::collections::BTreeMap;
use std::time::Duration;

use super::Shell;
use crate::outbox::Delivery;

/// How often the outbox is looked into.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Delivers what is due, for ever.
pub(super) async fn run(shell: Shell) {
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let now_ms = shell.now_ms();
        let stamped_ms = super::wall_ms();
        let due = shell.providers.with(|all| all.take_webhooks_stamped(now_ms, stamped_ms));
        for delivery in due {
            let shell = shell.clone();
            tokio::spawn(async move { deliver(&shell, delivery).await });
        }
    }
}

/// Delivers one event, again where its receiver does not answer 2xx.
pub(super) async fn deliver(shell: &Shell, delivery: Delivery) {
    let mut next = Some(delivery);
    while let Some(delivery) = next {
        let timeout = shell.options.delivery_timeout;
        let body = delivery.body.clone();
        let reply = post(shell, &delivery.url, &delivery.headers, body, timeout).await;
        let status = reply.map(|(status, _)| status);
        next = shell.providers.with(|providers| {
            providers.note_delivery(shell.now_ms(), &delivery, status);
            let good = status.is_some_and(|status| (200..300).contains(&status));
            if good { None } else { providers.retry_webhook(super::wall_ms(), &delivery) }
        });
        if next.is_some() {
            tokio::time::sleep(shell.options.retry_delay).await;
        }
    }
}

/// Posts to a URL, rewritten where the options say so. Gives status and body, if there is an
/// answer in time.
pub(super) async fn post(
    shell: &Shell,
    url: &str,
    headers: &BTreeMap<String, String>,
    body: Vec<u8>,
    timeout: Duration,
) -> Option<(u16, Vec<u8>)> {
    let url = shell.providers.lock().rewritten(url);
    let mut request = shell.client.post(url).timeout(timeout).body(body);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let response = request.send().await.ok()?;
    let status = response.status().as_u16();
    let body = response.bytes().await.ok()?;
    Some((status, body.to_vec()))
}
