//! The page: what of it can be checked without a browser, and the pages that the stage `page` opens in one.
//!
//! They are written into the folder `pages` of cargo's folder for tests.

mod world;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mcp_sansio::Recording;
use mcp_sansio_replay::{Record, Timeline, Verdict, page, rerun, story};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::path::Path;
use world::record;

struct Drawn {
    page: String,
    timeline: Timeline,
    verdict: Verdict,
}

fn draw(text: &str) -> Drawn {
    let record = Record::read(text.as_bytes()).expect("a record");
    let again = rerun(&record);
    let timeline = Timeline::of(&record, &again.waits);
    Drawn {
        page: page(&record, &timeline, &again.verdict),
        timeline,
        verdict: again.verdict,
    }
}

/// What stands between two texts.
fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = text.split_once(before).expect(before);
    rest.split_once(after).expect(after).0
}

#[test]
fn pages_are_drawn_for_the_browser() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pages");
    std::fs::create_dir_all(&folder).expect("a folder");
    let few = record(3, Recording::Whole);
    let many = record(490, Recording::Whole);
    let (first_line, _) = few.split_once('\n').expect("lines");
    let changed = few.replacen("\"found\"", "\"lost\"", 1);
    for (name, text) in [
        ("few", &few),
        ("many", &many),
        ("redacted", &record(40, Recording::Redacted)),
        ("changed", &changed),
        ("empty", &first_line.to_owned()),
    ] {
        let drawn = draw(text);
        match name {
            "few" => assert!((5..=8).contains(&drawn.timeline.exchanges.len())),
            "many" => assert!(drawn.timeline.exchanges.len() >= 500),
            "redacted" => assert_eq!(drawn.verdict, Verdict::Redacted),
            "changed" => assert!(
                matches!(drawn.verdict, Verdict::Differs(_)),
                "{:?}",
                drawn.verdict
            ),
            _ => assert!(drawn.timeline.lives.is_empty()),
        }
        if ["few", "many"].contains(&name) {
            assert!(
                matches!(drawn.verdict, Verdict::Same { left: 0, .. }),
                "{:?}",
                drawn.verdict
            );
        }
        std::fs::write(folder.join(format!("{name}.html")), drawn.page).expect("a file");
    }
}

#[test]
fn nothing_of_a_record_becomes_part_of_the_page() {
    let drawn = draw(&record(20, Recording::Whole));
    assert!(!drawn.page.contains("<img") && !drawn.page.contains("<script>window"));
    // It is there all the same, as data and in the story.
    let data = between(&drawn.page, "id=\"data\">", "</script>");
    assert!(!data.contains('<'));
    let data: Value = serde_json::from_str(data).expect("JSON");
    let labels = data["timeline"]["lives"].as_array().expect("calls").iter();
    assert!(labels.into_iter().any(|life| {
        life["label"]
            .as_str()
            .is_some_and(|label| label.contains("<img src=x onerror="))
    }));
}

#[test]
fn the_policy_allows_this_script_and_this_style_and_nothing_else() {
    let page = draw(&record(3, Recording::Whole)).page;
    let policy = between(&page, "Content-Security-Policy\" content=\"", "\">");
    assert!(policy.starts_with("default-src 'none'; "), "{policy}");
    for (directive, before, after) in [
        ("style-src", "<style>", "</style>"),
        ("script-src", "</script>\n<script>", "</script>"),
    ] {
        let hash = STANDARD.encode(Sha256::digest(between(&page, before, after)));
        assert!(
            policy.contains(&format!("{directive} 'sha256-{hash}';")),
            "{directive} in {policy}"
        );
    }
    for outside in ["http://www.w3.org/2000/svg", "http://server.test/mcp"] {
        assert!(page.contains(outside));
    }
    let addresses = page.matches("://").count();
    let known = page.matches("http://www.w3.org/2000/svg").count()
        + page.matches("http://server.test/mcp").count();
    assert_eq!(addresses, known, "the page names an address");
}

#[test]
fn a_story_tells_each_call_and_what_it_came_to() {
    let drawn = draw(&record(10, Recording::Whole));
    let story = story(&drawn.timeline);
    for told in [
        "call 1 connect, at 0 ms: result",
        "tools/call search, at ",
        "error -32602: no such thing ",
        "timed out, may have run after 4 s",
        "connection lost, may have run after 30 ms",
        "progress, ",
        "failed, perhaps sent: the connection was reset",
        "session connected",
        "  waited for x",
    ] {
        assert!(story.contains(told), "no {told:?} in:\n{story}");
    }
    let calls = story
        .lines()
        .filter(|line| line.starts_with("call "))
        .count();
    assert_eq!(calls, 11);
}

#[test]
fn what_a_call_waited_for_is_known_from_the_machine_or_from_the_lines() {
    for recording in [Recording::Whole, Recording::Redacted] {
        let drawn = draw(&record(10, recording));
        for life in &drawn.timeline.lives {
            assert!(life.outcome.is_some(), "{life:?}");
            assert!(
                life.spans.iter().all(|span| span.from <= span.to),
                "{life:?}"
            );
            let has_exchange = life.spans.iter().any(|span| span.exchange.is_some());
            assert!(has_exchange || life.label == "connect", "{life:?}");
        }
    }
}
