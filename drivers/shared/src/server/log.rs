//! What goes wrong on the application's side, told with its cause and its remedy.

use mcp_sansio::{Notice, NoticeKind, SessionId};

use super::request::Open;

pub(super) fn notice(notice: &Notice) {
    let session = notice.session.map(SessionId::as_u64);
    let kind = notice.kind.as_str();
    let detail = notice.detail.as_str();
    match notice.kind {
        NoticeKind::NotTaken => tracing::error!(
            session,
            "no session handler reads: {detail}. Call `session.run(handler)`, or `session.next()` in a loop"
        ),
        NoticeKind::Dropped | NoticeKind::Ignored => tracing::warn!(session, kind, "{detail}"),
        _ => tracing::debug!(session, kind, "{detail}"),
    }
}

/// The request handler panicked.
pub(super) fn panicked(open: &Open) {
    tracing::error!(
        request = open.id.as_u64(),
        session = open.session().map(SessionId::as_u64),
        method = &*open.method,
        "the handler of a request panicked; its client got -32603. The panic's message is above: a handler \
         must return an `RpcError` instead"
    );
}

/// Nobody can answer the request any more.
pub(super) fn unanswered(open: &Open) {
    tracing::error!(
        request = open.id.as_u64(),
        session = open.session().map(SessionId::as_u64),
        method = &*open.method,
        "a request was dropped without an answer; its client got -32603. Call `request.respond(..)` on every \
         path, or let `session.run(handler)` do it"
    );
}

/// The handler's result cannot be sent.
pub(super) fn unwritable(open: &Open, error: &serde_json::Error) {
    tracing::error!(
        request = open.id.as_u64(),
        session = open.session().map(SessionId::as_u64),
        method = &*open.method,
        "the result of a request cannot be written as JSON ({error}); its client got -32603. Return a value \
         that `serde_json` can write: maps need strings for keys"
    );
}

/// The session handler is through, and its client is not.
pub(super) fn handler_returned(session: SessionId, waiting: usize) {
    tracing::error!(
        session = session.as_u64(),
        waiting,
        "a session handler returned while its client was still there; the session was ended, and the requests \
         in flight were answered with an error. Let it end with `session.run(handler).await`, or loop until \
         `session.next()` gives `None`"
    );
}

/// The session handler panicked.
pub(super) fn handler_failed(session: SessionId, waiting: usize) {
    tracing::error!(
        session = session.as_u64(),
        waiting,
        "a session handler panicked; the session was ended, and the requests in flight were answered with an \
         error. The panic's message is above: handle the error where it arises"
    );
}
