//! The demo holds: every incident, over real sockets.

use std::collections::BTreeSet;

use crate::support::run;
use serde_json::Value;

#[test]
fn every_incident_holds() {
    let ran = run(&["demo", "--json"]);
    let reports: Vec<Value> = ran
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).expect("each line is JSON"))
        .collect();
    for report in &reports {
        assert_eq!(report["holds"], true, "{report}\n{}", ran.stderr);
        assert_eq!(report["era"], "legacy");
        assert_eq!(report["driver"], "tokio");
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
    assert!(played.len() >= 36, "{played:?}");
}

#[test]
fn a_story_draws_both_sides_of_an_incident() {
    let ran = run(&["demo", "--story", "orphaned-call"]);
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
fn a_story_tells_the_host_what_is_wrong_with_it() {
    let ran = run(&["demo", "--story", "handler-never-reads"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    for drawn in ["csharp-sdk#1592", "a session begins", "500, error for"] {
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

#[test]
fn every_misbehaviour_is_listed_in_one_sentence() {
    let ran = run(&["misbehave", "--list"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    for line in ran.stdout.lines() {
        let (name, sentence) = line.split_once(' ').expect("a name and a sentence");
        assert!(!name.is_empty(), "{line}");
        let sentence = sentence.trim();
        assert!(sentence.ends_with('.'), "{line}");
        assert_eq!(sentence.matches(". ").count(), 0, "{line}");
    }
}

fn name(report: &Value) -> String {
    report["incident"].as_str().unwrap_or_default().to_owned()
}
