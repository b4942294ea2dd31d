//! How many numbers there are: counted now where they are few, else as they were counted last.

use crate::Request;
use api::Problem;
use runtime::World;
use serde_json::{Value, json};
use store::{Counting, Figures};

/// Numbers up to which they are counted for each call.
const COUNTED_NOW_MAX: u64 = 1000;
/// Pages of such a count, a hundred numbers each: one for each state, and those of that many
/// numbers with some to spare.
const PAGES_MAX: u32 = 24;

/// The figures; `None` where there are many numbers and they were never counted.
pub(crate) async fn read<W: World>(request: &Request<'_, W>) -> Result<Option<Figures>, Problem> {
    let store = &request.deps.store;
    let (kept, _counting) = store.figures().await?;
    if kept.as_ref().is_some_and(|kept| kept.tally.counts().total() > COUNTED_NOW_MAX) {
        return Ok(kept);
    }
    let mut counting = Counting::begin(request.deps.now());
    for _page in 0..PAGES_MAX {
        counting = store.count_on(counting).await?;
        if let Some(figures) = counting.figures() {
            return Ok(Some(figures));
        }
    }
    Ok(kept)
}

/// The numbers by status, as the API shows them; the three add up to the total.
pub(crate) fn statistics(figures: Option<&Figures>) -> Value {
    let Some(figures) = figures else { return Value::Null };
    let counts = figures.tally.counts();
    json!({
        "total": counts.total(),
        "available": counts.available,
        "assigned": counts.assigned,
        "suspended": counts.suspended,
        "counted_at": figures.counted_at.rfc3339(),
    })
}

/// The numbers by class.
pub(crate) fn classes(figures: Option<&Figures>) -> Vec<Value> {
    let classes = figures.map(|figures| figures.tally.classes()).unwrap_or_default();
    let class = |class: &domain::figures::Class| {
        json!({
            "country": class.country,
            "type": class.number_type,
            "provider": class.provider,
            "total": class.counts.total(),
            "available": class.counts.available,
            "assigned": class.counts.assigned,
            "suspended": class.counts.suspended,
        })
    };
    classes.iter().map(class).collect()
}
