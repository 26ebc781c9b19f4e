//! The bodies of an exchange, as they are watched; and an answer broken off, where the demo wants a network
//! that does so.

use std::error::Error;
use std::fmt;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use mcp_sansio_tokio::server::Body as Answer;

use super::watch::Exchange;
use crate::log::{Saw, describe};

/// The body of a request on its way to the service.
pub(super) struct Asking {
    body: Incoming,
    exchange: Arc<Exchange>,
}

impl Asking {
    pub(super) fn new(body: Incoming, exchange: Arc<Exchange>) -> Self {
        if body.is_end_stream() {
            exchange.told();
        }
        Self { body, exchange }
    }
}

impl Body for Asking {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        if let Some(Ok(frame)) = &frame
            && let Some(data) = frame.data_ref()
        {
            self.exchange.passes(data);
        }
        if frame.is_none() || self.body.is_end_stream() {
            self.exchange.told();
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// The body of a response on its way to the client.
pub(super) struct Answering {
    body: Answer,
    exchange: Arc<Exchange>,
    /// The status of a response that is no stream.
    whole: Option<u16>,
    /// The network breaks after so many more parts.
    parts_left: Option<u32>,
    is_breaking: bool,
}

impl Body for Answering {
    type Data = Bytes;
    type Error = Box<dyn Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if self.parts_left == Some(0) {
            return self.break_off(cx);
        }
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        match &frame {
            Some(Ok(frame)) => {
                if let Some(data) = frame.data_ref() {
                    self.parts_left = self.parts_left.map(|left| left - 1);
                    self.passes(data);
                }
            }
            Some(Err(_)) => self.exchange.ends(Saw::Broken),
            None if self.whole.is_none() => self.exchange.ends(Saw::Ended),
            None => self.exchange.is_over(),
        }
        Poll::Ready(frame.map(|frame| frame.map_err(Into::into)))
    }

    fn is_end_stream(&self) -> bool {
        self.parts_left != Some(0) && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Answering {
    /// `whole` is the status of a response that is no stream.
    pub(super) fn new(body: Answer, exchange: Arc<Exchange>, whole: Option<u16>) -> Self {
        let parts_left = exchange.breaks_after();
        Self {
            body,
            exchange,
            whole,
            parts_left,
            is_breaking: false,
        }
    }

    fn passes(&self, data: &[u8]) {
        let text = String::from_utf8_lossy(data);
        if let Some(status) = self.whole {
            let told = describe(&text).unwrap_or_default();
            self.exchange.said(format!("{status}, {told}"));
            if self.body.is_end_stream() {
                self.exchange.is_over();
            }
            return;
        }
        for event in text.split("\n\n").filter(|event| !event.is_empty()) {
            self.exchange.said(describe_event(event));
        }
    }

    /// Breaks off, in the turn after the one in which the parts before could leave.
    fn break_off<T>(
        &mut self,
        cx: &Context<'_>,
    ) -> Poll<Option<Result<T, Box<dyn Error + Send + Sync>>>> {
        if mem::replace(&mut self.is_breaking, true) {
            self.exchange.ends(Saw::Broken);
            return Poll::Ready(Some(Err(Box::new(Broken))));
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

/// What an event of a stream is, in a few words.
fn describe_event(event: &str) -> String {
    let (mut id, mut retry, mut data) = (None, None, None);
    for line in event.lines() {
        match line.split_once(": ").unwrap_or((line, "")) {
            ("id", value) => id = Some(value),
            ("retry", value) => retry = Some(value),
            ("data" | "data:", value) => data = Some(value),
            _ => {}
        }
    }
    let id = id.map_or(String::new(), |id| format!(" {id}"));
    match (data.and_then(describe), retry) {
        (Some(what), _) if id.is_empty() => what.into(),
        (Some(what), _) => format!("{what}, as event{id}"),
        (None, Some(retry)) => format!("empty event{id}, retry: {retry}"),
        (None, None) if id.is_empty() => "keep-alive".into(),
        (None, None) => format!("empty event{id}"),
    }
}

/// The network of the demo broke, as it was told to.
#[derive(Clone, Copy, Debug)]
struct Broken;

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection was broken off on purpose")
    }
}

impl Error for Broken {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_event_is_told_in_a_few_words() {
        for (event, told) in [
            (": keep-alive", "keep-alive"),
            (
                "id: 1-1\nretry: 1000\ndata: ",
                "empty event 1-1, retry: 1000",
            ),
            (
                "id: 1-1\nretry: 1000\ndata:",
                "empty event 1-1, retry: 1000",
            ),
            ("retry: 10000", "empty event, retry: 10000"),
            (
                "event: message\ndata: {\"method\":\"notifications/progress\"}",
                "progress",
            ),
            (
                "id: 1-2\ndata: {\"id\":4,\"result\":{}}",
                "result for 4, as event 1-2",
            ),
        ] {
            assert_eq!(describe_event(event), told);
        }
    }
}
