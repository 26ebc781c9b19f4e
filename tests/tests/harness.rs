//! The harness itself: a vector that does not hold must fail, at the right line.

use mcp_sansio_tests::Vector;
use mcp_sansio_tests::treatment::{self, Treatment};

const HEADER: &str = r#"{"about": "a test of the harness"}"#;
const CONNECT: &str = r#"{"now": 0, "input": {"type": "connect", "id": 1}}"#;
const OPEN: &str = r#"{"output": {"type": "open", "exchange": 2, "method": "POST"}}"#;

fn parse(lines: &[&str]) -> Result<Vector, String> {
    Vector::parse("test.jsonl", &lines.join("\n"), |name| {
        panic!("no prelude {name} is named")
    })
    .map_err(|error| error.to_string())
}

fn written(lines: &[&str]) -> Result<(), String> {
    treatment::run(&parse(lines)?, Treatment::Written)
        .map(|_| ())
        .map_err(|failed| failed.to_string())
}

#[track_caller]
fn fails(lines: &[&str], words: &[&str]) {
    let error = written(lines).expect_err("it must fail");
    for word in words {
        assert!(error.contains(word), "{word:?} is not in: {error}");
    }
}

#[test]
fn a_vector_that_holds_passes_in_every_treatment() {
    let vector = parse(&[HEADER, CONNECT, OPEN]).expect("it is of the format");
    for treatment in treatment::all(&vector) {
        assert!(treatment::run(&vector, treatment).is_ok(), "{treatment:?}");
    }
}

#[test]
fn an_output_that_is_missing_or_one_more_fails() {
    fails(
        &[HEADER, CONNECT, OPEN, OPEN],
        &["test.jsonl:4", "missing", "\"exchange\":2"],
    );
    fails(&[HEADER, CONNECT], &["test.jsonl:2", "more than expected"]);
}

#[test]
fn an_output_that_differs_fails() {
    let get = r#"{"output": {"type": "open", "exchange": 2, "method": "GET"}}"#;
    fails(
        &[HEADER, CONNECT, get],
        &["test.jsonl:3", "`method` is \"POST\", not \"GET\""],
    );
    let header = r#"{"output": {"type": "open", "headers": [["content-type", null]]}}"#;
    fails(
        &[HEADER, CONNECT, header],
        &["test.jsonl:3", "content-type"],
    );
}

