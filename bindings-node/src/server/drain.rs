//! What a server says, as fields.

use mcp_sansio::{Body, Relayed, ServerEvent, ServerOutput, SessionId};
use napi_derive::napi;

use super::ServerHandle;
use crate::flat::{Field, Flat};

/// All outputs, and last the next deadline.
#[napi]
pub fn server_drain(server: &mut ServerHandle) -> Vec<Field> {
    let mut outputs = Flat::default();
    while let Some(output) = server.machine.poll_output() {
        match output {
            ServerOutput::Event(event) => match &mut server.relay {
                Some(relay) => match relay.receive(event) {
                    Relayed::Event(event) => tell(&mut outputs, &event),
                    Relayed::Message(message) => drop(outputs.message(&message)),
                },
                None => tell(&mut outputs, &event),
            },
            ServerOutput::Head {
                exchange,
                status,
                headers,
                body,
            } => {
                outputs.tag("head").id(exchange.as_u64());
                outputs.real(f64::from(status)).headers(&headers);
                match body {
                    Body::Whole(body) => outputs.json(&body),
                    Body::Stream => outputs.null(),
                };
            }
            ServerOutput::Chunk { exchange, data } => {
                outputs.tag("chunk").id(exchange.as_u64()).json(&data);
            }
            ServerOutput::End { exchange } => {
                outputs.tag("end").id(exchange.as_u64());
            }
            ServerOutput::Abort { exchange } => {
                outputs.tag("abort").id(exchange.as_u64());
            }
        }
    }
    outputs.finish(server.machine.poll_timeout())
}

fn tell(outputs: &mut Flat, event: &ServerEvent) {
    match event {
        ServerEvent::Notice(notice) => drop(outputs.notice(notice)),
        ServerEvent::Notification {
            exchange,
            session,
            notification,
        } => {
            outputs.tag("notification").id(exchange.as_u64());
            outputs.maybe_id(session.map(SessionId::as_u64));
            outputs.text(&*notification.method);
            outputs.maybe_json(notification.params.as_ref());
        }
        ServerEvent::Progress { call, params } => {
            outputs.tag("progress").id(call.as_u64()).json(params);
        }
        ServerEvent::Request {
            id,
            exchange,
            session,
            version,
            method,
            params,
        } => {
            outputs.tag("request").id(id.as_u64()).id(exchange.as_u64());
            outputs.maybe_id(session.map(SessionId::as_u64));
            outputs.text(version.as_str()).text(&**method);
            outputs.maybe_json(params.as_ref());
        }
        ServerEvent::SessionEnded { session, reason } => {
            outputs.tag("sessionEnded").id(session.as_u64());
            outputs.text(reason.as_str());
        }
        ServerEvent::SessionStarted {
            session,
            exchange,
            key,
            params,
        } => {
            outputs.tag("sessionStarted").id(session.as_u64());
            outputs.id(exchange.as_u64()).text(&**key).json(params);
        }
        ServerEvent::Settled { call, outcome } => {
            outputs.tag("settled").id(call.as_u64()).outcome(outcome);
        }
        ServerEvent::ShutDown => drop(outputs.tag("shutDown")),
        ServerEvent::Withdrawn { id, why } => {
            outputs.tag("withdrawn").id(id.as_u64()).text(why.as_str());
        }
        _ => drop(outputs.unknown()),
    }
}
