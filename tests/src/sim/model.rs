//! The reference model: what each call may come to, by what was done to it and what went wrong.

use super::books::{PROMPT, Settled};
use super::cause::Cause;
use super::client_app::HOST_REFUSES;
use super::link::{Link, Owner};
use super::near::read;
use super::script::{APPLICATION_ERROR, Running};
use super::setup::Cast;
use super::world::{Phase, World, wrong};
use crate::subject::Broken;
use mcp_sansio::{Failure, FailureKind, Instant, Outcome, ResponseMode};
use std::time::Duration;

/// How long an answer may be on its way, where nothing goes wrong.
const TRANSIT: Duration = Duration::from_secs(60);

impl World<'_> {
    /// Holds an outcome against what is known.
    pub(super) fn judge(
        &mut self,
        client: usize,
        job: usize,
        outcome: &Outcome,
    ) -> Result<(), Broken> {
        let now = self.now;
        let is_rogue = self.plan.setup.cast == Cast::RogueServer;
        let Some(entry) = self.books.entry(job) else {
            return Ok(());
        };
        let name = entry.job.name();
        let settled = Settled::of(outcome);
        if entry.settled.replace(settled).is_some() {
            return Err(wrong("W4", format!("{name} settled twice")));
        }
        let max = entry
            .job
            .max
            .unwrap_or(self.plan.setup.clients[client].timing.max);
        let made = entry.called.map_or(now, |(_, made)| made);
        let after = now.saturating_since(made);
        if after > max {
            let what = format!("{name} settled {after:?} after it was made");
            return Err(wrong("W4", what));
        }
        if let Outcome::Failed(failure) = outcome
            && matches!(failure.kind, FailureKind::Cancelled | FailureKind::TimedOut)
        {
            entry.given_up = Some(now);
        }
        if settled.denies_running() && !entry.taken.is_empty() {
            let what = format!("{name} ran, and settled as {settled:?}");
            return Err(wrong("W3", what));
        }
        if is_rogue {
            return Ok(());
        }
        if entry.job.releases() && settled == Settled::Answered {
            self.tally.add("answers for a client that came back", 1);
        }
        match outcome {
            Outcome::Result(result) => self.is_true_result(client, job, &read(Some(result))["ran"]),
            Outcome::Error(error) if error.code == APPLICATION_ERROR => {
                self.is_true_result(client, job, &serde_json::json!(error.message))
            }
            Outcome::Error(error) => {
                let reason = self.may_be_error(client, job, error.code);
                has_reason(
                    reason,
                    &name,
                    &format!("error {}: {}", error.code, error.message),
                )
            }
            Outcome::Failed(failure) => {
                let reason = self.may_fail(client, job, failure);
                has_reason(reason, &name, &format!("{failure:#}"))
            }
        }
    }

    /// W1: the application gave this answer, for this very request. W7: and the client was told all progress
    /// before it.
    fn is_true_result(
        &mut self,
        client: usize,
        job: usize,
        ran: &serde_json::Value,
    ) -> Result<(), Broken> {
        let near = &self.near[client];
        let reads = near.always_read;
        let config = &self.plan.setup.server;
        let keeps = config.limits.log_events > 8 && config.mode != ResponseMode::Json;
        let Some(entry) = self.books.jobs.get(&job) else {
            return Ok(());
        };
        let running = ran
            .as_str()
            .and_then(Running::read)
            .map(|(running, _)| running);
        let given =
            running.filter(|running| running.job == job && entry.answered.contains(running));
        let Some(running) = given else {
            let what = format!("{} settled with an answer of {ran}", entry.job.name());
            return Err(wrong("W1", what));
        };
        let Some((_, progress)) = entry.said.get(&running.run) else {
            return Ok(());
        };
        let heard = entry.heard.get(&running.run);
        let missed = progress
            .iter()
            .find(|count| heard.is_none_or(|heard| !heard.contains(count)));
        match missed {
            Some(count) if reads && keeps && entry.job.progress => {
                let what = format!(
                    "{} was answered, and {} never came",
                    ran,
                    running.remark(*count)
                );
                Err(wrong("W7", what))
            }
            _ => Ok(()),
        }
    }

    fn met_any(&self, client: usize, of: &[Cause]) -> bool {
        of.iter()
            .any(|cause| self.near[client].causes.contains(cause))
    }

    /// Whether a server of ours may have answered with an error of its own.
    fn may_be_error(&self, client: usize, job: usize, code: i64) -> bool {
        let entry = &self.books.jobs[&job];
        let host = [Cause::HostRefused, Cause::HostSilent, Cause::HostSlow];
        entry.is_withdrawn
            || code == HOST_REFUSES && self.met_any(client, &[Cause::HostRefused])
            || entry.has_asked && self.met_any(client, &host)
            || self.met_any(client, &[Cause::Drained, Cause::SessionEnded])
            || self.met_any(client, &Cause::BREAKING)
            || self.plan.setup.has_narrow_server()
            || self.plan.setup.server.limits.log_events < 8
    }

    /// Whether a call may end like this: what has to have happened for each kind of failure.
    fn may_fail(&self, client: usize, job: usize, failure: &Failure) -> bool {
        let setup = &self.plan.setup;
        let config = &setup.clients[client];
        let entry = &self.books.jobs[&job];
        let breaks = self.met_any(client, &Cause::BREAKING);
        let was_broken = breaks && self.was_touched(client, failure);
        let is_refused = self.met_any(client, &[Cause::Unauthorized]);
        let forgets = self.met_any(client, &[Cause::SessionEnded, Cause::Drained]);
        match failure.kind {
            FailureKind::Cancelled => {
                entry.is_cancelled || self.met_any(client, &[Cause::HostRefused])
            }
            FailureKind::Closed => self.near[client].is_closing,
            FailureKind::TimedOut => {
                let made = entry.called.map_or(self.now, |(_, made)| made);
                let idle = entry.job.idle.or(config.timing.idle);
                let max = entry.job.max.unwrap_or(config.timing.max);
                let least = idle.unwrap_or(max).min(max);
                let host = self.met_any(client, &[Cause::HostSilent, Cause::HostSlow]);
                let was_met =
                    self.met_any(client, &Cause::ALL) && self.was_touched(client, failure);
                let is_due = self.now.saturating_since(made) >= least;
                (is_due || breaks || host) && (host || was_met || !self.hangs(client, job))
            }
            FailureKind::TooManyRounds => {
                let most = usize::try_from(config.limits.rounds).unwrap_or(usize::MAX);
                entry.job.questions() > most
            }
            FailureKind::Overloaded => {
                let asks = entry.job.questions() > 0;
                let is_full = config.limits.obligations < 10 || !self.near[client].always_read;
                config.limits.calls < 100 || asks && is_full
            }
            FailureKind::NoCommonVersion => {
                !self.share_a_version(client)
                    || breaks
                    || self.met_any(client, &[Cause::Redirected])
            }
            FailureKind::Unauthorized => is_refused || breaks,
            FailureKind::Redirected => {
                self.met_any(client, &[Cause::Redirected]) && self.was_touched(client, failure)
            }
            FailureKind::HttpStatus => {
                was_broken || forgets || entry.is_withdrawn || setup.has_narrow_server()
            }
            FailureKind::SessionLost => {
                breaks || forgets || is_refused || setup.has_narrow_server()
            }
            // The client has to come back: perhaps too late, or to a stream that is not kept any more.
            FailureKind::ConnectionLost | FailureKind::ResumeRefused => {
                was_broken || forgets || entry.job.releases()
            }
            FailureKind::BadAnswer | FailureKind::Unreachable => was_broken || forgets,
            FailureKind::Undeliverable => breaks || forgets || setup.has_narrow_server(),
            _ => false,
        }
    }

    /// Whether one of the exchanges that a failure tells of met something, or all of them did. Of a failure that
    /// tells of none, nobody knows: others were made for it.
    fn was_touched(&self, client: usize, failure: &Failure) -> bool {
        let life = self.near[client].life;
        let told: Vec<_> = failure
            .story
            .lines()
            .iter()
            .filter_map(|line| line.exchange)
            .map(|exchange| Owner::Client {
                client,
                life,
                exchange: exchange.as_u64(),
            })
            .collect();
        let met = |link: &Link| told.contains(&link.owner) && !link.met.is_empty();
        told.is_empty() || self.met_any(client, &Cause::SWEEPING) || self.links.iter().any(met)
    }

    /// Whether an answer was there, or nobody but client and server kept the request from the application: that
    /// is no reason for a call to run out of time.
    fn hangs(&self, client: usize, job: usize) -> bool {
        let entry = &self.books.jobs[&job];
        let since = |at: Instant| self.now.saturating_since(at);
        let has_room = self.plan.setup.clients[client].limits.exchanges.is_none();
        let from = match (entry.answered_at, entry.called) {
            (Some(answered), _) => Some(answered),
            (None, Some((_, called))) if entry.given.is_none() => Some(called),
            (None, _) => None,
        };
        has_room && from.is_some_and(|at| since(at) > TRANSIT)
    }

    /// W6, of subscriptions: one that ends has a reason.
    pub(super) fn judge_end(&self, client: usize, outcome: &Outcome) -> Result<(), Broken> {
        let near = &self.near[client];
        let may_end = match outcome {
            Outcome::Failed(failure) => match failure.kind {
                FailureKind::Closed => near.is_closing,
                FailureKind::Cancelled => near.has_unlistened,
                FailureKind::Overloaded => {
                    let limits = &self.plan.setup.clients[client].limits;
                    limits.exchanges.is_some() || limits.calls < 100
                }
                // There is none in the legacy era.
                FailureKind::Undeliverable => true,
                FailureKind::NoCommonVersion => !self.share_a_version(client),
                _ => false,
            },
            Outcome::Result(_) => self.phase >= Phase::ShuttingDown,
            Outcome::Error(_) => false,
        };
        if may_end || self.met_any(client, &Cause::ALL) {
            return Ok(());
        }
        let what = format!(
            "nothing went wrong by which a subscription of client {client} could end so: {outcome:?}"
        );
        self.unless_rogue("W6", what)
    }

    /// W8: the application is told soon that nobody wants its answer any more.
    pub(super) fn is_told_in_time(&self, client: Option<usize>) -> Result<(), Broken> {
        match client {
            Some(client) if !self.met_any(client, &Cause::ALL) => Err(wrong(
                "W8",
                format!(
                    "client {client} gave a call up {PROMPT:?} ago, and the application was not told"
                ),
            )),
            _ => Ok(()),
        }
    }

    fn share_a_version(&self, client: usize) -> bool {
        let setup = &self.plan.setup;
        let ours = &setup.clients[client].versions;
        let theirs = &setup.server.versions;
        ours.start() <= theirs.end() && theirs.start() <= ours.end()
    }
}

/// W6: an outcome has its reason.
fn has_reason(has_one: bool, name: &str, outcome: &str) -> Result<(), Broken> {
    if has_one {
        return Ok(());
    }
    Err(wrong(
        "W6",
        format!("nothing went wrong by which {name} could end so: {outcome}"),
    ))
}
