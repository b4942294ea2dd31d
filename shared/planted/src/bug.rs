//! The bugs: what each breaks, and which invariant of the design is violated by it.

/// One list gives the variants, their numbers, names and words.
macro_rules! bugs {
    ($(
        $(#[doc = $doc:literal])+
        $name:ident breaks $invariant:literal $(shown by $check:literal $(of $world:literal)?)?,
    )+) => {
        /// A bug that can be planted. Its number is its place in the list, counted from one.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[repr(u8)]
        pub enum Bug {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Bug {
            /// All of them, by number.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// Its name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)+ }
            }

            /// What is broken.
            #[must_use]
            pub const fn what(self) -> &'static str {
                match self { $(Self::$name => concat!($($doc),+),)+ }
            }

            /// The number of the invariant that is violated by it, as the design counts them.
            #[must_use]
            pub const fn breaks(self) -> u8 {
                match self { $(Self::$name => $invariant,)+ }
            }

            /// The check to begin with, where that is not the random schedules: what seldom
            /// happens by chance is soon met where every order of events is gone through.
            #[must_use]
            pub const fn shown_by(self) -> Option<&'static str> {
                match self { $(Self::$name => bugs!(@maybe $($check)?),)+ }
            }

            /// The one world of that check which shows it, where the others would only take time.
            #[must_use]
            pub const fn shown_in(self) -> Option<&'static str> {
                match self { $(Self::$name => bugs!(@maybe $($($world)?)?),)+ }
            }
        }
    };
    (@maybe) => { None };
    (@maybe $given:literal) => { Some($given) };
}

impl Bug {
    /// Its number, from one.
    #[must_use]
    pub const fn number(self) -> u8 {
        (self as u8).saturating_add(1)
    }

    /// The bug of that number.
    #[must_use]
    pub fn numbered(number: u8) -> Option<Self> {
        Self::ALL.iter().copied().find(|bug| bug.number() == number)
    }
}

