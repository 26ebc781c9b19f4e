//! The loop of a service: mutate the machine, drain it, perform what it says, in one step under one lock.
//!
//! Performing never waits and runs no foreign code. Tasks to spawn, wakers to wake, lines to log, and
//! everything whose drop could call back are collected, and see the light after the lock is released.

use std::future::Future;
use std::io::Write as _;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use mcp_sansio::{Instant, Server as Machine, ServerInput, ServerOutput};

use super::events::Event;
use super::exchange;
use super::link::{self, Link};
use super::log;
use super::relay::Relaying;
use super::request::{Open, Request};
use super::session::{self, Session};
use super::state::{Later, State};
use crate::messages::Held;
use crate::runtime::Runtime;
use crate::state::Recorder;
use crate::watch::Watch;

/// A machine with everything around it.
pub(super) struct Engine {
    runtime: Box<dyn Host>,
    work: Work,
    /// Whether the handler of a withdrawn request is dropped.
    pub(super) aborts_withdrawn: bool,
    pub(super) down: Watch<()>,
    /// Nothing that a server gives its host is counted: the machine bounds it.
    pub(super) held: Held,
    state: Mutex<State>,
}

/// What the application gave to be run: one of the first two, or both; or the last.
#[derive(Default)]
pub(super) struct Work {
    /// For each request that no session handler gets.
    pub(super) requests: Option<RequestHandler>,
    /// For each session.
    pub(super) sessions: Option<SessionHandler>,
    /// For a host that speaks JSON-RPC itself: for each session, and for each request that belongs to none.
    pub(super) links: Option<LinkHandler>,
}

pub(super) type RequestHandler = Box<dyn Fn(Request) -> Task + Send + Sync>;
pub(super) type SessionHandler = Box<dyn Fn(Session) -> Task + Send + Sync>;
pub(super) type LinkHandler = Box<dyn Fn(Link) -> Task + Send + Sync>;
pub(super) type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What an engine needs of its [`Runtime`], without being generic over it.
pub(super) trait Host: Send + Sync {
    fn spawn(&self, task: Task);
    fn now(&self) -> Instant;
}

impl<R: Runtime> Host for Arc<R> {
    fn spawn(&self, task: Task) {
        R::spawn(self, task);
    }

    fn now(&self) -> Instant {
        R::now(self)
    }
}

impl Engine {
    pub(super) fn new(
        runtime: Box<dyn Host>,
        work: Work,
        aborts_withdrawn: bool,
        machine: Machine,
        recorder: Option<Recorder>,
    ) -> Self {
        let relay = work.links.is_some().then(Relaying::default);
        Self {
            runtime,
            work,
            aborts_withdrawn,
            down: Watch::default(),
            held: Held::default(),
            state: Mutex::new(State::new(machine, recorder, relay)),
        }
    }

    /// One step: a mutation, and all that follows from it.
    pub(super) fn step<T>(self: &Arc<Self>, mutate: impl FnOnce(&mut State, Instant) -> T) -> T {
        self.step_then(mutate, |_, result| result)
    }

    /// One step, and a look at what came of it before anybody else can change it.
    pub(super) fn step_then<T, U>(
        self: &Arc<Self>,
        mutate: impl FnOnce(&mut State, Instant) -> T,
        look: impl FnOnce(&mut State, T) -> U,
    ) -> U {
        let mut later = Later::default();
        let mut state = self.lock();
        let now = self.runtime.now();
        let result = mutate(&mut state, now);
        self.perform(&mut state, now, &mut later);
        let result = look(&mut state, result);
        drop(state);
        self.finish(later);
        result
    }

    pub(super) fn feed(self: &Arc<Self>, input: ServerInput<'_>) {
        self.step(|state, now| state.machine.handle_input(now, input));
    }

    /// The state, for looking at it or waiting on it; what mutates the machine is a [`step`](Self::step).
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn spawn(&self, task: Task) {
        self.runtime.spawn(task);
    }

    pub(super) fn runs_requests(&self) -> bool {
        self.work.requests.is_some()
    }

    pub(super) fn runs_sessions(&self) -> bool {
        self.work.sessions.is_some()
    }

    /// Nothing comes any more; the runtime has gone, or all is ended.
    pub(super) fn stop(self: &Arc<Self>) {
        let mut later = Later::default();
        let mut state = self.lock();
        self.is_down(&mut state, &mut later);
        drop(state);
        self.finish(later);
    }

    fn perform(&self, state: &mut State, now: Instant, later: &mut Later) {
        while let Some(output) = state.machine.poll_output() {
            match output {
                ServerOutput::Event(event) => self.deliver(state, now, event, later),
                output => exchange::respond(state, output, later),
            }
        }
        self.record(state, later);
        let next = state.machine.poll_timeout();
        later.wakers.extend(state.alarm.not_after(next));
    }

    fn record(&self, state: &mut State, later: &mut Later) {
        while let Some(line) = state.machine.poll_record() {
            if let Some(recorder) = &mut state.recorder
                && let Err(error) = writeln!(recorder, "{line}")
            {
                state.recorder = None;
                self.tell(state, Event::RecordingEnded(error.to_string()), later);
            }
        }
    }

    fn finish(self: &Arc<Self>, later: Later) {
        for notice in &later.notices {
            log::notice(notice);
        }
        for open in later.requests {
            self.run(open);
        }
        for started in later.sessions {
            if let Some(handler) = &self.work.sessions {
                let session = Session::new(Arc::clone(self), started);
                let task = handler(session.clone());
                self.spawn(Box::pin(session::host(session, task)));
            }
        }
        for opened in later.links {
            if let Some(handler) = &self.work.links {
                self.spawn(link::host(Arc::clone(self), opened, handler));
            }
        }
        for (entry, reason) in later.ended {
            wake(entry.started.ended.set(reason));
            wake(entry.readers);
        }
        wake(later.wakers);
    }

    fn run(self: &Arc<Self>, open: Arc<Open>) {
        if let Some(handler) = &self.work.requests {
            self.spawn(handler(Request::new(Arc::clone(self), open)));
        }
    }
}

fn wake(wakers: Vec<Waker>) {
    for waker in wakers {
        waker.wake();
    }
}
