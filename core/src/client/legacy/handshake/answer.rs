//! What the server answers to `initialize`, and what follows from it.

use alloc::format;
use alloc::string::String;
use bytes::Bytes;

use crate::client::errand::{Over, Reply};
use crate::client::event::{ClientEvent, SessionChange};
use crate::client::exchange::Post;
use crate::client::ledger::Kind;
use crate::client::session::Phase;
use crate::client::{Client, Timer};
use crate::jsonrpc;
use crate::message::{Handshake, Notification};
use crate::notice::NoticeKind;
use crate::outcome::FailureKind;
use crate::version::{Era, Version};

impl Client {
    pub(in crate::client) fn initialize_replied(&mut self, reply: Reply) {
        if let Some(exchange) = self.session.initialize_exchange() {
            self.unpark(exchange); // The answer came on another stream.
        }
        if let Reply::Result(result) = &reply {
            return self.initialize_succeeded(&String::from_utf8_lossy(result));
        }
        self.session.shaking = None;
        if self.goes_on_without_initialize(&reply) {
            return;
        }
        match self.without_common_version(reply) {
            Reply::Error(error, _) => self.handshake_error(&error),
            Reply::Failed(over) => self.handshake_over(&over),
            Reply::Result(_) => {}
        }
    }

    fn initialize_succeeded(&mut self, result: &str) {
        let Some(shaking) = self.session.shaking.take() else {
            return;
        };
        let offered = jsonrpc::member(result, "protocolVersion").and_then(jsonrpc::string);
        let version = offered
            .as_deref()
            .and_then(Version::from_name)
            .filter(|version| version.era() == Era::Legacy)
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
            let over = Over::new(FailureKind::NoCommonVersion, reason);
            return self.initialize_replied(Reply::Failed(over));
        };
        if !self.host_can_go_on(version, result) {
            self.session.learn(shaking.session, Some(version));
            self.delete_session();
            self.session.host_params = None;
            let reason = "the new session's version or capabilities differ from the old one's";
            return self.handshake_over(&Over::new(FailureKind::SessionLost, reason));
        }
        self.close_probe();
        self.timers.clear(Timer::Handshake);
        let was_lost = self.session.was_lost;
        let result = Bytes::copy_from_slice(result.as_bytes());
        self.session.enter(shaking.session, version, result);
        self.out.event(ClientEvent::SessionChanged {
            epoch: self.session.epoch,
            change: SessionChange::made(was_lost),
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
