//! The server machine.

pub mod drain;

use std::time::Duration;

use mcp_sansio::{
    CallId, EndReason, ExchangeHead, ExchangeId, ObligationId, Server, ServerInput, ServerRelay,
    SessionId, To,
};
use napi::bindgen_prelude::{Error, External, Result, Status, Uint8Array};
use napi_derive::napi;

use crate::call::{self, Options};
use crate::headers::Headers;
use crate::machine::{self, Held, Machine, handle, number};
use crate::{describe, settings};

/// A server, and its relay if it has one.
pub type ServerHandle = External<Held<Server, ServerRelay>>;

impl Machine for Server {
    fn deadline(&self) -> Option<mcp_sansio::Instant> {
        self.poll_timeout()
    }
}

/// A machine.
///
/// # Errors
/// A sentence that says what is wrong with the settings.
#[napi]
pub fn server_new(
    identity: Option<String>,
    settings: String,
    seed: Uint8Array,
    relay: bool,
) -> Result<ServerHandle> {
    let wrong = |error: String| Error::new(Status::InvalidArg, error);
    let config = settings::server(identity.as_deref(), &settings).map_err(wrong)?;
    let seed = machine::seed(&seed).map_err(wrong)?;
    let machine = Server::new(config, seed).map_err(|error| wrong(error.to_string()))?;
    let relay = relay.then(ServerRelay::default);
    Ok(External::new(Held::new(machine, relay)))
}

/// Says that a request is being run; `false`: it is not there any more.
#[napi]
pub fn server_take(server: &mut ServerHandle, now: f64, id: f64) -> bool {
    let id = ObligationId::from_u64(handle(id));
    server.step(now, |server, now| server.take(now, id))
}

/// Answers a request: with a result, else with an error.
#[napi]
pub fn server_respond(
    server: &mut ServerHandle,
    now: f64,
    id: f64,
    result: Option<String>,
    code: Option<f64>,
    message: Option<String>,
    data: Option<String>,
) {
    let id = ObligationId::from_u64(handle(id));
    let answer = call::answer(result, code, message, data);
    server.step(now, |server, now| server.respond(now, id, answer));
}

/// Sends a notification to the client of a request, of a session, or to all.
#[napi]
pub fn server_notify(
    server: &mut ServerHandle,
    now: f64,
    request: Option<f64>,
    session: Option<f64>,
    method: String,
    params: Option<String>,
) {
    let notification = call::notification(method, params);
    server.step(now, |server, now| {
        server.notify(now, to(request, session), notification);
    });
}

/// Asks the client of a request, or of a session.
#[napi]
pub fn server_call(
    server: &mut ServerHandle,
    now: f64,
    request: Option<f64>,
    session: Option<f64>,
    method: String,
    params: Option<String>,
    options: Option<Options>,
) -> f64 {
    let call = call::call(method, params, options);
    let id = server.step(now, |server, now| {
        server.call(now, to(request, session), call)
    });
    number(id.as_u64())
}

/// Cancels a call.
#[napi]
pub fn server_cancel(server: &mut ServerHandle, now: f64, call: f64, reason: Option<String>) {
    let call = CallId::from_u64(handle(call));
    server.step(now, |server, now| {
        server.cancel(now, call, reason.as_deref());
    });
}

/// Lets connections go, so that clients come back for the rest.
#[napi]
pub fn server_release_connection(
    server: &mut ServerHandle,
    now: f64,
    request: Option<f64>,
    session: Option<f64>,
    retry: Option<f64>,
) {
    let retry = retry.map(call::duration);
    server.step(now, |server, now| {
        server.release_connection(now, to(request, session), retry);
    });
}

/// Ends a session; `false`: there is no such reason.
#[napi]
pub fn server_end_session(
    server: &mut ServerHandle,
    now: f64,
    session: f64,
    reason: String,
) -> bool {
    let session = SessionId::from_u64(handle(session));
    let Some(reason) = EndReason::from_name(&reason) else {
        return false;
    };
    server.step(now, |server, now| server.end_session(now, session, reason));
    true
}

