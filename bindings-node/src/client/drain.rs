//! What a client says, as fields.

use mcp_sansio::{ClientEvent, ClientOutput, ListenState, Relayed, SessionChange, Source};
use napi_derive::napi;

use super::ClientHandle;
use crate::flat::{Field, Flat};

/// All outputs, and last the next deadline.
#[napi]
pub fn client_drain(client: &mut ClientHandle, room: bool) -> Vec<Field> {
    let mut outputs = Flat::default();
    while let Some(output) = client.machine.poll_output(room) {
        match output {
            ClientOutput::Event(event) => match &mut client.relay {
                Some(relay) => match relay.receive(event) {
                    Relayed::Event(event) => tell(&mut outputs, &event),
                    Relayed::Message(message) => drop(outputs.message(&message)),
                },
                None => tell(&mut outputs, &event),
            },
            ClientOutput::Open {
                exchange,
                method,
                url,
                headers,
                body,
            } => {
                outputs.tag("open").id(exchange.as_u64());
                outputs.text(method.as_str()).or_null(url, Flat::text);
                outputs.headers(&headers).json(&body);
            }
            ClientOutput::Abort { exchange } => {
                outputs.tag("abort").id(exchange.as_u64());
            }
        }
    }
    outputs.finish(client.machine.poll_timeout())
}

fn tell(outputs: &mut Flat, event: &ClientEvent) {
    match event {
        ClientEvent::Listen { listen, state } => {
            match state {
                ListenState::Open { filter } => {
                    outputs.tag("listenOpened").id(listen.as_u64()).json(filter)
                }
                ListenState::Gap => outputs.tag("listenGap").id(listen.as_u64()),
                ListenState::Ended(outcome) => outputs
                    .tag("listenEnded")
                    .id(listen.as_u64())
                    .outcome(outcome),
                _ => outputs.unknown(),
            };
        }
        ClientEvent::Notice(notice) => drop(outputs.notice(notice)),
        ClientEvent::Notification {
            source,
            notification,
        } => {
            outputs.tag("notification").text(&*notification.method);
            outputs.maybe_json(notification.params.as_ref());
            came_by(outputs, *source);
        }
        ClientEvent::Progress { call, params } => {
            outputs.tag("progress").id(call.as_u64()).json(params);
        }
        ClientEvent::Request {
            id,
            source,
            method,
            params,
        } => {
            outputs.tag("request").id(id.as_u64()).text(&**method);
            outputs.maybe_json(params.as_ref());
            came_by(outputs, *source);
        }
        ClientEvent::SessionChanged { epoch, change } => {
            outputs.tag("sessionChanged").real(f64::from(*epoch));
            match change {
                SessionChange::Connected => outputs.text("connected").null(),
                SessionChange::Reinitialized => outputs.text("reinitialized").null(),
                SessionChange::Lost(failure) => outputs.text("lost").failure(failure),
                _ => outputs.text("unknown").null(),
            };
        }
        ClientEvent::Settled { call, outcome } => {
            outputs.tag("settled").id(call.as_u64()).outcome(outcome);
        }
        ClientEvent::Unauthorized { refusal, calls } => {
            let calls: Vec<_> = calls.iter().map(|call| call.as_u64()).collect();
            let calls = serde_json::Value::from(calls).to_string();
            outputs.tag("unauthorized").refusal(refusal).text(calls);
        }
        ClientEvent::Withdrawn { id, why } => {
            outputs.tag("withdrawn").id(id.as_u64()).text(why.as_str());
        }
        ClientEvent::Closed => drop(outputs.tag("closed")),
        _ => drop(outputs.unknown()),
    }
}

fn came_by(outputs: &mut Flat, source: Source) {
    let (call, listen) = match source {
        Source::Call(call) => (Some(call.as_u64()), None),
        Source::Listen(listen) => (None, Some(listen.as_u64())),
        _ => (None, None),
    };
    outputs.maybe_id(call).maybe_id(listen);
}
