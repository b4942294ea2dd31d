//! What the end-to-end tests share: one deployed stack, used by one test at a time.
//!
//! The stack is started by the first test and ends with the test process. Tests take turns, since
//! the providers' faults and their truth are the whole stack's; each test brings businesses of its
//! own and leaves no work under way.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use local::console::Console;
use local::main_job::{self, MainJob};
use local::{Answer, Api, Stack, StackOptions, User};
use serde_json::{Value, json};
use simulators::{DigitsPlan, Providers, STANDARD_TELNYX_KEY, STANDARD_VAPI_KEY};
use tokio::runtime::Runtime;
use tokio::sync::Mutex;

/// How long a provisioning may take, with the recovery of a killed run in it.
pub const WORK_LIMIT: Duration = Duration::from_secs(300);

/// Time from a free number's creation to its digits.
const DIGITS_AFTER: Duration = Duration::from_secs(2);

static RUNTIME: OnceLock<Runtime> = OnceLock::new();
static STACK: Mutex<Option<Result<Stack, String>>> = Mutex::const_new(None);
static BUSINESSES: AtomicU32 = AtomicU32::new(0);

/// Runs a test on the stack, alone.
///
/// # Panics
///
/// With the test, or when the stack cannot be started.
pub fn on_stack(test: impl AsyncFnOnce(&Stack)) {
    let runtime = RUNTIME.get_or_init(|| Runtime::new().expect("a runtime"));
    runtime.block_on(async {
        let mut stack = STACK.lock().await;
        if stack.is_none() {
            let started = Stack::start(options(), &Console::stderr()).await;
            *stack = Some(started.map_err(|error| format!("{error:#}")));
        }
        match stack.as_ref() {
            Some(Ok(stack)) => {
                // A test that failed may have left some.
                stack.providers().lock().clear_faults();
                test(stack).await;
            }
            Some(Err(reason)) => panic!("the stack did not start: {reason}"),
            None => unreachable!("it has just been put there"),
        }
    });
}

/// Short times, so that a run that was killed is soon taken up again, and numbers that do not rest.
fn options() -> StackOptions {
    let options = StackOptions { platform_twilio: true, ..StackOptions::default() };
    let mut options = options
        .parameter("StepsTimeoutSeconds", 20)
        .parameter("LeaseMarginSeconds", 5)
        .parameter("PollerOverdueSeconds", 1)
        .parameter("LookupWindowSeconds", 3)
        .parameter("LookupCount", 2)
        .parameter("DigitsWatchSeconds", 2)
        .parameter("FreeNumberLimit", 100)
        .parameter("QuarantineDays", 0)
        .parameter("CapDayOrganizationCents", 100_000)
        .parameter("CapDayOverallCents", 100_000)
        .parameter("CapMonthOrganizationCents", 100_000)
        .parameter("CapMonthOverallCents", 100_000);
    let digits_ms = i64::try_from(DIGITS_AFTER.as_millis()).unwrap_or(i64::MAX);
    options.providers.vapi.digits = DigitsPlan::After { ms: digits_ms };
    options.providers.vapi.free_limit = 100;
    options
}

/// Somebody of a business that nobody has used before.
#[derive(Debug)]
pub struct Owner {
    /// The API as they see it.
    pub api: Api,
    /// Their token.
    pub token: String,
    /// The name of their business.
    pub business_name: String,
}

impl Owner {
    /// Signs in somebody of a new business.
    ///
    /// # Panics
    ///
    /// When the user pool refuses.
    pub async fn new(stack: &Stack) -> Self {
        let number = BUSINESSES.fetch_add(1, Ordering::Relaxed);
        let user = User::of_business("acme", &format!("business-{number}"));
        let token = sign_in(stack, user).await;
        let business_name = format!("Business {number} & Sons");
        Self { api: stack.api(&token), token, business_name }
    }

