//! The client machine as a Python class.

mod convert;
pub(crate) mod output;

use mcp_sansio::{
    self as core, ClientConfig, ClientInput, ClientOutput, ClientRelay, Instant, Relayed, SseEvent,
    TransportFailure,
};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use crate::arguments::{
    Answer, Call, Data, Detail, EventData, EventId, EventName, Exchange, Granted, Idle, Listen,
    Max, Message, MessageId, Method, Now, Params, ProgressWanted, Question, Reason, Relay, Retry,
    Room, Safe, Sent, Status, Url,
};
use crate::headers::Headers;
use crate::inspect::Inspection;
use crate::known::Known;
use crate::machine::{Machine, Owner};
use crate::request::{self, Options};
use crate::{config_error, settings};

impl Machine for core::Client {
    fn deadline(&self) -> Option<Instant> {
        self.poll_timeout()
    }
}

#[doc = include_str!("about.txt")]
#[pyclass(frozen, weakref, module = "mcp_sansio")]
pub(crate) struct Client(Owner<core::Client, ClientRelay>);

#[pymethods]
impl Client {
    #[new]
    #[pyo3(signature = (url, identity=None, *, relay=None, seed=None, **settings),
           text_signature = "(url, identity=None, *, relay=False, seed=None, **settings)")]
    fn new(
        url: Url<'_>,
        identity: Option<&Bound<'_, PyAny>>,
        relay: Option<Relay>,
        seed: Option<&Bound<'_, PyAny>>,
        settings: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let relay = relay.is_some_and(|relay| relay.0);
        let mut config = ClientConfig::new(url.0, request::handshake(identity, relay)?);
        settings::client(&mut config, settings)?;
        let machine = core::Client::new(config, request::seed(seed)?)
            .map_err(|error| config_error(&error))?;
        Ok(Self(Owner::new(machine, relay.then(ClientRelay::default))))
    }

    /// Make a session, unless there is one. Nobody has to: the first call connects too.
    ///
    /// The handle settles like a call's, with the JSON text of the handshake's result.
    fn connect(&self, py: Python<'_>, now: Now) -> PyResult<u64> {
        self.0
            .step(py, now.0, |client| client.connect(now.0).as_u64())
    }

    /// Hand over a request, and get its handle. It settles exactly once, at the latest at its hard maximum.
    ///
    /// ``params`` is the JSON text of an object. ``safe``: it may run twice without harm, so it may be sent again
    /// when a session is lost; the protocol's reading methods are safe without this. ``progress``: report it as
    /// Progress. ``idle`` (seconds without progress) and ``max`` (seconds in all) take the place of the settings.
    /// ``headers`` go with each of its HTTP requests; names that the protocol owns are ignored, with a Notice.
    #[pyo3(signature = (now, method, params=None, *, safe=None, progress=None, idle=None, max=None, headers=None),
           text_signature = "($self, now, method, params=None, *, safe=False, progress=False, idle=None, max=None, headers=())")]
    #[expect(clippy::too_many_arguments, reason = "they are keywords in Python")]
    fn call(
        &self,
        py: Python<'_>,
        now: Now,
        method: Method<'_>,
        params: Option<Params>,
        safe: Option<Safe>,
        progress: Option<ProgressWanted>,
        idle: Option<Idle>,
        max: Option<Max>,
        headers: Option<Headers<'_>>,
    ) -> PyResult<u64> {
        let options = Options {
            safe,
            progress,
            idle,
            max,
            headers,
        };
        let call = request::call(&method, params, options)?;
        self.0
            .step(py, now.0, |client| client.call(now.0, call).as_u64())
    }

    /// Subscribe to what the server changes (2026-07-28, ``subscriptions/listen``), and get the handle.
    ///
    /// ``params`` is JSON text such as ``{"notifications":{"toolsListChanged":true}}``. What becomes of it is told by
    /// ListenOpened, ListenGap and, exactly once, ListenEnded; what the server says by Notification.
    fn listen(&self, py: Python<'_>, now: Now, params: Params) -> PyResult<u64> {
        self.0
            .step(py, now.0, |client| client.listen(now.0, params.0).as_u64())
    }

    /// End a subscription. One that is over stays as it is.
    fn unlisten(&self, py: Python<'_>, now: Now, listen: Listen) -> PyResult<()> {
        self.0
            .step(py, now.0, |client| client.unlisten(now.0, listen.0))
    }

    /// Send a notification. If anything goes wrong with it, a Notice says so.
    #[pyo3(signature = (now, method, params=None))]
    fn notify(
        &self,
        py: Python<'_>,
        now: Now,
        method: Method<'_>,
        params: Option<Params>,
    ) -> PyResult<()> {
        let notification = request::notification(&method, params);
        self.0
            .step(py, now.0, |client| client.notify(now.0, notification))
    }

    /// Answer a request of the server: with the JSON text of a result, or with an RpcError.
    fn respond(&self, py: Python<'_>, now: Now, id: Question, answer: Answer) -> PyResult<()> {
        self.0
            .step(py, now.0, |client| client.respond(now.0, id.0, answer.0))
    }

    /// Settle a call as ``cancelled``, and tell the server in the background. A settled call stays as it is.
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
            .step(py, now.0, |client| client.cancel(now.0, call.0, reason))
    }

    /// Answer Unauthorized: there are new credentials, and what waits is sent once more; or there are none.
    fn authorize(&self, py: Python<'_>, now: Now, granted: Granted) -> PyResult<()> {
        self.0
            .step(py, now.0, |client| client.authorize(now.0, granted.0))
    }

    /// Settle every call as ``closed`` in this step, end the session, and be done: Closed comes in bounded time.
    fn close(&self, py: Python<'_>, now: Now) -> PyResult<()> {
        self.0.step(py, now.0, |client| client.close(now.0))
    }

    /// Hand over a JSON-RPC message of the host's (``relay=True`` only).
    ///
    /// A request is answered exactly once, by a Message under its own id; the options are as for ``call``. A
    /// response answers a request of the server. What is no message is answered with an error.
    #[pyo3(signature = (now, message, *, safe=None, idle=None, max=None, headers=None),
           text_signature = "($self, now, message, *, safe=False, idle=None, max=None, headers=())")]
    #[expect(clippy::too_many_arguments, reason = "they are keywords in Python")]
    fn send(
        &self,
        py: Python<'_>,
        now: Now,
        message: Message<'_>,
        safe: Option<Safe>,
        idle: Option<Idle>,
        max: Option<Max>,
        headers: Option<Headers<'_>>,
    ) -> PyResult<()> {
        let options = Options {
            safe,
            idle,
            max,
            headers,
            progress: None,
        }
        .read()?;
        self.0.relayed(py, "send", now.0, |client, relay| {
            relay.send(client, now.0, message.0, options);
        })
    }

    /// Cancel the host's request with this id, which is raw JSON (``relay=True`` only).
    ///
    /// It is answered like all others, by an error.
    fn cancel_message(&self, py: Python<'_>, now: Now, id: MessageId<'_>) -> PyResult<()> {
        self.0
            .relayed(py, "cancel_message", now.0, |client, relay| {
                relay.cancel(client, now.0, id.0);
            })
    }

    /// The head of a response has come.
    ///
    /// True: there is something to drain, or another deadline.
    fn head(
        &self,
        py: Python<'_>,
        now: Now,
        exchange: Exchange,
        status: Status,
        headers: Headers<'_>,
    ) -> PyResult<bool> {
        let (exchange, status, headers) = (exchange.0, status.0, &headers.borrow()?);
        self.feed(
            py,
            now,
            ClientInput::Head {
                exchange,
                status,
                headers,
            },
        )
    }

    /// Bytes of a response's body have come, split anywhere.
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
            ClientInput::Chunk {
                exchange: exchange.0,
                data: data.0,
            },
        )
    }

    /// An event of a response has come; for hosts that decode SSE themselves.
    ///
    /// ``event`` is its type (empty: ``message``), ``data`` its lines joined by LF; ``id`` and ``retry`` (seconds) are
    /// the fields of this very event. True: there is something to drain, or another deadline.
    #[pyo3(signature = (now, exchange, event, data, id=None, retry=None))]
    #[expect(clippy::too_many_arguments, reason = "the fields of an event")]
    fn sse_event(
        &self,
        py: Python<'_>,
        now: Now,
        exchange: Exchange,
        event: EventName<'_>,
        data: EventData<'_>,
        id: Option<EventId<'_>>,
        retry: Option<Retry>,
    ) -> PyResult<bool> {
        let event = SseEvent {
            event: event.0,
            data: data.0,
            id: id.map(|id| id.0),
            retry: retry.map(|retry| retry.0),
        };
        self.feed(
            py,
            now,
            ClientInput::SseEvent {
                exchange: exchange.0,
                event,
            },
        )
    }

    /// A response has ended as HTTP says it should.
    ///
    /// True: there is something to drain, or another deadline.
    fn end(&self, py: Python<'_>, now: Now, exchange: Exchange) -> PyResult<bool> {
        self.feed(
            py,
            now,
            ClientInput::End {
                exchange: exchange.0,
            },
        )
    }

    /// An exchange has failed.
    ///
    /// ``detail`` is the error with its causes, for people. ``sent`` is False only if certainly not a byte was
    /// written: then the request may be sent again. True: there is something to drain, or another deadline.
    #[pyo3(signature = (now, exchange, detail, *, sent=None),
           text_signature = "($self, now, exchange, detail, *, sent=True)")]
    fn failed(
        &self,
        py: Python<'_>,
        now: Now,
        exchange: Exchange,
        detail: Detail<'_>,
        sent: Option<Sent>,
    ) -> PyResult<bool> {
        let sent = if sent.is_none_or(|sent| sent.0) {
            core::Sent::Maybe
        } else {
            core::Sent::No
        };
        let failure = TransportFailure {
            sent,
            detail: detail.0.to_owned(),
        };
        self.feed(
            py,
            now,
            ClientInput::Failed {
                exchange: exchange.0,
                failure,
            },
        )
    }

    /// The deadline has come. Early or often does no harm.
    ///
    /// True: there is something to drain, or another deadline.
    fn timeout(&self, py: Python<'_>, now: Now) -> PyResult<bool> {
        self.feed(py, now, ClientInput::Timeout)
    }

    /// Get what there is to do, in order, and when to call ``timeout`` (seconds; None: never).
    ///
    /// ``room`` False: the application does not read for now. Then its messages (Progress, Notification, Request)
    /// stay here, within bounds, and all else passes them.
    #[pyo3(signature = (room=None), text_signature = "($self, room=True)")]
    fn drain<'py>(
        &self,
        py: Python<'py>,
        room: Option<Room>,
    ) -> PyResult<(Bound<'py, PyList>, Option<f64>)> {
        let room = room.is_none_or(|room| room.0);
        let (outputs, deadline) = self.0.with(py, |held| {
            let mut outputs = Vec::new();
            while let Some(output) = held.machine.poll_output(room) {
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

    /// What was learned of the server, for the setting ``known`` of a later client. None while nothing is.
    fn known(&self, py: Python<'_>) -> PyResult<Option<Known>> {
        Ok(self.0.with(py, |held| held.machine.known())?.map(Known))
    }

    /// Everything that the client holds: it says why something waits.
    fn inspect(&self, py: Python<'_>) -> PyResult<Inspection> {
        let inspection = self.0.with(py, |held| held.machine.inspect())?;
        Inspection::of(py, &inspection)
    }
}

impl Client {
    fn feed(&self, py: Python<'_>, now: Now, input: ClientInput<'_>) -> PyResult<bool> {
        self.0
            .feed(py, now.0, |client| client.handle_input(now.0, input))
    }
}

fn relayed(output: ClientOutput, relay: Option<&mut ClientRelay>) -> Relayed<ClientOutput> {
    match (output, relay) {
        (ClientOutput::Event(event), Some(relay)) => match relay.receive(event) {
            Relayed::Event(event) => Relayed::Event(ClientOutput::Event(event)),
            Relayed::Message(message) => Relayed::Message(message),
        },
        (output, _) => Relayed::Event(output),
    }
}
