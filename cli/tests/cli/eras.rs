//! Which era is spoken, and what the user hears of it.

use crate::support::{Server, run};
use serde_json::Value;

const MODERN: &str = "2026-07-28";
const LEGACY: &str = "2025-11-25";

#[test]
fn the_era_is_found_out_or_as_it_is_asked_for() {
    for (serves, wants, version) in [
        ("both", "auto", MODERN),
        ("both", "legacy", LEGACY),
        ("both", "modern", MODERN),
        ("legacy", "auto", LEGACY),
        ("modern", "auto", MODERN),
    ] {
        let server = Server::run(&["serve", "--era", serves]);
        let ran = run(&["tools", &server.url, "--era", wants, "--json"]);
        assert_eq!(ran.code, Some(0), "{serves}, {wants}: {ran:?}");
        let told: Value = serde_json::from_str(&ran.stdout).expect("JSON");
        assert_eq!(told["version"], version, "{serves}, {wants}");
        let era = if version == MODERN {
            "modern"
        } else {
            "legacy"
        };
        assert_eq!(told["era"], era, "{serves}, {wants}");

        let ran = run(&["call", &server.url, "echo", "--era", wants, "--story"]);
        let connected = format!("connected, {version} ({era})");
        assert!(
            ran.stderr.contains(&connected),
            "{serves}, {wants}: {ran:?}"
        );
    }
}

#[test]
fn eras_that_do_not_meet_are_one_clear_error() {
    for (serves, wants) in [("legacy", "modern"), ("modern", "legacy")] {
        let server = Server::run(&["serve", "--era", serves]);
        let ran = run(&["call", &server.url, "echo", "--era", wants]);
        assert_eq!(ran.code, Some(1), "{ran:?}");
        assert_eq!(ran.stderr.lines().count(), 1, "{ran:?}");
        assert!(ran.stderr.contains("no common protocol version"), "{ran:?}");
    }
}
