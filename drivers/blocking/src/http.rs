//! HTTP over ureq: a thread for each exchange, which tells what comes as it comes.

use std::error::Error;
use std::fmt::Write as _;
use std::io::Read as _;
use std::sync::Arc;
use std::thread;

use bytes::Bytes;
use futures_channel::mpsc::{self, Receiver, Sender};
use futures_util::{SinkExt as _, StreamExt as _};
use mcp_sansio_driver::core::{Sent, TransportFailure};
use mcp_sansio_driver::{Exchange, Head, Http, Request};
use ureq::config::{AutoHeaderValue, Config, ConfigBuilder};
use ureq::http::response::Parts;
use ureq::typestate::AgentScope;
use ureq::unversioned::resolver::DefaultResolver;
use ureq::{Agent, Body};

use crate::line::{Line, Sockets};
use crate::threads::block_on;

/// The most that is read at once.
const READ: usize = 16 << 10;

/// [`ureq`] as the machine wants it: no redirects, no decompression, no timeouts, and no error where there is a status.
/// Proxies are those of the environment, idle connections are kept.
#[derive(Clone, Debug)]
pub struct Ureq(Agent);

/// A response of [`Ureq`]. Dropping it breaks the exchange off.
#[derive(Debug)]
pub struct Response {
    head: Parts,
    heard: Receiver<Heard>,
    _hold: Hold,
}

impl Ureq {
    /// With settings of the application's own: certificates, proxies, addresses. What the machine has to decide stays as
    /// it wants it.
    ///
    /// ```
    /// use mcp_sansio_blocking::{Client, Ureq};
    ///
    /// let http = Ureq::with(|settings| settings.proxy(None));
    /// let client = Client::builder("http://127.0.0.1:3000/mcp").http_client(http).build()?;
    /// # Ok::<_, mcp_sansio_blocking::CallError>(())
    /// ```
    pub fn with(
        settings: impl FnOnce(ConfigBuilder<AgentScope>) -> ConfigBuilder<AgentScope>,
    ) -> Self {
        let config = settings(Config::builder().user_agent(AutoHeaderValue::None))
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .allow_non_standard_methods(false)
            .accept(AutoHeaderValue::None)
            .accept_encoding(AutoHeaderValue::None)
            .timeout_global(None)
            .timeout_per_call(None)
            .build();
        Self(Agent::with_parts(
            config,
            Sockets::default(),
            DefaultResolver::default(),
        ))
    }
}

impl Http for Ureq {
    type Exchange = Response;

    fn for_url(url: &str) -> Result<Self, String> {
        #[cfg(not(feature = "rustls"))]
        if url.starts_with("https:") {
            return Err("https needs the feature `rustls`".into());
        }
        #[cfg(feature = "rustls")]
        if url.starts_with("https:") {
            use ureq::tls::{RootCerts, TlsConfig};
            let roots = RootCerts::PlatformVerifier;
            let tls = TlsConfig::builder().root_certs(roots).build();
            return Ok(Self::with(|settings| settings.tls_config(tls)));
        }
        let _ = url;
        Ok(Self::with(|settings| settings))
    }

    async fn send(&self, request: Request) -> Result<Response, TransportFailure> {
        let hold = Hold(Arc::default());
        let (tell, mut heard) = mpsc::channel(0);
        let (agent, line) = (self.0.clone(), Arc::clone(&hold.0));
        let named = thread::Builder::new().name("mcp-sansio exchange".into());
        named
            .spawn(move || run(&agent, request, &line, tell))
            .map_err(|error| TransportFailure {
                sent: Sent::No,
                detail: format!("the system gives no thread: {error}"),
            })?;
        match heard.next().await {
            Some(Heard::Head(parts)) => Ok(Response {
                head: *parts,
                heard,
                _hold: hold,
            }),
            Some(Heard::Failed(failure)) => Err(failure),
            Some(Heard::Chunk(_)) | None => Err(TransportFailure {
                sent: Sent::Maybe,
                detail: "the thread of the exchange ended before its head came".into(),
            }),
        }
    }
}

impl Exchange for Response {
    fn head(&self) -> Head<'_> {
        let headers = self.head.headers.iter();
        Head {
            status: self.head.status.as_u16(),
            headers: headers
                .map(|(name, value)| (name.as_str(), value.as_bytes()))
                .collect(),
        }
    }

    async fn chunk(&mut self) -> Result<Option<Bytes>, TransportFailure> {
        match self.heard.next().await {
            Some(Heard::Chunk(data)) => Ok(Some(data)),
            Some(Heard::Failed(failure)) => Err(failure),
            Some(Heard::Head(_)) | None => Ok(None),
        }
    }
}

/// What an exchange's thread tells. That it tells no more is the end of the body.
#[derive(Debug)]
enum Heard {
    Head(Box<Parts>),
    Chunk(Bytes),
    Failed(TransportFailure),
}

/// Breaks the exchange off when it is dropped. After its end there is nothing to break off.
#[derive(Debug)]
struct Hold(Arc<Line>);

impl Drop for Hold {
    fn drop(&mut self) {
        self.0.cut();
    }
}

fn run(agent: &Agent, request: Request, line: &Arc<Line>, mut tell: Sender<Heard>) {
    // Where nobody hears it any more, the exchange was abandoned, and its socket is shut down already.
    let mut tell = |heard| block_on(tell.send(heard)).is_ok();
    let done = line.perform(|| perform(agent, request, &mut tell));
    if let Err(detail) = done {
        let sent = if line.was_written() {
            Sent::Maybe
        } else {
            Sent::No
        };
        tell(Heard::Failed(TransportFailure { sent, detail }));
    }
}

fn perform(
    agent: &Agent,
    request: Request,
    tell: &mut impl FnMut(Heard) -> bool,
) -> Result<(), String> {
    let response = agent
        .run(convert(request)?)
        .map_err(|error| chain(&error))?;
    let (head, body): (Parts, Body) = response.into_parts();
    if !tell(Heard::Head(Box::new(head))) {
        return Ok(());
    }
    let mut body = body.into_reader();
    let mut buffer = vec![0; READ];
    loop {
        let read = body.read(&mut buffer).map_err(|error| chain(&error))?;
        if read == 0 || !tell(Heard::Chunk(Bytes::copy_from_slice(&buffer[..read]))) {
            return Ok(());
        }
    }
}

fn convert(request: Request) -> Result<ureq::http::Request<Vec<u8>>, String> {
    let mut converted = ureq::http::Request::builder()
        .method(request.method.as_str())
        .uri(&request.url);
    for header in &request.headers {
        converted = converted.header(&*header.name, &header.value[..]);
    }
    converted
        .body(request.body.into())
        .map_err(|error| format!("the request cannot be written: {error}"))
}

/// An error with its chain of sources, in one line.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let _ = write!(text, ": {error}");
        source = error.source();
    }
    text
}
