//! Models of the comparison with what VAPI lists, and of works that go on meanwhile.

use super::{Size, ends, scene, wanting};
use crate::before::Before;
use crate::bounds::{self, Bounds, SHORT_LEASE};
use crate::scene::Scene;
use crate::witness::Witness as W;
use domain::source::Source;

/// A business is given a number of the pool, while somebody outside changes who answers it, and what
/// the comparison finds is mended: at any moment of the provisioning, and of a release.
pub(super) fn provisioning_and_sweeper(size: Size) -> Scene {
    let small = Bounds { meddlings: 1, releases: 1, comparisons: 2, duplicates: 1, ..Bounds::NONE };
    let whole = Bounds { crashes: 1, lost_answers: 1, late_links: 1, cancels: 1, ..small };
    let mut witnesses =
        vec![W::Claimed, W::TakenOff, W::TakenOffInVain, W::RepairAsked, W::LinkRepaired];
    if size == Size::Whole {
        witnesses.extend([W::TookOver, W::SuspectedInVain]);
    }
    Scene {
        before: Before::InPool,
        jobs: 2,
        sources: &[Source::Pool],
        lines: 0,
        free_numbers: 1,
        limits: bounds::limits(1),
        lease: SHORT_LEASE,
        rest_days: 1,
        sometimes: vec![
            ("it is ready, and was put right", ends::put_right),
            ("what nobody has is taken off, and the pool is empty", ends::taken_off_first),
        ],
        witnesses: wanting(&witnesses),
        ..scene("provisioning and sweeper", size.of(small, whole))
    }
}

/// A number of a first attempt has come to light long after it was called off. A retry gets another
/// one meanwhile, whose create is lost and looked up: the one is taken in, the other is left alone.
pub(super) fn adoption(size: Size) -> Scene {
    let small = Bounds { lost_answers: 1, retries: 1, comparisons: 1, ..Bounds::NONE };
    let whole = Bounds { crashes: 1, comparisons: 2, ..small };
    let mut witnesses = vec![W::AnswerLost, W::FoundAgain, W::StrayAdopted, W::StrayLeft];
    if size == Size::Whole {
        witnesses.extend([W::TookOver, W::CreateRepeated]);
    }
    Scene {
        before: Before::Stray,
        sources: &[Source::VapiFree],
        lines: 0,
        free_numbers: 3,
        limits: bounds::limits(3),
        rest_days: 1,
        sometimes: vec![
            ("it is ready, and the stray rests", ends::ready_beside_stray),
            ("the stray rests although it is called off", ends::only_stray),
        ],
        witnesses: wanting(&witnesses),
        ..scene("adoption against a live provisioning", size.of(small, whole))
    }
}
