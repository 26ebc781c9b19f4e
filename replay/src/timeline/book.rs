//! The books that are kept while a record is read.

use super::{Exchange, Kind, Life, Moment, Outcome, Point, Tone, Way, words};
use serde_json::Value;
use std::collections::BTreeMap;

#[derive(Debug, Default)]
pub(super) struct Book {
    pub(super) origin: Option<u64>,
    pub(super) lives: Vec<Life>,
    pub(super) exchanges: Vec<Exchange>,
    pub(super) notes: Vec<Moment>,
    life_at: BTreeMap<u64, usize>,
    exchange_at: BTreeMap<u64, usize>,
    /// Pieces of a body that came one after the other: how many, and their bytes.
    pieces: BTreeMap<u64, (usize, u64)>,
    /// The exchange that the last input was about.
    pub(super) cause: Option<u64>,
    line: usize,
    now: Point,
}

/// Something that happened, but for when.
pub(super) struct What {
    pub(super) way: Way,
    pub(super) text: String,
    pub(super) more: Option<String>,
}

impl What {
    pub(super) fn new(way: Way, text: impl Into<String>) -> Self {
        Self {
            way,
            text: text.into(),
            more: None,
        }
    }

    /// With the payload in this member.
    pub(super) fn with(mut self, object: &Value, member: &str) -> Self {
        let payload = words::payload(object, member);
        self.text.push_str(&payload.size);
        self.more = payload.text;
        self
    }
}

impl Book {
    /// An input: a new line, at this time.
    pub(super) fn turn_to(&mut self, line: usize, micros: u64) {
        let origin = *self.origin.get_or_insert(micros);
        self.now = Point {
            at: micros.saturating_sub(origin),
            step: line,
        };
        self.line = line;
        self.cause = None;
    }

    pub(super) const fn next_line(&mut self, line: usize) {
        self.line = line;
    }

    pub(super) const fn now(&self) -> Point {
        self.now
    }

    pub(super) fn begin_life(&mut self, id: u64, kind: Kind, label: &str) {
        self.life_at.insert(id, self.lives.len());
        self.lives.push(Life {
            id,
            kind,
            label: words::plain(label),
            from: self.now,
            to: None,
            outcome: None,
            brought_by: None,
            exchanges: Vec::new(),
            spans: Vec::new(),
            moments: Vec::new(),
        });
    }

    pub(super) fn end_life(&mut self, id: u64, mut outcome: Outcome) {
        outcome.text = words::plain(&outcome.text);
        outcome.more = outcome.more.as_deref().map(words::plain);
        let (now, cause) = (self.now, self.cause);
        if let Some(life) = self.life(id)
            && life.to.is_none()
        {
            life.to = Some(now);
            life.outcome = Some(outcome);
            life.brought_by = cause;
        }
    }

    pub(super) fn life(&mut self, id: u64) -> Option<&mut Life> {
        self.lives.get_mut(*self.life_at.get(&id)?)
    }

    pub(super) fn begin_exchange(&mut self, id: u64, label: &str) {
        self.exchange_at.insert(id, self.exchanges.len());
        self.exchanges.push(Exchange {
            id,
            label: words::plain(label),
            is_named: false,
            status: None,
            is_stream: false,
            from: self.now,
            to: None,
            tone: Tone::Quiet,
            moments: Vec::new(),
        });
    }

    pub(super) fn end_exchange(&mut self, id: u64, tone: Tone) {
        let now = self.now;
        if let Some(exchange) = self.exchange(id)
            && exchange.to.is_none()
        {
            exchange.to = Some(now);
            // What was refused stays so, however its body ended.
            if exchange.tone == Tone::Quiet || tone == Tone::Bad {
                exchange.tone = tone;
            }
        }
    }

    pub(super) fn exchange(&mut self, id: u64) -> Option<&mut Exchange> {
        self.exchanges.get_mut(*self.exchange_at.get(&id)?)
    }

    /// Beside calls and exchanges.
    pub(super) fn note(&mut self, what: What) {
        let moment = self.moment(what);
        self.notes.push(moment);
    }

    /// Of a request; of none that is known: a note.
    pub(super) fn saw(&mut self, life: u64, what: What) {
        let moment = self.moment(what);
        match self.life(life) {
            Some(life) => life.moments.push(moment),
            None => self.notes.push(moment),
        }
    }

    /// On an exchange; on none that is known: a note.
    pub(super) fn saw_on(&mut self, exchange: u64, what: What) {
        self.pieces.remove(&exchange);
        let moment = self.moment(what);
        match self.exchange(exchange) {
            Some(exchange) => exchange.moments.push(moment),
            None => self.notes.push(moment),
        }
    }

    /// Bytes of a body. Pieces that come one after the other are one moment.
    pub(super) fn saw_piece(&mut self, exchange: u64, way: Way, object: &Value) {
        let payload = words::payload(object, "data");
        let (count, bytes) = match self.pieces.get(&exchange) {
            Some((count, bytes)) => (count + 1, bytes + payload.bytes),
            None => (1, payload.bytes),
        };
        let text = match count {
            1 => words::bytes(bytes),
            _ => format!("{} in {count} pieces", words::bytes(bytes)),
        };
        if count == 1 {
            self.saw_on(exchange, What::new(way, ""));
        }
        if let Some(moment) = self
            .exchange(exchange)
            .and_then(|exchange| exchange.moments.last_mut())
        {
            moment.text = text;
            if let Some(piece) = payload.text {
                words::extend(moment.more.get_or_insert_default(), &words::plain(&piece));
            }
        }
        self.pieces.insert(exchange, (count, bytes));
    }

    fn moment(&self, what: What) -> Moment {
        let What { way, text, more } = what;
        Moment {
            when: self.now,
            line: self.line,
            way,
            text: words::plain(&text),
            more: more.as_deref().map(words::plain),
        }
    }
}
