//! Writing events.

use alloc::format;
use alloc::string::String;
use bytes::Bytes;
use core::time::Duration;

/// A comment: it says that the stream is alive, and nothing else.
pub(crate) const KEEP_ALIVE: &[u8] = b": keep-alive\n\n";

/// An event with a message. Line breaks, which JSON allows between its tokens, become lines of data.
pub(crate) fn message(id: Option<&str>, text: &str) -> Bytes {
    let mut event = String::with_capacity(text.len() + 48);
    if let Some(id) = id {
        event.push_str("id: ");
        event.push_str(id);
        event.push('\n');
    }
    for line in text.split(['\n', '\r']) {
        event.push_str("data: ");
        event.push_str(line);
        event.push('\n');
    }
    event.push('\n');
    event.into()
}

/// A priming event (2025-11-25, basic/transports): it gives the client a cursor before there is anything
/// to say.
pub(crate) fn priming(id: &str, retry: Duration) -> Bytes {
    format!("id: {id}\nretry: {}\ndata: \n\n", retry.as_millis()).into()
}

/// Tells the client when to come back.
pub(crate) fn retry(delay: Duration) -> Bytes {
    format!("retry: {}\n\n", delay.as_millis()).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sse::Decoder;

    #[test]
    fn what_is_written_is_read_back() {
        let text = "{\n \"a\": 1,\r\n \"b\": 2\r}";
        let event = message(Some("7-1"), text);
        let mut decoder = Decoder::new(1024);
        let mut input = &event[..];
        let read = decoder
            .next(&mut input)
            .expect("an event")
            .expect("in bounds");
        assert_eq!(read.id, Some("7-1"));
        assert_eq!(read.data, "{\n \"a\": 1,\n\n \"b\": 2\n}");
        assert!(decoder.next(&mut input).is_none());
    }
}
