//! The driver of the example `sockets`, against servers of a few lines.
#![expect(clippy::disallowed_methods, reason = "a server has threads of its own")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;

#[path = "../examples/sockets.rs"]
#[expect(dead_code, reason = "it is a program")]
mod sockets;

/// Answers each request with what `answer` makes of its first line and its body, and gives the URL.
fn serve(answer: impl Fn(&str, &str) -> &'static str + Clone + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    thread::spawn(move || {
        for socket in listener.incoming() {
            let (socket, answer) = (socket.expect("the client connects"), answer.clone());
            thread::spawn(move || exchange(socket, answer));
        }
    });
    format!("http://{address}/mcp")
}

fn exchange(socket: TcpStream, answer: impl Fn(&str, &str) -> &'static str) {
    let mut socket = BufReader::new(socket);
    let mut line = || {
        let mut line = String::new();
        socket.read_line(&mut line).expect("the client writes");
        line.trim_end().to_owned()
    };
    let first = line();
    let mut length = 0;
    while let Some((name, value)) = line().split_once(": ") {
        if name == "content-length" {
            length = value.parse().expect("a number");
        }
    }
    let mut body = vec![0; length];
    socket.read_exact(&mut body).expect("as many bytes");
    let body = String::from_utf8(body).expect("UTF-8");
    // A client may have gone: that is no concern of a server's.
    let _ = write!(socket.get_mut(), "HTTP/1.0 {}", answer(&first, &body));
}

const DISCOVERED: &str = concat!(
    "200 OK\r\ncontent-type: application/json\r\n\r\n",
    r#"{"jsonrpc":"2.0","id":1,"result":{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{}}}"#
);

#[test]
fn a_tool_is_called() {
    let url = serve(|first, body| {
        assert_eq!(first, "POST /mcp HTTP/1.0");
        if body.contains("server/discover") {
            return DISCOVERED;
        }
        assert!(
            body.contains(r#""name":"echo","arguments":{"text":"hello"}"#),
            "{body}"
        );
        concat!(
            "200 OK\r\nContent-Type: text/event-stream\r\n\r\n",
            ": thinking\n\n",
            r#"data: {"jsonrpc":"2.0","id":2,"result":{"resultType":"complete","content":[]}}"#,
            "\n\n"
        )
    });
    let result = sockets::call_tool(&url, "echo", r#"{"text":"hello"}"#).expect("a result");
    assert_eq!(result, r#"{"resultType":"complete","content":[]}"#);
}

/// A server with sessions, whose tool waits for what it asked on the standalone stream.
#[test]
fn a_question_is_answered_that_nobody_can_answer() {
    let (tell, told) = mpsc::channel();
    let told = Arc::new(Mutex::new(told));
    let url = serve(move |first, body| match first {
        "POST /mcp HTTP/1.0" if body.contains("server/discover") => "404 Not Found\r\n\r\n",
        "POST /mcp HTTP/1.0" if body.contains(r#""method":"initialize""#) => concat!(
            "200 OK\r\nContent-Type: application/json\r\n\r\n",
            r#"{"jsonrpc":"2.0","id":2,"result":{"protocolVersion":"2025-06-18","capabilities":{},"#,
            r#""serverInfo":{"name":"asks","version":"1"}}}"#
        ),
        "GET /mcp HTTP/1.0" => concat!(
            "200 OK\r\nContent-Type: text/event-stream\r\n\r\n",
            r#"data: {"jsonrpc":"2.0","id":"q","method":"roots/list"}"#,
            "\n\n"
        ),
        "POST /mcp HTTP/1.0" if body.contains("tools/call") => {
            let told = told.lock().expect("one call");
            let answer = told.recv_timeout(Duration::from_secs(20));
            let answer: String = answer.expect("the question is answered");
            assert!(answer.contains("-32601"), "{answer}");
            concat!(
                "200 OK\r\nContent-Type: application/json\r\n\r\n",
                r#"{"jsonrpc":"2.0","id":3,"result":{"content":[]}}"#
            )
        }
        _ => {
            if body.contains(r#""id":"q""#) {
                tell.send(body.to_owned()).expect("the call waits for it");
            }
            "202 Accepted\r\n\r\n"
        }
    });
    let result = sockets::call_tool(&url, "ask", "{}").expect("a result");
    assert_eq!(result, r#"{"content":[]}"#);
}

#[test]
fn a_stream_without_an_answer_fails_with_its_story() {
    let url = serve(|_, body| {
        if body.contains("server/discover") {
            return DISCOVERED;
        }
        "200 OK\r\ncontent-type: text/event-stream\r\n\r\n: that is all\n\n"
    });
    let error = sockets::call_tool(&url, "echo", "{}").expect_err("there is no answer");
    let text = error.to_string();
    assert!(text.contains("may have run"), "{text}");
}

#[test]
fn nobody_is_there() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let url = format!("http://{}/mcp", listener.local_addr().expect("it is bound"));
    drop(listener);
    let error = sockets::call_tool(&url, "echo", "{}").expect_err("nobody is there");
    let text = error.to_string();
    assert!(text.contains("not sent"), "{text}");
}
