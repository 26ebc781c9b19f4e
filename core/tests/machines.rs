//! What the vectors have no words for: payloads that are no JSON in places where a vector has JSON, and the stories of
//! what is still open.

use mcp_sansio::{
    Answer, Client, ClientConfig, ClientEvent, ClientInput, ClientOutput, ExchangeHead, Handshake,
    Identity, Instant, Known, ObligationId, RpcError, Server, ServerConfig, ServerEvent,
    ServerInput, ServerOutput, Version,
};

const NOW: Instant = Instant::from_micros(0);
const JSON: &[(&str, &[u8])] = &[("content-type", b"application/json")];
const EVENTS: &[(&str, &[u8])] = &[("content-type", b"text/event-stream")];

fn identity() -> Handshake {
    Handshake::Core(Identity::new("test", "1"))
}

/// An error with data that are no JSON text.
fn broken_error() -> Answer {
    Answer::Error(RpcError {
        data: Some("{nonsense".into()),
        ..RpcError::new(-32000, "no")
    })
}

/// A client in a saved session, with the server's request that its call's stream has brought.
fn asked_client() -> (Client, ObligationId) {
    let mut config = ClientConfig::new("http://server.test/mcp", identity());
    config.versions = Version::V2025_11_25..=Version::V2025_11_25;
    config.known = Some(Known::new(Version::V2025_11_25, None));
    config.standalone = false;
    let mut client = Client::new(config, [0; 32]).expect("the settings are usable");
    client.call(NOW, mcp_sansio::Call::new("tools/call", None));
    let Some(ClientOutput::Open { exchange, .. }) = client.poll_output(true) else {
        panic!("the call is not sent");
    };
    let headers = EVENTS;
    let status = 200;
    client.handle_input(
        NOW,
        ClientInput::Head {
            exchange,
            status,
            headers,
        },
    );
    let data = b"data: {\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"roots/list\"}\n\n";
    client.handle_input(NOW, ClientInput::Chunk { exchange, data });
    match client.poll_output(true) {
        Some(ClientOutput::Event(ClientEvent::Request { id, .. })) => (client, id),
        other => panic!("the request does not come, but {other:?}"),
    }
}

/// A server without sessions, with a request that it has given to its application.
fn asked_server() -> (Server, ObligationId) {
    let mut config = ServerConfig::new(identity());
    config.sessions = false;
    let mut server = Server::new(config, [0; 32]).expect("the settings are usable");
    let accept: (&str, &[u8]) = ("accept", b"application/json, text/event-stream");
    let host: (&str, &[u8]) = ("host", b"localhost");
    let head = ExchangeHead {
        method: "POST",
        headers: &[host, accept, JSON[0]],
        principal: None,
    };
    let exchange = server.accept(NOW, head);
    let data = br#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;
    server.handle_input(NOW, ServerInput::Chunk { exchange, data });
    server.handle_input(NOW, ServerInput::End { exchange });
    match server.poll_output() {
        Some(ServerOutput::Event(ServerEvent::Request { id, .. })) => (server, id),
        other => panic!("the request does not come, but {other:?}"),
    }
}

#[test]
fn data_of_an_error_that_are_no_json_do_not_reach_the_server() {
    let (mut client, id) = asked_client();
    client.respond(NOW, id, broken_error());
    let Some(ClientOutput::Open { body, .. }) = client.poll_output(true) else {
        panic!("the answer is not sent");
    };
    let error = r#""error":{"code":-32000,"message":"no"}"#;
    let body = String::from_utf8_lossy(&body);
    assert!(body.contains(error), "{body}");
}

#[test]
fn data_of_an_error_that_are_no_json_do_not_reach_the_client() {
    let (mut server, id) = asked_server();
    server.respond(NOW, id, broken_error());
    let Some(ServerOutput::Head { body, .. }) = server.poll_output() else {
        panic!("the answer is not sent");
    };
    let body = format!("{body:?}");
    assert!(!body.contains("nonsense"), "{body}");
    assert!(body.contains("-32000"), "{body}");
}

#[test]
fn the_story_of_an_open_request_says_when_the_application_took_it() {
    let (mut server, id) = asked_server();
    let story = |server: &Server| {
        let inspection = server.inspect();
        let lines = inspection.obligations[0].story.lines();
        lines.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert!(story(&server).is_empty());
    server.take(Instant::from_micros(2_000), id);
    assert_eq!(story(&server), ["+2 ms taken by the application"]);
}
