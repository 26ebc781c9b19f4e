//! `--http-sse`: the transport of 2024-11-05, against a server of a few lines.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use crate::support::run;
use serde_json::{Value, json};

/// A server that knows nothing newer: a GET opens the stream of its one client, whose POSTs to `/messages` are
/// answered there.
fn serve() -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let url = format!("http://{}/sse", listener.local_addr().expect("an address"));
    let stream: Arc<Mutex<Option<TcpStream>>> = Arc::default();
    thread::spawn(move || {
        for connection in listener.incoming().map_while(Result::ok) {
            let stream = Arc::clone(&stream);
            thread::spawn(move || answer(connection, &stream));
        }
    });
    url
}

/// One request, on a connection of its own. `None`: the client left in its midst.
fn answer(mut connection: TcpStream, stream: &Mutex<Option<TcpStream>>) -> Option<()> {
    let (first, body) = read(&connection)?;
    let said = |event: &str, data: &str| format!("event: {event}\ndata: {data}\n\n");
    let status = if first.starts_with("GET /sse ") {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n";
        let opened = said("endpoint", "/messages");
        // Nobody may look for the stream between its first event and this.
        let mut stream = stream.lock().ok()?;
        connection
            .write_all(format!("{head}{opened}").as_bytes())
            .ok()?;
        *stream = Some(connection);
        return Some(());
    } else if first.starts_with("POST /messages ") {
        if let Some(result) = result(&body) {
            let message = json!({"jsonrpc": "2.0", "id": body["id"], "result": result});
            let message = said("message", &message.to_string());
            stream
                .lock()
                .ok()?
                .as_mut()?
                .write_all(message.as_bytes())
                .ok()?;
        }
        "202 Accepted"
    } else {
        "405 Method Not Allowed"
    };
    let head = format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
    connection.write_all(head.as_bytes()).ok()
}

fn result(request: &Value) -> Option<Value> {
    Some(match request["method"].as_str()? {
        "initialize" => json!({
            "protocolVersion": "2024-11-05",
            "capabilities": {"tools": {}},
            "serverInfo": {"name": "old", "version": "1"},
        }),
        "tools/list" => json!({"tools": [{"name": "echo", "inputSchema": {"type": "object"}}]}),
        "tools/call" => {
            let text = &request["params"]["arguments"]["text"];
            json!({"content": [{"type": "text", "text": text}]})
        }
        _ => return None,
    })
}

/// The first line of a request, and its body.
fn read(connection: &TcpStream) -> Option<(String, Value)> {
    let mut reader = BufReader::new(connection);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    // Our client writes names in lower case.
    let length = lines
        .iter()
        .find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(Some(0), |length| length.parse().ok())?];
    reader.read_exact(&mut body).ok()?;
    Some((
        lines.swap_remove(0),
        serde_json::from_slice(&body).unwrap_or_default(),
    ))
}

#[test]
fn an_old_server_is_spoken_to_if_the_user_wants_it() {
    let url = serve();
    let hello = r#"{"text": "hello"}"#;
    let ran = run(&["call", &url, "echo", hello, "--http-sse", "--story"]);
    assert_eq!(ran.stdout, "hello\n", "{ran:?}");
    assert!(
        ran.stderr.contains("connected, 2024-11-05 (legacy)"),
        "{ran:?}"
    );
    let ran = run(&["tools", &url, "--http-sse"]);
    assert_eq!(ran.stdout, "echo()\n", "{ran:?}");

    let ran = run(&["call", &url, "echo", hello]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert_eq!(ran.stderr.lines().count(), 1, "{ran:?}");
    assert!(ran.stderr.contains("405"), "{ran:?}");
}
