//! What no good client does to a server.

use std::io::ErrorKind;
use std::time::Duration;

use anyhow::{Result, ensure};
use hyper::Method;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::time::sleep;

use super::actions::{Done, is_gone, words};
use super::caller::Caller;
use crate::http::{Connection, Headers};
use crate::session::Session;

/// What is no message, or names no session: refused, and nothing is kept.
pub(super) async fn refused(caller: &mut Caller, session: &Session) -> Result<Done> {
    let nobody = Headers {
        session: Some("nobody".into()),
        ..session.headers.clone()
    };
    let list = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;
    for (headers, body, wanted) in [
        (&session.headers, "{", 400),
        (
            &session.headers,
            r#"{"jsonrpc":"1.0","id":1,"method":"x"}"#,
            400,
        ),
        (&session.headers, "[]", 400),
        (&nobody, list, 404),
        (&Headers::default(), list, 400),
    ] {
        let mut connection = caller.connection().await?;
        let response = connection
            .send(Method::POST, headers, body.to_owned())
            .await?;
        let status = response.status().as_u16();
        // A session that has expired is judged before the body is.
        ensure!(
            status == wanted || status == 404,
            "HTTP {status} for {body}, not {wanted}"
        );
    }
    Ok(Done::Well)
}

/// More than any network holds, and nobody reads: the server ends the connection.
pub(super) async fn stuck(caller: &Caller, session: &mut Session) -> Result<Done> {
    let (_, call) = session.call("big", &json!({"bytes": 16 << 20}));
    let mut stream = TcpStream::connect(&caller.address).await?;
    stream
        .write_all(post(session, &call, usize::MAX).as_bytes())
        .await?;
    // Longer than the server's bound for it; what the network holds can be read, and then the end.
    sleep(Duration::from_secs(3)).await;
    let mut read = 0_usize;
    let mut buffer = vec![0; 64 << 10];
    loop {
        stream.readable().await?;
        match stream.try_read(&mut buffer) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Ok(0) | Err(_) => return Ok(Done::Well),
            Ok(_) if read == 0 && buffer.starts_with(b"HTTP/1.1 404") => {
                return Ok(Done::SessionGone);
            }
            Ok(more) => read += more,
        }
        ensure!(
            read < 16 << 20,
            "the server held all of it for a reader that stood still"
        );
    }
}

/// Half a request, and then nothing.
pub(super) async fn vanish_in_body(caller: &Caller, session: &mut Session) -> Result<Done> {
    let (_, call) = session.call("echo", &json!({"text": words(session)}));
    let mut stream = TcpStream::connect(&caller.address).await?;
    stream
        .write_all(post(session, &call, 20).as_bytes())
        .await?;
    stream.flush().await?;
    Ok(Done::Well)
}

/// A call whose client leaves with the first bytes of the answer.
pub(super) async fn vanish_in_stream(caller: &Caller, session: &mut Session) -> Result<Done> {
    let (_, call) = session.call("slow", &json!({"steps": 10}));
    let mut connection = Connection::open(&caller.address).await?;
    let answer = session.post(&mut connection, &call).await?;
    Ok(if is_gone(&answer) {
        Done::SessionGone
    } else {
        Done::Well
    })
}

/// A POST as bytes, with so much of its body.
fn post(session: &Session, message: &Value, most: usize) -> String {
    let body = message.to_string();
    let headers = &session.headers;
    format!(
        "POST /mcp HTTP/1.1\r\nhost: localhost\r\naccept: application/json, text/event-stream\r\n\
         content-type: application/json\r\nmcp-session-id: {}\r\nmcp-protocol-version: {}\r\n\
         content-length: {}\r\n\r\n{}",
        headers.session.as_deref().unwrap_or_default(),
        headers.version.unwrap_or_default(),
        body.len(),
        &body[..most.min(body.len())]
    )
}
