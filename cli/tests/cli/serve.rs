//! `serve`, as clients find it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::Stdio;

use crate::support::{Ran, Server, program, run};
use serde_json::{Value, json};

#[test]
fn every_tool_does_what_it_says_in_every_mode() {
    for mode in [
        &["serve"][..],
        &["serve", "--mode", "sse"],
        &["serve", "--mode", "json"],
        &["serve", "--era", "legacy"],
        &["serve", "--era", "legacy", "--mode", "sse"],
        &["serve", "--era", "legacy", "--mode", "json"],
        &["serve", "--era", "legacy", "--stateless"],
    ] {
        let server = Server::run(mode);
        for (tool, arguments, said) in [
            ("echo", r#"{"text": "hi"}"#, "hi\n"),
            ("add", r#"{"a": 1, "b": 2.5}"#, "3.5\n"),
            ("slow", r#"{"steps": 3}"#, "3 steps taken\n"),
        ] {
            let ran = call(&server, tool, arguments);
            assert_eq!(ran.code, Some(0), "{mode:?}: {ran:?}");
            assert_eq!(ran.stdout, said, "{mode:?}");
            assert_eq!(ran.stderr, "", "{mode:?}");
        }
        let ran = call(&server, "big", r#"{"bytes": 100000}"#);
        assert_eq!(ran.code, Some(0), "{mode:?}: {}", ran.stderr);
        assert_eq!(ran.stdout.len(), 100_001, "{mode:?}");
    }
}

#[test]
fn a_question_is_declined_or_answered_as_the_user_wants() {
    for mode in [
        &["serve"][..],
        &["serve", "--mode", "json"],
        &["serve", "--era", "legacy"],
    ] {
        let server = Server::run(mode);
        let ran = call(&server, "ask", r#"{"question": "Tea or coffee?"}"#);
        assert_eq!(ran.code, Some(0), "{mode:?}: {ran:?}");
        assert_eq!(ran.stdout, "the person gave no answer (\"decline\")\n");
        for word in ["Tea or coffee?", r#"--answer '{"answer": ..}'"#] {
            assert!(ran.stderr.contains(word), "{mode:?}: no {word} in {ran:?}");
        }
        let answer = r#"{"answer": "tea"}"#;
        let ran = run(&["call", &server.url, "ask", "--answer", answer]);
        assert_eq!(ran.stdout, "the person says: tea\n", "{mode:?}: {ran:?}");
        assert_eq!(ran.stderr, "", "{mode:?}");
    }
}

#[test]
fn a_client_that_cannot_be_asked_is_told_so_at_once() {
    let server = Server::run(&["serve", "--era", "legacy", "--mode", "json"]);
    let ran = call(&server, "ask", "{}");
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let said = "the model could not be asked: ";
    assert!(ran.stdout.starts_with(said), "{ran:?}");
}

#[test]
fn an_argument_is_mirrored_into_a_header_where_the_era_has_that() {
    let server = Server::run(&["serve"]);
    for (era, header) in [("modern", "eu-1"), ("legacy", "not there")] {
        let region = r#"{"region": "eu-1"}"#;
        let ran = run(&["call", &server.url, "route", region, "--era", era]);
        let said = format!("region eu-1; the header Mcp-Param-Region is {header}\n");
        assert_eq!(ran.stdout, said, "{era}: {ran:?}");
    }
}

#[test]
fn progress_comes_where_there_is_a_stream() {
    let server = Server::run(&["serve"]);
    let ran = run(&["call", &server.url, "slow", r#"{"steps": 2}"#, "--story"]);
    for seen in ["progress 1/2", "progress 2/2"] {
        assert!(ran.stderr.contains(seen), "no {seen:?} in {ran:?}");
    }
}

#[test]
fn its_tools_are_listed_with_their_arguments() {
    let server = Server::run(&["serve"]);
    let ran = run(&["tools", &server.url, "--json"]);
    let tools: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let tools = tools["tools"].as_array().expect("an array");
    let names: Vec<_> = tools.iter().map(|tool| &tool["name"]).collect();
    assert_eq!(
        names,
        ["echo", "add", "slow", "ask", "big", "route", "switch"]
    );
}

#[test]
fn a_resource_and_a_prompt_can_be_listed_and_read() {
    let server = Server::run(&["serve", "--stateless", "--mode", "json"]);
    let resources = post(&server, "resources/list", &json!({}));
    let uri = &resources["result"]["resources"][0]["uri"];
    let read = post(&server, "resources/read", &json!({"uri": uri}));
    assert_eq!(&read["result"]["contents"][0]["uri"], uri, "{read}");
    assert!(read["result"]["contents"][0]["text"].is_string(), "{read}");

    let prompts = post(&server, "prompts/list", &json!({}));
    let name = &prompts["result"]["prompts"][0]["name"];
    let params = json!({"name": name, "arguments": {"name": "Ada"}});
    let prompt = post(&server, "prompts/get", &params);
    let said = &prompt["result"]["messages"][0]["content"]["text"];
    assert_eq!(said, "Say hello to Ada.", "{prompt}");

    for (method, params, code) in [
        ("resources/read", json!({"uri": "file:///"}), -32002),
        ("prompts/get", json!({"name": "none"}), -32602),
        ("tools/call", json!({"name": "none"}), -32602),
        ("nothing/known", json!({}), -32601),
    ] {
        let answer = post(&server, method, &params);
        assert_eq!(answer["error"]["code"], code, "{method}: {answer}");
    }
}

#[test]
fn strangers_names_are_refused_unless_they_are_allowed() {
    let server = Server::run(&["serve", "--host", "tunnel.example"]);
    for (host, status) in [
        ("tunnel.example", "405"),
        ("tunnel.example:8443", "405"),
        ("localhost:1", "405"),
        ("evil.example", "403"),
    ] {
        let answer = put(&server, host);
        let first = answer.lines().next().unwrap_or_default();
        assert!(first.contains(status), "{host}: {answer}");
    }
    let server = Server::run(&["serve"]);
    assert!(put(&server, "tunnel.example").contains(" 403 "));
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_it_and_answers_what_is_running() {
    let server = Server::run(&["serve"]);
    let mut call = program()
        .args(["call", &server.url, "slow", r#"{"steps": 10}"#, "--story"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let told = BufReader::new(call.stderr.take().expect("stderr is a pipe"));
    let mut told = told.lines().map_while(Result::ok);
    assert!(told.any(|line| line.contains("progress 1/10")));
    assert_eq!(server.interrupt(), Some(0));
    // Who waits reads on: a full pipe would hold up the call.
    assert!(told.any(|line| line.contains("progress 10/10")));
    let ran = call.wait_with_output().expect("the call ends");
    assert_eq!(ran.stdout, b"10 steps taken\n");
}

fn call(server: &Server, tool: &str, arguments: &str) -> Ran {
    run(&["call", &server.url, tool, arguments, "--timeout", "20"])
}

/// One request, and its answer.
fn post(server: &Server, method: &str, params: &Value) -> Value {
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).to_string();
    let answer = exchange(
        server,
        &format!(
            "POST /mcp HTTP/1.1\r\nhost: localhost\r\naccept: application/json, text/event-stream\r\n\
             content-type: application/json\r\nmcp-protocol-version: 2025-11-25\r\n\
             connection: close\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        ),
    );
    let body = answer.split_once("\r\n\r\n").map(|(_, body)| body);
    serde_json::from_str(body.unwrap_or_default()).unwrap_or_else(|_| panic!("no JSON in {answer}"))
}

/// A request that no MCP server takes, under this name: it shows whether the name is let in.
fn put(server: &Server, host: &str) -> String {
    let request = format!("PUT /mcp HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    exchange(server, &request)
}

fn exchange(server: &Server, request: &str) -> String {
    let address = server.url.trim_start_matches("http://");
    let address = address.trim_end_matches("/mcp");
    let mut stream = TcpStream::connect(address).expect("the server listens");
    stream
        .write_all(request.as_bytes())
        .expect("a request can be written");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer comes");
    answer
}
