//! Records: one JSON line for each step, so that a run can be read, sent with a bug report, and replayed.
//!
//! The lines are those of the project's test vectors (`tests/vectors/README.md` describes them): first
//! one with the configuration and the seed, then one for each method called and each output polled, in
//! the order in which that happened.

mod config;
mod line;
mod server;
mod step;

use alloc::collections::{BTreeMap, VecDeque};
use alloc::string::String;
use bytes::Bytes;

use crate::client::{ClientConfig, ClientInput, ClientOutput};
use crate::ids::{CallId, ExchangeId, ListenId, ObligationId};
use crate::message::{Answer, Call, Notification};
use crate::time::Instant;
use line::Object;

/// What [`Client::poll_record`](crate::Client::poll_record) and
/// [`Server::poll_record`](crate::Server::poll_record) write.
///
/// Lines wait until they are polled, and no limit holds for them: who turns this on must poll.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub enum Recording {
    /// Nothing.
    #[default]
    Off,
    /// Every step, with session ids, cursors, the host's header values, payloads and the query of URLs
    /// left out: for logs and bug reports. It cannot be replayed.
    Redacted,
    /// Every step, whole: what is needed to replay it. Payloads and session ids are in it; the values of
    /// `authorization`, `proxy-authorization`, `cookie` and `set-cookie` are not, for no replay needs them.
    Whole,
}

/// Writes the record of one machine. Each method is a cheap return while recording is off.
#[derive(Clone, Debug)]
pub(crate) struct Recorder {
    recording: Recording,
    lines: VecDeque<String>,
    /// Whether the last poll had room for messages, which the machine goes by.
    room: bool,
    /// What the lines say of that so far.
    room_told: bool,
    /// Whom the exchanges serve whose opening has not been handed out yet.
    serving: BTreeMap<ExchangeId, Serves>,
}

/// Whom an exchange of a client serves. A redacted record would not tell it otherwise.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Serves {
    Call(CallId),
    Listen(ListenId),
    /// The client's own business, or a message that nobody waits for.
    Other(&'static str),
}

impl Recorder {
    pub(crate) const fn new(recording: Recording) -> Self {
        Self {
            recording,
            lines: VecDeque::new(),
            room: true,
            room_told: true,
            serving: BTreeMap::new(),
        }
    }

    /// The first line. To be called once, before any other.
    pub(crate) fn config(&mut self, config: &ClientConfig, seed: &[u8; 32]) {
        self.write(|detail| config::header(detail, config, seed));
    }

    pub(crate) fn connect(&mut self, now: Instant, id: CallId) {
        self.write_input(now, |_| {
            Object::of_type("connect").number("id", id.as_u64())
        });
    }

    pub(crate) fn call(&mut self, now: Instant, call: &Call, id: CallId) {
        self.write_input(now, |detail| step::call(detail, call, id, step::payload));
    }

    pub(crate) fn notify(&mut self, now: Instant, notification: &Notification) {
        self.write_input(now, |detail| {
            step::notify(detail, notification, step::payload)
        });
    }

    pub(crate) fn respond(&mut self, now: Instant, id: ObligationId, answer: &Answer) {
        self.write_input(now, |detail| {
            step::respond(detail, id, answer, step::payload)
        });
    }

    pub(crate) fn cancel(&mut self, now: Instant, call: CallId, reason: Option<&str>) {
        self.write_input(now, |detail| step::cancel(detail, call, reason));
    }

    pub(crate) fn listen(&mut self, now: Instant, params: &Bytes, id: ListenId) {
        self.write_input(now, |detail| {
            step::payload(detail, Object::of_type("listen"), "params", Some(params))
                .number("id", id.as_u64())
        });
    }

    pub(crate) fn unlisten(&mut self, now: Instant, listen: ListenId) {
        self.write_input(now, |_| {
            Object::of_type("unlisten").number("listen", listen.as_u64())
        });
    }

    pub(crate) fn authorize(&mut self, now: Instant, granted: bool) {
        self.write_input(now, |_| {
            Object::of_type("authorize").flag("granted", granted)
        });
    }

    pub(crate) fn close(&mut self, now: Instant) {
        self.write_input(now, |_| Object::of_type("close"));
    }

    pub(crate) fn input(&mut self, now: Instant, input: &ClientInput<'_>) {
        self.write_input(now, |detail| step::input(detail, input));
    }

    /// An exchange is about to be opened; told beside the output that opens it.
    pub(crate) fn serves(&mut self, exchange: ExchangeId, whom: Serves) {
        if self.recording != Recording::Off {
            self.serving.insert(exchange, whom);
        }
    }

    /// An output that is being handed out, if there is one, and whether the host had room for messages.
    pub(crate) fn output(&mut self, output: Option<&ClientOutput>, room: bool) {
        let had_room = core::mem::replace(&mut self.room, room);
        if let Some(output) = output {
            let is_told = self.room_told == room;
            let whom = match output {
                ClientOutput::Open { exchange, .. } => self.serving.remove(exchange),
                _ => None,
            };
            self.write(|detail| {
                let line = Object::new().object("output", step::output(detail, output));
                let line = match whom {
                    Some(whom) => step::serves(line, whom),
                    None => line,
                };
                if is_told {
                    line
                } else {
                    line.flag("room", room)
                }
            });
        } else if room != had_room {
            self.room_told = room;
            self.write(|_| Object::new().flag("room", room));
        }
    }

    /// The oldest line that has not been polled.
    pub(crate) fn poll(&mut self) -> Option<String> {
        self.lines.pop_front()
    }

