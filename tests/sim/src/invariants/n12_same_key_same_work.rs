//! Invariant 12: the same request with the same `Idempotency-Key` (scoped to business and route)
//! gives the same work; with another body, 422.

use super::{Checked, Violation};
use std::collections::BTreeMap;

/// What was asked under each key of each business, and which work that gave.
#[derive(Debug, Default)]
pub struct Keys(BTreeMap<(usize, u64), (u64, String)>);

impl Keys {
    /// A start with a key was answered with a work.
    pub fn answered(&mut self, business: usize, key: u64, body: u64, work: &str) -> Checked {
        let known = self.0.entry((business, key)).or_insert_with(|| (body, work.to_owned()));
        if known.0 != body {
            return Err(Violation::of(12, format!("key {key} was taken with another body")));
        }
        if known.1 != work {
            let what = format!("key {key} gave work {} and then work {work}", known.1);
            return Err(Violation::of(12, what));
        }
        Ok(())
    }

    /// A start with a key was refused with 422.
    pub fn refused(&self, business: usize, key: u64, body: u64) -> Checked {
        match self.0.get(&(business, key)) {
            Some((known, _)) if *known == body => {
                Err(Violation::of(12, format!("key {key} was refused although nothing differed")))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// A call with a key was answered as if the key had led to nothing before.
    pub fn unknown(&self, business: usize, key: u64) -> Checked {
        match self.0.get(&(business, key)) {
            Some((_, work)) => {
                Err(Violation::of(12, format!("key {key} gave {work} and then nothing")))
            }
            None => Ok(()),
        }
    }
}
