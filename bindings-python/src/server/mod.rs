//! The server machine as a Python class.

mod convert;
pub(crate) mod output;

use mcp_sansio::{
    self as core, ExchangeHead, Instant, Relayed, ServerConfig, ServerInput, ServerOutput,
    ServerRelay,
};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use crate::arguments::{
    Answer, Call, Data, Exchange, Grace, Idle, Max, Message, Method, Now, Params, Principal,
    ProgressWanted, Question, Reason, Relay, Request, Retry, Safe, Session, Tools, Via, WhyEnded,
};
use crate::headers::Headers;
use crate::inspect::Inspection;
use crate::machine::{Machine, Owner};
use crate::request::{self, Options};
use crate::{config_error, settings};

impl Machine for core::Server {
    fn deadline(&self) -> Option<Instant> {
        self.poll_timeout()
    }
}

#[doc = include_str!("about.txt")]
#[pyclass(frozen, weakref, module = "mcp_sansio")]
pub(crate) struct Server(Owner<core::Server, ServerRelay>);

#[pymethods]
impl Server {
    #[new]
    #[pyo3(signature = (identity=None, *, relay=None, seed=None, **settings),
           text_signature = "(identity=None, *, relay=False, seed=None, **settings)")]
    fn new(
        identity: Option<&Bound<'_, PyAny>>,
        relay: Option<Relay>,
        seed: Option<&Bound<'_, PyAny>>,
        settings: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let relay = relay.is_some_and(|relay| relay.0);
        let mut config = ServerConfig::new(request::handshake(identity, relay)?);
        settings::server(&mut config, settings)?;
        let machine = core::Server::new(config, request::seed(seed)?)
            .map_err(|error| config_error(&error))?;
        Ok(Self(Owner::new(machine, relay.then(ServerRelay::default))))
    }

    /// An HTTP request has come; its head is judged at once, its body may follow. Gives the exchange's handle.
    ///
    /// ``method`` is the HTTP method; ``headers`` are pairs, names in any case, with HTTP/2's ``:authority`` given as
    /// ``host``. ``principal`` is who asks, as the host has found out; sessions are bound to it.
    #[pyo3(signature = (now, method, headers, principal=None))]
    fn accept(
        &self,
        py: Python<'_>,
        now: Now,
        method: Method<'_>,
        headers: Headers<'_>,
        principal: Option<Principal<'_>>,
    ) -> PyResult<u64> {
        let head = ExchangeHead {
            method: method.0,
            headers: &headers.borrow()?,
            principal: principal.map(|principal| principal.0),
        };
        self.0
            .step(py, now.0, |server| server.accept(now.0, head).as_u64())
    }

    /// Bytes of a request's body have come, split anywhere.
    ///
    /// True: there is something to drain, or another deadline.
    fn chunk(
        &self,
        py: Python<'_>,
        now: Now,
        exchange: Exchange,
        data: Data<'_>,
    ) -> PyResult<bool> {
        self.feed(
            py,
            now,
            ServerInput::Chunk {
                exchange: exchange.0,
                data: data.0,
            },
        )
    }

    /// A request's body has ended.
    ///
    /// True: there is something to drain, or another deadline.
    fn end(&self, py: Python<'_>, now: Now, exchange: Exchange) -> PyResult<bool> {
        self.feed(
            py,
            now,
            ServerInput::End {
                exchange: exchange.0,
            },
        )
    }

    /// The client of an exchange has gone.
    ///
    /// True: there is something to drain, or another deadline.
    fn gone(&self, py: Python<'_>, now: Now, exchange: Exchange) -> PyResult<bool> {
        self.feed(
            py,
            now,
            ServerInput::Gone {
                exchange: exchange.0,
            },
        )
    }

    /// The HTTP library has taken the last chunk of an exchange.
    ///
    /// True: there is something to drain, or another deadline.
    fn written(&self, py: Python<'_>, now: Now, exchange: Exchange) -> PyResult<bool> {
        self.feed(
            py,
            now,
            ServerInput::Written {
                exchange: exchange.0,
            },
        )
    }

    /// The deadline has come. Early or often does no harm.
    ///
    /// True: there is something to drain, or another deadline.
    fn timeout(&self, py: Python<'_>, now: Now) -> PyResult<bool> {
        self.feed(py, now, ServerInput::Timeout)
    }

    /// The application begins with a request. False: it is gone, and nothing waits for its answer.
    fn take(&self, py: Python<'_>, now: Now, id: Question) -> PyResult<bool> {
        self.0.step(py, now.0, |server| server.take(now.0, id.0))
    }

    /// Answer a request: with the JSON text of a result, or with an RpcError.
    ///
    /// An unknown or withdrawn request is a race, and nothing happens.
    fn respond(&self, py: Python<'_>, now: Now, id: Question, answer: Answer) -> PyResult<()> {
        self.0
            .step(py, now.0, |server| server.respond(now.0, id.0, answer.0))
    }

    /// Send a notification.
    ///
    /// It goes out on the stream that answers ``request``, on the standalone stream of ``session``, or, without either,
    /// to all sessions and to the subscriptions that asked for it.
    #[pyo3(signature = (now, method, params=None, *, request=None, session=None))]
    fn notify(
        &self,
        py: Python<'_>,
        now: Now,
        method: Method<'_>,
        params: Option<Params>,
        request: Option<Request>,
        session: Option<Session>,
    ) -> PyResult<()> {
        let to = request::to(request, session)?;
        let notification = request::notification(&method, params);
        self.0
            .step(py, now.0, |server| server.notify(now.0, to, notification))
    }

    /// Ask a client, that of ``request`` or that of ``session``, and get the handle. It settles exactly once.
    ///
    /// The options are as for Client.call.
    #[pyo3(signature = (now, method, params=None, *, request=None, session=None, safe=None, progress=None, idle=None, max=None, headers=None),
           text_signature = "($self, now, method, params=None, *, request=None, session=None, safe=False, progress=False, idle=None, max=None, headers=())")]
    #[expect(clippy::too_many_arguments, reason = "they are keywords in Python")]
    fn call(
        &self,
        py: Python<'_>,
        now: Now,
        method: Method<'_>,
        params: Option<Params>,
        request: Option<Request>,
        session: Option<Session>,
        safe: Option<Safe>,
        progress: Option<ProgressWanted>,
        idle: Option<Idle>,
        max: Option<Max>,
        headers: Option<Headers<'_>>,
    ) -> PyResult<u64> {
        let to = request::to(request, session)?;
        let options = Options {
            safe,
            progress,
            idle,
            max,
            headers,
        };
        let call = request::call(&method, params, options)?;
        self.0
            .step(py, now.0, |server| server.call(now.0, to, call).as_u64())
    }

    /// Settle a call as ``cancelled``, and tell the client.
    #[pyo3(signature = (now, call, reason=None))]
    fn cancel(
        &self,
        py: Python<'_>,
        now: Now,
        call: Call,
        reason: Option<Reason<'_>>,
    ) -> PyResult<()> {
        let reason = reason.map(|reason| reason.0);
        self.0
            .step(py, now.0, |server| server.cancel(now.0, call.0, reason))
    }

    /// End the connection of a stream, not the stream: the client comes back after ``retry`` seconds (2025-11-25).
    ///
    /// The stream is the one that answers ``request``, the standalone one of ``session``, or, without either, all.
    #[pyo3(signature = (now, *, request=None, session=None, retry=None))]
    fn release_connection(
        &self,
        py: Python<'_>,
        now: Now,
        request: Option<Request>,
        session: Option<Session>,
        retry: Option<Retry>,
    ) -> PyResult<()> {
        let to = request::to(request, session)?;
        let retry = retry.map(|retry| retry.0);
        self.0.step(py, now.0, |server| {
            server.release_connection(now.0, to, retry);
        })
    }

    /// End a session. What is owed in it is settled, in this step.
    fn end_session(
        &self,
        py: Python<'_>,
        now: Now,
        session: Session,
        reason: WhyEnded,
    ) -> PyResult<()> {
        self.0.step(py, now.0, |server| {
            server.end_session(now.0, session.0, reason.0);
        })
    }

    /// Say which tools there are, so that the ``Mcp-Param-*`` headers of their callers can be checked (2026-07-28).
    ///
    /// ``tools`` is the JSON text of an array of tools, or of a ``tools/list`` result; it replaces what was declared
    /// before. Raises ConfigError for a tool whose annotations are wrong; then nothing is replaced.
    fn declare_tools(&self, py: Python<'_>, tools: Tools<'_>) -> PyResult<()> {
        self.0
            .with(py, |held| held.machine.declare_tools(tools.0))?
            .map_err(|error| config_error(&error))
    }

    /// Take nothing new, give the requests in flight ``grace`` seconds, then end everything.
    ///
    /// ShutDown is the last output.
    fn shut_down(&self, py: Python<'_>, now: Now, grace: Grace) -> PyResult<()> {
        self.0
            .step(py, now.0, |server| server.shut_down(now.0, grace.0))
    }

    /// Hand over a JSON-RPC message of the host's (``relay=True`` only), for the client of ``session``.
    ///
    /// ``via`` is the client's request that it belongs to: it goes out on the stream that answers that. A notification
    /// without either goes to all sessions. A response answers the request whose handle is its id.
    #[pyo3(signature = (now, message, *, session=None, via=None))]
    fn send(
        &self,
        py: Python<'_>,
        now: Now,
        message: Message<'_>,
        session: Option<Session>,
        via: Option<Via>,
    ) -> PyResult<()> {
        let (session, via) = (session.map(|session| session.0), via.map(|via| via.0));
        self.0.relayed(py, "send", now.0, |server, relay| {
            relay.send(server, now.0, session, message.0, via);
        })
    }

    /// Get what there is to do, in order, and when to call ``timeout`` (seconds; None: never).
    fn drain<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyList>, Option<f64>)> {
        let (outputs, deadline) = self.0.with(py, |held| {
            let mut outputs = Vec::new();
            while let Some(output) = held.machine.poll_output() {
                outputs.push(relayed(output, held.relay.as_mut()));
            }
            (outputs, held.machine.poll_timeout())
        })?;
        let outputs = convert::to_python(py, outputs)?;
        Ok((outputs, deadline.map(Instant::as_secs_f64)))
    }

    /// When to call ``timeout``, in seconds: at once while there is something to drain. None: never.
    fn deadline(&self, py: Python<'_>) -> PyResult<Option<f64>> {
        let deadline = self.0.with(py, |held| held.machine.poll_timeout())?;
        Ok(deadline.map(Instant::as_secs_f64))
    }

    /// The lines of the record since the last time, JSON each, if the setting ``recording`` asks for one.
    fn records(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        self.0.with(py, |held| {
            std::iter::from_fn(|| held.machine.poll_record()).collect()
        })
    }

    /// Everything that the server holds: it says why something waits.
    fn inspect(&self, py: Python<'_>) -> PyResult<Inspection> {
        let inspection = self.0.with(py, |held| held.machine.inspect())?;
        Inspection::of(py, &inspection)
    }

    /// The shard that a request belongs to, by its session id. None: any.
    #[staticmethod]
    fn shard(headers: Headers<'_>) -> PyResult<Option<u16>> {
        Ok(core::Server::shard(&headers.borrow()?))
    }
}

impl Server {
    fn feed(&self, py: Python<'_>, now: Now, input: ServerInput<'_>) -> PyResult<bool> {
        self.0
            .feed(py, now.0, |server| server.handle_input(now.0, input))
    }
}

fn relayed(output: ServerOutput, relay: Option<&mut ServerRelay>) -> Relayed<ServerOutput> {
    match (output, relay) {
        (ServerOutput::Event(event), Some(relay)) => match relay.receive(event) {
            Relayed::Event(event) => Relayed::Event(ServerOutput::Event(event)),
            Relayed::Message(message) => Relayed::Message(message),
        },
        (output, _) => Relayed::Event(output),
    }
}
