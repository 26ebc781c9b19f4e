//! Ends at any moment: the shut-down, deadlines, and clients that go. Nothing stays owed, and in the end
//! nothing is left.

use super::Run;
use crate::op::Millis;
use crate::server::op::{Handle, Op};
use crate::treatment::Failed;
use mcp_sansio::Instant;

/// Deadlines that a server may need to come to rest.
const MOST_DEADLINES: usize = 20_000;
/// A time after which nothing that is owed may still be owed, whatever the vector's bounds.
const LONG: u64 = 4 * 60 * 60 * 1_000_000;

impl Run<'_> {
    pub(super) fn shut_down(
        &mut self,
        after: usize,
        grace: u16,
        go_on: bool,
    ) -> Result<(), Failed> {
        self.first(after)?;
        let now = self.subject.now();
        let op = Op::ShutDown {
            grace: Millis(grace.into()),
        };
        self.op(now, &op)?;
        if go_on {
            for step in self.vector.steps.iter().skip(after) {
                self.step(step)?;
            }
        }
        // Twice is as good as once.
        let now = self.subject.now();
        self.op(now, &op)?;
        self.rest(None)?;
        let watch = self.subject.watch();
        let open: Vec<_> = watch.open().map(|(id, _)| id).collect();
        let live = watch
            .sessions
            .values()
            .filter(|session| session.ends == 0)
            .count();
        if watch.downs == 1 && open.is_empty() && live == 0 {
            return Ok(());
        }
        Err(self.failed(
            format!(
                "after the shut-down `ShutDown` came {} times, exchanges {open:?} are open, and {live} sessions live",
                watch.downs
            ),
            &[],
        ))
    }

    pub(super) fn deadlines(&mut self, after: usize, quick: bool) -> Result<(), Failed> {
        self.first(after)?;
        self.subject.quick_reader = quick;
        let until = later(self.subject.now());
        self.rest(Some(until))?;
        self.nothing_is_owed()
    }

    pub(super) fn jump(&mut self, after: usize) -> Result<(), Failed> {
        self.first(after)?;
        self.subject.quick_reader = true;
        let at = later(self.subject.now());
        self.op(at, &Op::Timeout)?;
        self.nothing_is_owed()
    }

    /// Every client goes for good: when all that is kept for them has run out, nothing is left.
    pub(super) fn gone(&mut self, after: usize) -> Result<(), Failed> {
        self.first(after)?;
        let open: Vec<_> = self.subject.watch().open().map(|(id, _)| id).collect();
        for exchange in open {
            let now = self.subject.now();
            let exchange = Handle::Number(exchange);
            self.op(now, &Op::Gone { exchange })?;
        }
        let until = later(self.subject.now());
        self.rest(Some(until))?;
        self.nothing_is_owed()?;
        let timing = &self.vector.config.timing;
        if timing.answer.is_none() || timing.idle.is_none() {
            return Ok(());
        }
        let server = self.subject.server();
        let (deadline, inspection) = (server.poll_timeout(), server.inspect());
        let live = self.subject.watch().sessions.values();
        let live = live.filter(|session| session.ends == 0).count();
        if deadline.is_none() && inspection.bytes == 0 && live == 0 {
            return Ok(());
        }
        Err(self.failed(
            format!(
                "no client is left, but {live} sessions and {} bytes are, and `poll_timeout` says {deadline:?}",
                inspection.bytes
            ),
            &[],
        ))
    }

    /// Each deadline in turn, until there is none, or that time has come.
    fn rest(&mut self, until: Option<Instant>) -> Result<(), Failed> {
        for _ in 0..MOST_DEADLINES {
            if until.is_some_and(|until| self.subject.now() > until) {
                return Ok(());
            }
            self.steps += 1;
            match self.subject.advance() {
                Some(seen) => {
                    self.kept(seen)?;
                }
                None => return Ok(()),
            }
        }
        Err(self.failed(
            format!("{MOST_DEADLINES} deadlines later there is still one more"),
            &[],
        ))
    }

    fn nothing_is_owed(&self) -> Result<(), Failed> {
        if self.vector.config.timing.answer.is_none() {
            return Ok(());
        }
        let watch = self.subject.watch();
        let lasting: Vec<_> = watch
            .owed()
            .filter(|(_, request)| watch.lasts(request))
            .map(|(_, request)| request.exchange)
            .collect();
        let requests: Vec<_> = watch
            .owed()
            .filter(|(_, request)| !watch.lasts(request))
            .map(|(id, _)| id)
            .collect();
        let calls: Vec<_> = watch.unsettled().map(|(id, _)| id).collect();
        let posts: Vec<_> = watch
            .open()
            .filter(|(_, exchange)| exchange.method == "POST" && !exchange.is_listening())
            .map(|(id, _)| id)
            .filter(|id| !lasting.contains(id))
            .collect();
        if requests.is_empty() && calls.is_empty() && posts.is_empty() {
            return Ok(());
        }
        Err(self.failed(
            format!(
                "past all deadlines requests {requests:?} and calls {calls:?} are owed, POSTs {posts:?} are open"
            ),
            &[],
        ))
    }
}

fn later(now: Instant) -> Instant {
    Instant::from_micros(now.as_micros() + LONG)
}
