//! What the machine has for the application, brought to whoever waits for it.

use std::mem;
use std::sync::Arc;

use futures_util::future::AbortHandle;
use mcp_sansio::{Answer, ClientEvent, Instant, ListenId, ListenState, RpcError, Source};

use crate::authorizer::{Question, Unauthorized};
use crate::engine::Engine;
use crate::messages::Event;
use crate::requests::Incoming;
use crate::state::{Later, Slot, State};
use crate::subscription::SubscriptionEvent;

impl<H, R> Engine<H, R> {
    pub(crate) fn deliver(
        &self,
        state: &mut State,
        now: Instant,
        event: ClientEvent,
        later: &mut Later,
    ) {
        let Some(event) = self.relayed(state, event, later) else {
            return;
        };
        match event {
            ClientEvent::Settled { call, outcome } => {
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
            ClientEvent::Progress { call, params } => {
                if let Some(progress) = state.progress.get(&call)
                    && let Ok(params) = serde_json::from_slice(&params)
                {
                    later.wakers.extend(progress.push(params, &self.held));
                }
            }
            ClientEvent::Notification {
                source: Source::Listen(listen),
                notification,
            } => {
                if let Some(channel) = state.subscriptions.get(&listen) {
                    let event = SubscriptionEvent::Notification(notification);
                    later.wakers.extend(channel.push(event, &self.held));
                }
            }
            ClientEvent::Notification { notification, .. } => {
                if let Some(channel) = &state.notifications {
                    later.wakers.extend(channel.push(notification, &self.held));
                }
            }
            ClientEvent::Request {
                id, method, params, ..
            } => {
                let Some(handler) = &self.setup.handler else {
                    let error = RpcError::new(-32601, format!("{method} is not supported"));
                    state.machine.respond(now, id, Answer::Error(error));
                    return;
                };
                let (handle, withdrawn) = AbortHandle::new_pair();
                state.handlers.insert(id, handle);
                let request = Incoming {
                    id,
                    method: method.into_owned(),
                    params,
                    withdrawn,
                };
                later.requests.push((request, Arc::clone(handler)));
            }
            ClientEvent::Unauthorized { refusal, calls } => {
                self.unauthorized(state, now, Unauthorized { refusal, calls }, later);
            }
            ClientEvent::Withdrawn { id, .. } => later.aborts.extend(state.handlers.remove(&id)),
            ClientEvent::Notice(notice) => self.tell(state, Event::Notice(notice), later),
            ClientEvent::SessionChanged { epoch, change } => {
                self.tell(state, Event::Session { epoch, change }, later);
            }
            ClientEvent::Listen {
                listen,
                state: now_is,
            } => self.subscribed(state, listen, now_is, later),
            ClientEvent::Closed => self.closed(state, later),
            _ => {}
        }
    }

    /// The server wants other credentials.
    fn unauthorized(
        &self,
        state: &mut State,
        now: Instant,
        refused: Unauthorized,
        later: &mut Later,
    ) {
        let Some(authorizer) = &self.setup.authorizer else {
            return state.machine.authorize(now, false);
        };
        let (handle, dropped) = AbortHandle::new_pair();
        state.questions += 1;
        let number = state.questions;
        // The time for an earlier question is over.
        let earlier = state.authorizing.replace((number, handle));
        later.aborts.extend(earlier.map(|(_, handle)| handle));
        let question = Question {
            number,
            refused,
            dropped,
        };
        later.questions.push((question, Arc::clone(authorizer)));
    }

    /// A subscription has come to another state.
    fn subscribed(
        &self,
        state: &mut State,
        listen: ListenId,
        now_is: ListenState,
        later: &mut Later,
    ) {
        // None: whoever listened dropped the subscription.
        let Some(channel) = state.subscriptions.get(&listen) else {
            return;
        };
        let waker = match now_is {
            ListenState::Open { filter } => {
                let filter = serde_json::from_slice(&filter).unwrap_or_default();
                channel.put(SubscriptionEvent::Opened(filter))
            }
            // One gap after another, with nothing said in between, is one gap: a reader that never comes
            // cannot grow the queue.
            ListenState::Gap if channel.take_back(SubscriptionEvent::is_reopened) => None,
            ListenState::Gap => channel.put(SubscriptionEvent::Gap),
            ListenState::Ended(outcome) => {
                let told = channel.put(SubscriptionEvent::Ended(outcome));
                let ended = channel.end(&self.held);
                let waker = told.or(ended);
                state.subscriptions.remove(&listen);
                waker
            }
            _ => None,
        };
        later.wakers.extend(waker);
    }

    /// Nothing comes any more.
    pub(crate) fn closed(&self, state: &mut State, later: &mut Later) {
        state.closed = true;
        for (_, channel) in state.subscriptions.drain() {
            later.wakers.extend(channel.end(&self.held));
        }
        if let Some(relay) = &state.relay {
            later.wakers.extend(relay.end(&self.held));
        }
        if let Some(channel) = state.notifications.take() {
            later.wakers.extend(channel.end(&self.held));
        }
        if let Some(channel) = state.events.take() {
            later.wakers.extend(channel.end(&self.held));
        }
        let authorizing = state.authorizing.take();
        later.aborts.extend(authorizing.map(|(_, handle)| handle));
        later.wakers.append(&mut state.waiting_for_close);
        later.wakers.extend(state.alarm.end());
    }

    pub(crate) fn tell(&self, state: &State, event: Event, later: &mut Later) {
        if let Some(channel) = &state.events {
            later.wakers.extend(channel.push(event, &self.held));
        }
    }
}
