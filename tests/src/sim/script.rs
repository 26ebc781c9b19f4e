//! What the server's application does with a request: a list of beats, each after a delay. And the words in
//! which requests, answers and messages name the job that they belong to.

use super::agenda::millis;
use crate::dice::Dice;
use serde_json::{Value, json};
use std::time::Duration;

/// A request that a client's application is to make, and how the server's application is to treat it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Job {
    /// Its number, of which there is one in a run. Everything about it names it.
    pub number: usize,
    /// The JSON-RPC method.
    pub method: &'static str,
    /// Its progress is wanted.
    pub progress: bool,
    /// It is marked as safe.
    pub is_marked_safe: bool,
    /// Its idle clock.
    pub idle: Option<Duration>,
    /// Its hard maximum.
    pub max: Option<Duration>,
    /// The beats, each with the delay before it. Without an answer among them the application stays silent.
    pub beats: Vec<(Duration, Beat)>,
}

/// One thing that the server's application does in the course of a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Beat {
    /// It tells how far it is.
    Progress,
    /// It logs something.
    Log,
    /// It asks the client.
    Ask(&'static str),
    /// It lets go of the connection.
    Release,
    /// It answers with a result.
    Result,
    /// It answers with an error.
    Error,
}

/// The code of the errors with which the application answers.
pub(super) const APPLICATION_ERROR: i64 = -32_050;

const METHODS: [&str; 8] = [
    "tools/call",
    "tools/call",
    "tools/call",
    "tools/call",
    "resources/read",
    "prompts/get",
    "completion/complete",
    "tools/list",
];
const QUESTIONS: [&str; 3] = ["elicitation/create", "sampling/createMessage", "roots/list"];

impl Job {
    pub(super) fn invent(number: usize, dice: &mut Dice) -> Self {
        let pace = *dice.pick(&[0, 40, 900, 9_000]);
        let mut beats = Vec::new();
        for _ in 0..*dice.pick(&[0, 0, 1, 3, 6]) {
            let beat = match dice.below(8) {
                0..=2 => Beat::Progress,
                3 => Beat::Log,
                4 | 5 => Beat::Ask(dice.pick::<&str>(&QUESTIONS)),
                _ => Beat::Release,
            };
            beats.push((millis(dice.below(pace + 1)), beat));
        }
        let last = *dice.pick(&[
            Some(Beat::Result),
            Some(Beat::Result),
            Some(Beat::Result),
            Some(Beat::Result),
            Some(Beat::Result),
            Some(Beat::Error),
            None,
        ]);
        let delay = *dice.pick(&[0, 0, 100, 400, 400, 1_500, 8_000, 45_000]);
        beats.extend(last.map(|last| (millis(delay), last)));
        Self {
            number,
            method: dice.pick::<&str>(&METHODS),
            progress: dice.one_in(2),
            is_marked_safe: dice.one_in(6),
            idle: *dice.pick(&[None, None, None, None, None, None, Some(millis(1_500))]),
            max: *dice.pick(&[None, None, None, None, None, None, Some(millis(4_000))]),
            beats,
        }
    }

    /// How its requests name it.
    pub(super) fn name(&self) -> String {
        format!("job-{}", self.number)
    }

    /// It may run twice.
    pub(super) fn is_safe(&self) -> bool {
        self.is_marked_safe || self.method != "tools/call"
    }

    pub(super) fn params(&self) -> Value {
        let name = self.name();
        match self.method {
            "resources/read" => json!({"uri": name}),
            "tools/list" => json!({"cursor": name}),
            "completion/complete" => json!({
                "ref": {"type": "ref/prompt", "name": "work"},
                "argument": {"name": "job", "value": name},
            }),
            _ => json!({"name": "work", "arguments": {"job": name}}),
        }
    }

    /// Whether the specification lets a server ask, in the place of an answer to this, from 2026-07-28 on.
    pub(super) fn may_ask(&self) -> bool {
        ["tools/call", "prompts/get", "resources/read"].contains(&self.method)
    }

    /// The application lets go of the connection: the client has to come back for the answer.
    pub(super) fn releases(&self) -> bool {
        self.beats.iter().any(|(_, beat)| *beat == Beat::Release)
    }

    /// How many questions the client is asked.
    pub(super) fn questions(&self) -> usize {
        let asks = |beat: &&(Duration, Beat)| matches!(beat.1, Beat::Ask(_));
        self.beats.iter().filter(asks).count()
    }
}

/// The job that a request belongs to, by its params.
pub(super) fn job_named(params: &Value) -> Option<usize> {
    let names = [
        &params["arguments"]["job"],
        &params["argument"]["value"],
        &params["uri"],
        &params["cursor"],
    ];
    names
        .iter()
        .find_map(|name| name.as_str()?.strip_prefix("job-")?.parse().ok())
}

/// One run of a job by the application: which job, and the how manieth run.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Running {
    pub(super) job: usize,
    pub(super) run: usize,
}

impl Running {
    pub(super) fn name(self) -> String {
        format!("{}#{}", self.job, self.run)
    }

    /// Reads a name, with what may stand behind it.
    pub(super) fn read(text: &str) -> Option<(Self, usize)> {
        let (running, count) = text.split_once(':').unwrap_or((text, "0"));
        let (job, run) = running.split_once('#')?;
        let running = Self {
            job: job.parse().ok()?,
            run: run.parse().ok()?,
        };
        Some((running, count.parse().ok()?))
    }

    /// The `count`th thing that was said in it.
    pub(super) fn remark(self, count: usize) -> String {
        format!("{}:{count}", self.name())
    }

    /// A result that passes for one of any method.
    pub(super) fn result(self) -> Value {
        json!({
            "ran": self.name(), "content": [], "contents": [], "messages": [], "tools": [],
            "completion": {"values": []},
        })
    }
}

/// The `requestState` of a question: where the application goes on when the client has answered.
pub(super) fn state(running: Running, next: usize) -> String {
    running.remark(next)
}
