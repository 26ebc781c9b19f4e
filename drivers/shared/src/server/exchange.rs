//! One HTTP request with its response, as the HTTP side sees it.

use std::error::Error;
use std::fmt;
use std::mem;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use mcp_sansio::{Body, ExchangeHead, ExchangeId, ServerInput, ServerOutput};

use super::engine::Engine;
use super::handle::Alive;
use super::state::{Attached, End, Head, Later, Response, State};

/// One HTTP request with its response. Dropping it before its end says that the client has gone.
///
/// The request's body goes in by [`chunk`](Self::chunk) and [`end`](Self::end), until its end, or until
/// [`poll_head`](Self::poll_head) is ready: then it need not be read any further. The response comes out by
/// `poll_head`, then, if its body is a [`Body::Stream`], by [`poll_chunk`](Self::poll_chunk).
pub struct Exchange {
    alive: Arc<Alive>,
    id: ExchangeId,
    /// The last chunk was given out, and whoever has it did not come for the next.
    is_chunk_out: bool,
    is_over: bool,
}

impl Exchange {
    pub(super) fn accept(
        alive: Arc<Alive>,
        head: ExchangeHead<'_>,
        attached: Option<Attached>,
    ) -> Self {
        let id = alive.engine().step(|state, now| {
            let id = state.machine.accept(now, head);
            state.exchanges.insert(id, Response::new(attached));
            id
        });
        Self {
            alive,
            id,
            is_chunk_out: false,
            is_over: false,
        }
    }

    /// The exchange's handle, as [`ServiceHandle::inspect`](super::ServiceHandle::inspect) names it.
    pub fn id(&self) -> ExchangeId {
        self.id
    }

    /// Bytes of the request's body, split anywhere.
    pub fn chunk(&self, data: &[u8]) {
        let exchange = self.id;
        self.engine().feed(ServerInput::Chunk { exchange, data });
    }

    /// The request's body ended.
    pub fn end(&self) {
        let exchange = self.id;
        self.engine().feed(ServerInput::End { exchange });
    }

    /// [`chunk`](Self::chunk) and [`end`](Self::end) in one, which is cheaper.
    pub fn last_chunk(&self, data: &[u8]) {
        let exchange = self.id;
        self.engine().step(|state, now| {
            let chunk = ServerInput::Chunk { exchange, data };
            state.machine.handle_input(now, chunk);
            let end = ServerInput::End { exchange };
            state.machine.handle_input(now, end);
        });
    }

    /// The head of the response. It comes in bounded time, once.
    pub fn poll_head(&mut self, cx: &Context<'_>) -> Poll<Head> {
        let mut state = self.alive.engine().lock();
        let Some(response) = state.exchanges.get_mut(&self.id) else {
            return Poll::Pending;
        };
        let Some(head) = response.head.take() else {
            let before = response.waker.replace(cx.waker().clone());
            drop(state);
            drop(before);
            return Poll::Pending;
        };
        if matches!(head.body, Body::Whole(_)) {
            self.is_over = true;
            let response = state.exchanges.remove(&self.id);
            drop(state);
            drop(response);
        }
        Poll::Ready(head)
    }

    /// The next chunk of the response; `None` at its end. Asking for the next says that the one before was
    /// written.
    ///
    /// # Errors
    /// [`CutOff`]: the response must not look complete to its client.
    pub fn poll_chunk(&mut self, cx: &Context<'_>) -> Poll<Option<Result<Bytes, CutOff>>> {
        if self.is_over {
            return Poll::Ready(None);
        }
        let exchange = self.id;
        let is_written = mem::take(&mut self.is_chunk_out);
        let look = |state: &mut State, before| (next(state, exchange, cx), before);
        let (next, before) = if is_written {
            let written = |state: &mut State, now| {
                // Whoever asks need not be woken by what its question brings.
                let response = state.exchanges.get_mut(&exchange);
                let before = response.and_then(|response| response.waker.take());
                state
                    .machine
                    .handle_input(now, ServerInput::Written { exchange });
                before
            };
            self.engine().step_then(written, look)
        } else {
            look(&mut self.engine().lock(), None)
        };
        drop(before);
        match next {
            Next::Chunk(data) => {
                self.is_chunk_out = true;
                Poll::Ready(Some(Ok(data)))
            }
            Next::Later(before) => {
                drop(before);
                Poll::Pending
            }
            Next::End(end, response) => {
                drop(response);
                self.is_over = true;
                Poll::Ready((end == End::CutOff).then_some(Err(CutOff)))
            }
        }
    }

    fn engine(&self) -> &Arc<Engine> {
        self.alive.engine()
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        let exchange = self.id;
        let response = self.engine().step(|state, now| {
            let input = ServerInput::Gone { exchange };
            state.machine.handle_input(now, input);
            state.exchanges.remove(&exchange)
        });
        drop(response);
    }
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Exchange").field(&self.id.as_u64()).finish()
    }
}

/// The response was cut off: its reader did not read, or the server had to end it in its midst.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CutOff;

impl fmt::Display for CutOff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the response was cut off: its reader took nothing for too long")
    }
}

impl Error for CutOff {}

enum Next {
    Chunk(Bytes),
    End(End, Response),
    /// Nothing yet; with the waker that waited before.
    Later(Option<std::task::Waker>),
}

fn next(state: &mut State, id: ExchangeId, cx: &Context<'_>) -> Next {
    let Some(response) = state.exchanges.get_mut(&id) else {
        return Next::Later(None);
    };
    // What is cut off is not written to its end first.
    if response.end != Some(End::CutOff)
        && let Some(data) = response.chunk.take()
    {
        return Next::Chunk(data);
    }
    if let Some(end) = response.end
        && let Some(response) = state.exchanges.remove(&id)
    {
        return Next::End(end, response);
    }
    match state.exchanges.get_mut(&id) {
        Some(response) => Next::Later(response.waker.replace(cx.waker().clone())),
        None => Next::Later(None),
    }
}

/// Brings what the machine says to whoever polls the exchange.
pub(super) fn respond(state: &mut State, output: ServerOutput, later: &mut Later) {
    let (ServerOutput::Abort { exchange }
    | ServerOutput::Chunk { exchange, .. }
    | ServerOutput::End { exchange }
    | ServerOutput::Head { exchange, .. }) = output
    else {
        return;
    };
    let Some(response) = state.exchanges.get_mut(&exchange) else {
        return;
    };
    match output {
        ServerOutput::Abort { .. } => response.end = Some(End::CutOff),
        ServerOutput::Chunk { data, .. } => response.chunk = Some(data),
        ServerOutput::End { .. } => response.end = Some(End::Complete),
        ServerOutput::Event(_) => {}
        ServerOutput::Head {
            status,
            headers,
            body,
            ..
        } => {
            if body == Body::Stream {
                // A stream may stay for days, and no request comes of it any more.
                later.attached.extend(response.attached.take());
            }
            response.head = Some(Head {
                status,
                headers,
                body,
            });
        }
    }
    later.wakers.extend(response.waker.take());
}
