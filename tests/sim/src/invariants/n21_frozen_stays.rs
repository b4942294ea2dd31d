//! Invariant 21 of the architecture: a number that somebody asks to take away stays whose it is.
//! Nobody takes it, puts it into the pool or retires it, and no work begins to give it up.

use super::{Checked, Violation};
use crate::mirror::{Mirror, parse};
use domain::number::{Number, State};
use domain::work::{Phase, Why};
use store::keys;
use store::memory::Changed;

/// A number's row, as it is written.
pub fn as_written(changed: &Changed) -> Checked {
    let (Some(old), Some(new)) = (changed.old.as_deref(), changed.new.as_deref()) else {
        return Ok(());
    };
    let same = old.get(keys::DOCUMENT) == new.get(keys::DOCUMENT);
    if !old.contains_key(keys::PORT_OUT) || same {
        return Ok(());
    }
    let rows = parse::<Number>(changed.old.as_ref()).zip(parse::<Number>(changed.new.as_ref()));
    let Some((was, is)) = rows else { return Ok(()) };
    let into_pool = matches!(is.state, State::Available { .. }) && was.state != is.state;
    // Who is linked to what nobody has is taken off, frozen or not: one of the pool rests meanwhile.
    let taken_off = matches!(was.state, State::Available { .. })
        && matches!(is.state, State::Quarantined { .. })
        && is.work.is_some();
    let moved = was.work.is_none() && was.state != is.state && !taken_off;
    if into_pool || moved {
        let (was, now) = (was.state.name(), is.state.name());
        let what = format!("number {} is frozen, was {was} and is {now}", is.id);
        return Err(Violation::of(21, what));
    }
    Ok(())
}

/// Works that have just begun to take a number off whoever has it.
pub fn given_up(mirror: &Mirror) -> Checked {
    for (id, before) in &mirror.news.works {
        let Some(work) = mirror.works.get(id) else { continue };
        let Phase::Unlinking(unlinking) = &work.phase else { continue };
        let gives_up = matches!(unlinking.why, Why::Released | Why::GivenBack);
        let began = !before.as_ref().is_some_and(is_unlinking);
        if gives_up && began && mirror.frozen.contains(&unlinking.line.number.id) {
            let what = format!("number {} is frozen and given up", unlinking.line.number.id);
            return Err(Violation::of(21, what));
        }
    }
    Ok(())
}

/// Also one at which a person was asked: it goes on where it was.
fn is_unlinking(phase: &Phase) -> bool {
    let at = if let Phase::NeedsPerson(stuck) = phase { &stuck.at } else { phase };
    matches!(at, Phase::Unlinking(_))
}
