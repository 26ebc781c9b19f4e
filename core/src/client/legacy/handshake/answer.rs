//! What the server answers to `initialize`, and what follows from it.

use alloc::format;
use alloc::string::String;
use bytes::Bytes;

use super::failure::Over;
use crate::client::answer::{error_in, is_own};
use crate::client::config::is_session_id;
use crate::client::event::{ClientEvent, SessionChange};
use crate::client::exchange::Post;
use crate::client::head::{MOST_REFUSAL_BYTES, execution_after, refusal};
use crate::client::ledger::Kind;
use crate::client::legacy::session::Phase;
use crate::client::{Client, Timer};
use crate::http::{self, Headers, names};
use crate::ids::ExchangeId;
use crate::jsonrpc::{self, Message, Scanned};
use crate::message::{Handshake, Notification};
use crate::notice::NoticeKind;
use crate::outcome::{Execution, FailureKind, Outcome, Refusal};
use crate::version::Version;

impl Client {
    pub(in crate::client) fn handshake_head(
        &mut self,
        id: ExchangeId,
        status: u16,
        headers: Headers<'_>,
    ) {
        match status {
            202 => {
                self.linger(id);
                self.handshake_failed(
                    FailureKind::BadAnswer,
                    "the server accepted initialize (202) and promised no answer",
                );
            }
            200..=299 => {
                let session = http::find(headers, names::SESSION_ID);
                if session.is_some_and(|id| !is_session_id(id)) {
                    self.abort(id);
                    let reason = "the session id has characters beside visible ASCII";
                    return self.handshake_failed(FailureKind::BadAnswer, reason);
                }
                match self.body_of(headers) {
                    Ok(reading) => {
                        if let Some(shaking) = &mut self.session.shaking {
                            shaking.session = session.map(Bytes::copy_from_slice);
                        }
                        self.read_on(id, reading);
                    }
                    Err(reason) => {
                        self.linger(id);
                        self.handshake_failed(FailureKind::BadAnswer, &reason);
                    }
                }
            }
            0 | 300..=399 => {
                self.linger(id);
                let target =
                    http::find(headers, names::LOCATION).map_or_else(String::new, http::lossy);
                self.handshake_over(&Over {
                    kind: FailureKind::Redirected,
                    execution: Execution::Refused,
                    refusal: Some(refusal(status, headers)),
                    reason: format!("redirected to {target:?}"),
                });
            }
            _ => {
                self.connects_are(execution_after(status));
                self.read_error(id, status, headers);
            }
        }
    }

    /// A whole JSON body in answer to `initialize`.
    pub(in crate::client) fn handshake_json(&mut self, body: &[u8]) {
        let Some(wire_id) = self.session.shaking.as_ref().map(|shaking| shaking.wire_id) else {
            return;
        };
        match core::str::from_utf8(body).map(jsonrpc::scan) {
            Ok(Ok(Scanned::One(Message::Result { id, result }))) if is_own(id, wire_id) => {
                self.handshake_result(result);
            }
            Ok(Ok(Scanned::One(Message::Error { id, error })))
                if id.is_none_or(|id| is_own(id, wire_id)) =>
            {
                self.handshake_error(&error);
            }
            Ok(Err(reason)) => {
                let reason = format!("the answer is no JSON-RPC message: {reason}");
                self.handshake_failed(FailureKind::BadAnswer, &reason);
            }
            _ => self.handshake_failed(
                FailureKind::BadAnswer,
                "the answer is not one to initialize",
            ),
        }
    }

    /// A response on the stream that answers `initialize`.
    pub(in crate::client) fn handshake_answer(
        &mut self,
        id: ExchangeId,
        raw: Option<&str>,
        outcome: Outcome,
    ) {
        let wire_id = self
            .session
            .shaking
            .as_ref()
            .map_or(0, |shaking| shaking.wire_id);
        let is_ours = raw.map_or(matches!(outcome, Outcome::Error(_)), |raw| {
            is_own(raw, wire_id)
        });
        if !is_ours {
            return self.ignore(
                id,
                "a response on the stream of initialize that is not its answer",
            );
        }
        self.linger(id);
        match outcome {
            Outcome::Result(result) => self.handshake_result(&String::from_utf8_lossy(&result)),
            Outcome::Error(error) => self.handshake_error(&error),
            Outcome::Failed(_) => {}
        }
    }