    fn write_input(&mut self, now: Instant, input: impl FnOnce(Detail) -> Object) {
        self.write(|detail| {
            Object::new()
                .micros("now", now.as_micros())
                .object("input", input(detail))
        });
    }

    fn write(&mut self, line: impl FnOnce(Detail) -> Object) {
        let detail = match self.recording {
            Recording::Off => return,
            Recording::Redacted => Detail::Redacted,
            Recording::Whole => Detail::Whole,
        };
        self.lines.push_back(line(detail).finish());
    }
}

/// How much a line may tell.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Detail {
    Redacted,
    Whole,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::{ClientEvent, Sent, TransportFailure};
    use crate::http::{Header, Method};
    use crate::ids::ExchangeId;
    use crate::message::{CallOptions, Handshake, Identity};
    use crate::outcome::Outcome;
    use alloc::string::ToString as _;
    use alloc::vec;
    use alloc::vec::Vec;
    use bytes::Bytes;

    const SECRET: &str = "secret-4711";

    fn config() -> ClientConfig {
        let mut config = ClientConfig::new(
            "http://server.test/mcp?key=secret-4711",
            Handshake::Core(Identity::new("vector", "1")),
        );
        let mut known = crate::client::Known::new(crate::Version::V2025_11_25, Some(SECRET.into()));
        known.result = Some(Bytes::from_static(br#"{"instructions":"secret-4711"}"#));
        config.known = Some(known);
        config
    }

    /// One of each kind of line, with a secret in each place that can hold one.
    fn record(recording: Recording) -> Vec<String> {
        let now = Instant::from_micros(1_500);
        let exchange = ExchangeId::from_u64(2);
        let params = Bytes::from_static(b"{\"a\": 1.0,\n\"b\":\"secret-4711\"}");
        let headers = || {
            vec![
                Header::new("authorization", SECRET),
                Header::new("x-tenant", SECRET),
            ]
        };
        let options = CallOptions {
            headers: headers(),
            ..CallOptions::default()
        };
        let mut recorder = Recorder::new(recording);
        recorder.config(&config(), &[7; 32]);
        recorder.connect(now, CallId::from_u64(1));
        recorder.call(
            now,
            &Call::new("tools/call", Some(params.clone())).with(options),
            CallId::from_u64(3),
        );
        recorder.notify(
            now,
            &Notification::new("notifications/x", Some(params.clone())),
        );
        recorder.respond(
            now,
            ObligationId::from_u64(4),
            &Answer::Result(params.clone()),
        );
        recorder.cancel(now, CallId::from_u64(3), Some(SECRET));
        recorder.input(
            now,
            &ClientInput::Head {
                exchange,
                status: 200,
                headers: &[
                    ("Mcp-Session-Id", SECRET.as_bytes()),
                    ("Content-Type", b"text/event-stream"),
                ],
            },
        );
        recorder.input(
            now,
            &ClientInput::Chunk {
                exchange,
                data: b"data: secret-4711\n\n",
            },
        );
        let failure = TransportFailure {
            sent: Sent::No,
            detail: "connection refused".to_string(),
        };
        recorder.input(now, &ClientInput::Failed { exchange, failure });
        recorder.serves(exchange, Serves::Call(CallId::from_u64(3)));
        recorder.output(
            Some(&ClientOutput::Open {
                exchange,
                method: Method::Post,
                url: Some("http://server.test/mcp?key=secret-4711".into()),
                headers: headers(),
                body: params.clone(),
            }),
            true,
        );
        recorder.output(
            Some(&ClientOutput::Event(ClientEvent::Settled {
                call: CallId::from_u64(3),
                outcome: Outcome::Result(params),
            })),
            false,
        );
        core::iter::from_fn(|| recorder.poll()).collect()
    }

    #[test]
    fn nothing_is_written_while_recording_is_off() {
        assert!(record(Recording::Off).is_empty());
    }

    #[test]
    fn each_step_is_one_line_of_json() {
        for recording in [Recording::Redacted, Recording::Whole] {
            let lines = record(recording);
            assert_eq!(lines.len(), 11);
            for line in lines {
                assert!(!line.contains('\n'), "{line}");
                assert!(
                    serde_json::from_str::<serde_json::Value>(&line).is_ok(),
                    "{line}"
                );
            }
        }
    }

    #[test]
    fn a_redacted_record_holds_no_secret() {
        for line in record(Recording::Redacted) {
            assert!(!line.contains(SECRET), "{line}");
        }
    }

    #[test]
    fn a_whole_record_keeps_payloads_but_no_credential() {
        let lines = record(Recording::Whole);
        let call = &lines[2];
        assert!(
            call.contains(r#""params":{"a": 1.0, "b":"secret-4711"}"#),
            "{call}"
        );
        assert!(call.contains(r#"["x-tenant","secret-4711"]"#), "{call}");
        assert!(call.contains(r#"["authorization","<redacted>"]"#), "{call}");
    }

    #[test]
    fn a_line_has_the_words_of_the_format() {
        let lines = record(Recording::Whole);
        assert_eq!(lines[1], r#"{"now":1.5,"input":{"type":"connect","id":1}}"#);
        assert_eq!(
            lines[8],
            r#"{"now":1.5,"input":{"type":"failed","exchange":2,"sent":"no","detail":"connection refused"}}"#
        );
        assert!(lines[9].ends_with(r#"},"for":{"call":3}}"#), "{}", lines[9]);
        assert!(lines[10].ends_with(r#","room":false}"#), "{}", lines[10]);
    }
}
