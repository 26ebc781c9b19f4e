//! What the members of a line are called.

use super::{Outcome, Tone};
use serde_json::Value;

/// Bytes of a payload that are shown; the record has the rest.
const SHOWN: usize = 4_096;

/// What came from elsewhere, without characters that could steer a terminal or turn the order of a line.
pub(super) fn plain(text: &str) -> String {
    let is_steering = |c: char| {
        c.is_control() && c != '\n' && c != '\t'
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.replace(is_steering, "\u{fffd}")
}

/// A payload, as far as it is shown.
pub(super) struct Payload {
    /// `, 120 bytes`; empty if there is none.
    pub(super) size: String,
    pub(super) bytes: u64,
    /// `None` in redacted records.
    pub(super) text: Option<String>,
}

/// The payload in this member, or in one of those that stand for it.
pub(super) fn payload(object: &Value, member: &str) -> Payload {
    let raw = object.get(format!("{member}_text"));
    let encoded = object.get("base64").filter(|_| member == "data");
    let value = raw.or(encoded).or_else(|| object.get(member));
    let Some(value) = value.filter(|value| !value.is_null()) else {
        return Payload {
            size: String::new(),
            bytes: 0,
            text: None,
        };
    };
    let (length, text) = match (redacted(value), value) {
        (Some(length), _) => (length, None),
        (None, Value::String(text)) if encoded.is_some() => {
            let length = text.trim_end_matches('=').len() as u64 * 3 / 4;
            (length, Some(format!("base64: {}", clip(text))))
        }
        (None, Value::String(text)) => (text.len() as u64, Some(clip(text))),
        (None, value) => (
            value.to_string().len() as u64,
            Some(clip(&format!("{value:#}"))),
        ),
    };
    Payload {
        size: format!(", {}", bytes(length)),
        bytes: length,
        text,
    }
}

/// Adds a further piece of a body to what is shown of it.
pub(super) fn extend(shown: &mut String, piece: &str) {
    if shown.len() < SHOWN {
        *shown = clip(&format!("{shown}{piece}"));
    }
}

pub(super) fn bytes(count: u64) -> String {
    match count {
        1 => "1 byte".to_owned(),
        count => format!("{count} bytes"),
    }
}

/// The text of a member; empty if it is none.
pub(super) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// `tools/call echo`, where the parameters tell the name.
pub(super) fn request(method: &Value, params: &Value) -> String {
    let method = text(method);
    let name = params["name"].as_str().or_else(|| params["uri"].as_str());
    match name {
        Some(name) => format!("{method} {name}"),
        None => method,
    }
}

/// The same of a body that is a JSON-RPC message.
pub(super) fn message(body: &Value) -> Option<String> {
    let method = body.get("method")?;
    Some(request(method, &body["params"]))
}

/// The outcome in a line that settles something.
pub(super) fn outcome(object: &Value) -> Outcome {
    let with = |tone, text: String, member: &str| Outcome {
        tone,
        text: text + &payload(object, member).size,
        more: payload(object, member).text,
    };
    if object.get("failure").is_some() {
        return failure(&object["failure"]);
    }
    if let Some(error) = object.get("error") {
        let mut outcome = with(Tone::Warn, format!("error {}", error["code"]), "error");
        outcome.text = rpc_error(error);
        return outcome;
    }
    let refused = object["result"]["isError"] == Value::Bool(true);
    if refused {
        with(Tone::Warn, "result, isError".to_owned(), "result")
    } else {
        with(Tone::Good, "result".to_owned(), "result")
    }
}

/// `error -32601: no such method`.
pub(super) fn rpc_error(error: &Value) -> String {
    match error["message"].as_str() {
        None | Some("" | "<redacted>") => format!("error {}", error["code"]),
        Some(message) => format!("error {}: {message}", error["code"]),
    }
}

pub(super) fn failure(failure: &Value) -> Outcome {
    let kind = text(&failure["kind"]).replace('_', " ");
    let status = match &failure["status"] {
        Value::Number(status) => format!(" {status}"),
        _ => String::new(),
    };
    let ran = match failure["execution"].as_str() {
        Some("not_sent") => "not sent",
        Some("refused") => "refused",
        _ => "may have run",
    };
    let story: Vec<_> = failure["story"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    Outcome {
        tone: Tone::Bad,
        text: format!("{kind}{status}, {ran}"),
        more: Some(story.join("\n")).filter(|story| !story.is_empty()),
    }
}

/// The value of the first header of that name.
pub(super) fn header<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    object["headers"].as_array()?.iter().find_map(|field| {
        let is_it = field[0].as_str()?.eq_ignore_ascii_case(name);
        field[1].as_str().filter(|_| is_it)
    })
}

/// The headers, one a line.
pub(super) fn headers(object: &Value) -> Option<String> {
    let lines: Vec<_> = object["headers"]
        .as_array()?
        .iter()
        .map(|field| {
            let value = field[1]
                .as_str()
                .map_or_else(|| field[1].to_string(), str::to_owned);
            format!("{}: {value}", text(&field[0]))
        })
        .collect();
    Some(lines.join("\n")).filter(|lines| !lines.is_empty())
}

/// The length that stands for a payload that was left out.
fn redacted(value: &Value) -> Option<u64> {
    let members = value.as_object()?;
    members
        .get("bytes")?
        .as_u64()
        .filter(|_| members.len() == 1)
}

fn clip(text: &str) -> String {
    if text.len() <= SHOWN {
        return text.to_owned();
    }
    let end = (0..=SHOWN).rev().find(|at| text.is_char_boundary(*at));
    let shown = end.and_then(|end| text.get(..end)).unwrap_or_default();
    format!("{shown}\n… the record has more")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_payload_is_told_by_its_size_where_it_is_left_out() {
        for (object, size, text) in [
            (json!({}), "", None),
            (json!({"data": null}), "", None),
            (json!({"data": {"bytes": 12}}), ", 12 bytes", None),
            (json!({"data": "a"}), ", 1 byte", Some("a")),
            (json!({"data_text": "{oops"}), ", 5 bytes", Some("{oops")),
            (json!({"base64": "//4="}), ", 2 bytes", Some("base64: //4=")),
        ] {
            let told = payload(&object, "data");
            assert_eq!((told.size.as_str(), told.text.as_deref()), (size, text));
        }
        // A result that happens to look like it.
        let result = json!({"result": {"bytes": 12, "more": 1}});
        assert!(payload(&result, "result").text.is_some());
    }

    #[test]
    fn what_is_long_is_cut_between_characters() {
        let long = "é".repeat(SHOWN);
        let shown = clip(&long);
        assert!(shown.len() < SHOWN + 40 && shown.ends_with("the record has more"));
    }

    #[test]
    fn text_cannot_steer() {
        assert_eq!(plain("a\u{1b}[2J\u{202e}b\n"), "a\u{fffd}[2J\u{fffd}b\n");
    }
}
