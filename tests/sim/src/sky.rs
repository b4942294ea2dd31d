//! The providers, and the requests that are on their way to them although nobody waits any more.

use crate::outside::Foreign;
use exchange::Request;
use simulators::{Delivery, Provider, Providers, Reply};
use std::collections::BTreeMap;

/// The providers and what is in the air around them.
#[derive(Debug)]
pub struct Sky {
    /// VAPI and Telnyx.
    pub providers: Providers,
    /// Whether something at the providers may have changed since the last check.
    pub touched: bool,
    /// When something was last created that lists may not show yet.
    pub created_ms: i64,
    /// Records at VAPI that are somebody else's.
    pub foreign: Vec<Foreign>,
    /// Requests to providers.
    pub requests: u64,
    strays: BTreeMap<(i64, u64), (Provider, Request)>,
    webhooks: BTreeMap<(i64, u64), Delivery>,
    counted: u64,
}

impl Sky {
    /// A sky with nothing in the air.
    pub const fn new(providers: Providers) -> Self {
        Self {
            providers,
            touched: true,
            created_ms: i64::MIN / 2,
            foreign: Vec::new(),
            requests: 0,
            strays: BTreeMap::new(),
            webhooks: BTreeMap::new(),
            counted: 0,
        }
    }

    /// A request arrives.
    pub fn arrive(&mut self, now_ms: i64, provider: Provider, request: &Request) -> Reply {
        self.touched |= request.method != exchange::Method::Get;
        if request.method == exchange::Method::Post {
            self.created_ms = now_ms;
        }
        self.providers.handle(now_ms, provider, request)
    }

    /// A request whose sender is gone will arrive at that time.
    pub fn stray(&mut self, at_ms: i64, provider: Provider, request: Request) {
        self.counted += 1;
        self.strays.insert((at_ms, self.counted), (provider, request));
    }

    /// The strays that are due arrive, each in its own time: what is on its way does not wait for
    /// our functions, which may stand still meanwhile. Gives what arrived.
    pub fn strays_arrive(&mut self, now_ms: i64) -> Vec<(Provider, String)> {
        let mut arrived = Vec::new();
        while let Some(entry) = self.strays.first_entry() {
            let (at_ms, _count) = *entry.key();
            if at_ms > now_ms {
                break;
            }
            let (provider, request) = entry.remove();
            self.arrive(at_ms, provider, &request);
            arrived.push((provider, request.url));
        }
        arrived
    }

    /// A webhook is to be delivered at that time.
    pub fn hold(&mut self, at_ms: i64, delivery: Delivery) {
        self.counted += 1;
        self.webhooks.insert((at_ms, self.counted), delivery);
    }

    /// The next held webhook that is due.
    pub fn take_held(&mut self, now_ms: i64) -> Option<Delivery> {
        let entry = self.webhooks.first_entry()?;
        (entry.key().0 <= now_ms).then(|| entry.remove())
    }

    /// The webhooks the providers now send.
    pub fn take_sent(&mut self, now_ms: i64) -> Vec<Delivery> {
        if self.providers.next_due_ms().is_none_or(|due| due > now_ms) {
            return Vec::new();
        }
        self.providers.telnyx.tick(now_ms);
        self.touched = true;
        self.providers.take_webhooks(now_ms)
    }

    /// When something next happens in the air.
    pub fn next_due(&self) -> Option<i64> {
        let strays = self.strays.keys().next().map(|(at, _)| *at);
        let webhooks = self.webhooks.keys().next().map(|(at, _)| *at);
        [strays, webhooks, self.providers.next_due_ms()].into_iter().flatten().min()
    }
}
