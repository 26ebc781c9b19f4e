//! The client machine.

pub mod drain;

use bytes::Bytes;
use mcp_sansio::{
    CallId, Client, ClientInput, ClientRelay, ExchangeId, ListenId, ObligationId, Sent, SseEvent,
    TransportFailure,
};
use napi::bindgen_prelude::{Error, External, Result, Status, Uint8Array};
use napi_derive::napi;

use crate::call::{self, Options};
use crate::headers::Headers;
use crate::machine::{self, Held, Machine, handle, number};
use crate::{describe, settings};

/// A client, and its relay if it has one.
pub type ClientHandle = External<Held<Client, ClientRelay>>;

impl Machine for Client {
    fn deadline(&self) -> Option<mcp_sansio::Instant> {
        self.poll_timeout()
    }
}

/// A machine.
///
/// # Errors
/// A sentence that says what is wrong with the settings.
#[napi]
pub fn client_new(
    url: String,
    identity: Option<String>,
    settings: String,
    seed: Uint8Array,
    relay: bool,
) -> Result<ClientHandle> {
    let wrong = |error: String| Error::new(Status::InvalidArg, error);
    let config = settings::client(url, identity.as_deref(), &settings).map_err(wrong)?;
    let seed = machine::seed(&seed).map_err(wrong)?;
    let machine = Client::new(config, seed).map_err(|error| wrong(error.to_string()))?;
    Ok(External::new(Held::new(
        machine,
        relay.then(ClientRelay::default),
    )))
}

/// Begins the handshake.
#[napi]
pub fn client_connect(client: &mut ClientHandle, now: f64) -> f64 {
    number(client.step(now, Client::connect).as_u64())
}

/// Hands over a request.
#[napi]
pub fn client_call(
    client: &mut ClientHandle,
    now: f64,
    method: String,
    params: Option<String>,
    options: Option<Options>,
) -> f64 {
    let call = call::call(method, params, options);
    number(
        client
            .step(now, |client, now| client.call(now, call))
            .as_u64(),
    )
}

/// Subscribes.
#[napi]
pub fn client_listen(client: &mut ClientHandle, now: f64, params: String) -> f64 {
    let params = Bytes::from(params);
    number(
        client
            .step(now, |client, now| client.listen(now, params))
            .as_u64(),
    )
}

/// Ends a subscription.
#[napi]
pub fn client_unlisten(client: &mut ClientHandle, now: f64, listen: f64) {
    let listen = ListenId::from_u64(handle(listen));
    client.step(now, |client, now| client.unlisten(now, listen));
}

/// Sends a notification.
#[napi]
pub fn client_notify(client: &mut ClientHandle, now: f64, method: String, params: Option<String>) {
    let notification = call::notification(method, params);
    client.step(now, |client, now| client.notify(now, notification));
}

/// Answers a request of the server: with a result, else with an error.
#[napi]
pub fn client_respond(
    client: &mut ClientHandle,
    now: f64,
    id: f64,
    result: Option<String>,
    code: Option<f64>,
    message: Option<String>,
    data: Option<String>,
) {
    let id = ObligationId::from_u64(handle(id));
    let answer = call::answer(result, code, message, data);
    client.step(now, |client, now| client.respond(now, id, answer));
}

/// Cancels a call.
#[napi]
pub fn client_cancel(client: &mut ClientHandle, now: f64, call: f64, reason: Option<String>) {
    let call = CallId::from_u64(handle(call));
    client.step(now, |client, now| {
        client.cancel(now, call, reason.as_deref());
    });
}

/// Says whether there are new credentials.
#[napi]
pub fn client_authorize(client: &mut ClientHandle, now: f64, granted: bool) {
    client.step(now, |client, now| client.authorize(now, granted));
}

/// Settles all calls and ends the session.
#[napi]
pub fn client_close(client: &mut ClientHandle, now: f64) {
    client.step(now, Client::close);
}

