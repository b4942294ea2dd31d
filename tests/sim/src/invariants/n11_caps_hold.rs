//! Invariant 11: spending caps hold: per organization and overall, per day and per month.

use super::{Checked, Violation};
use crate::mirror::Mirror;

/// No ledger is above its cap. A cap is the highest that any work of this deployment was begun
/// with: a work keeps the caps it began with.
pub fn check(mirror: &Mirror) -> Checked {
    if !mirror.news.figures {
        return Ok(());
    }
    let caps = || mirror.works.values().map(|work| &work.caps);
    for ((pk, sk), committed) in &mirror.ledgers {
        let (overall, day) = (pk == "LEDGER#ALL", sk.starts_with("DAY#"));
        let cap = match (overall, day) {
            (true, true) => caps().map(|caps| caps.overall_day.get()).max(),
            (true, false) => caps().map(|caps| caps.overall_month.get()).max(),
            (false, true) => caps().map(|caps| caps.organization_day.get()).max(),
            (false, false) => caps().map(|caps| caps.organization_month.get()).max(),
        };
        if cap.is_some_and(|cap| *committed > cap) {
            let what = format!("{committed} cents are committed in {pk} {sk}, above {cap:?}");
            return Err(Violation::of(11, what));
        }
    }
    Ok(())
}
