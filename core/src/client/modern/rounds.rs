//! Rounds of questions: the server asks for more before it can answer, and the request goes out again with
//! the answers. For the application it is one call throughout.
//!
//! Source: 2026-07-28, basic/patterns/mrtr.

use alloc::borrow::ToOwned as _;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use bytes::Bytes;
use core::time::Duration;

use crate::client::ledger::{Stage, Tries};
use crate::client::{Client, Timer};
use crate::ids::{CallId, ObligationId};
use crate::jsonrpc;
use crate::message::{Answer, Handshake};
use crate::outcome::{Execution, FailureKind, Withdrawal};
use crate::questions::{capability_for, may_be_asked_back};
use crate::story::Seen;

/// How long at most to wait before a request that only carries its state goes out again; at least half.
const PAUSE: Duration = Duration::from_millis(250);

/// What the server asked for, and what it got.
#[derive(Clone, Hash, Debug, Default)]
pub(in crate::client) struct Rounds {
    count: u32,
    /// The raw JSON of `requestState`, which goes back as it came.
    state: Option<Box<str>>,
    answers: Vec<(String, Option<Bytes>)>,
}

impl Rounds {
    /// The params of the next round.
    pub(super) fn params(&self, params: Option<&str>) -> String {
        // What earlier rounds added does not count any more.
        let mut members = String::new();
        let mut add = |key: &str, value: &str| {
            let comma = if members.is_empty() { "" } else { "," };
            members = [&members, comma, &jsonrpc::quote(key), ":", value].concat();
        };
        let _ = jsonrpc::members(params.unwrap_or("{}"), |key, value| {
            if !matches!(key, "inputResponses" | "requestState") {
                add(key, value);
            }
        });
        if !self.answers.is_empty() {
            let mut responses = String::from("{}");
            for (key, answer) in &self.answers {
                let answer = answer
                    .as_ref()
                    .and_then(|answer| core::str::from_utf8(answer).ok())
                    .unwrap_or("null");
                responses =
                    jsonrpc::with_members(&responses, &format!("{}:{answer}", jsonrpc::quote(key)));
            }
            add("inputResponses", &responses);
        }
        if let Some(state) = &self.state {
            add("requestState", state);
        }
        format!("{{{members}}}")
    }

    fn is_complete(&self) -> bool {
        self.answers.iter().all(|(_, answer)| answer.is_some())
    }

    pub(in crate::client) fn held(&self) -> usize {
        let answers = self.answers.iter().flat_map(|(_, answer)| answer);
        self.state.as_ref().map_or(0, |state| state.len()) + answers.map(Bytes::len).sum::<usize>()
    }
}

/// One question of the server's.
struct Question {
    key: String,
    method: String,
    params: Option<Bytes>,
}

impl Client {
    /// The server wants more before it answers.
    pub(super) fn begin_round(&mut self, call: CallId, result: &str) {
        let Some(entry) = self.ledger.get(call) else {
            return;
        };
        if !may_be_asked_back(&entry.method) {
            let reason = format!("{} cannot be answered by input_required", entry.method);
            return self.fail_because(call, FailureKind::BadAnswer, reason);
        }
        let count = entry.rounds.as_ref().map_or(0, |rounds| rounds.count) + 1;
        let state = jsonrpc::member(result, "requestState").filter(|state| *state != "null");
        if state.is_some_and(|state| !state.starts_with('"')) {
            return self.fail_because(call, FailureKind::BadAnswer, "requestState is not a string");
        }
        let questions = match self.questions_in(result) {
            Ok(questions) => questions,
            Err(reason) => return self.fail_because(call, FailureKind::BadAnswer, reason),
        };
        if questions.is_empty() && state.is_none() {
            let reason = "input_required with neither inputRequests nor requestState";
            return self.fail_because(call, FailureKind::BadAnswer, reason);
        }
        let rounds = Rounds {
            count,
            state: state.map(Into::into),
            answers: questions
                .iter()
                .map(|question| (question.key.clone(), None))
                .collect(),
        };
        if let Some(entry) = self.ledger.get_mut(call) {
            // Each round is a request of its own; what the server did in the earlier ones is done.
            entry.rounds = Some(Box::new(rounds));
            entry.execution = Execution::Unknown;
            entry.safe = false;
            entry.tries = Tries::default();
            entry.asked.begin_request();
            entry.stage = Stage::Asking;
        }
        if count > self.config.limits.rounds {
            let most = self.config.limits.rounds;
            let reason = format!("{most} rounds of questions brought no answer");
            return self.fail_because(call, FailureKind::TooManyRounds, reason);
        }
        let open = self.obligations.open.len() + questions.len();
        if open > self.config.limits.obligations || !self.out.has_room_for(questions.len()) {
            let reason = "too many requests of the server are with the application";
            return self.fail_because(call, FailureKind::Overloaded, reason);
        }
        if questions.is_empty() {
            return self.pause_before_round(call);
        }
        let note = match questions.len() {
            1 => format!("the server asks a question (round {count})"),
            many => format!("the server asks {many} questions (round {count})"),
        };
        self.saw(call, None, Seen::Note { text: note });
        for Question {
            key,
            method,
            params,
        } in questions
        {
            self.ask_application(call, &key, &method, params);
        }
    }

