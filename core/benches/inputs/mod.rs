//! What is measured: streams and messages as the field's servers write them.

use std::fmt::Write as _;

/// Events of 146 bytes.
pub(crate) fn small_events(count: usize, with_ids: bool) -> String {
    let mut stream = String::new();
    for n in 0..count {
        if with_ids {
            writeln!(stream, "id: {n:08}").expect("written");
        }
        let head = r#"{"jsonrpc":"2.0","id":"#;
        let tail = r#","result":{"content":[{"type":"text","text":"an answer as short as most are"}],"ok":true}}"#;
        write!(stream, "event: message\ndata: {head}{n:011}{tail}\n\n").expect("written");
    }
    stream
}

/// Events whose one data line is a message of `size` bytes.
pub(crate) fn large_events(count: usize, size: usize) -> String {
    format!("event: message\ndata: {}\n\n", text_message(size)).repeat(count)
}

/// A `tools/call` request of `size` bytes: one long string, with a line break every 60 bytes or so.
pub(crate) fn text_message(size: usize) -> String {
    let head = r#"{"method":"tools/call","params":{"name":"echo","arguments":{"text":""#;
    let tail = r#""}},"jsonrpc":"2.0","id":1234}"#;
    let line = r"A line of prose, as models and their tools exchange it.\n";
    filled(head, line, tail, size, 'x')
}

/// A result of `size` bytes: many small objects.
pub(crate) fn nested_message(size: usize) -> String {
    let head = r#"{"result":{"items":[{"id":0,"ok":true}"#;
    let tail = r#"]},"jsonrpc":"2.0","id":1234}"#;
    filled(head, r#",{"id":1,"ok":true}"#, tail, size, ' ')
}

fn filled(head: &str, part: &str, tail: &str, size: usize, pad: char) -> String {
    let mut text = String::from(head);
    while text.len() + part.len() + tail.len() <= size {
        text.push_str(part);
    }
    text.extend(std::iter::repeat_n(pad, size - text.len() - tail.len()));
    text.push_str(tail);
    assert_eq!(text.len(), size);
    text
}

/// What an echo tool answers to a short text.
pub(crate) const TOOL_RESULT: &str = r#"{"content":[{"type":"text","text":"sixty-four bytes of text, as short as a call may well be....."}]}"#;
