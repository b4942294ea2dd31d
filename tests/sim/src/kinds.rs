//! The kinds of faults, and how often each struck.

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// A kind of fault.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Kind { $($(#[$doc])* $name,)* }

        impl Kind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Its name in reports.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

kinds! {
    /// A message is delivered two times.
    MessageTwice = "message_twice",
    /// A message comes much later than asked.
    MessageLate = "message_late",
    /// A message is lost.
    MessageLost = "message_lost",
    /// The queue does not take a message.
    MessageNotTaken = "message_not_taken",
    /// A message overtakes one that was sent before it.
    MessageReordered = "message_reordered",
    /// A message becomes visible again while it is worked on.
    Visibility = "visibility_timeout",
    /// A process dies between two awaits.
    Crash = "crash",
    /// An invocation meets its timeout and is killed.
    Timeout = "invocation_timeout",
    /// A condition does not hold: somebody else was quicker.
    ConditionFailed = "condition_failed",
    /// A write is applied and its answer lost.
    WriteAnswerLost = "write_answer_lost",
    /// A request to the table is lost on its way there.
    TableLost = "table_request_lost",
    /// A write is applied, its answer lost, and repeated by the SDK.
    WriteRepeated = "write_repeated",
    /// A transaction meets another.
    Conflict = "transaction_conflict",
    /// The table throttles.
    Throttled = "throttled",
    /// An index shows what was.
    StaleIndex = "stale_index_read",
    /// A read of several items is overtaken halfway.
    TornRead = "torn_read",
    /// A request to a provider is not sent.
    NotSent = "not_sent",
    /// A request to a provider times out and never arrives.
    TimeoutBefore = "timeout_before_effect",
    /// A request to a provider takes effect and times out.
    TimeoutAfter = "timeout_after_effect",
    /// A request takes effect after its sender gave up.
    LateEffect = "effect_after_timeout",
    /// A request is on its way as its sender dies, and arrives.
    EffectAfterCrash = "effect_after_crash",
    /// The connection breaks before the effect.
    ResetBefore = "reset_before_effect",
    /// The connection breaks amid the answer.
    ResetAmid = "reset_mid_body",
    /// 429 without `Retry-After`.
    TooMany = "http_429",
    /// 429 with `Retry-After`.
    TooManyUntil = "http_429_retry_after",
    /// A 5xx without effect.
    ErrorBefore = "http_5xx_before_effect",
    /// A 5xx although the effect happened.
    ErrorAfter = "http_5xx_after_effect",
    /// The body of the answer is cut.
    Garbled = "garbled_answer",
    /// The provider refuses for a reason of its own, or an order fails.
    Refused = "provider_refusal",
    /// A list does not show yet what was created.
    ListLag = "list_lags_create",
    /// A webhook comes before the answer to the order.
    WebhookEarly = "webhook_early",
    /// A webhook comes late.
    WebhookLate = "webhook_late",
    /// A webhook comes twice.
    WebhookTwice = "webhook_twice",
    /// A webhook never comes.
    WebhookNever = "webhook_never",
    /// A webhook that nobody signed.
    WebhookForged = "webhook_forged",
    /// A provider's key is changed.
    SecretRotated = "secret_rotated",
    /// The secret store does not answer.
    SecretUnreadable = "secret_unreadable",
    /// A holder's clock differs from the one's before.
    ClockSkew = "clock_skew",
    /// Time jumps.
    ClockStep = "clock_step",
    /// Somebody changes a provider's record by hand while its number is being got.
    ByHand = "record_changed_by_hand",
    /// Somebody changes by hand what was set up: a link or a route.
    Drift = "set_otherwise_by_hand",
    /// A provider does not find a record that it has.
    Hidden = "record_not_found",
    /// A key is put in place of ours that is another account's.
    OtherAccount = "key_of_another_account",
    /// A new version starts with old messages and items about.
    Deploy = "deploy",
}

/// How many kinds there are.
pub const KINDS: usize = Kind::ALL.len();

/// How often each kind struck.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts([u64; KINDS]);

impl Default for Counts {
    fn default() -> Self {
        Self([0; KINDS])
    }
}

impl Counts {
    /// It struck once more.
    pub const fn add(&mut self, kind: Kind) {
        self.0[kind as usize] += 1;
    }

    /// It struck so much more often.
    pub const fn add_all(&mut self, kind: Kind, times: u64) {
        self.0[kind as usize] += times;
    }

    /// How often it struck.
    pub const fn of(&self, kind: Kind) -> u64 {
        self.0[kind as usize]
    }

    /// All of them together.
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    /// With what struck elsewhere.
    pub fn merge(&mut self, other: &Self) {
        for (mine, more) in self.0.iter_mut().zip(other.0) {
            *mine += more;
        }
    }

    /// The kinds that never struck.
    pub fn missing(&self) -> Vec<&'static str> {
        Kind::ALL.iter().filter(|kind| self.of(**kind) == 0).map(|kind| kind.name()).collect()
    }
}
