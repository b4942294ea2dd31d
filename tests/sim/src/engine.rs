//! Lets everything of a schedule happen, one stretch of one task at a time, and checks after each.

use crate::deployment::{Deployment, Version, secrets};
use crate::ground::{Current, Ground, State};
use crate::hooks;
use crate::invariants::n10_whom_calls_reach;
use crate::invariants::n12_same_key_same_work::Keys;
use crate::invariants::{self, Checked, View, Violation};
use crate::kinds::Kind;
use crate::knowledge;
use crate::mail::VISIBILITY_MS;
use crate::mirror::Mirror;
use crate::people::{Act, Business};
use crate::plan::Event;
use crate::portal::PortOuts;
use crate::tasks::{Done, Errand, Task};
use crate::twilio;
use domain::work::PhaseName;
use simulators::{CallStep, Delivery, Provider, STANDARD_TELNYX_KEY, STANDARD_VAPI_KEY};
use std::collections::VecDeque;
use std::rc::Rc;
use std::task::Poll;

/// Steps of one schedule: far above what the longest takes.
const STEPS_MAX: u64 = 400_000;
/// Time between two ticks of the pollers.
pub const TICK_MS: i64 = 60_000;
/// When somebody calls again who was not answered.
const CALLS_AGAIN_MS: i64 = 1_000;
/// Messages of a batch.
const BATCH_MAX: usize = 5;

/// How often every delivery is made, and when again.
#[derive(Debug, Clone, Copy)]
pub struct Copies {
    /// How often more than once.
    pub more: u32,
    /// After so many stretches of the first one; `None`: when it has ended.
    pub after_polls: Option<u32>,
}

/// Everything of a schedule.
#[derive(Debug)]
pub struct Engine {
    /// What it stands on.
    pub ground: Ground,
    /// Deployments.
    pub deployments: Vec<Deployment>,
    /// What their tables say.
    pub mirrors: Vec<Mirror>,
    /// Their customers.
    pub businesses: Vec<Business>,
    /// Steps so far, the pollers' not counted: most of their ticks find nothing.
    pub steps: u64,
    /// Steps of the pollers.
    pub poller_steps: u64,
    /// Whether every delivery is made more than once.
    pub copies: Option<Copies>,
    /// What still happens, at which time.
    pub script: VecDeque<(i64, Event)>,
    /// What somebody does when a work is first seen in a phase.
    pub when: Vec<(PhaseName, Event)>,
    /// Whether who is not answered calls again.
    pub calls_again: bool,
    /// The next version of each deployment.
    pub next_versions: Vec<Rc<Version>>,
    /// Who asks to take numbers away.
    pub port_outs: PortOuts,
    keys: Keys,
    tasks: Vec<Task>,
    next_tick_ms: i64,
    rotations: u32,
}

impl Engine {
    /// An engine in which nothing has happened yet.
    pub fn new(ground: Ground, deployments: Vec<Deployment>, businesses: Vec<Business>) -> Self {
        let next_tick_ms = ground.lock().now_ms + TICK_MS;
        let mirrors = deployments.iter().map(|_| Mirror::default()).collect();
        let next_versions =
            deployments.iter().map(|deployment| Rc::clone(&deployment.version)).collect();
        Self {
            ground,
            deployments,
            mirrors,
            businesses,
            steps: 0,
            poller_steps: 0,
            copies: None,
            script: VecDeque::new(),
            when: Vec::new(),
            calls_again: false,
            next_versions,
            port_outs: PortOuts::default(),
            keys: Keys::default(),
            tasks: Vec::new(),
            next_tick_ms,
            rotations: 0,
        }
    }

    /// Lets things happen until the time has come (`false`) or, nothing being under way, the
    /// condition holds (`true`).
    pub fn run(&mut self, until_ms: i64, holds: impl Fn(&Self) -> bool) -> Result<bool, Violation> {
        while self.steps + self.poller_steps < STEPS_MAX {
            self.start_due()?;
            if let Some(place) = self.awake() {
                self.step(place)?;
                continue;
            }
            if self.tasks.is_empty() && holds(self) {
                return Ok(true);
            }
            if self.tasks.is_empty() {
                crate::by_hand::strike(&self.ground, &self.mirrors);
            }
            let next = self.next_event();
            if next > until_ms {
                self.ground.lock().advance_to(until_ms);
                return Ok(false);
            }
            self.ground.lock().advance_to(next);
            self.time_out();
        }
        Err(Violation::of(5, format!("more than {STEPS_MAX} steps")))
    }

