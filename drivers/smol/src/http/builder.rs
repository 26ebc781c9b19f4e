//! How the HTTP client is set up.

use std::fmt;
use std::future::Future;
use std::io;
use std::time::Duration;

#[cfg(feature = "rustls")]
use futures_rustls::rustls::ClientConfig;
use http::Uri;
use mcp_sansio_driver::CallError;
#[cfg(feature = "rustls")]
use mcp_sansio_driver::describe;
use smol::io::{AsyncRead, AsyncWrite};

use super::Hyper;
use super::connect::{self, Connector};
use super::pool::Pool;
use super::proxy::Proxies;
#[cfg(feature = "rustls")]
use super::tls;

/// As other clients have it.
const IDLE: Duration = Duration::from_secs(90);
const MOST_IDLE: usize = 32;

/// A builder for a [`Hyper`] with the defaults; for an application with settings of its own, which gives what it
/// builds to [`Builder::http_client`](crate::Builder::http_client).
///
/// ```
/// use mcp_sansio_smol::{Client, client_builder};
///
/// let http = client_builder().pool_max_idle_per_host(2).build()?;
/// let client = Client::builder("http://127.0.0.1:8080/mcp").http_client(http).build()?;
/// # drop(client);
/// # Ok::<_, mcp_sansio_smol::CallError>(())
/// ```
pub fn client_builder() -> ClientBuilder {
    ClientBuilder {
        idle: IDLE,
        most_idle: MOST_IDLE,
        connector: None,
        proxies: None,
        #[cfg(feature = "rustls")]
        tls: None,
    }
}

/// A [`Hyper`] to be; from [`client_builder`].
#[must_use = "a builder does nothing until `build`"]
pub struct ClientBuilder {
    idle: Duration,
    most_idle: usize,
    /// The application's own.
    connector: Option<Connector>,
    /// `None`: those of the environment.
    proxies: Option<Proxies>,
    #[cfg(feature = "rustls")]
    tls: Option<ClientConfig>,
}

impl ClientBuilder {
    /// How long a connection waits for its next request before it is closed; 90 s unless set.
    pub fn pool_idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle = timeout;
        self
    }

    /// How many connections to one host wait for their next request; 32 unless set, and with 0 each request has its
    /// own.
    pub fn pool_max_idle_per_host(mut self, most: usize) -> Self {
        self.most_idle = most;
        self
    }

    /// Opens connections by a function of the application, given the URL without its path: over a Unix socket, to an
    /// address that it has found itself, through a tunnel of its own; proxies are its business then. Where the URL says `https`, TLS is put on it, unless the
    /// feature `rustls` is off: then the function sees to that, too.
    ///
    /// ```
    /// use mcp_sansio_smol::client_builder;
    /// use smol::net::unix::UnixStream;
    ///
    /// let http = client_builder()
    ///     .connector(|_| UnixStream::connect("/run/mcp.socket"))
    ///     .build()?;
    /// # drop(http);
    /// # Ok::<_, mcp_sansio_smol::CallError>(())
    /// ```
    pub fn connector<F, A, S>(mut self, connect: F) -> Self
    where
        F: Fn(Uri) -> A + Send + Sync + 'static,
        A: Future<Output = io::Result<S>> + Send + 'static,
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        self.connector = Some(connect::connector(connect));
        self.no_proxy()
    }

    /// By way of no proxy, whatever the environment says.
    pub fn no_proxy(mut self) -> Self {
        self.proxies = Some(Proxies::none());
        self
    }

    /// By way of this proxy, whatever the environment says: `http://user:password@proxy.example.com:3128`. It is asked
    /// for a tunnel where the server's URL has TLS, and for the request itself where it has not.
    pub fn proxy(mut self, url: &str) -> Self {
        self.proxies = Some(Proxies::all(url));
        self
    }

    /// TLS with settings of the application: its own certificates, say. The protocol spoken is HTTP/1.1.
    #[cfg(feature = "rustls")]
    pub fn tls(mut self, config: ClientConfig) -> Self {
        self.tls = Some(config);
        self
    }

    /// The client.
    ///
    /// # Errors
    /// [`CallError::Setup`] if the certificates of the operating system cannot be had.
    #[cfg_attr(
        not(feature = "rustls"),
        expect(unused_mut, reason = "there is nothing to take")
    )]
    pub fn build(mut self) -> Result<Hyper, CallError> {
        #[cfg(feature = "rustls")]
        let tls = match self.tls.take() {
            Some(config) => config,
            None => tls::platform().map_err(|error| CallError::Setup(describe(&error)))?,
        };
        Ok(Hyper {
            #[cfg(feature = "rustls")]
            tls: Some(tls.into()),
            ..self.build_without_tls()
        })
    }

    /// The client for one that never speaks TLS: no certificates are loaded.
    pub(super) fn build_without_tls(self) -> Hyper {
        Hyper {
            pool: Pool::new(self.idle, self.most_idle),
            connector: self.connector,
            proxies: self.proxies.unwrap_or_else(Proxies::of_environment),
            #[cfg(feature = "rustls")]
            tls: None,
        }
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("idle", &self.idle)
            .field("most_idle", &self.most_idle)
            .finish_non_exhaustive()
    }
}
