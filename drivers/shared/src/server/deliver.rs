//! What the machine has for the application, brought to whoever it is for.

use std::collections::VecDeque;
use std::mem;
use std::sync::Arc;

use mcp_sansio::{
    Answer, ExchangeId, Instant, NoticeKind, ObligationId, RpcError, ServerEvent, SessionId,
    Withdrawal,
};

use super::engine::Engine;
use super::events::Event;
use super::relay;
use super::request::{INTERNAL_ERROR, Open};
use super::session::Started;
use super::state::{Attached, Entry, Later, State};
use crate::state::Slot;
use crate::watch::Watch;

impl Engine {
    pub(super) fn deliver(
        &self,
        state: &mut State,
        now: Instant,
        event: ServerEvent,
        later: &mut Later,
    ) {
        let Some(event) = relay::relayed(state, event, later) else {
            return;
        };
        match event {
            ServerEvent::Request {
                id,
                exchange,
                session,
                version,
                method,
                params,
            } => {
                let open = Arc::new(Open {
                    id,
                    session: started(state, session),
                    version,
                    method,
                    params,
                    attached: attached(state, exchange),
                    withdrawn: Watch::default(),
                });
                self.hand_over(state, now, open, exchange, later);
            }
            ServerEvent::Withdrawn { id, why } => withdraw(state, id, why, later),
            ServerEvent::SessionStarted {
                session,
                exchange,
                params,
                ..
            } => {
                let started = Arc::new(Started {
                    id: session,
                    params,
                    attached: attached(state, exchange),
                    ended: Watch::default(),
                });
                self.begin(state, started, later);
                self.tell(state, Event::SessionStarted { session }, later);
            }
            ServerEvent::SessionEnded { session, reason } => {
                state.counters.session_ended(reason);
                if let Some(entry) = state.sessions.remove(&session) {
                    later.ended.push((entry, reason));
                }
                if let Some(relaying) = &mut state.relay {
                    later.wakers.extend(relaying.end_session(session));
                }
                self.tell(state, Event::SessionEnded { session, reason }, later);
            }
            ServerEvent::Notification {
                session,
                notification,
                ..
            } => {
                let event = Event::Notification {
                    session,
                    notification,
                };
                self.tell(state, event, later);
            }
            ServerEvent::Notice(notice) => {
                if notice.kind == NoticeKind::NotTaken {
                    state.counters.not_taken += 1;
                }
                later.notices.push(notice.clone());
                self.tell(state, Event::Notice(notice), later);
            }
            ServerEvent::Progress { call, params } => {
                if let Some(progress) = state.progress.get(&call)
                    && let Ok(params) = serde_json::from_slice(&params)
                {
                    later.wakers.extend(progress.push(params, &self.held));
                }
            }
            ServerEvent::Settled { call, outcome } => {
                if let Some(progress) = state.progress.remove(&call) {
                    later.wakers.extend(progress.end(&self.held));
                }
                // No slot: whoever waited dropped the call.
                if let Some(slot) = state.calls.get_mut(&call)
                    && let Slot::Waiting(Some(waker)) = mem::replace(slot, Slot::Settled(outcome))
                {
                    later.wakers.push(waker);
                }
            }
            ServerEvent::ShutDown => self.is_down(state, later),
            _ => {}
        }
    }

    fn begin(&self, state: &mut State, started: Arc<Started>, later: &mut Later) {
        state.counters.sessions_started += 1;
        let entry = Entry {
            started: Arc::clone(&started),
            inbox: VecDeque::new(),
            readers: Vec::new(),
        };
        state.sessions.insert(started.id, entry);
        if self.runs_sessions() {
            later.sessions.push(started);
        } else if let Some(relaying) = &mut state.relay {
            later.links.push(relaying.open_session(started));
        }
    }

    /// A request goes to the handler of its session, or to a task of its own.
    fn hand_over(
        &self,
        state: &mut State,
        now: Instant,
        open: Arc<Open>,
        exchange: ExchangeId,
        later: &mut Later,
    ) {
        state.counters.requests += 1;
        state.requests.insert(open.id, Arc::clone(&open));
        if let Some(relaying) = &mut state.relay {
            return relaying.hand_over(open, exchange, later);
        }
        let session = open.session().filter(|_| self.runs_sessions());
        if let Some(entry) = session.and_then(|id| state.sessions.get_mut(&id)) {
            entry.inbox.push_back(open);
            later.wakers.append(&mut entry.readers);
        } else if session.is_none() && self.runs_requests() {
            state.machine.take(now, open.id);
            later.requests.push(open);
        } else {
            let error = RpcError::new(INTERNAL_ERROR, "the request belongs to no session");
            state.machine.respond(now, open.id, Answer::Error(error));
            later.done.extend(state.requests.remove(&open.id));
            later.done.push(open);
        }
    }

    /// Nothing comes any more.
    pub(super) fn is_down(&self, state: &mut State, later: &mut Later) {
        state.is_down = true;
        if let Some(channel) = state.events.take() {
            later.wakers.extend(channel.end(&self.held));
        }
        later.wakers.extend(self.down.set(()));
        later.wakers.extend(state.alarm.end());
    }

    pub(super) fn tell(&self, state: &State, event: Event, later: &mut Later) {
        if let Some(channel) = &state.events {
            later.wakers.extend(channel.push(event, &self.held));
        }
    }
}

/// Nobody waits for the answer to a request any more.
pub(super) fn withdraw(state: &mut State, id: ObligationId, why: Withdrawal, later: &mut Later) {
    let Some(open) = state.requests.remove(&id) else {
        return;
    };
    if let Some(session) = open.session()
        && let Some(entry) = state.sessions.get_mut(&session)
        && let Some(at) = entry.inbox.iter().position(|open| open.id == id)
    {
        later.done.extend(entry.inbox.remove(at));
    }
    later.wakers.extend(open.withdrawn.set(why));
    later.done.push(open);
}

fn started(state: &State, session: Option<SessionId>) -> Option<Arc<Started>> {
    Some(Arc::clone(&state.sessions.get(&session?)?.started))
}

pub(super) fn attached(state: &State, exchange: ExchangeId) -> Option<Attached> {
    state.exchanges.get(&exchange)?.attached.clone()
}
