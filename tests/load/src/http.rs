//! One bare HTTP connection, so that a client can misbehave, and so that a client costs next to nothing.

use std::io;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

/// A connection; dropping it closes it at once, whatever is under way.
pub(crate) struct Connection {
    sender: SendRequest<Full<Bytes>>,
    task: JoinHandle<()>,
}

/// What goes with every request of a session.
#[derive(Clone, Default)]
pub(crate) struct Headers {
    pub(crate) session: Option<String>,
    pub(crate) version: Option<&'static str>,
    pub(crate) last_event_id: Option<String>,
}

impl Connection {
    pub(crate) async fn open(address: &str) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream))
            .await
            .map_err(io::Error::other)?;
        let task = tokio::spawn(async move {
            // How it ended is seen by whoever waits for a response.
            let _ = connection.await;
        });
        Ok(Self { sender, task })
    }

    /// Whether another request can be sent.
    pub(crate) async fn is_ready(&mut self) -> bool {
        self.sender.ready().await.is_ok()
    }

    pub(crate) async fn send(
        &mut self,
        method: Method,
        headers: &Headers,
        body: impl Into<Bytes>,
    ) -> hyper::Result<Response<Incoming>> {
        let mut request = Request::new(Full::new(body.into()));
        let is_post = method == Method::POST;
        *request.method_mut() = method;
        let own = request.headers_mut();
        let mut set = |name: &'static str, value: &str| {
            if let Ok(value) = value.parse() {
                own.insert(name, value);
            }
        };
        set("host", "localhost");
        set("accept", "application/json, text/event-stream");
        if is_post {
            set("content-type", "application/json");
        }
        for (name, value) in [
            ("mcp-session-id", headers.session.as_deref()),
            ("mcp-protocol-version", headers.version),
            ("last-event-id", headers.last_event_id.as_deref()),
        ] {
            if let Some(value) = value {
                set(name, value);
            }
        }
        *request.uri_mut() = hyper::Uri::from_static("/mcp");
        // The end of the response before may not have been seen yet.
        self.sender.ready().await?;
        self.sender.send_request(request).await
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The next bytes of a body; `None` at its end.
pub(crate) async fn chunk(body: &mut Incoming) -> hyper::Result<Option<Bytes>> {
    loop {
        match body.frame().await.transpose()? {
            None => return Ok(None),
            Some(frame) => {
                if let Ok(data) = frame.into_data() {
                    return Ok(Some(data));
                }
            }
        }
    }
}