    /// One of the tasks that have something to do.
    fn awake(&self) -> Option<usize> {
        let count = self.tasks.iter().filter(|task| task.is_awake()).count();
        let chosen = match count {
            0 => return None,
            1 => 0,
            _ => {
                let count = u64::try_from(count).unwrap();
                usize::try_from(self.ground.lock().dice.below(count)).unwrap()
            }
        };
        let mut awake = self.tasks.iter().enumerate().filter(|(_, task)| task.is_awake());
        awake.nth(chosen).map(|(place, _)| place)
    }

    fn next_event(&self) -> i64 {
        let state = self.ground.lock();
        let mail = state.mail.iter().filter_map(crate::mail::Mail::next_due);
        let script = self.script.front().map(|(at, _)| *at);
        let ends = self.tasks.iter().map(|task| task.ends_ms);
        let others = [state.next_timer(), state.sky.next_due(), script];
        let all = mail.chain(ends).chain(others.into_iter().flatten());
        all.chain([self.next_tick_ms]).min().unwrap().max(state.now_ms)
    }

    /// Lets one task run until it waits, and checks what came of it.
    fn step(&mut self, place: usize) -> Checked {
        let task = &mut self.tasks[place];
        let counter = match task.errand {
            Errand::Tick => &mut self.poller_steps,
            Errand::Batch(_) | Errand::Call { .. } | Errand::Sweep | Errand::Hook(..) => {
                &mut self.steps
            }
        };
        *counter += 1;
        {
            let mut state = self.ground.lock();
            let (number, deployment, work) = (task.number, task.deployment, task.work());
            let is_poller = matches!(task.errand, Errand::Tick);
            state.current = Current { task: number, deployment, work, is_poller, dies: false };
            state.note(number, || format!("[{}]", task.name()));
        }
        let polled = task.poll();
        self.copy(place);
        let dies = {
            let mut state = self.ground.lock();
            polled.is_pending() && (state.current.dies || state.strikes(Kind::Crash))
        };
        self.look()?;
        match polled {
            Poll::Ready(done) => self.ended(place, done)?,
            Poll::Pending if dies => self.kill(place),
            Poll::Pending => {}
        }
        Ok(())
    }

    /// Makes the same delivery again, if that is asked for and its time has come.
    fn copy(&mut self, place: usize) {
        let Some(Copies { more, after_polls: Some(polls) }) = self.copies else { return };
        let task = &self.tasks[place];
        if task.is_copy || task.polls != polls {
            return;
        }
        let (deployment, errand) = (task.deployment, task.errand.clone());
        for _copy in 0..more {
            self.start(deployment, errand.clone(), true);
        }
    }

    /// Reads along what the tables did, and checks.
    fn look(&mut self) -> Checked {
        for (deployment, mirror) in self.deployments.iter().zip(&mut self.mirrors) {
            for changed in deployment.table.take_journal() {
                invariants::as_written(&changed)?;
                mirror.read(&changed);
            }
        }
        let mut state = self.ground.lock();
        let state = &mut *state;
        let sent = std::mem::take(&mut state.sent);
        let quiet = sent.is_empty() && !state.sky.touched;
        if quiet && self.mirrors.iter().all(|mirror| mirror.news.is_empty()) {
            return Ok(());
        }
        told(state, &self.mirrors);
        let view = view(state, &self.mirrors, &self.deployments);
        let checked = invariants::after_step(&view, &sent);
        state.sky.touched = false;
        let now_ms = state.now_ms;
        let seen = |phase: PhaseName| {
            let mut news = self.mirrors.iter().flat_map(|mirror| {
                mirror.news.works.iter().map(|(id, _)| (id, mirror.works[id].phase.name()))
            });
            news.find(|(_, found)| *found == phase).map(|(id, _)| *id)
        };
        while let Some((place, id)) = self
            .when
            .iter()
            .enumerate()
            .find_map(|(place, (phase, _))| Some((place, seen(*phase)?)))
        {
            let (_, event) = self.when.swap_remove(place);
            if let Event::Act(business, _) = event {
                // Whoever acts knows the id, though the answer that told it may have been lost.
                self.businesses[business].work.get_or_insert_with(|| id.to_string());
            }
            later(&mut self.script, now_ms, event);
        }
        self.mirrors.iter_mut().for_each(|mirror| mirror.news = crate::mirror::News::default());
        checked
    }