#[test]
fn a_handle_a_deadline_or_a_count_that_differs_fails() {
    let seven = r#"{"now": 0, "input": {"type": "connect", "id": 7}}"#;
    fails(&[HEADER, seven, OPEN], &["test.jsonl:2", "not 7"]);
    fails(
        &[HEADER, CONNECT, OPEN, r#"{"deadline": 1}"#],
        &["test.jsonl:4", "poll_timeout"],
    );
    fails(
        &[HEADER, CONNECT, OPEN, r#"{"inspect": {"calls": 2}}"#],
        &["test.jsonl:4", "1 calls, not"],
    );
    let holds = [
        HEADER,
        CONNECT,
        OPEN,
        r#"{"deadline": 60000}"#,
        r#"{"inspect": {"calls": 1, "exchanges": 1}}"#,
    ];
    assert_eq!(written(&holds), Ok(()));
}

#[test]
fn a_vector_without_versions_is_of_the_legacy_era() {
    let opened = |method| {
        format!(r#"{{"output": {{"type": "open", "headers": [["mcp-method", {method}]]}}}}"#)
    };
    assert_eq!(written(&[HEADER, CONNECT, &opened("null")]), Ok(()));
    let both = r#"{"about": "x", "config": {"versions": ["2024-11-05", "2026-07-28"]}}"#;
    let probe = opened(r#""server/discover""#);
    assert_eq!(written(&[both, CONNECT, &probe]), Ok(()));
    fails(&[HEADER, CONNECT, &probe], &["test.jsonl:3", "mcp-method"]);
}

#[test]
fn a_subscription_that_differs_fails() {
    let listen = r#"{"now": 0, "input": {"type": "listen", "id": 1, "params": 7}}"#;
    let ended = |kind: &str| {
        format!(
            r#"{{"output": {{"type": "listen", "listen": 1, "ended": {{"failure": {{"kind": "{kind}"}}}}}}}}"#
        )
    };
    assert_eq!(written(&[HEADER, listen, &ended("misuse")]), Ok(()));
    fails(
        &[HEADER, listen, &ended("closed")],
        &["test.jsonl:3", "misuse"],
    );
    fails(&[HEADER, listen], &["more than expected"]);
}

#[test]
fn what_is_not_of_the_format_is_refused_with_its_line() {
    for (line, word) in [
        ("{", "EOF"),
        ("[]", "JSON object"),
        ("{}", "one of `input`"),
        (r#"{"output": {}, "now": 1}"#, "`now`"),
        (r#"{"input": {"type": "connect"}}"#, "`now`"),
        (r#"{"now": 0, "input": {"type": "dance"}}"#, "dance"),
        (
            r#"{"now": 0, "input": {"type": "close", "call": 1}}"#,
            "call",
        ),
        (
            r#"{"now": 0, "input": {"type": "chunk", "exchange": 2}}"#,
            "bytes",
        ),
        (
            r#"{"now": 0, "input": {"type": "chunk", "exchange": 2, "base64": "?"}}"#,
            "base64",
        ),
        (
            r#"{"now": 0, "input": {"type": "respond", "id": 2}}"#,
            "one of",
        ),
        (r#"{"now": 0, "input": {"type": "listen"}}"#, "one of"),
        (r#"{"now": 0, "input": {"type": "unlisten"}}"#, "listen"),
        (r#"{"now": -1, "input": {"type": "close"}}"#, "time"),
    ] {
        let error = parse(&[HEADER, CONNECT, OPEN, line]).expect_err(line);
        assert!(
            error.starts_with("test.jsonl:4: ") && error.contains(word),
            "{line}: {error}"
        );
    }
    let error = parse(&[HEADER, OPEN]).expect_err("an output needs an input");
    assert!(error.starts_with("test.jsonl:2: "), "{error}");
}

#[test]
fn a_header_that_cannot_be_is_refused() {
    for header in [
        r#"{"source": "nowhere"}"#,
        r#"{"about": "x", "seed": "12"}"#,
        r#"{"about": "x", "config": {"colour": 1}}"#,
        r#"{"about": "x", "config": {"role": "server"}}"#,
        r#"{"about": "x", "config": {"versions": ["1999-01-01", "2025-11-25"]}}"#,
        r#"{"about": "x", "config": {"timing": {"nap": 1}}}"#,
        r#"{"about": "x", "config": {"known": {"version": "2024-11-05", "http_sse": "yes"}}}"#,
    ] {
        let error = parse(&[header, CONNECT]).expect_err(header);
        assert!(error.starts_with("test.jsonl:1: "), "{error}");
    }
    fails(
        &[r#"{"about": "x", "config": {"url": "ftp://x"}}"#, CONNECT],
        &["test.jsonl:1", "http"],
    );
}

mod server {
    //! The same for the server's side.

    use mcp_sansio_tests::server::Vector;
    use mcp_sansio_tests::server::treatment::{self, Treatment};

    const HEADER: &str =
        r#"{"about": "a test", "reader": "quick", "config": {"role": "server", "mode": "sse"}}"#;
    const INITIALIZE: &str = r#"{"now": 0, "input": {"type": "post", "id": "$x", "body": {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": "2025-11-25"}}}}"#;
    const STARTED: &str = r#"{"output": {"type": "session_started", "session": "$s", "exchange": "$x", "key": "$key"}}"#;
    const HEAD: &str = r#"{"output": {"type": "head", "exchange": "$x", "headers": [["mcp-session-id", "$key"]], "body": "stream"}}"#;
    const PRIMING: &str =
        r#"{"output": {"type": "chunk", "exchange": "$x", "events": [{"id": "$e0", "data": ""}]}}"#;
    const ANSWER: &str = r#"{"output": {"type": "chunk", "events": [{"id": "$e1", "data": {"jsonrpc": "2.0", "id": 1, "result": "<any>"}}]}}"#;
    const END: &str = r#"{"output": {"type": "end", "exchange": "$x"}}"#;
    const ALL: [&str; 7] = [HEADER, INITIALIZE, STARTED, HEAD, PRIMING, ANSWER, END];

    fn parse(lines: &[&str]) -> Result<Vector, String> {
        Vector::parse("test.jsonl", &lines.join("\n"), |name| {
            panic!("no prelude {name} is named")
        })
        .map_err(|error| error.to_string())
    }

    #[track_caller]
    fn fails(lines: &[&str], words: &[&str]) {
        let vector = parse(lines).expect("it is of the format");
        let failed = treatment::run(&vector, Treatment::Written).expect_err("it must fail");
        for word in words {
            let failed = failed.to_string();
            assert!(failed.contains(word), "{word:?} is not in: {failed}");
        }
    }

    #[test]
    fn a_vector_that_holds_passes_in_every_treatment() {
        let vector = parse(&ALL).expect("it is of the format");
        for treatment in treatment::all(&vector) {
            let result = treatment::run(&vector, treatment);
            assert!(result.is_ok(), "{treatment:?}: {result:?}");
        }
    }

    #[test]
    fn an_output_that_is_missing_one_more_or_another_fails() {
        fails(&ALL[..6], &["test.jsonl:2", "more than expected"]);
        let twice = [&ALL[..], &[END]].concat();
        fails(&twice, &["test.jsonl:8", "missing"]);
        let mut wrong = ALL;
        wrong[4] = r#"{"output": {"type": "chunk", "events": [{"data": "something"}]}}"#;
        fails(&wrong, &["test.jsonl:5", "something"]);
        wrong[4] = r#"{"output": {"type": "chunk", "events": []}}"#;
        fails(&wrong, &["test.jsonl:5", "events"]);
    }

    #[test]
    fn a_name_stands_for_one_thing() {
        let mut wrong = ALL;
        wrong[4] = r#"{"output": {"type": "chunk", "events": [{"id": "$key"}]}}"#;
        fails(&wrong, &["test.jsonl:5", "`id`"]);
        let again = r#"{"now": 1, "input": {"type": "get", "id": "$x"}}"#;
        fails(&[&ALL[..], &[again]].concat(), &["test.jsonl:8", "$x"]);
    }

    #[test]
    fn what_the_methods_return_is_compared() {
        let seven = INITIALIZE.replace("\"$x\"", "7");
        fails(&[HEADER, &seven], &["test.jsonl:2", "not 7"]);
        let take = r#"{"now": 1, "input": {"type": "take", "id": 4711, "taken": true}}"#;
        fails(&[HEADER, take], &["test.jsonl:2", "`take` returned false"]);
        let bad = r#"{"now": 1, "input": {"type": "declare_tools", "tools": [], "error": "odd"}}"#;
        fails(&[HEADER, bad], &["test.jsonl:2", "`declare_tools`", "odd"]);
    }

    #[test]
    fn what_is_not_of_the_format_is_refused_with_its_line() {
        for (input, word) in [
            (r#"{"type": "connect"}"#, "connect"),
            (r#"{"type": "post", "id": "$x"}"#, "one of"),
            (r#"{"type": "get", "body": {}}"#, "only a post"),
            (r#"{"type": "take", "id": "x"}"#, "no handle"),
            (
                r#"{"type": "notify", "to": "nobody", "method": "x"}"#,
                "nobody",
            ),
            (r#"{"type": "respond", "id": 1}"#, "one of"),
            (r#"{"type": "chunk", "exchange": 1}"#, "bytes"),
            (r#"{"type": "declare_tools"}"#, "one of"),
            (
                r#"{"type": "end_session", "session": 1, "reason": "bored"}"#,
                "bored",
            ),
        ] {
            let line = format!(r#"{{"now": 0, "input": {input}}}"#);
            let error = parse(&[HEADER, &line]).expect_err(input);
            assert!(
                error.starts_with("test.jsonl:2: ") && error.contains(word),
                "{input}: {error}"
            );
        }
        let room = r#"{"room": false}"#;
        assert!(parse(&[HEADER, room]).is_err());
        for header in [
            r#"{"about": "x", "config": {"role": "client"}}"#,
            r#"{"about": "x", "config": {"role": "server", "mode": "fax"}}"#,
            r#"{"about": "x", "config": {"role": "server", "hosts": "some"}}"#,
            r#"{"about": "x", "config": {"role": "server", "timing": {"nap": 1}}}"#,
        ] {
            let error = parse(&[header, INITIALIZE]).expect_err(header);
            assert!(error.starts_with("test.jsonl:1: "), "{error}");
        }
    }
}
