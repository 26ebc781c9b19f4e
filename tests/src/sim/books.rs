//! The books about what the server's application truly did, which outcomes are held against.

use super::plan::{Plan, What};
use super::script::{Job, Running};
use super::world::wrong;
use crate::subject::Broken;
use mcp_sansio::{Execution, Instant, Outcome};
use std::collections::{BTreeMap, BTreeSet};
use std::mem;
use std::time::Duration;

/// How long the server's application may not know that a client has given a request up, where nothing goes wrong.
pub(super) const PROMPT: Duration = Duration::from_secs(30);
/// What is known of every job.
#[derive(Debug)]
pub(super) struct Books {
    pub(super) jobs: BTreeMap<usize, Entry>,
}

/// What is known of one job.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own: they come in any order"
)]
pub(super) struct Entry {
    pub(super) job: Job,
    /// The client, and when it called.
    pub(super) called: Option<(usize, Instant)>,
    /// Its application cancelled it.
    pub(super) is_cancelled: bool,
    /// The client died: it is not there to settle it.
    pub(super) is_lost: bool,
    /// When the server's application got its request first.
    pub(super) given: Option<Instant>,
    /// The server withdrew it from the application.
    pub(super) is_withdrawn: bool,
    /// The application works on it.
    pub(super) is_owed: bool,
    /// When the application answered first.
    pub(super) answered_at: Option<Instant>,
    /// When the client gave it up, without an answer.
    pub(super) given_up: Option<Instant>,
    /// The application asked for more, in the place of an answer.
    pub(super) has_asked: bool,
    /// Where each part of a run began: anew, or where a question was answered.
    pub(super) taken: Vec<Option<(Running, usize)>>,
    pub(super) runs: usize,
    /// What was said in each run: all, and of it progress.
    pub(super) said: BTreeMap<usize, (usize, BTreeSet<usize>)>,
    /// What the client was told of each run.
    pub(super) heard: BTreeMap<usize, Vec<usize>>,
    pub(super) answered: BTreeSet<Running>,
    pub(super) settled: Option<Settled>,
}

/// How a call settled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Settled {
    Answered,
    Failed(Execution),
}

impl Settled {
    pub(super) fn of(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Failed(failure) => Self::Failed(failure.execution),
            Outcome::Error(_) | Outcome::Result(_) => Self::Answered,
        }
    }

    /// It never ran, says the outcome.
    pub(super) const fn denies_running(self) -> bool {
        matches!(self, Self::Failed(Execution::NotSent | Execution::Refused))
    }
}

impl Books {
    pub(super) fn new(plan: &Plan) -> Self {
        let jobs = plan.deeds.iter().filter_map(|deed| match &deed.what {
            What::Call(_, job) => Some(Job::clone(job)),
            _ => None,
        });
        let entry = |job: Job| Entry {
            job,
            called: None,
            is_cancelled: false,
            is_lost: false,
            given: None,
            is_withdrawn: false,
            is_owed: false,
            answered_at: None,
            given_up: None,
            has_asked: false,
            taken: Vec::new(),
            runs: 0,
            said: BTreeMap::new(),
            heard: BTreeMap::new(),
            answered: BTreeSet::new(),
            settled: None,
        };
        Self {
            jobs: jobs.map(|job| (job.number, entry(job))).collect(),
        }
    }

    /// A job; each that is named is one of the plan's.
    pub(super) fn job(&self, number: usize) -> &Job {
        &self.jobs[&number].job
    }

    pub(super) fn entry(&mut self, number: usize) -> Option<&mut Entry> {
        self.jobs.get_mut(&number)
    }

    /// How many runs were not the first of their job.
    pub(super) fn runs_again(&self) -> usize {
        let again = |entry: &Entry| entry.runs.saturating_sub(1);
        self.jobs.values().map(again).sum()
    }

    pub(super) fn called(&mut self, job: usize, client: usize, now: Instant) {
        if let Some(entry) = self.entry(job) {
            entry.called = Some((client, now));
        }
    }

    pub(super) fn cancelled(&mut self, job: usize) {
        if let Some(entry) = self.entry(job) {
            entry.is_cancelled = true;
        }
    }

