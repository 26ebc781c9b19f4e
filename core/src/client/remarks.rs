//! What nobody waits for: notices.

use alloc::string::String;

use super::Client;
use super::event::ClientEvent;
use crate::ids::ExchangeId;
use crate::notice::{Notice, NoticeKind};

impl Client {
    pub(super) fn notice(
        &mut self,
        kind: NoticeKind,
        exchange: Option<ExchangeId>,
        detail: impl Into<String>,
    ) {
        self.out.event(ClientEvent::Notice(Notice {
            kind,
            exchange,
            session: None,
            detail: detail.into(),
        }));
    }

    /// Tells of a frame that was ignored: the first one of an exchange. A stream of garbage must not become
    /// a flood of notices, and how a body is split must not matter.
    pub(super) fn ignore(&mut self, id: ExchangeId, reason: impl Into<String>) {
        let first = self
            .exchanges
            .get_mut(&id)
            .is_none_or(|exchange| !core::mem::replace(&mut exchange.has_ignored, true));
        if first {
            self.notice(NoticeKind::Ignored, Some(id), reason);
        }
    }
}