bugs! {
    // The lease and the inbox.
    /// A lease is taken though its holder is alive.
    TakeHeldLease breaks 1,
    /// A commit does not ask whether the lease is still the writer's.
    CommitWithoutLease breaks 1 shown by "model" of "two provisionings, one number",
    /// A lease that ran out is not taken over.
    LeaseNeverExpires breaks 5,
    /// The closing write does not ask whether something new is in the inbox.
    CloseWithoutHearing breaks 5,
    /// A create does not ask whether something new is in the inbox.
    CreateWithoutHearing breaks 2,
    /// What came into the inbox meanwhile is compared with itself: nothing is new.
    NewsForgotten breaks 5,

    // Writing.
    /// All writes of an invocation carry the same mark, which is the transaction's token.
    MarksAlike breaks 5,
    /// A refused write counts as ours whoever's mark is on the item.
    AnyMarkIsOurs breaks 5,
    /// What stands in the way of a write is passed over.
    ObstacleIgnored breaks 4,
    /// The create is sent without its intent being written.
    IntentNotWritten breaks 2,
    /// A start that could not be written is answered as if it were.
    AcceptedUnwritten breaks 5,

    // Messages and the poller.
    /// A work that waits is left without the time it is due.
    DueNotWritten breaks 5,
    /// The poller leaves out the first part of the due index.
    PollerSkipsPart breaks 5,
    /// The poller moves what is overdue and does not send for it.
    OverdueNotSent breaks 5,

    // What the end of a call says.
    /// A create whose answer was lost counts as not done.
    LostAnswerMeansNo breaks 2,
    /// A create answered with 5xx counts as not done.
    ServerErrorMeansNo breaks 2,
    /// A create whose answer cannot be read counts as not done.
    UnreadableMeansNo breaks 2,
    /// The HTTP client repeats a create like a read.
    CreateRepeated breaks 3,
    /// After a 401 the key is not read again.
    KeyNotReadAgain breaks 5,

    // Looking up.
    /// Absence is believed after the first look that finds nothing.
    FirstMissBelieved breaks 3,
    /// An open intent of a free number is not looked up but created again.
    FreeNotLookedUp breaks 3,
    /// A free number is created without its stamp.
    FreeNotStamped breaks 3,
    /// A number in the account counts as ours whatever reference it carries.
    OthersNumberAdopted breaks 1,
    /// The stamp does not say which attempt.
    AttemptNotInStamp breaks 2,
    /// An order that is still pending counts as failed.
    PendingMeansFailed breaks 2,
    /// An order that does not show yet counts as failed.
    MissingMeansFailed breaks 2,

    // Slots and money.
    /// A slot that was read as free is taken without asking whether it still is.
    SlotNotAsked breaks 4,
    /// One slot more than there are is given out.
    SlotBeyondLimit breaks 4,
    /// The slot comes back although nobody knows whether the number was created.
    SlotFreedOnDoubt breaks 8,
    /// The slot does not come back when the create certainly failed.
    SlotKept breaks 8,
    /// The money comes back although nobody knows whether the number was bought.
    MoneyBackOnDoubt breaks 8,
    /// The money does not come back when certainly nothing was bought.
    MoneyKept breaks 8,
    /// The money is set aside once more with the second order of a number.
    MoneyReservedAgain breaks 8,
    /// A cap is compared with what was committed before, without the new amount.
    CapWithoutAmount breaks 11,
    /// Only the organization's ledgers are kept, not those over all.
    OverallLedgerForgotten breaks 11,

    // Numbers and who has them.
    /// The guard of digits and ids is written over another's.
    GuardOverwritten breaks 1,
    /// A number of the pool is claimed without asking whether it is as it was seen.
    ClaimUnseen breaks 1 shown by "model" of "two claims of one number",
    /// A release puts a number to rest without taking the assistant off it.
    ReleaseKeepsLink breaks 7,
    /// Calls that could not be read count as none: the number need not rest.
    UnreadCallsMeanNone breaks 10 shown by "model" of "release and quarantine",
    /// What VAPI remembers of calls is not asked for: no number need rest.
    CallsNotAsked breaks 10,
    /// A claim does not say whose the number is now.
    ClaimKeepsOrganization breaks 9,
    /// A number that rests is freed although its time is not over.
    FreedEarly breaks 10,
    /// What was asked to be removed counts as gone, without a look whether it is.
    GoneUnread breaks 3 shown by "repeat",
    /// After a purchase whose import is refused, the source is left.
    SourceLeft breaks 9,
    /// A cancel ends a work whose order may be under way.
    CancelForgetsOrder breaks 3,
    /// A cancel puts a number to rest without taking the assistant off it.
    CancelKeepsLink breaks 7,
    /// A retry of an ended work does not ask whether a newer one took its place.
    RetryOverNewer breaks 1,
    /// A new work does not ask whether the assistant's latest one is still the one it replaces.
    StartOverNewer breaks 1,
    /// Who is linked to what nobody has is taken off, though a work is at the number already.
    TakenOffBusy breaks 1 shown by "model" of "provisioning and sweeper",
    /// A number is put to rest while a link or unlink that was sent before may still take effect.
    LateLinkNotAwaited breaks 7 shown by "model" of "release and quarantine",
    /// A stray is taken in though the work that made it goes on.
    AdoptedFromLive breaks 1 shown by "model" of "adoption against a live provisioning",

    // Ready.
    /// Ready without asking the carrier.
    ReadyWithoutCarrier breaks 6,
    /// Ready without comparing the assistant.
    ReadyWithoutAssistant breaks 6,
    /// Ready without digits.
    ReadyWithoutDigits breaks 6,
    /// Any application at the carrier counts as one that calls VAPI.
    ApplicationNotAsked breaks 6,

    // Accounts at Twilio.
    /// A purchase bears no stamp.
    PurchaseNotStamped breaks 2,
    /// The platform's account at Twilio is used for an organization that has its own.
    PlatformForOrganization breaks 9,
    /// Numbers of an organization's own account serve everybody.
    OwnAccountServesAll breaks 9,
    /// Ready without asking Twilio where the calls go.
    TwilioRouteNotAsked breaks 6,

    // The comparison with the providers.
    /// A number is given back, or its link taken off, without being taken from whoever may claim it.
    GivenBackUnclaimed breaks 1,
    /// A line that was found otherwise is mended without its row being taken over.
    RepairUnclaimed breaks 1,
    /// What is not found by id counts as gone the first time.
    SuspicionBelieved breaks 3,
    /// Nobody asks whose account a key names before its lists are believed.
    BrakeIgnored breaks 3,
    /// Where a number is routed is not compared.
    RouteNotCompared breaks 6,
    /// Mending begins after what the first run found.
    FindingsPassedOver breaks 6,
    /// Whoever is linked to a number that nobody has stays linked.
    LinkedLeft breaks 7,

    // The edge.
    /// A known idempotency key is not compared with the body.
    KeyBodyIgnored breaks 12,
    /// An idempotency key is not kept with the work it started.
    KeyNotKept breaks 12,
    /// Idempotency keys of all businesses are one.
    KeyNotScoped breaks 9,
    /// Another organization's work is shown.
    OthersWorkShown breaks 9,
    /// A webhook is heard whoever signed it.
    ForgedWebhookHeard breaks 13,
    /// A webhook is heard each time it comes.
    WebhookHeardTwice breaks 13,

    // Numbers made ahead.
    /// An idempotency key is not kept with the numbers for the pool that were asked for.
    StockKeyNotKept breaks 12,
    /// A number whose route cannot be put right goes into the pool.
    UnroutedPooled breaks 6 shown by "repeat",
    /// A number that rests is freed though it was not read back as answering.
    UnprovenFreed breaks 6 shown by "repeat",
    /// A refill of the pool does not count what is under way.
    RefillForgetsUnderWay breaks 11,
    /// A refill is written without asking whether another one was quicker.
    RefillUnseen breaks 11,

    // Numbers that are brought in.
    /// A number that bears the stamp of something else is taken.
    StampedTaken breaks 1,
    /// A number that answers for somebody at VAPI is taken for the pool.
    LinkedTaken breaks 1,

    // Assistants that are changed.
    /// A change of an assistant is not heard by its work.
    ChangeNotHeard breaks 20,

    // Numbers that somebody asks to take away.
    /// A number is freed or taken without asking whether it is frozen.
    FreezeNotAsked breaks 21,
    /// What is told of a request is believed though something newer is known.
    OlderNewsBelieved breaks 21,
}
