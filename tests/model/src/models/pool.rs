//! Models of numbers that change hands.
//!
//! Leases are short in them, as if each holder took its lease in the last moments of another's
//! invocation: only then can what a dead holder sent still arrive when the next one is at work.

use super::{Size, ends, scene, wanting};
use crate::before::Before;
use crate::bounds::{self, Bounds, SHORT_LEASE};
use crate::scene::Scene;
use crate::witness::Witness as W;
use domain::source::Source;

/// A world with one free number of VAPI's, which others want from the pool.
fn of_pool(name: &'static str, before: Before, bounds: Bounds) -> Scene {
    Scene {
        before,
        sources: &[Source::Pool],
        lines: 0,
        free_numbers: 1,
        limits: bounds::limits(1),
        lease: SHORT_LEASE,
        ..scene(name, bounds)
    }
}

/// One business gives its number up, and another wants a number of the pool.
pub(super) fn release_and_claim(size: Size) -> Scene {
    let small = Bounds {
        lost_answers: 1,
        late_links: 1,
        releases: 1,
        sweeps: 1,
        retries: 1,
        ..Bounds::NONE
    };
    let whole =
        Bounds { crashes: 1, lost_answers: 2, late_links: 2, cancels: 1, sweeps: 2, ..small };
    let mut witnesses = vec![W::Claimed, W::Freed, W::LateUnlinkWaitedOut];
    if size == Size::Whole {
        witnesses.extend([W::TookOver, W::LateLinkWaitedOut]);
    }
    Scene {
        jobs: 2,
        rest_days: 0,
        sometimes: vec![("the number is the other business's", ends::changed_hands)],
        witnesses: wanting(&witnesses),
        ..of_pool("a release against a claim", Before::Assigned, size.of(small, whole))
    }
}

/// Two want the one number of the pool, and Telnyx has one for sale.
pub(super) fn two_and_one_of_the_pool(size: Size) -> Scene {
    let small = Bounds { lost_answers: 1, late_links: 1, ..Bounds::NONE };
    let whole = Bounds { crashes: 1, cancels: 1, ..small };
    let mut witnesses = vec![W::Claimed, W::ClaimLost];
    if size == Size::Whole {
        witnesses.extend([W::TookOver, W::LateLinkWaitedOut]);
    }
    Scene {
        jobs: 3,
        sources: &[Source::Pool, Source::Telnyx],
        lines: 1,
        rest_days: 1,
        sometimes: vec![("one has it, the other passes the pool over", ends::one_claimed)],
        witnesses: wanting(&witnesses),
        ..of_pool("two claims of one number", Before::InPool, size.of(small, whole))
    }
}

/// A business gives its number up and wants it back, its rest ends and a sweep frees it, and another
/// wants it. Webhooks that tell of calls come late or never.
pub(super) fn release_and_quarantine(size: Size) -> Scene {
    let small = Bounds { releases: 2, undos: 1, rings: 1, sweeps: 2, ..Bounds::NONE };
    let whole = Bounds { crashes: 1, lost_answers: 1, late_links: 1, undos: 2, ..small };
    let mut witnesses =
        vec![W::Claimed, W::ClaimLost, W::HadBack, W::Freed, W::FreedInVain, W::CallNoted];
    if size == Size::Whole {
        witnesses.extend([W::TookOver, W::LateUnlinkWaitedOut]);
    }
    Scene {
        jobs: 2,
        rest_days: 1,
        sometimes: vec![
            ("the business has its number back", ends::had_back),
            ("the number is the other business's", ends::changed_hands),
            ("the number is gone to the other business", ends::gone),
        ],
        witnesses: wanting(&witnesses),
        ..of_pool("release and quarantine", Before::Assigned, size.of(small, whole))
    }
}