    fn ended(&mut self, place: usize, done: Done) -> Checked {
        let task = self.tasks.swap_remove(place);
        let deployment = &mut self.deployments[task.deployment];
        if let Some(process) = task.process {
            deployment.rests(process);
        }
        let again = match self.copies {
            Some(Copies { more, after_polls: None }) if !task.is_copy => more,
            Some(Copies { more, after_polls: Some(polls) })
                if !task.is_copy && task.polls < polls =>
            {
                more
            }
            Some(_) | None => 0,
        };
        let (place, errand) = (task.deployment, task.errand.clone());
        match (task.errand, done) {
            (Errand::Batch(letters), Done::Batch(failed)) => {
                let mut state = self.ground.lock();
                for letter in letters.iter().filter(|one| !failed.contains(&one.message_id())) {
                    state.mail[place].delete(letter.id);
                }
            }
            (Errand::Call { business, act, call }, Done::Answer(answer)) => {
                self.ground.lock().note(u64::from(answer.status), || {
                    format!("   {act:?} of business {business} is answered {}", answer.status)
                });
                self.businesses[business].hear(business, (&act, &call), &answer, &mut self.keys)?;
            }
            (Errand::Hook(delivery, forged), Done::Hook(status)) => {
                self.heard(&delivery, forged, status)?;
            }
            (Errand::Tick, Done::Tick) | (Errand::Sweep, Done::Sweep) => {}
            (errand, done) => unreachable!("{errand:?} ended as {done:?}"),
        }
        for _copy in 0..again {
            self.start(place, errand.clone(), true);
        }
        Ok(())
    }

    /// A webhook was answered: what is not taken comes again.
    fn heard(&mut self, delivery: &Delivery, forged: bool, status: u16) -> Checked {
        let mut state = self.ground.lock();
        state.note(u64::from(status), || format!("   the webhook is answered {status}"));
        if forged {
            let known = status == 401 || status >= 500;
            return if known {
                Ok(())
            } else {
                Err(Violation::of(9, format!("a forged webhook was answered {status}")))
            };
        }
        if !(200..300).contains(&status) {
            hooks::not_taken(&mut state, delivery);
            return Ok(());
        }
        drop(state);
        self.port_outs.hear(delivery, &self.mirrors[0]);
        Ok(())
    }

    /// A task and its process are no more.
    fn kill(&mut self, place: usize) {
        let task = self.tasks.swap_remove(place);
        self.ground.lock().note(3, || format!("[{}] dies", task.name()));
        let deployment = &mut self.deployments[task.deployment];
        match (&task.errand, task.process) {
            (_, Some(process)) => deployment.died(process),
            (Errand::Tick, None) => deployment.poller = deployment.fresh(),
            (Errand::Sweep, None) => deployment.sweeper = deployment.fresh(),
            (Errand::Hook(delivery, forged), None) => {
                deployment.webhooks = deployment.fresh();
                if !forged {
                    hooks::not_taken(&mut self.ground.lock(), delivery);
                }
            }
            (Errand::Batch(_), None) => {}
            (Errand::Call { business, act, .. }, None) => {
                deployment.provision = deployment.fresh();
                if self.calls_again {
                    let at_ms = self.ground.lock().now_ms + CALLS_AGAIN_MS;
                    later(&mut self.script, at_ms, Event::Act(*business, act.clone()));
                }
            }
        }
        drop(task);
    }

    /// Kills what has met its timeout.
    fn time_out(&mut self) {
        let now_ms = self.ground.lock().now_ms;
        while let Some(place) = self.tasks.iter().position(|task| task.ends_ms <= now_ms) {
            self.ground.lock().struck(Kind::Timeout);
            self.kill(place);
        }
    }

    fn start(&mut self, deployment: usize, errand: Errand, is_copy: bool) {
        let task = Task::start(&self.ground, &mut self.deployments[deployment], errand, is_copy);
        self.tasks.push(task);
    }

    /// Starts whatever is due.
    fn start_due(&mut self) -> Checked {
        let now_ms = self.ground.lock().now_ms;
        self.air();
        for place in 0..self.deployments.len() {
            self.mail(place, now_ms);
        }
        if now_ms >= self.next_tick_ms {
            self.next_tick_ms = now_ms + TICK_MS;
            for place in 0..self.deployments.len() {
                self.start(place, Errand::Tick, false);
            }
        }
        while self.script.front().is_some_and(|(at, _)| *at <= now_ms) {
            let Some((_, event)) = self.script.pop_front() else { break };
            self.happens(event)?;
        }
        Ok(())
    }