/// Says which arguments of tools must stand in headers; the sentence that says what is wrong with them.
#[napi]
pub fn server_declare_tools(server: &mut ServerHandle, tools: String) -> Option<String> {
    let declared = server.machine.declare_tools(tools.as_bytes());
    declared.err().map(|error| error.to_string())
}

/// Ends everything, after a grace.
#[napi]
pub fn server_shut_down(server: &mut ServerHandle, now: f64, grace: f64) {
    let grace: Duration = call::duration(grace);
    server.step(now, |server, now| server.shut_down(now, grace));
}

/// Sends a message of a host that speaks JSON-RPC itself; `false`: there is no relay.
#[napi]
pub fn server_send(
    server: &mut ServerHandle,
    now: f64,
    message: String,
    session: Option<f64>,
    via: Option<f64>,
) -> bool {
    let session = session.map(|session| SessionId::from_u64(handle(session)));
    let via = via.map(|via| ObligationId::from_u64(handle(via)));
    server.relayed(now, |server, relay, now| {
        relay.send(server, now, session, message.as_bytes(), via);
    })
}

/// An HTTP request began.
#[napi]
pub fn server_accept(
    server: &mut ServerHandle,
    now: f64,
    method: String,
    headers: String,
    principal: Option<String>,
) -> f64 {
    let headers = Headers::read(&headers);
    let head = ExchangeHead {
        method: &method,
        headers: &headers.borrow(),
        principal: principal.as_deref(),
    };
    number(
        server
            .step(now, |server, now| server.accept(now, head))
            .as_u64(),
    )
}

/// Bytes of a request's body.
#[napi]
pub fn server_chunk(server: &mut ServerHandle, now: f64, exchange: f64, data: &[u8]) -> bool {
    feed(server, now, exchange, |exchange| ServerInput::Chunk {
        exchange,
        data,
    })
}

/// The end of a request's body.
#[napi]
pub fn server_end(server: &mut ServerHandle, now: f64, exchange: f64) -> bool {
    feed(server, now, exchange, |exchange| ServerInput::End {
        exchange,
    })
}

/// The client has gone.
#[napi]
pub fn server_gone(server: &mut ServerHandle, now: f64, exchange: f64) -> bool {
    feed(server, now, exchange, |exchange| ServerInput::Gone {
        exchange,
    })
}

/// The library has taken the last chunk.
#[napi]
pub fn server_written(server: &mut ServerHandle, now: f64, exchange: f64) -> bool {
    feed(server, now, exchange, |exchange| ServerInput::Written {
        exchange,
    })
}

/// The deadline has come.
#[napi]
pub fn server_timeout(server: &mut ServerHandle, now: f64) -> bool {
    server.feed(now, |server, now| {
        server.handle_input(now, ServerInput::Timeout);
    })
}

fn feed<'a>(
    server: &mut ServerHandle,
    now: f64,
    exchange: f64,
    input: impl FnOnce(ExchangeId) -> ServerInput<'a>,
) -> bool {
    let exchange = ExchangeId::from_u64(handle(exchange));
    server.feed(now, |server, now| server.handle_input(now, input(exchange)))
}

/// The next deadline; -1 if there is none.
#[napi]
pub fn server_deadline(server: &ServerHandle) -> f64 {
    let deadline = server.machine.poll_timeout();
    deadline.map_or(-1.0, machine::milliseconds)
}

/// The lines of the record since they were last asked for.
#[napi]
pub fn server_records(server: &mut ServerHandle) -> Vec<String> {
    std::iter::from_fn(|| server.machine.poll_record()).collect()
}

/// Who waits for what, as JSON.
#[napi]
pub fn server_inspect(server: &ServerHandle) -> String {
    describe::inspection(&server.machine.inspect()).to_string()
}

/// The shard that a request's session is in; -1 if any will do.
#[napi]
pub fn server_shard(headers: String) -> i32 {
    let headers = Headers::read(&headers);
    Server::shard(&headers.borrow()).map_or(-1, i32::from)
}

fn to(request: Option<f64>, session: Option<f64>) -> To {
    match (request, session) {
        (Some(request), _) => To::Request(ObligationId::from_u64(handle(request))),
        (None, Some(session)) => To::Session(SessionId::from_u64(handle(session))),
        (None, None) => To::All,
    }
}
