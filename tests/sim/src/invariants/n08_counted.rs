//! Invariant 8, of the numbers: what a sweep counted is what there is, where nothing changed
//! meanwhile.

use super::{Checked, Violation};
use crate::mirror::Mirror;
use domain::figures::{Class, Tally};

/// All numbers of a deployment, in the order in which classes compare.
pub fn count(mirror: &Mirror) -> Vec<Class> {
    let mut tally = Tally::default();
    mirror.numbers.values().for_each(|number| tally.add(number));
    sorted(&tally)
}

/// What the last sweep counted, against what there was before it and is now.
pub fn check(mirror: &Mirror, before: &[Class]) -> Checked {
    let now = count(mirror);
    if now != before {
        return Ok(());
    }
    let counted = mirror.counted.as_ref().map(|figures| sorted(&figures.tally));
    if counted.as_ref() == Some(&now) {
        return Ok(());
    }
    Err(Violation::of(8, format!("{counted:?} were counted, and there are {now:?}")))
}

fn sorted(tally: &Tally) -> Vec<Class> {
    let mut classes = tally.classes().to_vec();
    classes.sort_by_key(|class| format!("{class:?}"));
    classes
}
