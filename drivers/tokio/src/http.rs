//! HTTP over reqwest.

use std::sync::OnceLock;

use mcp_sansio_driver::core::{Sent, TransportFailure};
use mcp_sansio_driver::{
    Exchange, Head, Http, Request, describe, header_map, http_method, sources,
};
use reqwest::{Body, Client, Url, redirect, retry};

/// [`reqwest`] as the machine wants it: see [`client_builder`].
#[derive(Clone, Debug)]
pub struct Reqwest {
    client: Client,
    /// The first URL asked for, parsed: nearly every request goes there.
    endpoint: OnceLock<(String, Url)>,
}

/// A response of [`Reqwest`].
#[derive(Debug)]
pub struct Response(reqwest::Response);

/// A builder for a [`reqwest::Client`] that does nothing of its own accord: no redirects, no retries, no
/// decompression, no timeouts. Proxies are those of the environment, idle connections are kept.
///
/// Start from this for a client with certificates, proxies or a resolver of its own, and give it to
/// [`Builder::http_client`](crate::Builder::http_client).
///
/// ```
/// let http = mcp_sansio_tokio::client_builder().no_proxy().build()?;
/// # Ok::<_, reqwest::Error>(())
/// ```
pub fn client_builder() -> reqwest::ClientBuilder {
    Client::builder()
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .no_gzip()
        .no_brotli()
        .no_zstd()
        .no_deflate()
        .tcp_nodelay(true)
}

impl From<Client> for Reqwest {
    fn from(client: Client) -> Self {
        let endpoint = OnceLock::new();
        Self { client, endpoint }
    }
}

impl Http for Reqwest {
    type Exchange = Response;

    /// For `http://` no certificates are loaded: nothing goes to another origin.
    fn for_url(url: &str) -> Result<Self, String> {
        let builder = client_builder();
        #[cfg(feature = "rustls")]
        let builder = if url.starts_with("https:") {
            builder
        } else {
            builder.tls_certs_only([])
        };
        #[cfg(not(feature = "rustls"))]
        if url.starts_with("https:") {
            return Err("https needs the feature `rustls`, or an `http_client` with TLS".into());
        }
        builder
            .build()
            .map(Self::from)
            .map_err(|error| describe(&error))
    }

    async fn send(&self, request: Request) -> Result<Response, TransportFailure> {
        let converted = self
            .parse(&request.url)
            .and_then(|url| convert(request, url));
        let request = converted.map_err(|detail| TransportFailure {
            sent: Sent::No,
            detail,
        })?;
        self.client
            .execute(request)
            .await
            .map(Response)
            .map_err(failure)
    }
}

impl Exchange for Response {
    fn head(&self) -> Head<'_> {
        Head {
            status: self.0.status().as_u16(),
            headers: self
                .0
                .headers()
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_bytes()))
                .collect(),
        }
    }

    async fn chunk(&mut self) -> Result<Option<bytes::Bytes>, TransportFailure> {
        self.0.chunk().await.map_err(failure)
    }
}

impl Reqwest {
    fn parse(&self, url: &str) -> Result<Url, String> {
        if let Some((text, parsed)) = self.endpoint.get()
            && text == url
        {
            return Ok(parsed.clone());
        }
        let parsed = Url::parse(url).map_err(|error| format!("the URL: {error}"))?;
        self.endpoint
            .get_or_init(|| (url.to_string(), parsed.clone()));
        Ok(parsed)
    }
}

fn convert(request: Request, url: Url) -> Result<reqwest::Request, String> {
    let headers = header_map(request.headers)?;
    let mut converted = reqwest::Request::new(http_method(request.method), url);
    *converted.headers_mut() = headers;
    if !request.body.is_empty() {
        *converted.body_mut() = Some(Body::from(request.body));
    }
    Ok(converted)
}

/// What reqwest says, in the words of the machine. Its URL is left out: the story knows it, and it may
/// hold a credential.
fn failure(error: reqwest::Error) -> TransportFailure {
    let error = error.without_url();
    let unsent = error.is_connect() || error.is_builder() || was_canceled(&error);
    TransportFailure {
        sent: if unsent { Sent::No } else { Sent::Maybe },
        detail: describe(&error),
    }
}

/// Whether hyper gave the request back: the pooled connection was closed before a byte was written.
fn was_canceled(error: &reqwest::Error) -> bool {
    sources(error)
        .filter_map(|source| source.downcast_ref::<hyper::Error>())
        .any(hyper::Error::is_canceled)
}