    /// The request for a number from one source.
    #[must_use]
    pub fn request(&self, source: &str) -> Value {
        json!({
            "business_data": { "business_name": self.business_name },
            "sources": [source],
        })
    }

    /// Gets a number and has somebody call it.
    ///
    /// # Panics
    ///
    /// When the work does not end.
    pub async fn provision(&self, stack: &Stack, source: &str) -> MainJob {
        let request = self.request(source);
        let job = main_job::run(stack, &self.api, &request, WORK_LIMIT, |_| ()).await;
        job.unwrap_or_else(|error| panic!("{error:#}"))
    }
}

/// Signs a user in.
///
/// # Panics
///
/// When the user pool refuses.
pub async fn sign_in(stack: &Stack, user: User) -> String {
    let tokens = stack.sign_in(&[user]).await.unwrap_or_else(|error| panic!("{error:#}"));
    tokens.into_iter().next().expect("a token")
}

/// What the providers hold and have been paid: all that a refused request must not change.
#[must_use]
pub fn held(stack: &Stack) -> Value {
    let truth = stack.providers().with(|providers| providers.truth(0));
    json!({ "vapi": truth["vapi"]["orgs"], "telnyx": truth["telnyx"]["accounts"] })
}

/// What the providers hold, in figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figures {
    /// Assistants at VAPI.
    pub assistants: usize,
    /// Number records at VAPI.
    pub records: usize,
    /// Orders at Telnyx.
    pub orders: usize,
    /// Numbers at Telnyx.
    pub bought: usize,
}

impl Figures {
    /// The figures now.
    #[must_use]
    pub fn of(stack: &Stack) -> Self {
        stack.providers().with(|providers| {
            let org = providers.vapi.org(STANDARD_VAPI_KEY).expect("the standard organization");
            let account = providers.telnyx.account(STANDARD_TELNYX_KEY).expect("an account");
            Self {
                assistants: org.assistants.len(),
                records: org.numbers.len(),
                orders: account.orders.len(),
                bought: account.numbers.len(),
            }
        })
    }

    /// What has come on top of these.
    #[must_use]
    pub fn added(self, stack: &Stack) -> Self {
        let now = Self::of(stack);
        Self {
            assistants: now.assistants - self.assistants,
            records: now.records - self.records,
            orders: now.orders - self.orders,
            bought: now.bought - self.bought,
        }
    }
}

/// The name an assistant has at VAPI.
#[must_use]
pub fn assistant_name(stack: &Stack, id: &str) -> Option<String> {
    stack.providers().with(|providers| {
        let org = providers.vapi.org(STANDARD_VAPI_KEY)?;
        let name = org.assistants.get(id)?.body.get("name")?.as_str()?;
        Some(name.to_owned())
    })
}

/// Waits until the providers are so.
///
/// # Panics
///
/// When they are not within the time.
pub async fn until(stack: &Stack, what: &str, within: Duration, so: impl Fn(&Providers) -> bool) {
    let begun = Instant::now();
    while !stack.providers().with(|providers| so(providers)) {
        assert!(begun.elapsed() < within, "not within {} s: {what}", within.as_secs());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Checks that an answer is a problem (RFC 9457) people can read, with one of these statuses.
///
/// # Panics
///
/// When it is not.
#[track_caller]
pub fn assert_problem(answer: &Answer, statuses: &[u16]) {
    assert!(statuses.contains(&answer.status), "{} {}", answer.status, answer.text);
    let content_type = answer.headers.get("content-type").map_or("", String::as_str);
    assert!(content_type.starts_with("application/problem+json"), "{content_type}");
    let detail = answer.text_at("detail").unwrap_or_default();
    assert!(!detail.is_empty(), "no detail: {}", answer.text);
    assert!(answer.text_at("type").is_some_and(|text| !text.is_empty()), "{}", answer.text);
    assert_eq!(answer.text_at("error"), Some(detail), "the old pages read error");
    assert_eq!(answer.body["success"], json!(false), "the old pages read success");
}
