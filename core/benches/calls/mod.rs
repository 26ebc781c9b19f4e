//! Whole calls through the client, with no I/O: what a driver does for one, and a canned answer.

use std::hint::black_box;

use mcp_sansio::{
    Call, Client, ClientConfig, ClientEvent, ClientInput, ClientOutput, Era, ExchangeId, Handshake,
    Identity, Instant, Outcome, Version,
};

/// So many `tools/call`s in a session, one after the other, each answered by a JSON body with this result.
pub(crate) fn json(result: &str, calls: usize) {
    run(Version::V2025_11_25, &JSON, result, calls);
}

/// The same, each answered on an event stream.
pub(crate) fn sse(result: &str, calls: usize) {
    run(Version::V2025_11_25, &SSE, result, calls);
}

/// The same without a session, each answered by a JSON body.
pub(crate) fn modern_json(result: &str, calls: usize) {
    run(Version::V2026_07_28, &JSON, result, calls);
}

/// The same without a session, each answered on an event stream.
pub(crate) fn modern_sse(result: &str, calls: usize) {
    run(Version::V2026_07_28, &SSE, result, calls);
}

/// How a server answers: its content type, and what stands around the message.
struct Style {
    media: &'static str,
    before: &'static str,
    behind: &'static str,
}

const JSON: Style = Style {
    media: "application/json",
    before: "",
    behind: "}",
};

const SSE: Style = Style {
    media: "text/event-stream",
    before: "event: message\ndata: ",
    behind: "}\n\n",
};

fn run(version: Version, style: &Style, result: &str, calls: usize) {
    let mut config = ClientConfig::new(
        "http://localhost/mcp",
        Handshake::Core(Identity::new("bench", "0")),
    );
    config.standalone = false;
    config.versions = version..=version;
    let mut client = Client::new(config, [0; 32]).expect("a configuration");
    let mut now = Instant::from_micros(0);
    client.connect(now);
    let connected = match version.era() {
        Era::Legacy => {
            r#"{"protocolVersion":"2025-11-25","capabilities":{},"serverInfo":{"name":"s","version":"0"}}"#
        }
        Era::Modern => {
            r#"{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{}}"#
        }
    };
    let mut answer = Vec::new();
    let mut settled = 0;
    for call in 0..=calls {
        if call > 0 {
            let params = r#"{"name":"echo","arguments":{"text":"sixty-four bytes of text, as short as a call may well be....."}}"#;
            client.call(now, Call::new("tools/call", Some(params.into())));
        }
        while let Some(output) = client.poll_output(true) {
            match output {
                ClientOutput::Open { exchange, body, .. } => {
                    now = Instant::from_micros(now.as_micros() + 1000);
                    let result = if call == 0 { connected } else { result };
                    answer.clear();
                    match id(&body) {
                        Some(id) => {
                            for part in [
                                style.before.as_bytes(),
                                br#"{"result":"#,
                                result.as_bytes(),
                                br#","jsonrpc":"2.0","id":"#,
                                id,
                                style.behind.as_bytes(),
                            ] {
                                answer.extend_from_slice(part);
                            }
                            respond(&mut client, now, exchange, 200, style.media, &answer);
                        }
                        None => respond(&mut client, now, exchange, 202, "", b""),
                    }
                }
                ClientOutput::Event(ClientEvent::Settled {
                    outcome: Outcome::Result(result),
                    ..
                }) => {
                    black_box(result);
                    settled += 1;
                }
                other => _ = black_box(other),
            }
        }
        black_box(client.poll_timeout());
    }
    assert_eq!(settled, calls + 1, "a call was not answered");
}

fn respond(
    client: &mut Client,
    now: Instant,
    exchange: ExchangeId,
    status: u16,
    media: &str,
    body: &[u8],
) {
    let headers: &[(&str, &[u8])] = &[
        ("content-type", media.as_bytes()),
        ("content-length", b"200"),
        ("date", b"Fri, 20 Nov 2026 21:00:00 GMT"),
    ];
    client.handle_input(
        now,
        ClientInput::Head {
            exchange,
            status,
            headers,
        },
    );
    if !body.is_empty() {
        client.handle_input(
            now,
            ClientInput::Chunk {
                exchange,
                data: body,
            },
        );
    }
    client.handle_input(now, ClientInput::End { exchange });
}

/// The id of a request, as the client writes it.
fn id(body: &[u8]) -> Option<&[u8]> {
    let id = body.strip_prefix(br#"{"jsonrpc":"2.0","id":"#)?;
    Some(&id[..id.iter().position(|&byte| byte == b',')?])
}
