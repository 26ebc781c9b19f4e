//! Entering what was done to the client.

use super::{CallKind, CallSeen, ListenSeen, ListenStage, Watch};
use crate::op::{Op, Options};
use mcp_sansio::Instant;
use serde_json::Value;
use std::time::Duration;

/// Methods that may run twice without harm.
const SAFE: [&str; 6] = [
    "ping",
    "resources/list",
    "resources/read",
    "prompts/get",
    "completion/complete",
    "server/discover",
];

impl Watch {
    /// Enters an input, before its outputs; gives the number of messages that it completed.
    pub fn input(&mut self, now: Instant, op: &Op, made: Option<u64>) -> usize {
        self.pass_time(now);
        match op {
            Op::Connect { .. } | Op::Call { .. } => {
                if let Some(id) = made {
                    self.made(now, op, id);
                }
            }
            Op::Listen {
                params,
                params_text,
                ..
            } => {
                if let Some(id) = made {
                    self.listened(id, params.as_ref(), params_text.as_deref());
                }
            }
            Op::Respond { id, .. } => {
                if let Some(ended @ 0) = self.obligations.get_mut(id) {
                    *ended = 1;
                }
            }
            Op::Notify { .. } => self.notified += 1,
            Op::Authorize { .. } => self.asked_for_credentials = None,
            Op::Timeout => {
                let bound = self.config.timing.authorization;
                self.asked_for_credentials
                    .take_if(|asked| now.saturating_since(*asked) >= bound);
            }
            Op::Close => {
                self.closing.get_or_insert(now);
            }
            _ => {
                let messages = self.saw(op);
                self.restart_clocks(now, messages);
                return messages;
            }
        }
        0
    }

    /// Idle clocks stand still while a request of the server is with the host, between the rounds of a call,
    /// and while it waits for credentials.
    fn pass_time(&mut self, now: Instant) {
        let passed = now.saturating_since(self.now);
        self.now = self.now.max(now);
        for (id, call) in &mut self.calls {
            if self.asks || call.between_rounds || self.parked.contains(id) {
                call.paused += passed;
            }
        }
    }

    /// Progress that came in this step starts the idle clock of its call again.
    fn restart_clocks(&mut self, now: Instant, messages: usize) {
        let first = self.fed.len().saturating_sub(messages);
        for message in self
            .fed
            .iter()
            .skip(first)
            .filter(|message| message["method"] == "notifications/progress")
        {
            let token = &message["params"]["progressToken"];
            for call in self
                .calls
                .values_mut()
                .filter(|call| call.tokens.contains(token))
            {
                call.restarted = now;
                call.paused = Duration::ZERO;
            }
        }
    }

    fn listened(&mut self, id: u64, params: Option<&Value>, params_text: Option<&str>) {
        let listen = ListenSeen {
            params: params.cloned().unwrap_or_default(),
            size: params_text.map_or_else(
                || params.map_or(0, |params| params.to_string().len()),
                str::len,
            ),
            after_close: self.closing.is_some(),
            stage: ListenStage::Asked,
            opened: 0,
            ended: 0,
        };
        if self.listens.insert(id, listen).is_some() {
            self.strays.push(format!("the handle {id} was given twice"));
        }
    }

    fn made(&mut self, now: Instant, op: &Op, id: u64) {
        let kind = match op {
            Op::Call { method, .. } if method == "initialize" => CallKind::Initialize,
            Op::Call { .. } => CallKind::Request,
            _ => CallKind::Connect,
        };
        let handshake = self.open().find(|(_, exchange)| self.shakes(exchange));
        let handshake = handshake.or_else(|| self.parked_handshake());
        let mut call = CallSeen {
            made: now,
            max: self.config.timing.max,
            safe: false,
            first_handshake: match handshake.filter(|_| kind == CallKind::Connect) {
                Some((_, exchange)) if exchange.has_head || self.searches() => None,
                Some((handshake, _)) => Some(handshake),
                // One that was refused may wait for credentials, and this with it.
                None if self.asked_for_credentials.is_some() => None,
                None => Some(id),
            },
            kind,
            method: String::new(),
            params: Value::Null,
            round: None,
            between_rounds: false,
            after_close: self.closing.is_some(),
            size: 0,
            settled: 0,
            idle: self.config.timing.idle,
            restarted: now,
            paused: Duration::ZERO,
            deadline: None,
            sendings: Vec::new(),
            tokens: Vec::new(),
        };
        if let Op::Call {
            method,
            params,
            params_text,
            options,
            ..
        } = op
        {
            call.method.clone_from(method);
            call.params = params.clone().unwrap_or_default();
            call.size = params_text.as_ref().map_or_else(
                || params.as_ref().map_or(0, |params| params.to_string().len()),
                String::len,
            );
            // What goes on with an earlier request is never sent twice, whatever its method.
            let goes_on = |name| {
                params
                    .as_ref()
                    .is_some_and(|params| params.get(name).is_some())
            };
            let is_new = !goes_on("requestState") && !goes_on("inputResponses");
            let reads = SAFE.contains(&method.as_str()) || method.ends_with("/list");
            call.safe = is_new && (options.safe || reads);
            self.chose(&mut call, options);
        }
        if self.calls.insert(id, call).is_some() {
            self.strays.push(format!("the handle {id} was given twice"));
        }
    }

    fn chose(&mut self, call: &mut CallSeen, options: &Options) {
        let options = options.build();
        call.max = options.max.unwrap_or(call.max);
        call.idle = options.idle.or(call.idle);
        let values = options
            .headers
            .iter()
            .map(|header| String::from_utf8_lossy(&header.value).into_owned());
        self.secrets.extend(values);
    }
}
