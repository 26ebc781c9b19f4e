//! `--record` and `replay`: what a real driver recorded is replayed by the program that its users have.

use crate::support::{Ran, Server, run};
use std::fs;
use std::path::{Path, PathBuf};

/// A path of this test's own.
fn file(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("replay");
    fs::create_dir_all(&folder).expect("a folder");
    folder.join(name)
}

fn replay(path: &Path) -> Ran {
    run(&["replay", path.to_str().expect("a path")])
}

/// Calls a tool of the server of this incident, and records it.
fn recorded(incident: &[&str], call: &[&str], name: &str) -> PathBuf {
    let path = file(name);
    let server = Server::run(incident);
    let mut args = vec!["call", &server.url];
    args.extend(call);
    args.extend(["--record", path.to_str().expect("a path")]);
    run(&args);
    path
}

#[test]
fn incidents_replay_to_the_byte() {
    for (incident, era, tool, told) in [
        ("none", "legacy", "slow", "result"),
        ("none", "modern", "slow", "result"),
        (
            "stream-ends",
            "legacy",
            "echo",
            "connection lost, may have run",
        ),
        ("silent-stream", "modern", "echo", "timed out, may have run"),
        ("session-forgotten", "legacy", "echo", "result"),
        ("not-json", "legacy", "echo", "bad answer, may have run"),
        ("becomes-modern", "legacy", "echo", "result"),
    ] {
        let name = format!("{incident}-{era}.jsonl");
        let mut call = vec![tool, r#"{"text": "hi", "steps": 2}"#, "--record-bodies"];
        if incident == "silent-stream" {
            call.extend(["--timeout", "3"]);
        }
        let mut server = vec!["misbehave", incident];
        if incident == "none" || incident == "silent-stream" || incident == "stream-ends" {
            server.extend(["--era", era]);
        }
        let ran = replay(&recorded(&server, &call, &name));
        assert_eq!(ran.code, Some(0), "{incident}: {ran:?}");
        assert!(
            ran.stdout.contains("\nReplayed: the same "),
            "{incident}: {ran:?}"
        );
        let call = format!("tools/call {tool}, at ");
        let line = ran.stdout.lines().find(|line| line.contains(&call));
        let line = line.unwrap_or_else(|| panic!("{incident}: no call in {}", ran.stdout));
        assert!(line.contains(told), "{incident}: {line}");
        assert_eq!(ran.stderr, "", "{incident}");
    }
}

#[test]
fn a_redacted_record_tells_its_story_and_says_that_it_cannot_be_replayed() {
    let secret = r#"{"text": "secret-4711"}"#;
    let path = recorded(&["misbehave", "none"], &["echo", secret], "redacted.jsonl");
    let record = fs::read_to_string(&path).expect("a record");
    assert!(!record.contains("secret-4711"));
    let ran = replay(&path);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(
        ran.stdout
            .starts_with("The redacted record of a client of http://127.0.0.1:")
    );
    assert!(
        ran.stdout
            .contains("\nNot replayed: the record is redacted")
    );
    // Which exchange the call went out on is known all the same.
    let call = ran
        .stdout
        .split("\n\n")
        .find(|part| part.starts_with("call "));
    assert!(
        call.is_some_and(|call| call.contains("] POST tools/call, ")),
        "{ran:?}"
    );
}

#[test]
fn a_server_is_recorded_and_replayed_too() {
    let path = file("server.jsonl");
    let record = path.to_str().expect("a path");
    let server = Server::run(&["serve", "--record", record, "--record-bodies"]);
    for era in ["legacy", "modern"] {
        run(&["call", &server.url, "slow", r#"{"steps": 2}"#, "--era", era]);
    }
    // It is whole while the server still runs: each line is written at once.
    let ran = replay(&path);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(
        ran.stdout
            .starts_with("The record of a server, written by mcp-sansio "),
        "{ran:?}"
    );
    assert!(ran.stdout.contains("\nReplayed: the same "), "{ran:?}");
    assert_eq!(
        ran.stdout.matches("tools/call slow, at ").count(),
        2,
        "{ran:?}"
    );
    drop(server);
}

#[test]
fn a_record_that_was_changed_is_found_out() {
    let arguments = ["echo", r#"{"text": "hello"}"#, "--record-bodies"];
    let path = recorded(&["misbehave", "none"], &arguments, "changed.jsonl");
    let record = fs::read_to_string(&path).expect("a record");
    let lines: Vec<&str> = record.lines().collect();
    let settled = lines.iter().position(|line| line.contains("\"settled\""));
    let settled = settled.expect("an outcome");
    let with = |at: usize, line: &str| {
        let mut changed = lines.clone();
        changed[at] = line;
        changed.join("\n") + "\n"
    };
    let answered = lines[settled].replace("hello", "hullo");
    let chunk = lines
        .iter()
        .rposition(|line| line.contains("\"chunk\""))
        .expect("an answer");
    for (what, changed, at) in [
        ("an outcome", with(settled, &answered), Some(settled)),
        (
            "what the server said",
            with(chunk, &lines[chunk].replace("hello", "hullo")),
            Some(settled),
        ),
        (
            "an output",
            with(settled, r#"{"output":{"type":"closed"}}"#),
            Some(settled),
        ),
        ("an output is gone", with(settled, ""), None),
        (
            "the seed",
            record.replacen("\"seed\":\"", "\"seed\":\"x", 1),
            None,
        ),
    ] {
        assert_ne!(changed, record, "{what}");
        fs::write(&path, &changed).expect("a file");
        let ran = replay(&path);
        assert_ne!(ran.code, Some(0), "{what}: {ran:?}");
        if let Some(at) = at {
            assert_eq!(ran.code, Some(1), "{what}: {ran:?}");
            let place = format!("First difference: line {}: ", at + 1);
            assert!(ran.stdout.contains(&place), "{what}: {ran:?}");
        }
    }
}

#[test]
fn a_record_that_is_cut_off_is_used_as_far_as_it_goes() {
    let arguments = ["echo", "{}", "--record-bodies"];
    let path = recorded(&["misbehave", "none"], &arguments, "cut.jsonl");
    let record = fs::read(&path).expect("a record");
    let lines = record.split(|byte| *byte == b'\n').count() - 1;
    fs::write(&path, &record[..record.len() - 9]).expect("a file");
    let ran = replay(&path);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(
        ran.stderr
            .contains(&format!("the last line, {lines}, is cut off")),
        "{ran:?}"
    );
    assert!(
        ran.stdout
            .contains("The record ends within its last step: 1 output more would follow."),
        "{ran:?}"
    );
}

#[test]
fn what_is_no_record_is_told_in_one_line() {
    let path = file("none.jsonl");
    let first = r#"{"about":"The record of a client.","writer":"mcp-sansio 9.0.0","seed":"SEED","config":{"role":"client","novelty":1}}"#;
    let newer = first.replace("SEED", &"0f".repeat(32));
    for (text, code, told) in [
        ("", 2, "it is empty"),
        ("hello\n", 2, "its first line is not JSON"),
        ("{\"log\":{}}\n", 2, "no `config`"),
        (
            "{\"about\":\"x\",\"prelude\":\"connected\"}\n",
            2,
            "it is a test vector",
        ),
        (&newer, 1, "written by mcp-sansio 9.0.0, and this is "),
    ] {
        fs::write(&path, text).expect("a file");
        let ran = replay(&path);
        assert_eq!(ran.code, Some(code), "{text:?}: {ran:?}");
        let said = if code == 2 { &ran.stderr } else { &ran.stdout };
        assert!(said.contains(told), "{text:?}: {ran:?}");
        assert!(ran.stderr.lines().count() <= 1, "{text:?}: {ran:?}");
    }
    let ran = replay(&file("there-is-none.jsonl"));
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.stderr.starts_with("error: cannot read "), "{ran:?}");
}

#[test]
fn a_page_is_written() {
    let path = recorded(&["misbehave", "none"], &["echo", "{}"], "page.jsonl");
    let out = file("page.html");
    let _ = fs::remove_file(&out);
    let page = out.to_str().expect("a path");
    let ran = run(&["replay", path.to_str().expect("a path"), "--html", page]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(
        ran.stdout.ends_with(&format!("Drawn in {page}.\n")),
        "{ran:?}"
    );
    let page = fs::read_to_string(&out).expect("a page");
    assert!(page.starts_with("<!doctype html>") && page.ends_with("</html>\n"));
}

#[test]
fn a_record_that_cannot_be_written_is_told() {
    let ran = run(&[
        "tools",
        "http://127.0.0.1:9/mcp",
        "--record",
        "/nowhere/at/all",
    ]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(
        ran.stderr
            .starts_with("error: cannot record in /nowhere/at/all: "),
        "{ran:?}"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_record_that_ends_early_is_told_and_holds_nothing_up() {
    let server = Server::start("none");
    let ran = run(&[
        "call",
        &server.url,
        "echo",
        r#"{"text":"hi"}"#,
        "--record",
        "/dev/full",
    ]);
    assert_eq!(
        (ran.code, ran.stdout.as_str()),
        (Some(0), "hi\n"),
        "{ran:?}"
    );
    assert!(
        ran.stderr
            .starts_with("the record ends here, it cannot be written: "),
        "{ran:?}"
    );
}
