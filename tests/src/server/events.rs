//! A plain second reading of the event streams that a server writes.

use serde_json::{Value, json};

/// One block of an event stream.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Event {
    /// Its `id`.
    pub id: Option<String>,
    /// Its `retry`.
    pub retry: Option<u64>,
    /// Its `data`; `None` if it has no such line.
    pub data: Option<String>,
    /// It has a comment.
    pub is_comment: bool,
}

impl Event {
    /// By the words of the format: `data` is JSON where it can be read as JSON.
    pub fn to_json(&self) -> Value {
        if self.is_comment && self.id.is_none() && self.data.is_none() {
            return json!({"comment": true});
        }
        json!({"id": self.id, "retry": self.retry, "data": self.message()})
    }

    /// The message in it.
    pub fn message(&self) -> Option<Value> {
        let data = self.data.as_deref()?;
        Some(serde_json::from_str(data).unwrap_or_else(|_| json!(data)))
    }
}

/// The events of a text; `None` if it does not end with one.
pub fn read(text: &[u8]) -> Option<Vec<Event>> {
    let text = str::from_utf8(text).ok()?;
    let body = text.strip_suffix("\n\n")?;
    Some(body.split("\n\n").map(event).collect())
}

fn event(block: &str) -> Event {
    let mut event = Event {
        id: None,
        retry: None,
        data: None,
        is_comment: false,
    };
    for line in block.split('\n') {
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "" => event.is_comment = true,
            "id" => event.id = Some(value.to_owned()),
            "retry" => event.retry = value.parse().ok(),
            "data" => match &mut event.data {
                Some(data) => {
                    data.push('\n');
                    data.push_str(value);
                }
                None => event.data = Some(value.to_owned()),
            },
            _ => {}
        }
    }
    event
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_read() {
        let read = read(b"id: 3-0\nretry: 1000\ndata: \n\n: hello\n\ndata: {\"a\":\ndata: 1}\n\n");
        let read: Vec<_> = read.expect("whole").iter().map(Event::to_json).collect();
        assert_eq!(
            read,
            [
                json!({"id": "3-0", "retry": 1000, "data": ""}),
                json!({"comment": true}),
                json!({"id": null, "retry": null, "data": {"a": 1}}),
            ]
        );
        assert_eq!(super::read(b"data: 1\n"), None);
    }
}