    /// Requests whose sender is gone arrive, and webhooks are delivered.
    fn air(&mut self) {
        let hooks = {
            let mut state = self.ground.lock();
            let now_ms = state.now_ms;
            if state.sky.next_due().is_none_or(|due| due > now_ms) {
                return;
            }
            for (provider, url) in state.sky.strays_arrive(now_ms) {
                state.note(4, || format!("-- {provider:?} {url} arrives late"));
            }
            hooks::webhooks(&mut state)
        };
        for (delivery, forged) in hooks {
            let to = |one: &Deployment| delivery.url.starts_with(&one.base_url);
            if let Some(place) = self.deployments.iter().position(to) {
                self.start(place, Errand::Hook(Box::new(delivery), forged), false);
            }
        }
    }

    fn mail(&mut self, place: usize, now_ms: i64) {
        let mut letters = Vec::new();
        {
            let mut state = self.ground.lock();
            if state.mail[place].next_due().is_none_or(|due| due > now_ms) {
                return;
            }
            loop {
                let soon = state.strikes(Kind::Visibility);
                let away_ms = if soon {
                    i64::try_from(state.dice.between(1, 20_000)).unwrap()
                } else {
                    VISIBILITY_MS
                };
                let Some((letter, overtaken)) = state.mail[place].take(now_ms, now_ms + away_ms)
                else {
                    break;
                };
                if overtaken {
                    state.struck(Kind::MessageReordered);
                }
                letters.push(letter);
            }
        }
        while !letters.is_empty() {
            let alone = letters.len() == 1 || self.ground.lock().dice.chance(768);
            let rest = letters.split_off(if alone { 1 } else { letters.len().min(BATCH_MAX) });
            let batch = std::mem::replace(&mut letters, rest);
            self.start(place, Errand::Batch(batch), false);
        }
    }

    fn happens(&mut self, event: Event) -> Checked {
        match event {
            Event::Act(business, act) => self.act(business, act),
            Event::Rotate(provider) => self.rotate(provider),
            Event::Deploy(place) => self.deploy(place),
            Event::Sweep => {
                for place in 0..self.deployments.len() {
                    self.start(place, Errand::Sweep, false);
                }
            }
            Event::Ring => self.ring()?,
            Event::Providers(change) => {
                let mut state = self.ground.lock();
                change(&mut state.sky.providers);
            }
            Event::PortOut => {
                self.port_outs.turn(&mut self.ground.lock(), &self.mirrors[0]);
            }
            Event::Outage(ms) => {
                let mut state = self.ground.lock();
                state.struck(Kind::ClockStep);
                let until_ms = state.now_ms + ms;
                state.advance_to(until_ms);
            }
        }
        Ok(())
    }

    /// Somebody does something.
    pub fn act(&mut self, business: usize, act: Act) {
        self.tell(business, &act);
        let Some(call) = self.businesses[business].call(&act) else { return };
        let place = self.businesses[business].deployment;
        let call = Box::new(call);
        self.start(place, Errand::Call { business, act, call }, false);
    }

    /// Whoever has something knows its id, though the answer that told it may have been lost; and
    /// operators choose.
    fn tell(&mut self, business: usize, act: &Act) {
        let asking = &mut self.businesses[business];
        let mirror = &self.mirrors[asking.deployment];
        if asking.number.is_none() {
            asking.number = knowledge::number_of(asking, mirror);
        }
        match act {
            Act::Rename(_) | Act::Remove(_) => {
                asking.assistant = knowledge::assistant_of(asking, mirror);
            }
            Act::Make(..) => {
                asking.aim = knowledge::any_number(&mut self.ground.lock().dice, mirror);
            }
            Act::CallOff => {
                asking.aim = knowledge::any_stock(&mut self.ground.lock().dice, mirror);
            }
            Act::Bring(which) | Act::Assign(which) => {
                let state = self.ground.lock();
                asking.digits = which.digits(&state, asking.deployment, &self.mirrors);
            }
            Act::Start
            | Act::StartWithKey(..)
            | Act::Cancel
            | Act::Retry
            | Act::Release
            | Act::Undo
            | Act::Look
            | Act::Mine
            | Act::OperatorRetry
            | Act::OperatorCancel
            | Act::Stock(..)
            | Act::Stranger(_) => {}
        }
    }

