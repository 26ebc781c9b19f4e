//! A record as a picture: one page that needs nothing else.
//!
//! Its policy allows exactly its own script and style, by their hashes, and nothing from anywhere. What
//! comes from the record is in it as data, in which no `<` stands, and reaches the page as text only.

use crate::record::Record;
use crate::rerun::Verdict;
use crate::story::{story, summary, verdict as told};
use crate::timeline::Timeline;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

const TEMPLATE: &str = include_str!("page/template.html");
const STYLE: &str = include_str!("page/style.css");
/// Each file is a part of one script: where things stand, how they are drawn, what is said of them, and what
/// the reader does.
const SCRIPT: [&str; 4] = [
    include_str!("page/layout.js"),
    include_str!("page/draw.js"),
    include_str!("page/details.js"),
    include_str!("page/main.js"),
];

#[derive(Serialize)]
struct Data<'a> {
    is_redacted: bool,
    timeline: &'a Timeline,
}

/// The page, as HTML.
pub fn page(record: &Record, timeline: &Timeline, verdict: &Verdict) -> String {
    let data = Data {
        is_redacted: record.seed.is_none(),
        timeline,
    };
    // These types have only members that can be written.
    let data = serde_json::to_string(&data).unwrap_or_default();
    let script = format!("\"use strict\";\n{}", SCRIPT.concat());
    let title = match timeline.role {
        "client" => format!("A client of {}", timeline.url),
        _ => "A server".to_owned(),
    };
    let (tone, badge) = badge(verdict);
    fill(
        TEMPLATE,
        &[
            ("title", &escaped(&title)),
            ("summary", &escaped(&summary(record, timeline))),
            ("tone", tone),
            ("badge", badge),
            ("verdict", &escaped(&told(record, verdict))),
            ("story", &escaped(&story(timeline))),
            ("data", &data.replace('<', "\\u003c")),
            ("style", STYLE),
            ("style-hash", &hash(STYLE)),
            ("script", &script),
            ("script-hash", &hash(&script)),
        ],
    )
}

const fn badge(verdict: &Verdict) -> (&'static str, &'static str) {
    match verdict {
        Verdict::Same { .. } => ("good", "replays to the byte"),
        Verdict::Differs(_) => ("bad", "does not replay"),
        Verdict::Redacted => ("quiet", "redacted"),
        Verdict::NotUnderstood { .. } => ("warn", "not understood"),
    }
}

/// Puts each value where its name stands in double braces. A value is not looked at again.
fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        filled.push_str(before);
        let Some((name, behind)) = after.split_once("}}") else {
            break;
        };
        let value = values.iter().find(|(of, _)| *of == name.trim());
        filled.push_str(value.map_or("", |(_, value)| value));
        rest = behind;
    }
    filled.push_str(rest);
    filled
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

fn hash(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_put_in_once_and_not_looked_at_again() {
        let filled = fill(
            "a {{ one }} b {{two}}{{none}}",
            &[("one", "{{two}}"), ("two", "2")],
        );
        assert_eq!(filled, "a {{two}} b 2");
    }

    #[test]
    fn each_place_of_the_template_is_filled() {
        let filled = fill(TEMPLATE, &[]);
        assert!(filled.contains("<main"));
        assert!(!filled.contains("{{") && !filled.contains("}}"));
    }
}
