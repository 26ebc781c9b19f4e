//! The loop: mutate the machine, drain it, perform what it says, in one step under one lock; then sleep
//! until its next deadline.
//!
//! Performing never waits and runs no foreign code: tasks to spawn and wakers to wake are collected, and
//! see the light after the lock is released. What must be in order is in order, for it is done under the
//! lock: outcomes and messages are in their queues, and an exchange can be aborted, before the next step.

use std::io::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::future::{AbortHandle, Abortable};
use mcp_sansio::{
    Answer, Client as Machine, ClientInput, ClientOutput, ExchangeId, Header, Instant, ObligationId,
};

use crate::authorizer::{self, Authorizing};
use crate::exchange;
use crate::http::{Http, Request};
use crate::messages::{Channel, Event, Held, Messages, Room};
use crate::relay::Relaying;
use crate::requests::Handler;
use crate::runtime::Runtime;
use crate::state::{Later, Recorder, State};
use crate::timekeeper::{self, Alarm, Clocked};

/// A machine with everything around it.
pub(crate) struct Engine<H, R> {
    pub(crate) setup: Setup<H, R>,
    pub(crate) held: Held,
    state: Mutex<State>,
}

/// What an engine is made of.
pub(crate) struct Setup<H, R> {
    pub(crate) http: H,
    pub(crate) runtime: R,
    pub(crate) url: String,
    /// Added to every request; they never enter the machine.
    pub(crate) headers: Vec<Header>,
    pub(crate) handler: Option<Handler>,
    pub(crate) authorizer: Option<Arc<dyn Authorizing>>,
}

impl<H: Http, R: Runtime> Engine<H, R> {
    /// Starts an engine, with the task that keeps its time.
    pub(crate) fn start(
        setup: Setup<H, R>,
        machine: Machine,
        recorder: Option<Recorder>,
        relay: Option<Relaying>,
    ) -> Arc<Self> {
        let engine = Arc::new(Self {
            setup,
            held: Held::default(),
            state: Mutex::new(State::new(machine, recorder, relay)),
        });
        let timekeeper = timekeeper::keep(Arc::clone(&engine));
        engine.setup.runtime.spawn(timekeeper);
        engine
    }

    /// One step: a mutation, and all that follows from it.
    pub(crate) fn step<T>(self: &Arc<Self>, mutate: impl FnOnce(&mut State, Instant) -> T) -> T {
        let mut later = Later::default();
        let mut state = self.lock();
        let now = self.setup.runtime.now();
        let result = mutate(&mut state, now);
        self.perform(&mut state, now, &mut later);
        drop(state);
        self.finish(later);
        result
    }

    pub(crate) fn respond(self: &Arc<Self>, id: ObligationId, answer: Answer) {
        self.step(|state, now| {
            state.handlers.remove(&id);
            state.machine.respond(now, id, answer);
        });
    }

    /// The authorizer's answer to a question. If another has been asked meanwhile, it is none to that.
    pub(crate) fn authorized(self: &Arc<Self>, number: u64, granted: bool) {
        self.step(|state, now| {
            let asked = state.authorizing.take_if(|(asked, _)| *asked == number);
            if asked.is_some() {
                state.machine.authorize(now, granted);
            }
        });
    }

    /// Closes the machine, unless that is done.
    pub(crate) fn close(self: &Arc<Self>) {
        self.step(|state, now| {
            if !state.closed {
                state.machine.close(now);
            }
        });
    }

    /// Puts a new channel where the state has one for these messages; the reader of an older one finds
    /// its end.
    pub(crate) fn subscribe<T>(
        self: &Arc<Self>,
        channel: Arc<Channel<T>>,
        place: impl FnOnce(&mut State) -> &mut Option<Arc<Channel<T>>>,
    ) -> Messages<T> {
        let wakers = self.step(|state, _| {
            let ended = if state.closed {
                channel.end(&self.held)
            } else {
                None
            };
            let before = place(state).replace(Arc::clone(&channel));
            (ended, before.and_then(|before| before.end(&self.held)))
        });
        if let (_, Some(waker)) = wakers {
            waker.wake();
        }
        Messages::new(channel, self.clone())
    }

