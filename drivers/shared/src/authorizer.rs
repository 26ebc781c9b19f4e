//! The application's credentials: added to each request when it is performed, and asked for anew when the server
//! refuses them. The machine never holds any.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;

use futures_util::future::{AbortRegistration, Abortable};
use mcp_sansio::{CallId, Header, Refusal, Sent, TransportFailure};

use crate::engine::Engine;
use crate::http::{Http, Request};
use crate::runtime::Runtime;

/// The header that carries credentials.
pub(crate) const AUTHORIZATION: &str = "authorization";

/// Whoever has the credentials for a server, and knows how to get new ones: an OAuth client, a vault, a person at a
/// browser. Given to [`Builder::authorizer`](crate::Builder::authorizer).
pub trait Authorizer: Send + Sync + 'static {
    /// The value of the `authorization` header, such as `Bearer 123`; `None` sends none. It is asked for as each
    /// request goes out, so it gives what is at hand and does not wait. Should it panic, the request is not sent.
    fn credentials(&self) -> Option<String>;

    /// Gets new credentials, because the server refused a request with 401, or with 403 because their scope is
    /// too small. `true`: from now on [`credentials`](Self::credentials) gives them, and what waits is sent
    /// again. `false`, or a panic: there are none, and what was refused fails so.
    ///
    /// It is asked once for all calls that wait, as a task of its own. After
    /// [`ClientTiming::authorization`](mcp_sansio::ClientTiming::authorization) nothing waits any more; an answer that
    /// comes later still serves the calls after it. It is dropped when the client closes, or when it is to be asked
    /// anew. What is refused again, for the same reason and with the new credentials, is not asked for again.
    fn authorize(&self, refused: Unauthorized) -> impl Future<Output = bool> + Send;
}

/// So that the application can keep it too.
impl<T: Authorizer> Authorizer for Arc<T> {
    fn credentials(&self) -> Option<String> {
        T::credentials(self)
    }

    fn authorize(&self, refused: Unauthorized) -> impl Future<Output = bool> + Send {
        T::authorize(self, refused)
    }
}

/// What was refused for want of credentials.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Unauthorized {
    /// What the server said.
    pub refusal: Refusal,
    /// The calls that wait for it. Others may join them.
    pub calls: Vec<CallId>,
}

impl Unauthorized {
    /// What the server asks for, in its own words: its `WWW-Authenticate` headers, unparsed.
    pub fn challenges(&self) -> impl Iterator<Item = &str> {
        let headers = self.refusal.headers.iter();
        let challenges = headers.filter(|header| header.name == "www-authenticate");
        challenges.filter_map(|header| str::from_utf8(&header.value).ok())
    }
}

/// An [`Authorizer`] whose type is forgotten.
pub(crate) trait Authorizing: Send + Sync {
    fn credentials(&self) -> Option<String>;
    fn authorize(&self, refused: Unauthorized) -> Pin<Box<dyn Future<Output = bool> + Send + '_>>;
}

impl<A: Authorizer> Authorizing for A {
    fn credentials(&self) -> Option<String> {
        Authorizer::credentials(self)
    }

    fn authorize(&self, refused: Unauthorized) -> Pin<Box<dyn Future<Output = bool> + Send + '_>> {
        Box::pin(Authorizer::authorize(self, refused))
    }
}

/// Adds the credentials of now to a request, unless its call has brought its own.
pub(crate) fn add_credentials(
    authorizer: &dyn Authorizing,
    request: &mut Request,
) -> Result<(), TransportFailure> {
    let headers = &mut request.headers;
    if headers.iter().any(|header| header.name == AUTHORIZATION) {
        return Ok(());
    }
    // A task that panicked would leave the machine waiting for its exchange.
    let credentials = catch_unwind(AssertUnwindSafe(|| authorizer.credentials()));
    let credentials = credentials.map_err(|_| TransportFailure {
        sent: Sent::No,
        detail: "the application's authorizer panicked when it was asked for credentials".into(),
    })?;
    headers.extend(credentials.map(|value| Header::new(AUTHORIZATION, value)));
    Ok(())
}

/// A question for the authorizer.
pub(crate) struct Question {
    pub(crate) number: u64,
    pub(crate) refused: Unauthorized,
    pub(crate) dropped: AbortRegistration,
}

impl Question {
    /// Asks it. The machine gets an answer also when the authorizer panics; when the question was dropped, the
    /// authorizer's work is too, and the answer is nobody's.
    pub(crate) async fn ask<H: Http, R: Runtime>(
        self,
        authorizer: Arc<dyn Authorizing>,
        engine: Arc<Engine<H, R>>,
    ) {
        let mut verdict = Verdict {
            engine,
            number: self.number,
            granted: false,
        };
        let asking = async { authorizer.authorize(self.refused).await };
        let answered = Abortable::new(asking, self.dropped).await;
        verdict.granted = answered.unwrap_or_default();
    }
}

/// Told when it is dropped.
struct Verdict<H: Http, R: Runtime> {
    engine: Arc<Engine<H, R>>,
    number: u64,
    granted: bool,
}

impl<H: Http, R: Runtime> Drop for Verdict<H, R> {
    fn drop(&mut self) {
        self.engine.authorized(self.number, self.granted);
    }
}
