//! Proxies: which requests go by way of one, and the tunnel through it for those with TLS.

use std::io;
use std::sync::Arc;

use http::uri::Scheme;
use http::{HeaderValue, Uri};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use smol::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::connect::{self, Duplex, Open};

/// What a proxy may say before its tunnel is open.
const LONGEST_HEAD: usize = 8 << 10;

/// Which requests go by way of a proxy.
#[derive(Clone, Debug)]
pub(super) struct Proxies(Arc<Matcher>);

/// A proxy.
pub(super) struct Proxy(Intercept);

impl Proxies {
    /// Those of `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`.
    pub(super) fn of_environment() -> Self {
        Self(Arc::new(Matcher::from_env()))
    }

    /// This one for all.
    pub(super) fn all(url: &str) -> Self {
        Self(Arc::new(Matcher::builder().all(url).build()))
    }

    pub(super) fn none() -> Self {
        Self(Arc::new(Matcher::builder().build()))
    }

    /// The proxy for a URL, if there is one.
    pub(super) fn of(&self, url: &Uri) -> Option<Proxy> {
        self.0.intercept(url).map(Proxy)
    }
}

impl Proxy {
    /// The credentials for it.
    pub(super) fn authorization(&self) -> Option<&HeaderValue> {
        self.0.basic_auth()
    }

    /// Opens a connection to the proxy; where the URL has TLS, through it to where the URL leads.
    pub(super) async fn connect(&self, url: &Uri) -> io::Result<Open> {
        let proxy = self.0.uri();
        if proxy.scheme() != Some(&Scheme::HTTP) {
            let scheme = proxy.scheme_str().unwrap_or("no scheme");
            return Err(io::Error::other(format!(
                "a proxy is set by a URL with {scheme}, and only http is spoken with proxies"
            )));
        }
        let mut stream = connect::tcp(proxy).await?;
        if url.scheme() == Some(&Scheme::HTTPS) {
            self.tunnel(&mut stream, url).await?;
        }
        Ok(connect::boxed(stream))
    }

    async fn tunnel(&self, stream: &mut impl Duplex, url: &Uri) -> io::Result<()> {
        let host = url.host().unwrap_or_default();
        let port = connect::port(url);
        let mut head =
            format!("CONNECT {host}:{port} HTTP/1.1\r\nhost: {host}:{port}\r\n").into_bytes();
        if let Some(authorization) = self.authorization() {
            head.extend_from_slice(b"proxy-authorization: ");
            head.extend_from_slice(authorization.as_bytes());
            head.extend_from_slice(b"\r\n");
        }
        head.extend_from_slice(b"\r\n");
        stream.write_all(&head).await?;
        stream.flush().await?;
        // Byte by byte: what follows the head is not the proxy's. It is short, and comes once for a connection.
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            if answer.len() == LONGEST_HEAD {
                return Err(io::Error::other("the proxy's answer has no end"));
            }
            let mut byte = [0];
            stream.read_exact(&mut byte).await?;
            answer.extend(byte);
        }
        let line = answer
            .split(|byte| *byte == b'\r')
            .next()
            .unwrap_or_default();
        let status = line.split(|byte| *byte == b' ').nth(1).unwrap_or_default();
        if status.starts_with(b"2") {
            return Ok(());
        }
        let line = String::from_utf8_lossy(line);
        Err(io::Error::other(format!(
            "the proxy opens no tunnel: {line}"
        )))
    }
}
