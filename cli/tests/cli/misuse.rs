//! What cannot be done is said in one line, with the exit code 2.

use crate::support::run;

const URL: &str = "http://127.0.0.1:9/mcp";

#[test]
fn misuse_gets_one_line_and_the_code_2() {
    for (args, hint) in [
        (&[][..], "give a command"),
        (&["frobnicate"], "frobnicate"),
        (&["call"], "is missing"),
        (&["call", URL], "<TOOL>"),
        (
            &["call", "localhost:9/mcp", "echo"],
            "http://localhost:9/mcp",
        ),
        (
            &["call", "file:///etc/passwd", "echo"],
            "neither http nor https",
        ),
        (&["call", "http://[::1", "echo"], "url"),
        (&["call", URL, "echo", "{text: 1}"], "is no JSON"),
        (&["call", URL, "echo", "[]"], "no object"),
        (&["call", URL, "echo", "--timeout", "0"], "more than zero"),
        (
            &["call", URL, "echo", "--timeout", "1e400"],
            "more than zero",
        ),
        (
            &["call", URL, "echo", "--header", "no colon"],
            "has no colon",
        ),
        (
            &["call", URL, "echo", "--header", "a b: c"],
            "no header name",
        ),
        (&["tools"], "<URL>"),
        (&["tools", URL, "--frob"], "--frob"),
        (&["tools", URL, "--era", "new"], "modern"),
        (
            &["tools", URL, "--era", "modern", "--http-sse"],
            "legacy transport",
        ),
        (&["call", URL, "echo", "--answer", "tea"], "is no JSON"),
        (&["listen", URL], "--tools"),
        (&["serve", "--era", "auto"], "both"),
        (&["demo", "--story"], "--story"),
        (&["demo", "--story", "nothing"], "demo --list"),
        (&["demo", "--json", "--story", "reset"], "cannot be used"),
        (&["misbehave"], "<INCIDENT>"),
        (&["misbehave", "nothing"], "misbehave --list"),
        (&["misbehave", "none", "--port", "65536"], "65536"),
        (&["serve", "--port", "65536"], "65536"),
        (&["serve", "--mode", "fast"], "adaptive"),
        (&["serve", "--host", "https://a.example"], "is a URL"),
        (&["serve", "here"], "here"),
    ] {
        let ran = run(args);
        assert_eq!(ran.code, Some(2), "{args:?}: {ran:?}");
        assert_eq!(ran.stdout, "", "{args:?}");
        assert_eq!(ran.stderr.lines().count(), 1, "{args:?}: {ran:?}");
        assert!(ran.stderr.starts_with("error: "), "{args:?}: {ran:?}");
        assert!(
            ran.stderr.contains(hint),
            "{args:?}: no {hint:?} in {ran:?}"
        );
    }
}

#[test]
fn a_taken_port_is_no_misuse() {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let port = listener
        .local_addr()
        .expect("an address")
        .port()
        .to_string();
    for args in [
        &["misbehave", "none", "--port", &port][..],
        &["serve", "--port", &port],
    ] {
        let ran = run(args);
        assert_eq!(ran.code, Some(1), "{ran:?}");
        assert_eq!(ran.stderr.lines().count(), 1, "{ran:?}");
        assert!(ran.stderr.contains(&port), "{ran:?}");
    }
}

#[test]
fn help_and_version_are_no_misuse() {
    for args in [
        &["--help"][..],
        &["--version"],
        &["call", "--help"],
        &["help", "demo"],
    ] {
        let ran = run(args);
        assert_eq!(ran.code, Some(0), "{args:?}: {ran:?}");
        assert!(!ran.stdout.is_empty(), "{args:?}");
        assert_eq!(ran.stderr, "", "{args:?}");
    }
}