    pub(super) fn lost(&mut self, jobs: impl Iterator<Item = usize>) {
        for job in jobs {
            if let Some(entry) = self.entry(job) {
                entry.is_lost = true;
            }
        }
    }

    pub(super) fn given(&mut self, job: usize, now: Instant) {
        if let Some(entry) = self.entry(job) {
            entry.given.get_or_insert(now);
        }
    }

    /// The server withdraws a request from the application. Gives the client that gave it up too long ago.
    pub(super) fn withdrawn(&mut self, job: usize, now: Instant) -> Option<usize> {
        let entry = self.entry(job)?;
        entry.is_withdrawn = true;
        let was_owed = mem::replace(&mut entry.is_owed, false);
        let (client, _) = entry.called?;
        let (given, given_up) = (entry.given?, entry.given_up?);
        // A cancel that overtakes its request says nothing to the server.
        let was_there = was_owed && given <= given_up;
        (was_there && now.saturating_since(given_up) > PROMPT).then_some(client)
    }

    pub(super) fn asked(&mut self, job: usize) {
        if let Some(entry) = self.entry(job) {
            entry.has_asked = true;
            entry.is_owed = false;
        }
    }

    /// The application takes a request: a new run, or one that goes on after a question.
    ///
    /// W2: what is not safe is taken once, and goes on once after each question. W3: what the client was told
    /// did not run, does not.
    pub(super) fn taken(
        &mut self,
        job: usize,
        before: Option<(Running, usize)>,
    ) -> Result<Running, Broken> {
        let Some(entry) = self.entry(job) else {
            return Err(wrong("W1", format!("job {job} was never asked for")));
        };
        let is_again = entry.taken.contains(&before);
        if is_again && (before.is_some() || !entry.job.is_safe()) {
            let what = format!("{} runs twice ({before:?})", entry.job.name());
            return Err(wrong("W2", what));
        }
        if entry.settled.is_some_and(Settled::denies_running) {
            let what = format!(
                "{} settled as {:?}, and runs now",
                entry.job.name(),
                entry.settled
            );
            return Err(wrong("W3", what));
        }
        entry.taken.push(before);
        entry.is_owed = true;
        if let Some((running, _)) = before {
            return Ok(running);
        }
        entry.runs += 1;
        let run = entry.runs;
        Ok(Running { job, run })
    }

    /// The application says something; gives the number of it.
    pub(super) fn says(&mut self, running: Running, is_progress: bool) -> usize {
        let Some(entry) = self.entry(running.job) else {
            return 0;
        };
        let (said, progress) = entry.said.entry(running.run).or_default();
        *said += 1;
        if is_progress {
            progress.insert(*said);
        }
        *said
    }

    pub(super) fn answers(&mut self, running: Running, now: Instant) {
        if let Some(entry) = self.entry(running.job) {
            entry.is_owed = false;
            entry.answered_at.get_or_insert(now);
            entry.answered.insert(running);
        }
    }

    /// W7: what a client is told of a job was said in it, once and in order.
    pub(super) fn heard(
        &mut self,
        job: usize,
        running: Running,
        count: usize,
    ) -> Result<(), Broken> {
        let entry = self.entry(running.job);
        let Some(entry) = entry.filter(|_| job == running.job) else {
            let what = format!("job {job} is told {}", running.remark(count));
            return Err(wrong("W7", what));
        };
        let said = entry.said.get(&running.run).map_or(0, |(said, _)| *said);
        let heard = entry.heard.entry(running.run).or_default();
        let is_next = heard.last().is_none_or(|last| *last < count);
        if count > said || !is_next {
            let what = format!("{} is told after {heard:?}", running.remark(count));
            return Err(wrong("W7", what));
        }
        heard.push(count);
        Ok(())
    }

    /// W4: each call has settled, but for those whose client has died.
    pub(super) fn all_settled(&self) -> Result<(), Broken> {
        let left = self
            .jobs
            .values()
            .find(|entry| entry.called.is_some() && !entry.is_lost && entry.settled.is_none());
        match left {
            Some(entry) => Err(wrong("W4", format!("{} never settled", entry.job.name()))),
            None => Ok(()),
        }
    }
}
