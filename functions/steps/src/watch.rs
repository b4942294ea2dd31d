//! The digits watch: one look at VAPI's list, every ten seconds, for all numbers that wait.
//!
//! One message re-arms itself while anything waits; however many messages there are, the claim in
//! the table lets one look happen at a time. A lost message is made up for by the poller.

use crate::config::Config;
use domain::outcome::Outcome;
use domain::vapi::{Digits, NumberStatus, VapiNumber};
use runtime::{Deps, Message, World};
use std::collections::BTreeMap;
use std::time::Duration;
use store::{Marks, StoreError, Watched};

/// Pages of VAPI's list one look reads, of 100 numbers each.
const PAGES_MAX: u32 = 20;

/// Starts the watch. One that is running already drops the message: its claim stands.
pub(crate) async fn arm<W: World>(deps: &Deps<W>, config: &Config) {
    deps.send(&Message::DigitsWatch, config.digits_watch).await;
}

/// Looks once, wakes the works whose number changed, and arms the next look.
pub(crate) async fn look<W: World>(deps: &Deps<W>, config: &Config) -> Result<(), StoreError> {
    let marks = deps.marks();
    let now = deps.now();
    // Half of the interval early is still on time: delays are whole seconds.
    let claimed_at = now.after(config.digits_watch / 2);
    let next = now.after(config.digits_watch);
    if !deps.store.claim_watch(claimed_at, next, &marks).await? {
        return Ok(());
    }
    let watched = deps.store.watched().await?;
    if watched.is_empty() {
        return Ok(());
    }
    let listed = list(deps, config, &watched).await;
    for number in &watched {
        let news = match &listed {
            Some(listed) => has_news(deps, number, listed, &marks).await?,
            // Without a list each work reads its own number: it must not wait for hours because
            // one route of VAPI does not answer.
            None => true,
        };
        if news && deps.store.ask(number.work, None, now, &marks).await? {
            deps.send(&Message::work(number.work, now), Duration::ZERO).await;
        }
    }
    deps.send(&Message::DigitsWatch, config.digits_watch).await;
    Ok(())
}

/// Whether a number looks different from when it was last looked at, which is remembered.
async fn has_news<W: World>(
    deps: &Deps<W>,
    number: &Watched,
    listed: &BTreeMap<String, String>,
    marks: &Marks,
) -> Result<bool, StoreError> {
    let Some(shown) = listed.get(number.vapi.as_str()) else { return Ok(false) };
    if *shown == number.seen || !deps.store.watch_saw(number.work, shown, marks).await? {
        return Ok(false);
    }
    // The first look only learns what the number looks like, unless it has digits.
    Ok(!number.seen.is_empty() || shown.starts_with(HAS_NEWS))
}

/// How the look of a number begins that its work should read at once.
const HAS_NEWS: &str = "news";

/// What a number looks like in the list: only ever compared, and asked whether it has news.
fn shown(number: &VapiNumber) -> String {
    let digits = match number.digits {
        Digits::Absent => "absent",
        Digits::Masked | Digits::Known(_) => "there",
    };
    let status = match number.status {
        NumberStatus::Active => "active",
        NumberStatus::Activating => "activating",
        NumberStatus::Blocked => "blocked",
        NumberStatus::Unknown => "unknown",
    };
    let news = digits == "there" || status == "blocked";
    let begins = if news { HAS_NEWS } else { "same" };
    format!("{begins} {digits} {status} {}", number.updated_at)
}

/// The listed numbers that are watched, by VAPI's id; `None` when the list cannot be read.
async fn list<W: World>(
    deps: &Deps<W>,
    config: &Config,
    watched: &[Watched],
) -> Option<BTreeMap<String, String>> {
    let vapi = deps.vapi_client(config.calls).await.ok()?;
    let mut found = BTreeMap::new();
    let mut page = 1;
    for _page in 0..PAGES_MAX {
        let Outcome::Done(listed) = vapi.list_numbers(page).await else { return None };
        for number in &listed.numbers {
            if watched.iter().any(|watched| watched.vapi == number.id) {
                found.insert(number.id.to_string(), shown(number));
            }
        }
        match listed.next {
            Some(next) if found.len() < watched.len() => page = next,
            Some(_) | None => break,
        }
    }
    Some(found)
}
