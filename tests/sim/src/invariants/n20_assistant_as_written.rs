//! Invariant 20 of the architecture: VAPI is left with the last change of an assistant that was
//! written, and every assistant that was made is some row's.

use super::{Checked, View, Violation, whose};
use domain::work::{Note, Phase, Work};

/// Once all has settled.
pub fn check(view: &View<'_>) -> Checked {
    as_written(view)?;
    known(view)?;
    removed(view)
}

fn as_written(view: &View<'_>) -> Checked {
    for mirror in view.mirrors {
        for (id, row) in mirror.assistants.iter().filter(|(_, row)| !row.removal_asked) {
            let Some(vapi) = &row.vapi else { continue };
            let Some(name) = name_at_vapi(view, vapi) else {
                return Err(Violation::of(20, format!("assistant {id} is not at VAPI")));
            };
            if row.applied >= row.version {
                if name != row.name {
                    let what = format!("assistant {id} is {} and VAPI calls it {name}", row.name);
                    return Err(Violation::of(20, what));
                }
                continue;
            }
            // What VAPI was not told of was given up, which is told; or it is between two tries, which
            // go on beside the checks of a degraded line.
            let mut own = mirror.works.values().filter(|work| {
                work.recipient().is_some_and(|recipient| recipient.assistant == *id)
            });
            let tries =
                |work: &Work| work.pending_update().is_some() && mirror.due.contains(&work.id);
            let given_up = |note: &Note| matches!(note, Note::UpdateFailed { .. });
            if !own
                .any(|work| tries(work) || work.timeline.iter().any(|entry| given_up(&entry.note)))
            {
                let what = format!("VAPI was not told what assistant {id} is like");
                return Err(Violation::of(20, what));
            }
        }
    }
    Ok(())
}

fn name_at_vapi(view: &View<'_>, vapi: &str) -> Option<String> {
    let orgs = view.sky.providers.vapi.orgs();
    let held = orgs.iter().find_map(|org| org.assistants.get(vapi))?;
    Some(held.body.get("name")?.as_str()?.to_owned())
}

fn known(view: &View<'_>) -> Checked {
    for held in view.sky.providers.vapi.orgs().iter().flat_map(|org| org.assistants.iter()) {
        let stamp = held.body.get("metadata").and_then(|it| it.get("stamp")?.as_str());
        let Some((place, _, stamp)) = whose(view, stamp) else { continue };
        let mut rows = view.mirrors[place].assistants.values();
        if !rows.any(|row| row.vapi.as_ref() == Some(&held.id)) {
            let what = format!("assistant {} was made under {stamp} and has no row", held.id);
            return Err(Violation::of(20, what));
        }
    }
    Ok(())
}

fn removed(view: &View<'_>) -> Checked {
    for work in view.mirrors.iter().flat_map(|mirror| mirror.works.values()) {
        let Some(vapi) = work.vapi_assistant().filter(|_| work.phase == Phase::Removed) else {
            continue;
        };
        if name_at_vapi(view, vapi.as_str()).is_some() {
            let what = format!("work {} has removed an assistant that VAPI has", work.id);
            return Err(Violation::of(20, what));
        }
    }
    Ok(())
}
