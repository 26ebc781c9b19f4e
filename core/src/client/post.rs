//! Messages that are only acknowledged: notifications, and our responses to the server's requests. Any
//! 2xx acknowledges; its body is not waited for.

use alloc::format;
use alloc::string::String;
use bytes::Bytes;

use super::exchange::{Post, Purpose, Request};
use super::input::{Sent, TransportFailure};
use super::modern::check_headers;
use super::{Client, Timer};
use crate::http::{Headers, Method};
use crate::ids::ExchangeId;
use crate::jsonrpc;
use crate::message::Notification;
use crate::meta;
use crate::notice::NoticeKind;
use crate::version::Era;

impl Client {
    pub(super) fn post_notification(&mut self, post: Post, notification: &Notification) {
        let params = notification
            .params
            .as_ref()
            .and_then(|params| core::str::from_utf8(params).ok());
        let method = &notification.method;
        let Some(version) = self.modern_version(params) else {
            return self.post(post, jsonrpc::notification(method, params));
        };
        let headers = Self::modern_headers(
            Bytes::copy_from_slice(version.as_bytes()),
            Bytes::copy_from_slice(method.as_bytes()),
        );
        if let Err(reason) = check_headers(&headers) {
            let detail = format!("notification {method:?}: {reason}");
            return self.notice(NoticeKind::Ignored, None, detail);
        }
        let request = Request {
            method: Method::Post,
            url: None,
            headers,
            body: if self.host_speaks() {
                jsonrpc::notification(method, params)
            } else {
                let ours = self.modern_version_of_ours();
                let params = self.modern_params(params, true, ours, None);
                jsonrpc::notification(method, Some(&params))
            },
        };
        let exchange = self.open_modern(Purpose::Post(post), request);
        let until = self.after(self.config.timing.exchange);
        self.timers.set(Timer::Exchange(exchange), until);
    }

    pub(super) fn post_response(&mut self, body: Bytes) {
        self.post(Post::Response { again: false }, body);
    }

    /// The revision that a notification is spoken in, if it is a modern one: the host's word, or what is
    /// agreed.
    pub(super) fn modern_version(&self, params: Option<&str>) -> Option<String> {
        if self.host_speaks() {
            let named = meta::of(params, meta::PROTOCOL_VERSION).and_then(jsonrpc::string)?;
            return Some(named.into_owned());
        }
        let version = self.session.version?;
        (version.era() == Era::Modern).then(|| version.as_str().into())
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

    pub(super) fn post_head(
        &mut self,
        id: ExchangeId,
        post: Post,
        status: u16,
        headers: Headers<'_>,
    ) {
        let Some(exchange) = self.exchanges.get(&id) else {
            return;
        };
        let (in_session, epoch) = (exchange.carried_session(), exchange.epoch);
        if post != Post::Cancel && self.may_want_credentials(status) {
            return self.read_error(id, status, headers);
        }
        self.linger(id);
        match status {
            200..=299 => self.concluded(post),
            404 if in_session => self.session_is_lost(epoch, "404 to a message of ours"),
            _ => self.post_refused(id, post, status),
        }
    }

    pub(super) fn post_refused(&mut self, id: ExchangeId, post: Post, status: u16) {
        let why = format!("the server answered HTTP {status}");
        self.undelivered(id, post.name(), &why);
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