    /// An HTTP error in answer to `initialize`.
    pub(in crate::client) fn handshake_refused(&mut self, mut refusal: Refusal, body: &[u8]) {
        let status = refusal.status;
        let kept = body.get(..MOST_REFUSAL_BYTES).unwrap_or(body);
        refusal.body = Bytes::copy_from_slice(kept);
        if let Some((_, error)) = error_in(body)
            && status != 401
        {
            return self.handshake_error(&error);
        }
        self.handshake_over(&Over {
            kind: if status == 401 {
                FailureKind::Unauthorized
            } else {
                FailureKind::HttpStatus
            },
            execution: execution_after(status),
            refusal: Some(refusal),
            reason: format!("HTTP {status} to initialize"),
        });
    }

    pub(super) fn handshake_result(&mut self, result: &str) {
        let Some(shaking) = self.session.shaking.take() else {
            return;
        };
        self.timers.clear(Timer::Handshake);
        let offered = jsonrpc::member(result, "protocolVersion").and_then(jsonrpc::string);
        let version = offered
            .as_deref()
            .and_then(Version::from_name)
            .filter(|version| self.config.versions.contains(version));
        if self.session.is_closing() {
            // The session came while closing: it is known only to be ended.
            self.session.learn(shaking.session, version);
            return self.delete_session();
        }
        let Some(version) = version else {
            self.session.learn(shaking.session, version);
            self.delete_session();
            let reason = format!(
                "the server speaks {}, we speak {} to {}",
                offered.as_deref().unwrap_or("no version that it names"),
                self.config.versions.start(),
                self.config.versions.end()
            );
            return self.handshake_failed(FailureKind::NoCommonVersion, &reason);
        };
        if !self.host_can_go_on(version, result) {
            self.session.learn(shaking.session, Some(version));
            self.delete_session();
            self.session.host_params = None;
            let reason = "the new session's version or capabilities differ from the old one's";
            return self.handshake_failed(FailureKind::SessionLost, reason);
        }
        let is_first = self.session.epoch == 0;
        let result = Bytes::copy_from_slice(result.as_bytes());
        self.session.enter(shaking.session, version, result);
        self.out.event(ClientEvent::SessionChanged {
            epoch: self.session.epoch,
            change: if is_first {
                SessionChange::Connected
            } else {
                SessionChange::Reinitialized
            },
        });
        let host_speaks = self.has_initialize_of_host();
        self.settle_connects_from_session();
        if !host_speaks {
            self.post_initialized(&Notification::new("notifications/initialized", None));
        }
    }

    /// Whether the host itself is in the middle of its handshake, and will say `initialized`. When a
    /// session is made again behind its back, the core says it.
    pub(super) fn has_initialize_of_host(&self) -> bool {
        self.ledger
            .calls
            .values()
            .any(|entry| entry.kind == Kind::Initialize)
    }

    /// A host that spoke its own handshake knows the old session's terms; a new one behind its back must
    /// have the same.
    pub(super) fn host_can_go_on(&self, version: Version, result: &str) -> bool {
        if matches!(self.config.handshake, Handshake::Core(_)) || self.has_initialize_of_host() {
            return true;
        }
        let before = self
            .session
            .result
            .as_ref()
            .and_then(|result| core::str::from_utf8(result).ok());
        let capabilities = |text| jsonrpc::member(text, "capabilities");
        self.session.version == Some(version)
            && before.and_then(capabilities) == capabilities(result)
    }

    pub(super) fn post_initialized(&mut self, notification: &Notification) {
        self.post_notification(Post::Initialized { again: false }, notification);
        self.await_acknowledgement();
    }

    /// The host's own `initialized`.
    pub(in crate::client) fn host_is_initialized(&mut self, notification: &Notification) {
        match (&self.config.handshake, self.session.phase) {
            (Handshake::Host, Phase::Ready(_)) => self.post_initialized(notification),
            (Handshake::Host, _) => {
                let detail = "initialized without a session: its initialize has no result yet";
                self.notice(NoticeKind::Ignored, None, detail);
            }
            (Handshake::Core(_), _) => {
                self.notice(
                    NoticeKind::Ignored,
                    None,
                    "initialized is the core's to send",
                );
            }
        }
    }
}
