//! HTTP/1.1 over hyper, with connections and TLS of this crate.

mod builder;
mod connect;
mod pool;
mod proxy;
mod request;
#[cfg(feature = "rustls")]
mod tls;

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::poll_fn;
use http::Uri;
use http::uri::Scheme;
use hyper::body::{Body as _, Incoming};
use hyper::client::conn::http1;
use mcp_sansio_driver::core::{Sent, TransportFailure};
use mcp_sansio_driver::{Exchange, Head, Http, Request, describe};

use crate::io::Io;
pub use builder::{ClientBuilder, client_builder};
use connect::Connector;
use pool::{Pool, Sender};
use proxy::{Proxies, Proxy};
use request::{Origin, by_way_of, convert};

#[cfg(not(feature = "rustls"))]
const NO_TLS: &str = "https needs the feature `rustls`, or a `connector` with TLS";

/// [`hyper`] as the machine wants it, over smol's sockets: no redirects, no retries, no decompression, no timeouts;
/// connections are kept for the next request. A handle, cheap to clone. See [`client_builder`].
#[derive(Clone)]
pub struct Hyper {
    pool: Arc<Pool>,
    /// The application's own.
    connector: Option<Connector>,
    proxies: Proxies,
    /// `None` if no URL can ask for it.
    #[cfg(feature = "rustls")]
    tls: Option<Arc<futures_rustls::rustls::ClientConfig>>,
}

/// A response of [`Hyper`].
#[derive(Debug)]
pub struct Response {
    inner: http::Response<Incoming>,
    /// Until the body has ended: then it goes back to the pool.
    connection: Option<(Origin, Sender)>,
    pool: Arc<Pool>,
}

impl Http for Hyper {
    type Exchange = Response;

    /// For `http://` no certificates are loaded: nothing goes to another origin.
    fn for_url(url: &str) -> Result<Self, String> {
        let is_tls = url
            .get(..6)
            .is_some_and(|scheme| scheme.eq_ignore_ascii_case("https:"));
        if !is_tls {
            return Ok(client_builder().build_without_tls());
        }
        #[cfg(feature = "rustls")]
        let built = client_builder().build().map_err(|error| error.to_string());
        #[cfg(not(feature = "rustls"))]
        let built = Err(NO_TLS.into());
        built
    }

    async fn send(&self, request: Request) -> Result<Response, TransportFailure> {
        let (origin, mut request) = convert(request).map_err(unsent)?;
        let url = origin.url().map_err(unsent)?;
        let proxy = self.proxies.of(&url);
        if let Some(proxy) = &proxy
            && origin.scheme == Scheme::HTTP
        {
            by_way_of(proxy, &mut request, &url).map_err(unsent)?;
        }
        let mut sender = match self.pool.take(&origin) {
            Some(sender) => sender,
            None => self.connect(url, proxy).await.map_err(unsent)?,
        };
        match sender.try_send_request(request).await {
            Ok(inner) => Ok(Response {
                inner,
                connection: Some((origin, sender)),
                pool: Arc::clone(&self.pool),
            }),
            // What hyper gives back it has not begun to write: the connection was closed while it was kept.
            Err(error) => Err(TransportFailure {
                sent: if error.message().is_some() {
                    Sent::No
                } else {
                    Sent::Maybe
                },
                detail: describe(error.error()),
            }),
        }
    }
}

impl Exchange for Response {
    fn head(&self) -> Head<'_> {
        let headers = self.inner.headers().iter();
        Head {
            status: self.inner.status().as_u16(),
            headers: headers
                .map(|(name, value)| (name.as_str(), value.as_bytes()))
                .collect(),
        }
    }

    async fn chunk(&mut self) -> Result<Option<Bytes>, TransportFailure> {
        let body = self.inner.body_mut();
        loop {
            let frame = poll_fn(|cx| std::pin::Pin::new(&mut *body).poll_frame(cx)).await;
            match frame.map(|frame| frame.map(hyper::body::Frame::into_data)) {
                Some(Ok(Ok(data))) => return Ok(Some(data)),
                Some(Ok(Err(_trailers))) => {}
                Some(Err(error)) => {
                    return Err(TransportFailure {
                        sent: Sent::Maybe,
                        detail: describe(&error),
                    });
                }
                None => break,
            }
        }
        if let Some((origin, sender)) = self.connection.take() {
            self.pool.put(origin, sender);
        }
        Ok(None)
    }
}

impl Hyper {
    async fn connect(&self, url: Uri, proxy: Option<Proxy>) -> Result<Sender, String> {
        #[cfg(not(feature = "rustls"))]
        if self.connector.is_none() && url.scheme() == Some(&Scheme::HTTPS) {
            return Err(NO_TLS.into());
        }
        let open = match (&self.connector, proxy) {
            (Some(connect), _) => connect(url.clone()).await,
            (None, Some(proxy)) => proxy.connect(&url).await,
            (None, None) => connect::tcp(&url).await.map(connect::boxed),
        };
        let open = open.map_err(|error| described("no connection", &error))?;
        // Without the feature the connector has seen to TLS.
        #[cfg(feature = "rustls")]
        let open = self.secure(open, &url).await?;
        let (sender, connection) = http1::handshake(Io(open))
            .await
            .map_err(|error| describe(&error))?;
        let running = async move {
            // Whoever uses the connection is told how it ended.
            let _ = connection.await;
        };
        smol::spawn(running).detach();
        Ok(sender)
    }

    /// Puts TLS on a connection where the URL wants it.
    #[cfg(feature = "rustls")]
    async fn secure(&self, open: connect::Open, url: &Uri) -> Result<connect::Open, String> {
        if url.scheme() != Some(&Scheme::HTTPS) {
            return Ok(open);
        }
        let Some(config) = self.tls.clone() else {
            return Err("this client was set up for URLs without TLS".into());
        };
        tls::over(open, url, config)
            .await
            .map_err(|error| described("no TLS", &error))
    }
}

impl fmt::Debug for Hyper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hyper")
            .field("pool", &self.pool)
            .finish_non_exhaustive()
    }
}

fn described(what: &str, error: &(dyn Error + 'static)) -> String {
    format!("{what}: {}", describe(error))
}

/// Not a byte of it was written.
fn unsent(detail: String) -> TransportFailure {
    let sent = Sent::No;
    TransportFailure { sent, detail }
}
