//! Messages that are only acknowledged: notifications, and our responses to the server's requests. Any
//! 2xx acknowledges; its body is not waited for.

use alloc::format;
use bytes::Bytes;

use super::exchange::{Post, Purpose, Request};
use super::input::{Sent, TransportFailure};
use super::{Client, Timer};
use crate::http::Method;
use crate::ids::ExchangeId;
use crate::jsonrpc;
use crate::message::Notification;

impl Client {
    pub(super) fn post_notification(&mut self, post: Post, notification: &Notification) {
        let params = notification
            .params
            .as_ref()
            .and_then(|params| core::str::from_utf8(params).ok());
        let body = jsonrpc::notification(&notification.method, params);
        self.post(post, body);
    }

    pub(super) fn post_response(&mut self, body: Bytes) {
        self.post(Post::Response { again: false }, body);
    }

    fn post(&mut self, post: Post, body: Bytes) {
        let request = Request {
            method: Method::Post,
            url: None,
            headers: self.post_headers(),
            body,
        };
        self.open_post(post, request);
    }

    fn open_post(&mut self, post: Post, request: Request) {
        let exchange = self.open(Purpose::Post(post), request);
        let until = self.after(self.config.timing.exchange);
        self.timers.set(Timer::Exchange(exchange), until);
    }

    pub(super) fn post_head(&mut self, id: ExchangeId, post: Post, status: u16) {
        let Some(exchange) = self.exchanges.get(&id) else {
            return;
        };
        let (in_session, epoch) = (exchange.carried_session(), exchange.epoch);
        self.linger(id);
        match status {
            200..=299 => {}
            404 if in_session => return self.session_is_lost(epoch, "404 to a message of ours"),
            _ => self.undelivered(
                id,
                post.name(),
                &format!("the server answered HTTP {status}"),
            ),
        }
        self.concluded(post);
    }

    /// A message that certainly was not sent goes out once more, if somebody waits for it.
    pub(super) fn post_failed(
        &mut self,
        id: ExchangeId,
        post: Post,
        request: Request,
        failure: &TransportFailure,
    ) {
        let again = match post {
            Post::Initialized { again: false } => Some(Post::Initialized { again: true }),
            Post::Response { again: false } => Some(Post::Response { again: true }),
            _ => None,
        };
        if let (Sent::No, Some(post)) = (failure.sent, again) {
            return self.open_post(post, request);
        }
        self.undelivered(id, post.name(), &failure.detail);
        self.concluded(post);
    }

    pub(super) fn post_is_late(&mut self, id: ExchangeId, post: Post) {
        self.undelivered(id, post.name(), "the server did not acknowledge it in time");
        self.concluded(post);
    }

    fn concluded(&mut self, post: Post) {
        if let Post::Initialized { .. } = post {
            self.initialized_is_settled();
        }
    }
}

impl Post {
    const fn name(self) -> &'static str {
        match self {
            Self::Cancel => "notifications/cancelled",
            Self::Initialized { .. } => "notifications/initialized",
            Self::Notification => "a notification",
            Self::Response { .. } => "a response to a request of the server",
        }
    }
}
