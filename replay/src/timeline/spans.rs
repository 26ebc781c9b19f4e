//! What each request waited for, over time.

use super::{Kind, Life, Point, Span, Timeline};
use crate::rerun::Wait;
use mcp_sansio::Lifeline;
use std::collections::BTreeMap;

/// What a lifeline is called, and its exchange.
type What = (&'static str, Option<u64>);

pub(super) fn fill(timeline: &mut Timeline, waits: &[Wait], origin: u64) {
    let mut by_life: BTreeMap<u64, Vec<(Point, Vec<What>)>> = BTreeMap::new();
    for wait in waits {
        let at = Point {
            at: wait.at.as_micros().saturating_sub(origin),
            step: wait.line,
        };
        let lifelines = wait.lifelines.iter().map(what).collect();
        by_life.entry(wait.id).or_default().push((at, lifelines));
    }
    let end = timeline.end;
    for at in 0..timeline.lives.len() {
        let life = &timeline.lives[at];
        let spans = match by_life.get(&life.id) {
            Some(changes) => from_changes(changes, life.to.unwrap_or(end)),
            None => from_exchanges(timeline, life),
        };
        timeline.lives[at].spans = spans;
    }
}

/// A lifeline that stays is one span, however often others change.
fn from_changes(changes: &[(Point, Vec<What>)], end: Point) -> Vec<Span> {
    let mut open: Vec<(What, Point)> = Vec::new();
    let mut spans = Vec::new();
    let span = |(what, exchange): What, from: Point, to: Point| Span {
        what,
        exchange,
        from,
        to,
    };
    for (at, lifelines) in changes {
        open.retain(|(what, from)| {
            let stays = lifelines.contains(what);
            if !stays {
                spans.push(span(*what, *from, *at));
            }
            stays
        });
        for what in lifelines {
            if !open.iter().any(|(there, _)| there == what) {
                open.push((*what, *at));
            }
        }
    }
    spans.extend(open.into_iter().map(|(what, from)| span(what, from, end)));
    spans.sort_by_key(|span| (span.from, span.to));
    spans
}

/// From the lines alone: the exchanges, as long as both lasted; a request of the peer's waits for the
/// application.
fn from_exchanges(timeline: &Timeline, life: &Life) -> Vec<Span> {
    let end = life.to.unwrap_or(timeline.end);
    if life.kind == Kind::Request {
        return vec![Span {
            what: "application",
            exchange: None,
            from: life.from,
            to: end,
        }];
    }
    timeline
        .exchanges
        .iter()
        .filter(|exchange| life.exchanges.contains(&exchange.id) && exchange.from <= end)
        .map(|exchange| Span {
            what: "exchange",
            exchange: Some(exchange.id),
            from: exchange.from.max(life.from),
            to: exchange.to.unwrap_or(timeline.end).min(end),
        })
        .collect()
}

const fn what(lifeline: &Lifeline) -> What {
    match lifeline {
        Lifeline::Application => ("application", None),
        Lifeline::Authorization => ("authorization", None),
        Lifeline::Exchange(id) => ("exchange", Some(id.as_u64())),
        Lifeline::Handshake => ("handshake", None),
        Lifeline::Question(_) => ("question", None),
        Lifeline::Queue => ("queue", None),
        Lifeline::Resume(_) => ("resume", None),
        Lifeline::Retry(_) => ("retry", None),
        Lifeline::Standalone => ("standalone", None),
        _ => ("other", None),
    }
}
