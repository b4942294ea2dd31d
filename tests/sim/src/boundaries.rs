//! The boundaries of effects: where a scripted crash strikes.
//!
//! An effect is a request to a provider. It has three points: before the call, after the call and
//! before its record, after the record and before whatever comes next.

use serde::Serialize;

/// A point of an effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Point {
    /// Nothing was sent.
    BeforeCall,
    /// The provider has done it; nobody here knows.
    AfterCall,
    /// It is written; the message is not acknowledged.
    AfterRecord,
}

/// A boundary: the effect's place in the run, counted from 0, and the point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Boundary {
    /// Which effect.
    pub effect: u32,
    /// Which of its points.
    pub point: Point,
}

/// The boundaries of a run: which were passed, and at which of them the task dies.
#[derive(Debug, Default)]
pub struct Boundaries {
    effects: u32,
    /// What was passed, in order, with what the effect was.
    pub passed: Vec<(Boundary, String)>,
    /// Where tasks die, in order; each strikes once.
    pub deaths: Vec<Boundary>,
    /// Whether anybody asks.
    pub kept: bool,
    /// The effect of each running task whose record is awaited.
    unrecorded: Vec<(u64, u32, String)>,
    /// Tasks with a write under way.
    writing: Vec<u64>,
}

impl Boundaries {
    /// A new effect begins; its place.
    pub const fn begin(&mut self) -> u32 {
        self.effects += 1;
        self.effects - 1
    }

    /// A point of an effect is passed. True: the task dies here.
    pub fn pass(&mut self, effect: u32, point: Point, what: &str) -> bool {
        if !self.kept {
            return false;
        }
        let boundary = Boundary { effect, point };
        self.passed.push((boundary, what.to_owned()));
        let dies = self.deaths.first() == Some(&boundary);
        if dies {
            self.deaths.remove(0);
        }
        dies
    }

    /// The task has an effect whose record is awaited.
    pub fn await_record(&mut self, task: u64, effect: u32, what: &str) {
        if self.kept {
            self.unrecorded.retain(|(other, _, _)| *other != task);
            self.unrecorded.push((task, effect, what.to_owned()));
        }
    }

    /// The task sends a write.
    pub fn writing(&mut self, task: u64) {
        if self.kept {
            self.writing.push(task);
        }
    }

    /// A request of the task to the table is done. True: that was the record, and it dies here.
    pub fn answered(&mut self, task: u64) -> bool {
        let Some(place) = self.writing.iter().position(|other| *other == task) else {
            return false;
        };
        self.writing.swap_remove(place);
        let place = self.unrecorded.iter().position(|(other, _, _)| *other == task);
        let Some(place) = place else { return false };
        let (_, effect, what) = self.unrecorded.remove(place);
        self.pass(effect, Point::AfterRecord, &what)
    }
}
