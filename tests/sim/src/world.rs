//! The ports of the functions, standing on the ground of a schedule.

use crate::boundaries::Point;
use crate::ground::{Ground, State, millis};
use crate::kinds::Kind;
use crate::wire::Wire;
use domain::ids::Fresh;
use domain::time::Timestamp;
use runtime::{
    Clock, Ids, Message, Queue, QueueError, SecretError, SecretKeeper, SecretNotKept, SecretSource,
    World,
};
use secrecy::SecretString;
use std::sync::Arc;
use std::time::Duration;
use store::memory::{Fault, Faults, MemoryTable, Pause, Pauses, Request, YieldOnce};
use store::table::Index;

/// The world of the simulator.
#[derive(Debug, Clone, Copy)]
pub struct SimWorld;

impl World for SimWorld {
    type Table = Arc<MemoryTable>;
    type Clock = SimClock;
    type Ids = SimIds;
    type Queue = SimQueue;
    type Secrets = SimSecrets;
    type Vapi = Wire;
    type Telnyx = Wire;
}

/// The clock of one process, which may differ from the true time.
#[derive(Debug)]
pub struct SimClock {
    /// What it stands on.
    pub ground: Ground,
    /// How much it is ahead, in milliseconds.
    pub skew_ms: i64,
}

impl Clock for SimClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.ground.lock().now_ms + self.skew_ms)
    }

    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + Send {
        self.ground.sleep(millis(duration))
    }
}

/// Ids that never repeat in a schedule.
#[derive(Debug)]
pub struct SimIds(pub Ground);

impl Ids for SimIds {
    fn fresh(&self) -> Fresh {
        let mut state = self.0.lock();
        let now = u128::from(state.now_ms.cast_unsigned());
        let ordinal = u128::from(state.ordinal() & 0xffff);
        Fresh(now << 80 | ordinal << 64 | u128::from(state.dice.roll()))
    }
}

/// The way into the queue of a deployment.
#[derive(Debug)]
pub struct SimQueue {
    /// What it stands on.
    pub ground: Ground,
    /// Whose queue.
    pub deployment: usize,
}

impl Queue for SimQueue {
    async fn send(&self, message: &Message, delay: Duration) -> Result<(), QueueError> {
        let effect = self.ground.lock().post_begins();
        YieldOnce::default().await;
        let taken = {
            let mut state = self.ground.lock();
            let taken = state.send(self.deployment, message, millis(delay));
            state.current.dies |= state.boundaries.pass(effect, Point::AfterCall, POSTS);
            taken
        };
        YieldOnce::default().await;
        if taken { Ok(()) } else { Err(QueueError("not taken".to_owned())) }
    }
}

/// What the effect of sending a message is called.
const POSTS: &str = "a message";

impl State {
    /// A message is about to be sent: an effect like a call to a provider.
    fn post_begins(&mut self) -> u32 {
        let effect = self.boundaries.begin();
        self.current.dies |= self.boundaries.pass(effect, Point::BeforeCall, POSTS);
        effect
    }

    /// A message is sent; `false` when the queue does not take it.
    fn send(&mut self, deployment: usize, message: &Message, delay_ms: i64) -> bool {
        let faults = [
            Kind::MessageTwice,
            Kind::MessageLate,
            Kind::MessageLost,
            Kind::MessageNotTaken,
            Kind::MessageReordered,
        ];
        let fault = self.one_of(&faults);
        let mut at_ms = self.now_ms + delay_ms;
        self.note(1, || format!("   {message:?} sent, due in {delay_ms} ms"));
        if self.poller_only && !self.current.is_poller {
            return true;
        }
        match fault {
            Some(Kind::MessageLost) => return true,
            Some(Kind::MessageNotTaken) => return false,
            Some(Kind::MessageLate) => at_ms += i64::try_from(self.dice.below(200_000)).unwrap(),
            // Enough to be overtaken; whether it was is counted as it is taken.
            Some(Kind::MessageReordered) => at_ms += i64::try_from(self.dice.below(5_000)).unwrap(),
            Some(Kind::MessageTwice) => {
                let later = self.dice.pick(&[0, 0, 50, 1_000, 20_000, 130_000]);
                let id = self.ordinal();
                self.mail[deployment].put(id, message, at_ms + later, false);
            }
            Some(_) | None => {}
        }
        let id = self.ordinal();
        let moved = fault == Some(Kind::MessageReordered);
        self.mail[deployment].put(id, message, at_ms, moved);
        true
    }
}

