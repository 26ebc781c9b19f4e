//! The application above the real server: what it is told.

use super::agenda::{Happening, later};
use super::cause::Cause;
use super::near::read;
use super::script::{Running, job_named};
use super::world::{World, wrong};
use crate::subject::Broken;
use mcp_sansio::{EndReason, Outcome, ServerEvent, SessionId, Version, Withdrawal};
use serde_json::Value;
use std::collections::BTreeMap;

/// What an application knows.
#[derive(Debug)]
pub(super) struct Application {
    /// The requests that it works on, or has not looked at.
    pub(super) tasks: BTreeMap<u64, Task>,
    /// What it asked a client, by the call: for which request, and what the answer must say.
    pub(super) asked: BTreeMap<u64, (u64, String)>,
    /// The client of each session.
    sessions: BTreeMap<u64, Option<usize>>,
    /// It looks at requests.
    pub(super) attends: bool,
}

/// One request.
#[derive(Debug)]
pub(super) struct Task {
    pub(super) job: Option<usize>,
    pub(super) version: Version,
    pub(super) params: Value,
    pub(super) running: Option<Running>,
    /// Its next beat.
    pub(super) next: usize,
}

impl Application {
    pub(super) const fn new() -> Self {
        Self {
            tasks: BTreeMap::new(),
            asked: BTreeMap::new(),
            sessions: BTreeMap::new(),
            attends: true,
        }
    }

    /// A session that there is, if any.
    pub(super) fn a_session(&self) -> Option<u64> {
        self.sessions.keys().next().copied()
    }
}

impl World<'_> {
    pub(super) fn server_event(&mut self, event: ServerEvent) -> Result<(), Broken> {
        match event {
            ServerEvent::Request {
                id,
                version,
                params,
                ..
            } => {
                let params = read(params.as_ref());
                let task = Task {
                    job: job_named(&params),
                    version,
                    running: None,
                    next: 0,
                    params,
                };
                self.given(id.as_u64(), task);
                Ok(())
            }
            ServerEvent::Withdrawn { id, why } => self.withdrawn(id.as_u64(), why),
            ServerEvent::Settled { call, outcome } => self.client_answered(call.as_u64(), &outcome),
            ServerEvent::SessionStarted {
                session, exchange, ..
            } => {
                let links = &self.links;
                if let Some(real) = self.far.real() {
                    let link = real.links.get(&exchange.as_u64());
                    let client = link.and_then(|id| links[id.0].client());
                    real.application.sessions.insert(session.as_u64(), client);
                }
                Ok(())
            }
            ServerEvent::SessionEnded { session, reason } => {
                self.session_ended(session, reason);
                Ok(())
            }
            ServerEvent::ShutDown => self.has_shut_down(),
            _ => Ok(()),
        }
    }

    fn given(&mut self, id: u64, task: Task) {
        if let Some(job) = task.job {
            self.books.given(job, self.now);
        }
        if let Some(real) = self.far.real() {
            real.application.tasks.insert(id, task);
            self.beat_after(id, self.plan.setup.takes_after);
        }
    }

    pub(super) fn beat_after(&mut self, request: u64, delay: std::time::Duration) {
        if let Some(life) = self.far.real().map(|real| real.life) {
            let at = later(self.now, delay);
            self.agenda.enter(at, Happening::Beat { life, request });
        }
    }

    fn withdrawn(&mut self, id: u64, why: Withdrawal) -> Result<(), Broken> {
        self.tally.add(
            &format!("withdrawn from the server's application: {}", why.as_str()),
            1,
        );
        let is_stubborn = self.plan.setup.is_stubborn;
        let Some(real) = self.far.real() else {
            return Ok(());
        };
        let tasks = &mut real.application.tasks;
        let task = if is_stubborn {
            tasks.get(&id).map(|task| task.job)
        } else {
            tasks.remove(&id).map(|task| task.job)
        };
        match task {
            Some(Some(job)) => {
                let late = self.books.withdrawn(job, self.now);
                self.is_told_in_time(late)
            }
            _ => Ok(()),
        }
    }

    fn session_ended(&mut self, session: SessionId, reason: EndReason) {
        self.tally
            .add(&format!("sessions ended: {}", reason.as_str()), 1);
        let Some(real) = self.far.real() else {
            return;
        };
        let client = real.application.sessions.remove(&session.as_u64());
        if let Some(Some(client)) = client
            && reason != EndReason::Deleted
        {
            self.cause(client, Cause::SessionEnded);
        }
    }

    /// The application begins to look at requests, or ceases to.
    pub(super) fn attend(&mut self, attends: bool) {
        let Some(real) = self.far.real() else {
            return;
        };
        real.application.attends = attends;
        let idle = real.application.tasks.iter();
        let waiting: Vec<_> = idle
            .filter(|(_, task)| task.running.is_none())
            .map(|(&id, _)| id)
            .collect();
        if attends {
            for id in waiting {
                self.beat_after(id, std::time::Duration::ZERO);
            }
        } else {
            self.cause_for_all(Cause::NobodyAttends);
        }
    }

    /// W1, the other way round: what a client's application is said to have answered, it answered to that.
    fn client_answered(&mut self, call: u64, outcome: &Outcome) -> Result<(), Broken> {
        let Some(real) = self.far.real() else {
            return Ok(());
        };
        let Some((request, asked)) = real.application.asked.remove(&call) else {
            return Err(wrong("P2", format!("call {call} settled twice")));
        };
        match outcome {
            Outcome::Result(result) => {
                self.tally.add("server's questions answered", 1);
                let heard = read(Some(result))["heard"].clone();
                if heard != asked {
                    return Err(wrong(
                        "W1",
                        format!("{asked} asked, and is answered {heard}"),
                    ));
                }
            }
            Outcome::Error(_) => self.tally.add("server's questions refused", 1),
            Outcome::Failed(failure) => {
                let kind = failure.kind.as_str();
                self.tally
                    .add(&format!("server's questions failed: {kind}"), 1);
            }
        }
        self.wait_for_next(request);
        Ok(())
    }
}
