//! What the lines of a client's record mean.

use super::book::{Book, What};
use super::{Kind, Tone, Way, words};
use serde_json::Value;

pub(super) fn input(book: &mut Book, input: &Value) {
    let id = input["id"].as_u64().unwrap_or_default();
    match input["type"].as_str().unwrap_or_default() {
        "connect" => begin(book, id, Kind::Call, "connect", input),
        "call" => {
            let label = words::request(&input["method"], &input["params"]);
            begin(book, id, Kind::Call, &label, input);
        }
        "listen" => begin(book, id, Kind::Listen, "subscription", input),
        "unlisten" => {
            let listen = input["listen"].as_u64().unwrap_or_default();
            book.saw(listen, What::new(Way::Hand, "given up by the application"));
        }
        "cancel" => {
            let call = input["call"].as_u64().unwrap_or_default();
            book.saw(call, What::new(Way::Hand, "cancelled by the application"));
        }
        "notify" => {
            let text = format!(
                "sends {}",
                words::request(&input["method"], &input["params"])
            );
            book.note(What::new(Way::Hand, text).with(input, "params"));
        }
        "respond" => {
            let what = What::new(Way::Hand, format!("answers request {id}"));
            book.note(what.with(input, "result"));
        }
        "authorize" => {
            let text = match input["granted"].as_bool() {
                Some(true) => "new credentials",
                _ => "no new credentials",
            };
            book.note(What::new(Way::Hand, text));
        }
        "close" => book.note(What::new(Way::Hand, "close")),
        "timeout" => {}
        kind => from_the_wire(book, kind, input),
    }
}

/// Whether the application has room for messages, from now on.
pub(super) fn room(book: &mut Book, has_room: bool) {
    let text = if has_room {
        "has room for messages again"
    } else {
        "has no room for messages"
    };
    book.note(What::new(Way::Hand, text));
}

fn begin(book: &mut Book, id: u64, kind: Kind, label: &str, input: &Value) {
    book.begin_life(id, kind, label);
    book.saw(
        id,
        What::new(Way::Hand, "handed over").with(input, "params"),
    );
}

fn from_the_wire(book: &mut Book, kind: &str, input: &Value) {
    let Some(id) = input["exchange"].as_u64() else {
        return;
    };
    book.cause = Some(id);
    match kind {
        "head" => head(book, id, input),
        "chunk" => book.saw_piece(id, Way::Answer, input),
        "sse_event" => {
            let event = words::text(&input["event"]);
            let what = What::new(Way::Answer, format!("event {event}").trim_end().to_owned());
            book.saw_on(id, what.with(input, "data"));
        }
        "end" => {
            book.saw_on(id, What::new(Way::Answer, "ended"));
            book.end_exchange(id, Tone::Good);
        }
        "failed" => {
            let left = match input["sent"].as_str() {
                Some("no") => "not sent",
                _ => "perhaps sent",
            };
            let text = format!("failed, {left}: {}", words::text(&input["detail"]));
            book.saw_on(id, What::new(Way::Answer, text));
            book.end_exchange(id, Tone::Bad);
        }
        _ => {}
    }
}

/// The head of a response, by either side.
pub(super) fn head(book: &mut Book, id: u64, head: &Value) {
    let status = head["status"]
        .as_u64()
        .and_then(|status| u16::try_from(status).ok());
    let media = words::header(head, "content-type").unwrap_or_default();
    let text = format!("{} {media}", head["status"]);
    let mut what = What::new(Way::Answer, text.trim_end());
    what.more = words::headers(head);
    book.saw_on(id, what);
    if let Some(exchange) = book.exchange(id) {
        exchange.status = status;
        exchange.is_stream = media.starts_with("text/event-stream");
        if status.is_some_and(|status| status >= 300) {
            exchange.tone = Tone::Warn;
        }
    }
}

