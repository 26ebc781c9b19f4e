//! The messages in what was fed: a plain second reading of bodies, to hold what the client hands out
//! against. It reads the whole text each time, where the core decodes as bytes come.

use serde_json::Value;

/// The data of the complete events of an event stream's text so far.
pub(crate) fn events(body: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(body)
        .replace("\r\n", "\n")
        .replace('\r', "\n");
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let mut blocks: Vec<_> = text.split("\n\n").collect();
    // What follows the last blank line is not an event yet.
    blocks.pop();
    blocks.into_iter().map(data).collect()
}

/// The JSON-RPC messages in a JSON text: one, or those of a batch.
pub(crate) fn in_text(text: &str) -> Vec<Value> {
    match serde_json::from_str(text) {
        Ok(Value::Array(batch)) => batch,
        Ok(message) => vec![message],
        Err(_) => Vec::new(),
    }
}

fn data(block: &str) -> String {
    let lines: Vec<_> = block
        .split('\n')
        .filter_map(|line| line.strip_prefix("data:"))
        .map(|line| line.strip_prefix(' ').unwrap_or(line))
        .collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_complete_events_count() {
        let body =
            b"\xef\xbb\xbfdata: {\"a\":\rdata:1}\r\n\r\n: comment\n\ndata: [1,2]\n\ndata: 3\n";
        let events = events(body);
        assert_eq!(events, ["{\"a\":\n1}", "", "[1,2]"]);
        let messages: Vec<_> = events.iter().flat_map(|data| in_text(data)).collect();
        assert_eq!(messages, [json!({"a": 1}), json!(1), json!(2)]);
    }
}
