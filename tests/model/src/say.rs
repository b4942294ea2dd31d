//! The way to a violation, in lines that can be read.

use crate::action::Action;
use crate::bounds::START;
use crate::state::{Doing, State};
use stateright::Path;

/// A line for each action: when, what, and where the works then stand.
pub(crate) fn path(path: Path<State, Action>) -> Vec<String> {
    let steps = path.into_vec();
    steps.windows(2).filter_map(line).collect()
}

fn line(pair: &[(State, Option<Action>)]) -> Option<String> {
    let [(before, Some(action)), (after, _)] = pair else { return None };
    let seconds = before.now.since(START).as_secs();
    let works = after.works.iter().map(|kept| kept.work.phase.name().as_str());
    let works: Vec<&str> = works.collect();
    let broken = after.broken.as_ref().map(|broken| format!(", and broke a rule: {broken:?}"));
    Some(format!(
        "{seconds:>4} s  {} -> {}{}",
        what(before, *action),
        works.join(", "),
        broken.unwrap_or_default()
    ))
}

/// What happens, with what the holder is at.
fn what(state: &State, action: Action) -> String {
    let (Action::Decide(place, _)
    | Action::Interrupt(place)
    | Action::Answer(place, _)
    | Action::LoseAnswer(place)
    | Action::Delay(place)
    | Action::Fail(place)
    | Action::Refuse(place)
    | Action::Crash(place)
    | Action::Freeze(place)) = action
    else {
        return format!("{action:?}");
    };
    let holder = &state.holders[usize::from(place)];
    let at = match holder.doing {
        Doing::Decides => format!("told {:?}", holder.told),
        Doing::Calls(call, _by) => format!("calling {call:?}"),
    };
    format!("{action:?} by the holder of work {}, {at}", holder.job.0)
}
