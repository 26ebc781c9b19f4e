//! `listen`, as its users run it.

use std::io::{BufRead as _, BufReader, Lines};
use std::process::{Child, ChildStdout, Stdio};

use crate::support::{Server, interrupt, program, run};
use serde_json::{Value, json};

/// A running `listen`.
struct Listener {
    child: Child,
    told: Lines<BufReader<ChildStdout>>,
}

impl Listener {
    fn start(args: &[&str]) -> Self {
        let mut child = program()
            .arg("listen")
            .args(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let told = child.stdout.take().expect("stdout is a pipe");
        let told = BufReader::new(told).lines();
        Self { child, told }
    }

    fn line(&mut self) -> String {
        let line = self.told.next().expect("a line");
        line.expect("the program writes UTF-8")
    }

    /// The exit code, and what was told on stderr.
    fn end(self) -> (Option<i32>, String) {
        let output = self.child.wait_with_output().expect("the program ends");
        let stderr = String::from_utf8(output.stderr);
        (output.status.code(), stderr.expect("UTF-8"))
    }
}

#[test]
fn changes_are_told_line_by_line_until_ctrl_c() {
    let server = Server::run(&["serve"]);
    let mut listener = Listener::start(&[&server.url, "--tools", "--prompts"]);
    assert_eq!(listener.line(), r#"open {"toolsListChanged":true}"#);
    for _ in 0..2 {
        let ran = run(&["call", &server.url, "switch"]);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert_eq!(listener.line(), "tools/list_changed");
    }
    interrupt(&listener.child);
    assert!(listener.told.next().is_none());
    let (code, told) = listener.end();
    assert_eq!(code, Some(0));
    assert_eq!(told, "the server does not tell of promptsListChanged\n");
}

#[test]
fn the_servers_own_end_is_no_failure() {
    let server = Server::run(&["serve"]);
    let mut listener = Listener::start(&[&server.url, "--tools", "--json"]);
    let open: Value = serde_json::from_str(&listener.line()).expect("JSON");
    let filter = json!({"toolsListChanged": true});
    let spoken = ("modern", "2026-07-28");
    assert_eq!(
        open,
        json!({"event": "open", "filter": filter, "era": spoken.0, "version": spoken.1})
    );
    assert_eq!(server.interrupt(), Some(0));
    assert_eq!(listener.line(), r#"{"event":"end"}"#);
    assert_eq!(listener.end(), (Some(0), String::new()));
}

#[test]
fn a_server_without_subscriptions_is_one_clear_error() {
    let server = Server::run(&["serve", "--era", "legacy"]);
    let ran = run(&["listen", &server.url, "--tools"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert_eq!(ran.stderr.lines().count(), 1, "{ran:?}");
    assert!(
        ran.stderr.contains("the server speaks 2025-11-25"),
        "{ran:?}"
    );
}