    fn pause_before_round(&mut self, call: CallId) {
        let delay = self.rng.jitter(PAUSE);
        let at = self.after(delay);
        self.stop_clock(call);
        if let Some(entry) = self.ledger.get_mut(call) {
            entry.stage = Stage::Retrying(at);
        }
        self.timers.set(Timer::Again(call), at);
        self.saw(call, None, Seen::Waiting { delay });
    }

    /// What the server asks; the error says why it may not.
    fn questions_in(&self, result: &str) -> Result<Vec<Question>, String> {
        let mut questions: Vec<Question> = Vec::new();
        let Some(requests) = jsonrpc::member(result, "inputRequests") else {
            return Ok(questions);
        };
        let mut wrong = None;
        jsonrpc::members(requests, |key, request| match self.question(key, request) {
            Ok(question) if questions.iter().any(|other| other.key == question.key) => {
                wrong = Some(format!("two input requests have the key {key:?}"));
            }
            Ok(question) => questions.push(question),
            Err(reason) => wrong = Some(reason),
        })
        .map_err(|_| "inputRequests is not an object".to_owned())?;
        wrong.map_or(Ok(questions), Err)
    }

    fn question(&self, key: &str, request: &str) -> Result<Question, String> {
        let method = jsonrpc::member(request, "method").and_then(jsonrpc::string);
        let Some(method) = method else {
            return Err(format!("input request {key:?} names no method"));
        };
        let Some(capability) = capability_for(&method) else {
            return Err(format!(
                "input request {key:?} is a {method:?}, which is none"
            ));
        };
        if !self.declares(capability) {
            return Err(format!(
                "the server asks for {method}, and we did not declare {capability}"
            ));
        }
        Ok(Question {
            key: key.to_owned(),
            method: method.into_owned(),
            params: jsonrpc::member(request, "params")
                .map(|params| Bytes::copy_from_slice(params.as_bytes())),
        })
    }

    fn declares(&self, capability: &str) -> bool {
        match &self.config.handshake {
            Handshake::Core(identity) => core::str::from_utf8(&identity.capabilities)
                .is_ok_and(|all| jsonrpc::member(all, capability).is_some()),
            Handshake::Host => true,
        }
    }

    /// The application answered a question. With the last one the request goes out again.
    pub(in crate::client) fn round_answered(&mut self, call: CallId, key: &str, answer: Answer) {
        let result = match answer {
            Answer::Result(result) if jsonrpc::is_value(&result) => result,
            Answer::Result(_) => {
                let reason = "the application's answer to the server is not JSON text";
                return self.fail_because(call, FailureKind::Misuse, reason);
            }
            Answer::Error(error) => {
                let reason = format!("the application answered the server with an error: {error}");
                return self.fail_because(call, FailureKind::Cancelled, reason);
            }
        };
        let Some(rounds) = self
            .ledger
            .get_mut(call)
            .and_then(|entry| entry.rounds.as_deref_mut())
        else {
            return;
        };
        for (asked, answer) in &mut rounds.answers {
            if asked == key {
                *answer = Some(result.clone());
            }
        }
        let is_complete = rounds.is_complete();
        let entry = self.ledger.get(call);
        if is_complete && entry.is_some_and(|entry| entry.stage == Stage::Asking) {
            self.send_in_turn(call);
        }
    }

    /// A call has settled: nobody waits for its questions any more.
    pub(in crate::client) fn withdraw_questions(&mut self, call: CallId) {
        if self.obligations.open.is_empty() {
            return;
        }
        let asked: Vec<ObligationId> = self
            .obligations
            .open
            .iter()
            .filter(|(_, open)| open.belongs_to(call))
            .map(|(&id, _)| id)
            .collect();
        for id in asked {
            self.withdraw(id, Withdrawal::Gone);
        }
    }
}
