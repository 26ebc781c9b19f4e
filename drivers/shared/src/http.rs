//! What a driver needs of an HTTP library.

use std::error::Error;
use std::fmt::Write as _;
use std::future::Future;

use bytes::Bytes;
use mcp_sansio::{Header, Method, TransportFailure};

/// An HTTP library, set up to do nothing of its own accord: no redirects, no retries, no
/// decompression, no timeouts.
pub trait Http: Sized + Send + Sync + 'static {
    /// A response whose head has come.
    type Exchange: Exchange;

    /// The library with the settings above, for an endpoint at this URL.
    ///
    /// # Errors
    /// A sentence for people, if the library cannot be set up: no certificates, say.
    fn for_url(url: &str) -> Result<Self, String>;

    /// Sends a request and waits for the head of its response. Dropping the future abandons the request.
    ///
    /// # Errors
    /// [`Sent::No`](mcp_sansio::Sent::No) only when not a byte can have been written. `detail` is the
    /// error with its chain of sources, and holds no credential.
    fn send(
        &self,
        request: Request,
    ) -> impl Future<Output = Result<Self::Exchange, TransportFailure>> + Send;
}

/// A response whose head has come. Dropping it abandons the body.
pub trait Exchange: Send {
    /// The head.
    fn head(&self) -> Head<'_>;

    /// The next bytes of the body as they arrive, `None` at its end.
    ///
    /// # Errors
    /// When the body breaks off.
    fn chunk(&mut self) -> impl Future<Output = Result<Option<Bytes>, TransportFailure>> + Send;
}

/// A request to send.
#[derive(Clone)]
pub struct Request {
    /// The HTTP method.
    pub method: Method,
    /// Where to, absolute.
    pub url: String,
    /// The headers, names in lower case; credentials among them.
    pub headers: Vec<Header>,
    /// The body; empty for GET and DELETE.
    pub body: Bytes,
}

/// The head of a response.
#[derive(Clone, Debug)]
pub struct Head<'a> {
    /// The status.
    pub status: u16,
    /// The headers, names in any case.
    pub headers: Vec<(&'a str, &'a [u8])>,
}

/// An error with its chain of sources, in one line: the `detail` of a [`TransportFailure`].
pub fn describe(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    for source in sources(error) {
        // Writing to a string cannot fail.
        let _ = write!(text, ": {source}");
    }
    text
}

/// The errors that an error came of, the nearest first.
pub fn sources<'a>(
    error: &'a (dyn Error + 'static),
) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(error.source(), |&source| source.source())
}