/// The secrets of a deployment.
#[derive(Debug)]
pub struct SimSecrets {
    /// What they stand on.
    pub ground: Ground,
    /// Whose secrets.
    pub deployment: usize,
}

impl SecretSource for SimSecrets {
    async fn fetch(&self, id: &str) -> Result<Option<SecretString>, SecretError> {
        YieldOnce::default().await;
        let mut state = self.ground.lock();
        if state.strikes(Kind::SecretUnreadable) {
            return Err(SecretError("the secret store does not answer".to_owned()));
        }
        let place = usize::from(id == TELNYX_SECRET);
        Ok(Some(SecretString::from(state.secrets[self.deployment][place].clone())))
    }
}

impl SecretKeeper for SimSecrets {
    async fn keep(&self, id: &str, _text: &SecretString) -> Result<(), SecretNotKept> {
        YieldOnce::default().await;
        Err(SecretNotKept(format!("nobody changes {id} here")))
    }
}

/// The id of VAPI's secret.
pub const VAPI_SECRET: &str = "vapi";
/// The id of Telnyx's secret.
pub const TELNYX_SECRET: &str = "telnyx";

/// What goes wrong at a table.
#[derive(Debug)]
pub struct TableWeather(pub Ground);

impl Faults for TableWeather {
    fn draw(&self, request: Request<'_>) -> Fault {
        let mut state = self.0.lock();
        let state = &mut *state;
        if matches!(request, Request::Write(_) | Request::Transact(_)) {
            state.boundaries.writing(state.current.task);
        }
        let kinds: &[Kind] = match request {
            Request::Get(_) => &[Kind::TableLost, Kind::Throttled],
            Request::Query(query) => {
                if query.index != Index::Base && state.stale {
                    state.struck(Kind::StaleIndex);
                }
                &[Kind::TableLost, Kind::Throttled]
            }
            Request::Write(_) | Request::Transact(_) => &[
                Kind::WriteAnswerLost,
                Kind::WriteRepeated,
                Kind::TableLost,
                Kind::Conflict,
                Kind::Throttled,
            ],
        };
        state.note(2, || format!("   table {}", shape(request)));
        match state.one_of(kinds) {
            Some(Kind::WriteAnswerLost) => Fault::LostAfter,
            Some(Kind::WriteRepeated) => Fault::Repeated,
            Some(Kind::TableLost) => Fault::LostBefore,
            Some(Kind::Conflict) => Fault::Conflict,
            Some(Kind::Throttled) => Fault::Throttled,
            Some(_) | None => Fault::None,
        }
    }
}

fn shape(request: Request<'_>) -> String {
    match request {
        Request::Get(keys) => {
            let keys: Vec<String> =
                keys.iter().map(|key| format!("{}|{}", key.pk, key.sk)).collect();
            format!("get {}", keys.join(" "))
        }
        Request::Query(query) => format!("query {:?} {}", query.index, query.partition),
        Request::Write(write) => format!("write {}|{}", write.key().pk, write.key().sk),
        Request::Transact(writes) => {
            let keys: Vec<String> = writes
                .iter()
                .map(|write| format!("{}|{}", write.key().pk, write.key().sk))
                .collect();
            format!("transact {}", keys.join(" "))
        }
    }
}

/// Lets others run, or the task die, at every point of every request.
#[derive(Debug)]
pub struct TablePauses(pub Ground);

impl Pauses for TablePauses {
    fn pause(&self, point: store::memory::Point) -> Option<Pause> {
        if point == store::memory::Point::Answered {
            let mut state = self.0.lock();
            let task = state.current.task;
            state.current.dies |= state.boundaries.answered(task);
        }
        Some(Box::pin(YieldOnce::default()))
    }
}
