//! What the lines of a server's record mean.

use super::book::{Book, What};
use super::client::{head, notice, settle};
use super::{Kind, Outcome, Tone, Way, words};
use serde_json::Value;

pub(super) fn input(book: &mut Book, input: &Value) {
    let id = input["id"].as_u64().unwrap_or_default();
    match input["type"].as_str().unwrap_or_default() {
        "accept" => accept(book, id, input),
        "take" => book.saw(id, What::new(Way::Hand, "taken by the application")),
        "respond" => {
            let outcome = words::outcome(&answered(input));
            let mut what = What::new(Way::Hand, format!("answered: {}", outcome.text));
            what.more.clone_from(&outcome.more);
            book.saw(id, what);
            book.end_life(id, outcome);
        }
        "call" => {
            let label = words::request(&input["method"], &input["params"]);
            book.begin_life(id, Kind::Call, &label);
            book.saw(
                id,
                What::new(Way::Hand, "handed over").with(input, "params"),
            );
        }
        "cancel" => {
            let call = input["call"].as_u64().unwrap_or_default();
            book.saw(call, What::new(Way::Hand, "cancelled by the application"));
        }
        "notify" => {
            let what = What::new(
                Way::Hand,
                format!("sends {}", words::text(&input["method"])),
            );
            to_someone(book, input, what.with(input, "params"));
        }
        "release_connection" => {
            let what = What::new(Way::Hand, "the connection is let go");
            to_someone(book, input, what);
        }
        "end_session" => {
            let why = words::text(&input["reason"]).replace('_', " ");
            let text = format!("session {} is ended: {why}", input["session"]);
            book.note(What::new(Way::Hand, text));
        }
        "declare_tools" => {
            book.note(What::new(Way::Hand, "tools are declared").with(input, "tools"));
        }
        "shut_down" => book.note(What::new(Way::Hand, "shut down")),
        // That a chunk is taken says little to a reader.
        "timeout" | "written" => {}
        kind => from_the_wire(book, kind, input),
    }
}

fn accept(book: &mut Book, id: u64, input: &Value) {
    let carries = words::header(input, "mcp-method").unwrap_or_default();
    let label = format!("{} {carries}", words::text(&input["method"]));
    book.begin_exchange(id, label.trim_end());
    let mut what = What::new(Way::Ask, label.trim_end());
    what.more = words::headers(input);
    book.saw_on(id, what);
}

fn from_the_wire(book: &mut Book, kind: &str, input: &Value) {
    let Some(id) = input["exchange"].as_u64() else {
        return;
    };
    book.cause = Some(id);
    match kind {
        "chunk" => {
            book.saw_piece(id, Way::Ask, input);
            let body = input["data"]
                .as_str()
                .and_then(|data| serde_json::from_str(data).ok());
            if let Some(carries) = body.and_then(|body: Value| words::message(&body)) {
                name(book, id, &carries);
            }
        }
        "end" => book.saw_on(id, What::new(Way::Ask, "request is whole")),
        "gone" => {
            book.saw_on(id, What::new(Way::Ask, "the client has gone"));
            book.end_exchange(id, Tone::Bad);
        }
        _ => {}
    }
}

/// The answer, with a text that was taken byte for byte read as what it is.
fn answered(input: &Value) -> Value {
    let mut told = input.clone();
    if let Some(text) = input["result_text"].as_str()
        && let Ok(result) = serde_json::from_str::<Value>(text)
        && let Some(members) = told.as_object_mut()
    {
        members.remove("result_text");
        members.insert("result".to_owned(), result);
    }
    told
}

fn to_someone(book: &mut Book, input: &Value, what: What) {
    match input["to"]["request"].as_u64() {
        Some(request) => book.saw(request, what),
        None => book.note(what),
    }
}

pub(super) fn output(book: &mut Book, output: &Value) {
    let id = output["id"].as_u64().unwrap_or_default();
    let exchange = output["exchange"].as_u64().unwrap_or_default();
    match output["type"].as_str().unwrap_or_default() {
        "head" => answer(book, exchange, output),
        "chunk" => book.saw_piece(exchange, Way::Answer, output),
        "end" => {
            book.saw_on(exchange, What::new(Way::Answer, "ended"));
            book.end_exchange(exchange, Tone::Good);
        }
        "abort" => {
            book.saw_on(exchange, What::new(Way::Answer, "aborted by the server"));
            book.end_exchange(exchange, Tone::Bad);
        }
        "request" => request(book, id, exchange, output),
        "notification" => {
            let what = What::new(Way::Tell, words::text(&output["method"])).with(output, "params");
            book.saw_on(exchange, what);
        }
        "progress" => {
            let call = output["call"].as_u64().unwrap_or_default();
            book.saw(
                call,
                What::new(Way::Tell, "progress").with(output, "params"),
            );
        }
        "settled" => settle(book, output["call"].as_u64().unwrap_or_default(), output),
        "withdrawn" => {
            let why = words::text(&output["why"]).replace('_', " ");
            let outcome = Outcome {
                tone: Tone::Bad,
                text: format!("withdrawn: {why}"),
                more: None,
            };
            book.saw(id, What::new(Way::Tell, outcome.text.clone()));
            book.end_life(id, outcome);
        }
        "session_started" => {
            let text = format!("session {} begins", output["session"]);
            book.note(What::new(Way::Tell, text));
        }
        "session_ended" => {
            let why = words::text(&output["reason"]).replace('_', " ");
            let text = format!("session {} ends: {why}", output["session"]);
            book.note(What::new(Way::Tell, text));
        }
        "notice" => notice(book, output),
        "shut_down" => book.note(What::new(Way::Tell, "shut down")),
        _ => {}
    }
}

/// A head; its body is in it, and then that is all, or comes as chunks.
fn answer(book: &mut Book, exchange: u64, output: &Value) {
    head(book, exchange, output);
    if output["body"] == "stream" {
        return;
    }
    if !output["body"].is_null() {
        let what = What::new(Way::Answer, "body").with(output, "body");
        book.saw_on(exchange, what);
    }
    book.end_exchange(exchange, Tone::Good);
}

fn request(book: &mut Book, id: u64, exchange: u64, output: &Value) {
    let label = words::request(&output["method"], &output["params"]);
    book.begin_life(id, Kind::Request, &label);
    let what = What::new(Way::Tell, "reaches the application").with(output, "params");
    book.saw(id, what);
    if let Some(life) = book.life(id) {
        life.exchanges.push(exchange);
    }
    name(book, exchange, &label);
}

/// Says what an exchange carries, unless that is known: a batch is called by its first message.
fn name(book: &mut Book, exchange: u64, carries: &str) {
    if let Some(seen) = book.exchange(exchange)
        && !seen.is_named
    {
        seen.is_named = true;
        let method = seen.label.split(' ').next().unwrap_or_default();
        seen.label = words::plain(&format!("{method} {carries}"));
    }
}
