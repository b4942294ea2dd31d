//! What happens on the way and leaves no trace in a state: that it happened somewhere is noted
//! beside the states, so that they need not remember it.

use std::sync::atomic::{AtomicU64, Ordering};

/// Something that should happen somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Witness {
    TookOver,
    LeaseWasLost,
    InboxHadMoved,
    CameInVain,
    CreateArrivedLate,
    WokenByPoller,
    WokenByWebhook,
    WebhookHeardTwice,
    AnswerLost,
    FoundAgain,
    OrderFoundAgain,
    CreateRepeated,
    OrderRepeated,
    AbsenceBelieved,
    SlotLost,
    DigitsLost,
    CapReached,
    TakenByOthers,
    LinkRepaired,
    RouteRepaired,
    OrderFailed,
    RetriedWhileLate,
    CancelHeardBeforeCreate,
    DigitsWereLate,
    CancelHeardAfterPurchase,
    Claimed,
    ClaimLost,
    HadBack,
    Freed,
    FreedInVain,
    LateUnlinkWaitedOut,
    LateLinkWaitedOut,
    CallNoted,
    SuspectedInVain,
    TakenOff,
    TakenOffInVain,
    RepairAsked,
    StrayAdopted,
    StrayLeft,
}

impl Witness {
    /// What it is called in a report.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::TookOver => "a holder took over from one that died",
            Self::LeaseWasLost => "a write came after the lease was lost",
            Self::InboxHadMoved => "a write met an ask it had not heard",
            Self::CameInVain => "a message found nothing to do",
            Self::CreateArrivedLate => "a create arrived after nobody listened any more",
            Self::WokenByPoller => "the poller made up for a lost message",
            Self::WokenByWebhook => "a webhook woke its work",
            Self::WebhookHeardTwice => "a webhook that came twice was heard once",
            Self::AnswerLost => "an answer was lost",
            Self::FoundAgain => "what was thought lost was found at VAPI",
            Self::OrderFoundAgain => "an order that was thought lost was found",
            Self::CreateRepeated => "a create at VAPI was repeated",
            Self::OrderRepeated => "an order was repeated",
            Self::AbsenceBelieved => "absence was believed",
            Self::SlotLost => "a slot went to another",
            Self::DigitsLost => "a number went to another of ours",
            Self::CapReached => "a cap was reached",
            Self::TakenByOthers => "a number was sold to others",
            Self::LinkRepaired => "a link was put right",
            Self::RouteRepaired => "a route was put right",
            Self::OrderFailed => "an order failed, and its money came back",
            Self::RetriedWhileLate => "a retry was asked while a create was still on its way",
            Self::CancelHeardBeforeCreate => "a cancel kept a work from creating",
            Self::DigitsWereLate => "digits were late",
            Self::CancelHeardAfterPurchase => "a cancel came when the number was bought",
            Self::Claimed => "a number of the pool was claimed",
            Self::ClaimLost => "a claimed number went to another",
            Self::HadBack => "a number was had back",
            Self::Freed => "a sweep freed a number",
            Self::FreedInVain => "a sweep found that a number had changed",
            Self::LateUnlinkWaitedOut => "an unlink arrived late, and was waited out",
            Self::LateLinkWaitedOut => "a link arrived late, and was waited out",
            Self::CallNoted => "a webhook told of a call",
            Self::SuspectedInVain => "what a list showed was not so by id",
            Self::TakenOff => "a work was started that takes off who is linked",
            Self::TakenOffInVain => "a number to be taken off had changed",
            Self::RepairAsked => "a work was asked to put right what differs",
            Self::StrayAdopted => "a stray was taken in",
            Self::StrayLeft => "a stray was left to the work that made it",
        }
    }
}

/// What was seen, by all threads of one check.
#[derive(Debug, Default)]
pub(crate) struct Witnesses {
    wanted: Vec<Witness>,
    seen: AtomicU64,
}

impl Witnesses {
    pub(crate) fn wanting(wanted: &[Witness]) -> Self {
        Self { wanted: wanted.to_vec(), seen: AtomicU64::new(0) }
    }

    pub(crate) fn saw(&self, witness: Witness) {
        let bit = Self::bit(witness);
        if self.seen.load(Ordering::Relaxed) & bit == 0 {
            self.seen.fetch_or(bit, Ordering::Relaxed);
        }
    }

    /// What was wanted, and whether it was seen.
    pub(crate) fn told(&self) -> impl Iterator<Item = (&'static str, bool)> + '_ {
        let seen = self.seen.load(Ordering::Relaxed);
        self.wanted.iter().map(move |wanted| (wanted.name(), seen & Self::bit(*wanted) != 0))
    }

    const fn bit(witness: Witness) -> u64 {
        1 << witness as u32
    }
}