/// Sends a message of a host that speaks JSON-RPC itself; `false`: there is no relay.
#[napi]
pub fn client_send(
    client: &mut ClientHandle,
    now: f64,
    message: String,
    options: Option<Options>,
) -> bool {
    let options = call::options(options);
    client.relayed(now, |client, relay, now| {
        relay.send(client, now, message.as_bytes(), options);
    })
}

/// Cancels the request with this id, which is JSON; `false`: there is no relay.
#[napi]
pub fn client_cancel_message(client: &mut ClientHandle, now: f64, id: String) -> bool {
    client.relayed(now, |client, relay, now| {
        relay.cancel(client, now, id.as_bytes());
    })
}

/// The head of a response.
#[napi]
pub fn client_head(
    client: &mut ClientHandle,
    now: f64,
    exchange: f64,
    status: u32,
    headers: String,
) -> bool {
    let headers = Headers::read(&headers);
    let headers = &headers.borrow();
    let exchange = ExchangeId::from_u64(handle(exchange));
    // A number that is no status means as little as the largest.
    let status = u16::try_from(status).unwrap_or(u16::MAX);
    client.feed(now, |client, now| {
        client.handle_input(
            now,
            ClientInput::Head {
                exchange,
                status,
                headers,
            },
        );
    })
}

/// Bytes of a body.
#[napi]
pub fn client_chunk(client: &mut ClientHandle, now: f64, exchange: f64, data: &[u8]) -> bool {
    let exchange = ExchangeId::from_u64(handle(exchange));
    client.feed(now, |client, now| {
        client.handle_input(now, ClientInput::Chunk { exchange, data });
    })
}

/// An event, from a host that reads SSE itself.
#[napi]
pub fn client_sse_event(
    client: &mut ClientHandle,
    now: f64,
    exchange: f64,
    event: String,
    data: String,
    id: Option<String>,
    retry: Option<f64>,
) -> bool {
    let exchange = ExchangeId::from_u64(handle(exchange));
    let event = SseEvent {
        event: &event,
        data: &data,
        id: id.as_deref(),
        retry: retry.map(call::duration),
    };
    client.feed(now, |client, now| {
        client.handle_input(now, ClientInput::SseEvent { exchange, event });
    })
}

/// The end of a body.
#[napi]
pub fn client_end(client: &mut ClientHandle, now: f64, exchange: f64) -> bool {
    let exchange = ExchangeId::from_u64(handle(exchange));
    client.feed(now, |client, now| {
        client.handle_input(now, ClientInput::End { exchange });
    })
}

/// An exchange failed.
#[napi]
pub fn client_failed(
    client: &mut ClientHandle,
    now: f64,
    exchange: f64,
    detail: String,
    sent: bool,
) -> bool {
    let exchange = ExchangeId::from_u64(handle(exchange));
    let sent = if sent { Sent::Maybe } else { Sent::No };
    let failure = TransportFailure { sent, detail };
    client.feed(now, |client, now| {
        client.handle_input(now, ClientInput::Failed { exchange, failure });
    })
}

/// The deadline has come.
#[napi]
pub fn client_timeout(client: &mut ClientHandle, now: f64) -> bool {
    client.feed(now, |client, now| {
        client.handle_input(now, ClientInput::Timeout);
    })
}

/// The next deadline; -1 if there is none.
#[napi]
pub fn client_deadline(client: &ClientHandle) -> f64 {
    let deadline = client.machine.poll_timeout();
    deadline.map_or(-1.0, machine::milliseconds)
}

/// The lines of the record since they were last asked for.
#[napi]
pub fn client_records(client: &mut ClientHandle) -> Vec<String> {
    std::iter::from_fn(|| client.machine.poll_record()).collect()
}

/// What is known of the server, as JSON.
#[napi]
pub fn client_known(client: &ClientHandle) -> Option<String> {
    let known = client.machine.known();
    known.map(|known| describe::known(&known).to_string())
}

/// Who waits for what, as JSON.
#[napi]
pub fn client_inspect(client: &ClientHandle) -> String {
    describe::inspection(&client.machine.inspect()).to_string()
}
