//! A server's clock.

use std::sync::Arc;

use mcp_sansio::{Instant, ServerInput};

use super::engine::Engine;
use crate::runtime::Runtime;
use crate::timekeeper::{Alarm, Clocked};

/// An engine with the runtime whose clock it goes by.
pub(super) struct Clock<R> {
    engine: Arc<Engine>,
    runtime: Arc<R>,
}

impl<R> Clock<R> {
    pub(super) fn new(engine: Arc<Engine>, runtime: Arc<R>) -> Self {
        Self { engine, runtime }
    }
}

impl<R: Runtime> Clocked for Clock<R> {
    type Runtime = R;

    fn runtime(&self) -> &R {
        &self.runtime
    }

    fn look<T>(&self, look: impl FnOnce(&mut Alarm, Option<Instant>) -> T) -> Option<T> {
        let mut state = self.engine.lock();
        if state.is_down {
            return None;
        }
        let next = state.machine.poll_timeout();
        Some(look(&mut state.alarm, next))
    }

    fn time_out(&self) {
        self.engine.feed(ServerInput::Timeout);
    }

    fn stop(&self) {
        self.engine.stop();
    }
}