pub(super) fn output(book: &mut Book, output: &Value, serves: Option<&Value>) {
    let call = || output["call"].as_u64().unwrap_or_default();
    match output["type"].as_str().unwrap_or_default() {
        "open" => open(book, output, serves.unwrap_or(&Value::Null)),
        "abort" => {
            let id = output["exchange"].as_u64().unwrap_or_default();
            book.saw_on(id, What::new(Way::Ask, "aborted by the client"));
            book.end_exchange(id, Tone::Quiet);
        }
        "settled" => settle(book, call(), output),
        "progress" => book.saw(
            call(),
            What::new(Way::Tell, "progress").with(output, "params"),
        ),
        "notification" => {
            let text = words::request(&output["method"], &output["params"]);
            let what = What::new(Way::Tell, text).with(output, "params");
            from_source(book, output, what);
        }
        "request" => {
            let text = format!(
                "request {}: {}",
                output["id"],
                words::text(&output["method"])
            );
            let what = What::new(Way::Tell, text).with(output, "params");
            from_source(book, output, what);
        }
        "withdrawn" => {
            let why = words::text(&output["why"]).replace('_', " ");
            let text = format!("request {} is withdrawn: {why}", output["id"]);
            book.note(What::new(Way::Tell, text));
        }
        "unauthorized" => unauthorized(book, output),
        "listen" => listen(book, output),
        "session_changed" => session(book, &output["change"]),
        "notice" => notice(book, output),
        "closed" => book.note(What::new(Way::Tell, "closed")),
        _ => {}
    }
}

fn open(book: &mut Book, output: &Value, serves: &Value) {
    let id = output["exchange"].as_u64().unwrap_or_default();
    let life = serves["call"]
        .as_u64()
        .or_else(|| serves["listen"].as_u64());
    let owner = life.and_then(|life| book.life(life)).map(|life| {
        life.exchanges.push(id);
        life.label.clone()
    });
    let carries = match (words::message(&output["body"]), owner, serves.as_str()) {
        (Some(message), _, _) => message,
        (None, Some(owner), _) if output["method"] == "GET" => format!("resumes {owner}"),
        (None, Some(owner), _) => owner,
        (None, None, Some(word)) if word != "delete" => word.replace('_', " "),
        (None, None, _) => String::new(),
    };
    let label = format!("{} {carries}", words::text(&output["method"]));
    book.begin_exchange(id, label.trim_end());
    let payload = words::payload(output, "body");
    let mut what = What::new(Way::Ask, label.trim_end().to_owned() + &payload.size);
    let parts: Vec<_> = words::headers(output)
        .into_iter()
        .chain(payload.text)
        .collect();
    what.more = Some(parts.join("\n\n")).filter(|more| !more.is_empty());
    book.saw_on(id, what);
}

/// Ends a life, by either side.
pub(super) fn settle(book: &mut Book, id: u64, told: &Value) {
    let outcome = words::outcome(told);
    let mut what = What::new(Way::Tell, outcome.text.clone());
    what.more.clone_from(&outcome.more);
    book.saw(id, what);
    book.end_life(id, outcome);
}

/// Something of the server's that reached the application.
fn from_source(book: &mut Book, output: &Value, what: What) {
    let source = &output["source"];
    let life = source["call"]
        .as_u64()
        .or_else(|| source["listen"].as_u64());
    match (life, book.cause) {
        (Some(life), _) => book.saw(life, what),
        (None, Some(exchange)) => book.saw_on(exchange, what),
        (None, None) => book.note(what),
    }
}

fn unauthorized(book: &mut Book, output: &Value) {
    let text = format!("credentials are refused with {}", output["status"]);
    book.note(What::new(Way::Tell, text.clone()));
    for call in output["calls"].as_array().into_iter().flatten() {
        if let Some(call) = call.as_u64() {
            book.saw(call, What::new(Way::Tell, text.clone()));
        }
    }
}

fn listen(book: &mut Book, output: &Value) {
    let id = output["listen"].as_u64().unwrap_or_default();
    match output.get("ended") {
        Some(ended) => settle(book, id, ended),
        None if output.get("gap").is_some() => {
            book.saw(id, What::new(Way::Tell, "gap: the stream was lost"));
        }
        None => book.saw(id, What::new(Way::Tell, "open").with(output, "open")),
    }
}

fn session(book: &mut Book, change: &Value) {
    let what = if let Some(word) = change.as_str() {
        What::new(Way::Tell, format!("session {word}"))
    } else {
        let mut what = What::new(Way::Tell, "session lost");
        what.more = words::failure(&change["lost"]).more;
        what
    };
    book.note(what);
}

/// A notice, by either side.
pub(super) fn notice(book: &mut Book, output: &Value) {
    let kind = words::text(&output["kind"]).replace('_', " ");
    let what = What::new(
        Way::Tell,
        format!("notice, {kind}: {}", words::text(&output["detail"])),
    );
    match output["exchange"].as_u64() {
        Some(exchange) => book.saw_on(exchange, what),
        None => book.note(what),
    }
}
