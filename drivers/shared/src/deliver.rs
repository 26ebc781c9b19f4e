//! What the machine has for the application, brought to whoever waits for it.

use std::mem;
use std::sync::Arc;

use futures_util::future::AbortHandle;
use mcp_sansio::{Answer, ClientEvent, Instant, RpcError};

use crate::engine::Engine;
use crate::messages::Event;
use crate::requests::Incoming;
use crate::state::{Later, Slot, State};

impl<H, R> Engine<H, R> {
    pub(crate) fn deliver(
        &self,
        state: &mut State,
        now: Instant,
        event: ClientEvent,
        later: &mut Later,
    ) {
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
            ClientEvent::Withdrawn { id, .. } => later.aborts.extend(state.handlers.remove(&id)),
            ClientEvent::Notice(notice) => self.tell(state, Event::Notice(notice), later),
            ClientEvent::SessionChanged { epoch, change } => {
                self.tell(state, Event::Session { epoch, change }, later);
            }
            ClientEvent::Closed => self.closed(state, later),
            _ => {}
        }
    }

    /// Nothing comes any more.
    pub(crate) fn closed(&self, state: &mut State, later: &mut Later) {
        state.closed = true;
        if let Some(channel) = state.notifications.take() {
            later.wakers.extend(channel.end(&self.held));
        }
        if let Some(channel) = state.events.take() {
            later.wakers.extend(channel.end(&self.held));
        }
        later.wakers.append(&mut state.waiting_for_close);
        later.wakers.extend(state.alarm.end());
    }

    pub(crate) fn tell(&self, state: &State, event: Event, later: &mut Later) {
        if let Some(channel) = &state.events {
            later.wakers.extend(channel.push(event, &self.held));
        }
    }
}
