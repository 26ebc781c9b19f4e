//! The demo holds: every incident, over real sockets.

use std::collections::BTreeSet;

use crate::support::run;
use serde_json::Value;

#[test]
fn every_incident_holds_over_tokio() {
    every_incident_holds("tokio");
}

#[test]
fn every_incident_holds_over_threads() {
    every_incident_holds("blocking");
}

#[test]
fn every_incident_holds_over_smol() {
    every_incident_holds("smol");
}

/// Which includes that what the driver's machine did, a machine without any driver does with the same inputs.
fn every_incident_holds(driver: &str) {
    let ran = run(&["demo", "--json", "--driver", driver]);
    let reports: Vec<Value> = ran
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).expect("each line is JSON"))
        .collect();
    for report in &reports {
        assert_eq!(report["holds"], true, "{report}\n{}", ran.stderr);
        let era = report["era"].as_str().unwrap_or_default();
        assert!(["legacy", "modern", "both"].contains(&era), "{report}");
        assert_eq!(report["driver"], driver);
        let reported = report["reported"].as_str().unwrap_or_default();
        assert!(reported.contains('/') && reported.contains('#'), "{report}");
        let calls = report["calls"].as_array().expect("calls");
        assert!(!calls.is_empty(), "{report}");
        for call in calls {
            let settled_here =
                ["result", "error"].contains(&call["outcome"].as_str().unwrap_or_default());
            assert_eq!(call["execution"].is_null(), settled_here, "{report}");
            assert!(call["elapsed_ms"].is_u64(), "{report}");
        }
    }
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);

    let played: BTreeSet<_> = reports.iter().map(name).collect();
    let listed = run(&["demo", "--list"]);
    let listed: BTreeSet<_> = listed
        .stdout
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .map(str::to_owned)
        .collect();
    assert_eq!(played, listed, "what is listed is what is played");
    assert!(played.len() >= 57, "{played:?}");
    for era in ["legacy", "modern", "both"] {
        let count = reports.iter().filter(|report| report["era"] == era).count();
        assert!(count >= 6, "{count} incidents of {era}");
    }
}

#[test]
fn a_story_draws_both_sides_of_an_incident() {
    let ran = run(&["demo", "--story", "orphaned-call", "--driver", "smol"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    for drawn in [
        "rust-sdk#912",
        "application",
        "\u{2500} call slow \u{2500}",
        "POST tools/call slow",
        "forgets its sessions",
        "POST initialize",
        "session lost, may have run",
    ] {
        assert!(
            ran.stdout.contains(drawn),
            "no {drawn:?} in\n{}",
            ran.stdout
        );
    }
    assert!(!ran.stdout.contains('\x1b'), "a pipe gets no colours");
}

#[test]
fn a_story_tells_how_the_eras_change() {
    let ran = run(&["demo", "--story", "becomes-modern"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let mut rest = ran.stdout.as_str();
    for drawn in [
        "mcpc#374 (both eras)",
        "POST server/discover",
        "POST initialize",
        "is of the modern era from now on",
        "400, error -32022 for",
        "POST server/discover",
        "connected anew",
        "POST tools/call echo",
        "result",
    ] {
        let at = rest.find(drawn);
        let at = at.unwrap_or_else(|| panic!("no {drawn:?} in its place in\n{}", ran.stdout));
        rest = &rest[at + drawn.len()..];
    }
}

#[test]
fn a_story_tells_what_is_heard_of_a_subscription() {
    let ran = run(&["demo", "--story", "listen-lost"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    for (drawn, times) in [
        ("\u{2500} listen \u{2500}", 1),
        ("POST subscriptions/listen", 2),
        ("broken off", 1),
        ("the subscription has a gap", 1),
        ("the subscription is open", 2),
        ("the list of tools changed", 1),
    ] {
        let found = ran.stdout.matches(drawn).count();
        assert_eq!(found, times, "{drawn:?} in\n{}", ran.stdout);
    }
}

#[test]
fn a_story_tells_the_host_what_is_wrong_with_it() {
    let ran = run(&["demo", "--story", "handler-never-reads"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    for drawn in [
        "csharp-sdk#1592",
        "a session begins",
        "500, error -32603 for",
    ] {
        assert!(
            ran.stdout.contains(drawn),
            "no {drawn:?} in\n{}",
            ran.stdout
        );
    }
    let lanes = ran.stdout.lines();
    let lane: Vec<_> = lanes
        .filter_map(|line| line.split('\u{2502}').nth(2))
        .map(str::trim)
        .collect();
    let noted = lane.join(" ");
    for word in ["was not taken within 400 ms", "must run its session loop"] {
        assert!(noted.contains(word), "no {word:?} in\n{}", ran.stdout);
    }
}

fn name(report: &Value) -> String {
    report["incident"].as_str().unwrap_or_default().to_owned()
}
