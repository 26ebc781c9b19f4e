//! What a record says, ordered by calls and exchanges: what the story and the picture are made of.
//!
//! It is read from the lines alone, so that redacted records have one too. Where the record was run again,
//! what each request waited for is known from the machine; else only its exchanges are.

mod book;
mod client;
mod server;
mod spans;
mod words;

use crate::record::{Record, Said, Side};
use crate::rerun::Wait;
use book::Book;
use serde::Serialize;

/// The whole of it.
#[derive(Clone, Debug, Serialize)]
pub struct Timeline {
    /// `client` or `server`.
    pub role: &'static str,
    /// Whom a client talks to; empty for a server.
    pub url: String,
    /// The last input.
    pub end: Point,
    /// The lives of calls, subscriptions and the peer's requests, in the order of their beginning.
    pub lives: Vec<Life>,
    /// The exchanges, likewise.
    pub exchanges: Vec<Exchange>,
    /// What belongs to none of them.
    pub notes: Vec<Moment>,
}

/// A moment of the machine's time. Steps at one time are told apart.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Debug, Serialize)]
pub struct Point {
    /// Microseconds since the first input.
    pub at: u64,
    /// The line of the input.
    pub step: usize,
}

/// One request, from the moment at which it was handed over to its outcome.
#[derive(Clone, Debug, Serialize)]
pub struct Life {
    /// Its handle.
    pub id: u64,
    /// What it is.
    pub kind: Kind,
    /// Its method, and the name of the tool, prompt or resource where that is known.
    pub label: String,
    /// When it was handed over.
    pub from: Point,
    /// When it was over; `None`: not in this record.
    pub to: Option<Point>,
    /// What it came to.
    pub outcome: Option<Outcome>,
    /// The exchange on which the outcome came.
    pub brought_by: Option<u64>,
    /// The exchanges that served it, or on which it came.
    pub exchanges: Vec<u64>,
    /// What it waited for, and when.
    pub spans: Vec<Span>,
    /// What was seen of it beside its exchanges.
    pub moments: Vec<Moment>,
}

/// What has a life.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A request of ours.
    Call,
    /// A subscription of ours.
    Listen,
    /// A request of the peer's.
    Request,
}

/// One HTTP request with its response.
#[derive(Clone, Debug, Serialize)]
pub struct Exchange {
    /// Its handle.
    pub id: u64,
    /// Its HTTP method, and what it carries.
    pub label: String,
    /// What it carries is known, and in its label.
    #[serde(skip)]
    pub(crate) is_named: bool,
    /// The status of its response.
    pub status: Option<u16>,
    /// Its response is a stream of events.
    pub is_stream: bool,
    /// When it was opened.
    pub from: Point,
    /// When it was over; `None`: not in this record.
    pub to: Option<Point>,
    /// How it went.
    pub tone: Tone,
    /// What was seen on it.
    pub moments: Vec<Moment>,
}

/// For a while, a request waits for something.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Span {
    /// For what, such as `exchange` or `retry`.
    pub what: &'static str,
    /// Which exchange.
    pub exchange: Option<u64>,
    /// From when.
    pub from: Point,
    /// Until when.
    pub to: Point,
}

/// What a request came to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Outcome {
    /// Good or bad.
    pub tone: Tone,
    /// In words.
    pub text: String,
    /// Its payload, or the failure's story.
    pub more: Option<String>,
}

/// One thing that happened.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Moment {
    /// When.
    pub when: Point,
    /// The line of the record.
    pub line: usize,
    /// Which way something went.
    pub way: Way,
    /// In words.
    pub text: String,
    /// Its payload.
    pub more: Option<String>,
}

/// Which way something went.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// From the server to the client.
    Answer,
    /// From the client to the server.
    Ask,
    /// From the application to the machine.
    Hand,
    /// From the machine to the application.
    Tell,
}

/// How something is to be taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    /// It failed.
    Bad,
    /// It went as it should.
    Good,
    /// It is not over, or nobody wants it any more.
    Quiet,
    /// The peer said no.
    Warn,
}

impl Timeline {
    /// Orders a record; `waits` are known if it was run again.
    pub fn of(record: &Record, waits: &[Wait]) -> Self {
        let mut book = Book::default();
        for entry in &record.entries {
            match &entry.said {
                Said::Input { now, input } => {
                    book.turn_to(entry.line, now.as_micros());
                    match record.side {
                        Side::Client => client::input(&mut book, input),
                        Side::Server => server::input(&mut book, input),
                    }
                }
                Said::Output { output, serves, .. } => {
                    book.next_line(entry.line);
                    match record.side {
                        Side::Client => client::output(&mut book, output, serves.as_ref()),
                        Side::Server => server::output(&mut book, output),
                    }
                }
                Said::Room(room) => {
                    book.next_line(entry.line);
                    client::room(&mut book, *room);
                }
            }
        }
        let mut timeline = Self {
            role: match record.side {
                Side::Client => "client",
                Side::Server => "server",
            },
            url: words::plain(&words::text(&record.config["url"])),
            end: book.now(),
            lives: book.lives,
            exchanges: book.exchanges,
            notes: book.notes,
        };
        spans::fill(&mut timeline, waits, book.origin.unwrap_or_default());
        timeline
    }

    /// All that was seen for a request, its exchanges' moments among its own; each with the exchange that it
    /// was seen on.
    pub fn moments_of<'a>(&'a self, life: &'a Life) -> Vec<(Option<u64>, &'a Moment)> {
        let own = life.moments.iter().map(|moment| (None, moment));
        let on_exchanges = self
            .exchanges
            .iter()
            .filter(|exchange| life.exchanges.contains(&exchange.id))
            .flat_map(|exchange| {
                let moments = exchange.moments.iter();
                moments.map(|moment| (Some(exchange.id), moment))
            });
        let mut all: Vec<_> = own.chain(on_exchanges).collect();
        all.sort_by_key(|(_, moment)| moment.line);
        all
    }
}
