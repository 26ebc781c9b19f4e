//! The tower service.

use std::convert::Infallible;
use std::fmt::{self, Display};
use std::future::{Future, poll_fn};
use std::marker::PhantomData;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};

use ::http::header::HOST;
use ::http::request::Parts;
use ::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, Version};
use bytes::Buf;
use http_body::Body as _;
use mcp_sansio::{ExchangeHead, Identity};

use super::body::Body;
use super::parts::{Principal, detach};
use crate::runtime::Runtime;
use crate::server::{self as driver, Builder, Exchange, Head, ServiceHandle};

/// A server as a tower service, for axum, hyper, and whatever else mounts one: a handle, cheap to clone.
///
/// It answers POST, GET and DELETE of one MCP endpoint; which path that is, is the host's. From
/// [`Service::builder`].
pub struct Service<R> {
    service: driver::Service,
    /// Whose tasks and clock it is made with.
    runtime: PhantomData<fn() -> R>,
}

impl<R: Runtime> Service<R> {
    /// A server to be. It says that it is `identity`, with the capabilities that are in there: a client asks for
    /// tools only where `tools` are declared.
    pub fn builder(identity: Identity) -> Builder<R, Self> {
        Builder::new(identity)
    }
}

impl<R> Service<R> {
    /// The host's hold on the server: notify all, count, look, shut down.
    pub fn handle(&self) -> ServiceHandle {
        self.service.handle()
    }

    /// Answers one request. Dropping the future or the response's body says that the client has gone.
    pub async fn respond<B>(&self, request: ::http::Request<B>) -> Response<Body>
    where
        B: http_body::Body<Error: Display>,
    {
        let (parts, body) = request.into_parts();
        let mut exchange = self.accept(parts);
        let mut body = pin!(body);
        let mut has_ended = false;
        let head = poll_fn(|cx| {
            loop {
                if let Poll::Ready(head) = exchange.poll_head(cx) {
                    return Poll::Ready(Ok(head));
                }
                if has_ended {
                    return Poll::Pending;
                }
                let Poll::Ready(frame) = body.as_mut().poll_frame(cx) else {
                    return Poll::Pending;
                };
                match frame.map(|frame| frame.map(::http_body::Frame::into_data)) {
                    Some(Ok(Ok(data))) => {
                        has_ended = body.is_end_stream();
                        feed(&exchange, data, has_ended);
                    }
                    Some(Ok(Err(_trailers))) => {}
                    Some(Err(error)) => return Poll::Ready(Err(error.to_string())),
                    None => {
                        has_ended = true;
                        exchange.end();
                    }
                }
            }
        })
        .await;
        match head {
            Ok(head) => response(head, exchange),
            Err(error) => unreadable(&error),
        }
    }

    fn accept(&self, mut parts: Parts) -> Exchange {
        detach(&mut parts);
        let parts = Arc::new(parts);
        let headers = headers(&parts);
        let head = ExchangeHead {
            method: parts.method.as_str(),
            headers: &headers,
            principal: parts
                .extensions
                .get::<Principal>()
                .map(|Principal(name)| name.as_str()),
        };
        self.service.accept(head, Some(parts.clone()))
    }
}

impl<R> Clone for Service<R> {
    fn clone(&self) -> Self {
        self.service.clone().into()
    }
}

impl<R> fmt::Debug for Service<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.service.fmt(f)
    }
}

impl<R> From<driver::Service> for Service<R> {
    fn from(service: driver::Service) -> Self {
        let runtime = PhantomData;
        Self { service, runtime }
    }
}

impl<R, B> tower_service::Service<::http::Request<B>> for Service<R>
where
    R: 'static,
    B: http_body::Body<Data: Send, Error: Display> + Send + 'static,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: ::http::Request<B>) -> Self::Future {
        let service = self.clone();
        Box::pin(async move { Ok(service.respond(request).await) })
    }
}

fn feed(exchange: &Exchange, mut data: impl Buf, is_last: bool) {
    loop {
        let chunk = data.chunk();
        let length = chunk.len();
        if length == data.remaining() {
            return if is_last {
                exchange.last_chunk(chunk);
            } else {
                exchange.chunk(chunk);
            };
        }
        exchange.chunk(chunk);
        data.advance(length);
    }
}

/// The headers as the machine wants them: HTTP/2 names the host in a place of its own.
fn headers(parts: &Parts) -> Vec<(&str, &[u8])> {
    let authority = parts
        .uri
        .authority()
        .filter(|_| parts.version >= Version::HTTP_2);
    let mut headers = Vec::with_capacity(parts.headers.len() + 1);
    headers.extend(authority.map(|authority| ("host", authority.as_str().as_bytes())));
    headers.extend(
        parts
            .headers
            .iter()
            .filter(|(name, _)| authority.is_none() || **name != HOST)
            .map(|(name, value)| (name.as_str(), value.as_bytes())),
    );
    headers
}

fn response(head: Head, exchange: Exchange) -> Response<Body> {
    let mut headers = HeaderMap::with_capacity(head.headers.len() + 2);
    for header in head.headers {
        // The machine writes no header that HTTP forbids.
        if let Ok(name) = HeaderName::from_bytes(header.name.as_bytes())
            && let Ok(value) = HeaderValue::from_maybe_shared(header.value)
        {
            headers.append(name, value);
        }
    }
    let mut response = Response::new(Body::new(head.body, exchange));
    *response.status_mut() =
        StatusCode::from_u16(head.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    *response.headers_mut() = headers;
    response
}

/// The connection broke in the midst of the request's body, or a layer in front of this one refused it.
fn unreadable(error: &str) -> Response<Body> {
    let text = format!("the body of the request cannot be read: {error}\n");
    let mut response = Response::new(Body::whole(text.into()));
    *response.status_mut() = StatusCode::BAD_REQUEST;
    response
}
