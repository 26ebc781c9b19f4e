//! What happened in a run, so that runs in which nothing happens are seen.

use super::cause::Cause;
use super::plan::What;
use mcp_sansio::{Execution, Outcome};
use std::collections::BTreeMap;
use std::fmt;

/// What happens in any run of many seeds, or it shows less than it should.
const SOMETIMES: [&str; 40] = [
    "answers for a client that came back",
    "changes told",
    "deed: crash",
    "deed: restart",
    "execution: not sent",
    "execution: refused",
    "execution: unknown",
    "mischief",
    "outcome: bad_answer",
    "outcome: cancelled",
    "outcome: closed",
    "outcome: connection_lost",
    "outcome: error",
    "outcome: http_status",
    "outcome: no_common_version",
    "outcome: overloaded",
    "outcome: redirected",
    "outcome: result",
    "outcome: resume_refused",
    "outcome: session_lost",
    "outcome: timed_out",
    "outcome: too_many_rounds",
    "outcome: unauthorized",
    "outcome: undeliverable",
    "outcome: unreachable",
    "questions for a host",
    "questions for credentials",
    "resumes",
    "rounds",
    "safe requests that ran again",
    "server's questions answered",
    "server's questions failed: session_lost",
    "server's questions refused",
    "session made again",
    "sessions ended: deleted",
    "sessions ended: evicted",
    "sessions ended: idle",
    "subscription gap",
    "subscription open",
    "withdrawn from the server's application: not_taken",
];

/// Counts by name.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Tally(BTreeMap<String, usize>);

impl Tally {
    /// How often this happened.
    pub fn get(&self, what: &str) -> usize {
        self.0.get(what).copied().unwrap_or(0)
    }

    /// What did not happen and should have, if there were many runs.
    pub fn missing(&self) -> Vec<String> {
        let causes = Cause::ALL.iter().map(|cause| name_of(*cause));
        let named = SOMETIMES.iter().map(|name| (*name).to_owned());
        named
            .chain(causes)
            .filter(|name| self.get(name) == 0)
            .collect()
    }

    /// Adds what another run counted.
    pub fn join(&mut self, other: &Self) {
        for (what, count) in &other.0 {
            self.add(what, *count);
        }
    }

    pub(super) fn add(&mut self, what: &str, count: usize) {
        match self.0.get_mut(what) {
            Some(sum) => *sum += count,
            None => {
                self.0.insert(what.to_owned(), count);
            }
        }
    }

    pub(super) fn outcome(&mut self, outcome: &Outcome) {
        match outcome {
            Outcome::Result(_) => self.add("outcome: result", 1),
            Outcome::Error(_) => self.add("outcome: error", 1),
            Outcome::Failed(failure) => {
                self.add(&format!("outcome: {}", failure.kind.as_str()), 1);
                let execution = match failure.execution {
                    Execution::NotSent => "execution: not sent",
                    Execution::Refused => "execution: refused",
                    Execution::Unknown => "execution: unknown",
                };
                self.add(execution, 1);
            }
        }
    }

    pub(super) fn cause(&mut self, cause: Cause) {
        self.add(&name_of(cause), 1);
    }

    pub(super) fn deed(&mut self, what: &What) {
        let name = match what {
            What::Connect(_) => "connect",
            What::Call(..) => "call",
            What::Cancel(..) => "cancel",
            What::Notify(_) => "notify",
            What::Listen(_) => "listen",
            What::Unlisten(_) => "unlisten",
            What::Room(..) => "room",
            What::Close(_) => "close",
            What::Crash(_) => "crash",
            What::Change(_) => "change",
            What::Attend(_) => "attend",
            What::EndSession => "end session",
            What::ShutDown { .. } => "shut down",
            What::Kill { .. } => "kill",
            What::Restart => "restart",
            What::Partition(_) => "partition",
            What::Heal { .. } => "heal",
            What::Connections(..) => "connections",
            What::Expire => "expire",
            What::Refresh(_) => "refresh",
            What::Mischief(_) => "mischief",
            What::Exchange { .. } => "exchange",
        };
        self.add(&format!("deed: {name}"), 1);
    }
}

fn name_of(cause: Cause) -> String {
    format!("met: {cause:?}")
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (what, count) in &self.0 {
            writeln!(f, "{count:>10}  {what}")?;
        }
        Ok(())
    }
}
