//! The applications above the real clients: what they are told, and what they answer.

use super::agenda::{Happening, later, millis};
use super::cause::Cause;
use super::near::read;
use super::script::Running;
use super::world::World;
use crate::dice::Dice;
use crate::op::{Error, Op};
use crate::subject::Broken;
use mcp_sansio::{ClientEvent, ListenState, SessionChange, Source};
use serde_json::{Value, json};

/// The code with which a client's application refuses.
pub(super) const HOST_REFUSES: i64 = -32_055;

impl World<'_> {
    pub(super) fn client_event(&mut self, client: usize, event: ClientEvent) -> Result<(), Broken> {
        match event {
            ClientEvent::Settled { call, outcome } => {
                let call = call.as_u64();
                self.tally.outcome(&outcome);
                match self.near[client].calls.get(&call) {
                    Some(&job) => self.judge(client, job, &outcome),
                    None => Ok(()),
                }
            }
            ClientEvent::Closed => self.has_closed(client),
            ClientEvent::Progress { call, params } => {
                let job = self.near[client].calls.get(&call.as_u64()).copied();
                let params = read(Some(&params));
                self.heard(client, job, params["message"].as_str())
            }
            ClientEvent::Notification {
                source,
                notification,
            } => {
                let params = read(notification.params.as_ref());
                let text = params["data"].as_str();
                match (source, text) {
                    (Source::Call(call), Some(_)) => {
                        let job = self.near[client].calls.get(&call.as_u64()).copied();
                        self.heard(client, job, text)
                    }
                    // What is said for a request whose client has gone comes on the stream for all.
                    (Source::Standalone, Some(_)) => {
                        let told = text.and_then(Running::read);
                        self.heard(client, told.map(|(running, _)| running.job), text)
                    }
                    _ => self.told_of_change(client, source, &params),
                }
            }
            ClientEvent::Request {
                id, method, params, ..
            } => {
                let asked = json!({"method": method, "params": read(params.as_ref())});
                self.asked(client, id.as_u64(), asked);
                Ok(())
            }
            ClientEvent::Unauthorized { .. } => {
                self.asked_for_credentials(client);
                Ok(())
            }
            ClientEvent::Withdrawn { id, why } => {
                self.tally
                    .add(&format!("withdrawn from a host: {}", why.as_str()), 1);
                self.near[client].questions.remove(&id.as_u64());
                Ok(())
            }
            ClientEvent::SessionChanged { change, .. } => {
                self.tally.add(
                    match change {
                        SessionChange::Connected => "connected",
                        SessionChange::Lost(_) => "session lost",
                        _ => "session made again",
                    },
                    1,
                );
                Ok(())
            }
            ClientEvent::Listen { state, .. } => {
                self.tally.add(
                    match state {
                        ListenState::Open { .. } => "subscription open",
                        ListenState::Gap => "subscription gap",
                        _ => "subscription ended",
                    },
                    1,
                );
                match state {
                    ListenState::Ended(outcome) => self.judge_end(client, &outcome),
                    _ => Ok(()),
                }
            }
            _ => Ok(()),
        }
    }

    /// W7: what is told of a job was said in it, once and in order.
    fn heard(
        &mut self,
        client: usize,
        job: Option<usize>,
        text: Option<&str>,
    ) -> Result<(), Broken> {
        let told = text.and_then(Running::read);
        let (Some(job), Some((running, count))) = (job, told) else {
            let what = format!("client {client} is told {text:?}, of a call without a job");
            return self.unless_rogue("W7", what);
        };
        self.books.heard(job, running, count)
    }

    /// W7: each change is told once and in order, by each stream.
    fn told_of_change(
        &mut self,
        client: usize,
        source: Source,
        params: &Value,
    ) -> Result<(), Broken> {
        let Some(count) = params["change"].as_u64() else {
            return self.unless_rogue("W7", format!("client {client} is told {params}"));
        };
        let stream = match source {
            Source::Listen(listen) => Some(listen.as_u64()),
            _ => None,
        };
        self.tally.add("changes told", 1);
        let last = self.near[client].changes.insert(stream, count);
        if last.is_some_and(|last| last >= count) {
            let what = format!("client {client} was told of change {count} after {last:?}");
            return self.unless_rogue("W7", what);
        }
        Ok(())
    }

    /// The server wants to know something. The application answers soon, late, with an error, or not at all.
    fn asked(&mut self, client: usize, obligation: u64, question: Value) {
        self.tally.add("questions for a host", 1);
        let near = &mut self.near[client];
        near.questions.insert(obligation, question);
        let mut dice = Dice::apart(self.plan.setup.salt ^ 0xA5, obligation);
        let delay = match dice.below(8) {
            0 => {
                self.cause(client, Cause::HostSilent);
                return;
            }
            1 => 20_000,
            2 => 1_500,
            3 | 4 => dice.below(200),
            _ => 0,
        };
        if delay > 1_000 {
            self.cause(client, Cause::HostSlow);
        }
        let life = self.near[client].life;
        self.agenda.enter(
            later(self.now, millis(delay)),
            Happening::Answer {
                client,
                life,
                obligation,
            },
        );
    }

    pub(super) fn answer(&mut self, client: usize, life: u32, id: u64) -> Result<(), Broken> {
        let near = &mut self.near[client];
        if near.life != life {
            return Ok(());
        }
        // A question that was withdrawn is answered all the same, by an application that did not look.
        let question = near.questions.remove(&id).unwrap_or_default();
        let mut dice = Dice::apart(self.plan.setup.salt ^ 0x5A, id);
        let refuses = dice.one_in(8);
        if refuses {
            self.cause(client, Cause::HostRefused);
        }
        let heard = &question["params"]["asked"];
        let result = json!({"heard": heard, "action": "accept", "content": {}, "roots": []});
        self.client(
            client,
            &Op::Respond {
                id,
                result: (!refuses).then_some(result),
                result_text: None,
                error: refuses.then(|| Error {
                    code: HOST_REFUSES,
                    message: "the host says no".to_owned(),
                    data: None,
                }),
            },
        )
    }
}