    /// The state, for looking at it or waiting on it; what mutates the machine is a [`step`](Self::step).
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn perform(&self, state: &mut State, now: Instant, later: &mut Later) {
        while let Some(output) = state.machine.poll_output(self.held.has_room()) {
            match output {
                ClientOutput::Open {
                    exchange,
                    method,
                    url,
                    mut headers,
                    body,
                } => {
                    self.add_headers(&mut headers);
                    let request = Request {
                        method,
                        url: url.unwrap_or_else(|| self.setup.url.clone()),
                        headers,
                        body,
                    };
                    let (handle, aborted) = AbortHandle::new_pair();
                    state.exchanges.insert(exchange, handle);
                    later.exchanges.push((exchange, request, aborted));
                }
                ClientOutput::Abort { exchange } => {
                    later.aborts.extend(state.exchanges.remove(&exchange));
                }
                ClientOutput::Event(event) => self.deliver(state, now, event, later),
            }
        }
        self.record(state, later);
        let next = state.machine.poll_timeout();
        later.wakers.extend(state.alarm.not_after(next));
    }

    /// Adds the application's headers, except where the protocol has set one of that name.
    fn add_headers(&self, headers: &mut Vec<Header>) {
        let own = headers.len();
        for header in &self.setup.headers {
            if headers[..own].iter().all(|set| set.name != header.name) {
                headers.push(header.clone());
            }
        }
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
        for (exchange, request, aborted) in later.exchanges {
            let engine = Arc::clone(self);
            self.setup.runtime.spawn(async move {
                // Aborted is what the machine wanted: nothing to do.
                let _ = Abortable::new(engine.exchange(exchange, request), aborted).await;
            });
        }
        for (request, handler) in later.requests {
            let task = request.handle(handler, Arc::clone(self));
            self.setup.runtime.spawn(task);
        }
        for (question, authorizer) in later.questions {
            let task = question.ask(authorizer, Arc::clone(self));
            self.setup.runtime.spawn(task);
        }
        for handle in later.aborts {
            handle.abort();
        }
        for waker in later.wakers {
            waker.wake();
        }
    }

    async fn exchange(self: &Arc<Self>, exchange: ExchangeId, mut request: Request) {
        let feed = |input: ClientInput<'_>| self.feed(exchange, input);
        if let Some(authorizer) = &self.setup.authorizer
            && let Err(failure) = authorizer::add_credentials(&**authorizer, &mut request)
        {
            return feed(ClientInput::Failed { exchange, failure });
        }
        exchange::run(&self.setup.http, exchange, request, feed).await;
    }

    fn feed(self: &Arc<Self>, exchange: ExchangeId, input: ClientInput<'_>) {
        self.step(|state, now| {
            if matches!(input, ClientInput::End { .. } | ClientInput::Failed { .. }) {
                state.exchanges.remove(&exchange);
            }
            state.machine.handle_input(now, input);
        });
    }
}

impl<H: Http, R: Runtime> Room for Engine<H, R> {
    fn regain(self: Arc<Self>, count: usize) {
        if self.held.regain(count) {
            self.step(|_, _| ());
        }
    }
}

impl<H: Http, R: Runtime> Clocked for Arc<Engine<H, R>> {
    type Runtime = R;

    fn runtime(&self) -> &R {
        &self.setup.runtime
    }

    fn look<T>(&self, look: impl FnOnce(&mut Alarm, Option<Instant>) -> T) -> Option<T> {
        let mut state = self.lock();
        if state.closed {
            return None;
        }
        let next = state.machine.poll_timeout();
        Some(look(&mut state.alarm, next))
    }

    fn time_out(&self) {
        self.step(|state, now| state.machine.handle_input(now, ClientInput::Timeout));
    }

    /// Closes the machine without waiting for anything: no task can run any more.
    fn stop(&self) {
        self.close();
        let mut later = Later::default();
        let mut state = self.lock();
        if !state.closed {
            self.closed(&mut state, &mut later);
        }
        drop(state);
        self.finish(later);
    }
}