    /// Somebody calls each number there is; what VAPI tells of the calls comes as webhooks.
    /// Somebody calls each number; who answers is asked, and whom it is to reach.
    fn ring(&self) -> Checked {
        let mut state = self.ground.lock();
        let state = &mut *state;
        let now_ms = state.now_ms;
        let known = self.mirrors.iter().flat_map(|mirror| mirror.numbers.values());
        for digits in known.filter_map(|number| number.digits.as_ref()) {
            match state.sky.providers.call(now_ms, digits.reveal()) {
                CallStep::Done(report) => {
                    let view = view(state, &self.mirrors, &self.deployments);
                    n10_whom_calls_reach::check(&view, digits.reveal(), &report)?;
                }
                // One that is linked to nobody asks our server; whoever is not answered hangs up.
                CallStep::NeedsServer(question) => {
                    state.sky.providers.finish_call(now_ms, question.pending, None);
                }
            }
        }
        Ok(())
    }

    /// Every deployment gets a new key for a provider; the old one works no more.
    fn rotate(&mut self, provider: Provider) {
        self.rotations += 1;
        let mut state = self.ground.lock();
        let state = &mut *state;
        state.struck(Kind::SecretRotated);
        let fresh = format!("{provider:?}-key-{}", self.rotations);
        let all = &mut state.sky.providers;
        let (mut vapi, mut telnyx) = (STANDARD_VAPI_KEY.to_owned(), STANDARD_TELNYX_KEY.to_owned());
        match provider {
            Provider::Vapi => {
                let org = all.vapi.orgs()[0].id.clone();
                all.vapi.add_key(&org, &fresh, None);
                all.vapi.revoke_key(STANDARD_VAPI_KEY);
                vapi = fresh;
            }
            Provider::Telnyx => {
                all.telnyx.add_key(STANDARD_TELNYX_KEY, &fresh);
                all.telnyx.revoke_key(STANDARD_TELNYX_KEY);
                telnyx = fresh;
            }
            Provider::Twilio => {
                let deployments = state.twilio_secrets.len();
                twilio::rotate(all, deployments, self.rotations);
                state.twilio_secrets =
                    (0..deployments).map(|place| twilio::secrets(place, self.rotations)).collect();
                return;
            }
        }
        let texts = secrets(&state.sky, &vapi, &telnyx);
        state.secrets.iter_mut().for_each(|own| own.clone_from(&texts));
    }

    /// A new version of a deployment, amid everything.
    fn deploy(&mut self, place: usize) {
        {
            let mut state = self.ground.lock();
            state.struck(Kind::Deploy);
            state.mail[place].age();
        }
        let version = Rc::clone(&self.next_versions[place]);
        self.deployments[place].deploy(version);
        crate::aging::age(&self.deployments[place].table);
    }

    /// Whether nothing more happens by itself, but for the checks of a degraded line.
    pub fn is_at_rest(&self) -> bool {
        let compares = || self.ground.lock().mail.iter().any(crate::mail::Mail::sweeps);
        self.mirrors.iter().all(Mirror::is_at_rest) && !compares()
    }

    /// Checks what must hold once all has settled.
    pub fn settled(&self) -> Checked {
        let state = self.ground.lock();
        invariants::after_settling(&view(&state, &self.mirrors, &self.deployments))?;
        self.port_outs.check(&self.mirrors[0])?;
        drop(state);
        self.ring()
    }
}

/// Puts something into a script, after what happens at the same time.
fn later(script: &mut VecDeque<(i64, Event)>, at_ms: i64, event: Event) {
    let place = script.iter().take_while(|(at, _)| *at <= at_ms).count();
    script.insert(place, (at_ms, event));
}

/// What the checkers see.
pub fn view<'a>(state: &'a State, mirrors: &'a [Mirror], deployments: &[Deployment]) -> View<'a> {
    let limits = deployments.iter().map(|one| usize::from(one.version.free_limit));
    let free_limit = limits.max().unwrap_or(0);
    let rest_days = deployments.first().map_or(0, |one| one.version.rest_days);
    let pool_target = deployments.first().map_or(0, |one| one.sweeping.pool_target);
    View { mirrors, sky: &state.sky, now_ms: state.now_ms, free_limit, rest_days, pool_target }
}

/// Tells the trace what became of works.
fn told(state: &mut State, mirrors: &[Mirror]) {
    for mirror in mirrors {
        for (id, before) in &mirror.news.works {
            let phase = mirror.works[id].phase.name();
            if before.as_ref().map(domain::work::Phase::name) != Some(phase) {
                state.note(phase as u64, || format!("   work {id} is {}", phase.as_str()));
            }
        }
    }
}
