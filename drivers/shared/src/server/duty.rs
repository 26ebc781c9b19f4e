//! The duty to answer a request, which is done also when the handler fails to.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;

use futures_util::future::{Either, select};
use mcp_sansio::{Answer, RpcError};
use serde::Serialize;

use super::engine::Engine;
use super::log;
use super::request::{INTERNAL_ERROR, Open, Request};

/// Runs the handler of a request. The answer goes out also when the handler panics.
pub(super) async fn handle<F, A, T>(mut request: Request, handler: Arc<F>)
where
    F: Fn(Request) -> A,
    A: Future<Output = Result<T, RpcError>>,
    T: Serialize,
{
    let Some(duty) = request.take_duty() else {
        return;
    };
    if !duty.engine.aborts_withdrawn {
        let result = handler(request).await;
        return duty.respond(result);
    }
    let open = Arc::clone(&duty.open);
    let handling = pin!(handler(request));
    // The first is polled first: an answer that is ready counts.
    if let Either::Left((result, _)) = select(handling, pin!(open.withdrawn.wait())).await {
        duty.respond(result);
    }
}

/// Sees to it that a request is answered.
pub(super) struct Duty {
    engine: Arc<Engine>,
    open: Arc<Open>,
    is_done: bool,
}

impl Duty {
    pub(super) fn new(engine: Arc<Engine>, open: Arc<Open>) -> Self {
        Self {
            engine,
            open,
            is_done: false,
        }
    }

    pub(super) fn respond(mut self, result: Result<impl Serialize, RpcError>) {
        let answer = match result {
            Ok(result) => match serde_json::to_vec(&result) {
                Ok(text) => Answer::Result(text.into()),
                Err(error) => {
                    log::unwritable(&self.open, &error);
                    self.engine.lock().counters.unanswered += 1;
                    let message = "the server could not write its result";
                    Answer::Error(RpcError::new(INTERNAL_ERROR, message))
                }
            },
            Err(error) => Answer::Error(error),
        };
        self.answer(answer);
    }

    fn answer(&mut self, answer: Answer) {
        self.is_done = true;
        let id = self.open.id;
        let open = self.engine.step(|state, now| {
            state.machine.respond(now, id, answer);
            state.requests.remove(&id)
        });
        drop(open);
    }
}

impl Drop for Duty {
    fn drop(&mut self) {
        if self.is_done {
            return;
        }
        // It may be withdrawn, or answered in another way.
        let is_owed = self.engine.lock().requests.contains_key(&self.open.id);
        let has_panicked = std::thread::panicking();
        let message = if has_panicked {
            log::panicked(&self.open);
            self.engine.lock().counters.panicked += 1;
            "the server's handler of this request failed"
        } else if !is_owed {
            return;
        } else {
            log::unanswered(&self.open);
            self.engine.lock().counters.unanswered += 1;
            "the server's handler of this request ended without an answer"
        };
        self.answer(Answer::Error(RpcError::new(INTERNAL_ERROR, message)));
    }
}
