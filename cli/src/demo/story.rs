//! Reports as pictures: application, client and server side by side, time going down.

use std::time::{Duration, Instant};

use mcp_sansio_tokio::Outcome;
use mcp_sansio_tokio::core::Seen;

use super::report::{CallReport, Report};
use super::table::{came_to, tone};
use crate::eras::Eras;
use crate::log::{Observation, Saw};
use crate::terminal::{Paint, Tone};

/// Columns between the application's lane and the client's.
const LEFT: usize = 36;
/// Columns between the client's lane and the server's.
const RIGHT: usize = 46;
/// A silence from which on it is drawn.
const SILENCE: Duration = Duration::from_millis(100);

/// The picture, line by line.
pub(super) fn draw(report: &Report, paint: Paint) -> Vec<String> {
    let mut lines = vec![
        format!(
            "{}  {} ({})",
            paint.tone(Tone::Head, report.play.name),
            report.play.reported,
            of_eras(report.play.eras),
        ),
        report.play.sentence.to_owned(),
        String::new(),
        paint.tone(Tone::Head, &header()),
    ];
    let rows = rows(report);
    let began = rows.first().map(|row| row.at);
    let mut before = began;
    for row in merged(rows) {
        if before.is_some_and(|before| row.at - before >= SILENCE) {
            lines.push(lanes("", "\u{2506}", " ", " "));
        }
        let at = began.map_or(0, |began| (row.at - began).as_millis());
        lines.extend(row.draw(&at.to_string(), paint));
        before = Some(row.at);
    }
    lines.push(String::new());
    for call in &report.calls {
        let after = call.elapsed.as_millis();
        let came_to = paint.tone(tone(call), &came_to(call));
        lines.push(format!("{}: {came_to}, after {after} ms", call.call));
        if let Some(Outcome::Failed(failure)) = &call.outcome {
            lines.push(format!("  {failure}"));
        }
    }
    for broken in &report.broken {
        lines.push(paint.tone(Tone::Bad, &format!("broken: {broken}")));
    }
    lines
}

fn of_eras(eras: Eras) -> &'static str {
    match eras {
        Eras::Legacy => "legacy era",
        Eras::Modern => "modern era",
        Eras::Both => "both eras",
    }
}

/// One line of the picture.
#[derive(Clone, PartialEq, Eq)]
struct Row {
    at: Instant,
    drawn: Drawn,
    text: String,
    tone: Tone,
    /// How often it happened in a row.
    times: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Drawn {
    Started,
    Settled,
    Remarked,
    Sent,
    HungUp,
    Answered,
    Reset,
    Noted,
}

impl Row {
    const fn new(at: Instant, drawn: Drawn, text: String, tone: Tone) -> Self {
        Self {
            at,
            drawn,
            text,
            tone,
            times: 1,
        }
    }

    /// One line, or more where a remark is longer than the lane is wide.
    fn draw(&self, at: &str, paint: Paint) -> Vec<String> {
        if !matches!(self.drawn, Drawn::Remarked | Drawn::Noted) {
            return vec![self.draw_line(at, paint)];
        }
        wrap(&self.text, RIGHT - 2)
            .into_iter()
            .enumerate()
            .map(|(number, text)| {
                let part = Self {
                    text,
                    ..self.clone()
                };
                part.draw_line(if number == 0 { at } else { "" }, paint)
            })
            .collect()
    }

    fn draw_line(&self, at: &str, paint: Paint) -> String {
        let text = if self.times == 1 {
            self.text.clone()
        } else {
            format!("{} \u{d7}{}", self.text, self.times)
        };
        let (left, right) = match self.drawn {
            Drawn::Started => (
                arrow_right(&text, LEFT, "\u{2500}", "\u{25b6}"),
                blank(RIGHT),
            ),
            Drawn::Settled => (
                arrow_left(&text, LEFT, "\u{2500}", "\u{25c0}"),
                blank(RIGHT),
            ),
            Drawn::Remarked => (
                blank(LEFT),
                format!(" {:1$}", clip(&text, RIGHT - 1), RIGHT - 1),
            ),
            Drawn::Sent => (
                blank(LEFT),
                arrow_right(&text, RIGHT, "\u{2500}", "\u{25b6}"),
            ),
            Drawn::HungUp => (
                blank(LEFT),
                arrow_right(&text, RIGHT, "\u{254c}", "\u{2715}"),
            ),
            Drawn::Answered => (
                blank(LEFT),
                arrow_left(&text, RIGHT, "\u{2500}", "\u{25c0}"),
            ),
            Drawn::Reset => (
                blank(LEFT),
                arrow_left(&text, RIGHT, "\u{254c}", "\u{2715}"),
            ),
            Drawn::Noted => (
                blank(LEFT),
                format!("{:>1$} ", clip(&text, RIGHT - 1), RIGHT - 1),
            ),
        };
        let left = paint.tone(self.tone, &left);
        let right = paint.tone(self.tone, &right);
        lanes(at, "\u{2502}", &left, &right)
    }
}

/// Everything that was seen, in order.
fn rows(report: &Report) -> Vec<Row> {
    let mut rows: Vec<_> = report.observations.iter().map(observed).collect();
    for remark in &report.remarks {
        rows.push(Row::new(
            remark.at,
            Drawn::Remarked,
            remark.text.clone(),
            Tone::Quiet,
        ));
    }
    for call in &report.calls {
        rows.extend(told_by(call));
    }
    rows.sort_by_key(|row| row.at);
    rows
}

fn observed(observation: &Observation) -> Row {
    let n = observation.exchange;
    let (drawn, text, tone) = match &observation.what {
        Saw::Asked(asked) => (Drawn::Sent, format!("{asked} [{n}]"), Tone::Plain),
        Saw::Said(text) => (Drawn::Answered, format!("{text} [{n}]"), Tone::Plain),
        Saw::Ended => (Drawn::Answered, format!("end [{n}]"), Tone::Plain),
        Saw::Broken => (Drawn::Reset, format!("broken off [{n}]"), Tone::Bad),
        Saw::Reset => (Drawn::Reset, format!("reset [{n}]"), Tone::Bad),
        Saw::Left => (Drawn::HungUp, format!("drops [{n}]"), Tone::Quiet),
        Saw::Note(text) => (Drawn::Noted, text.to_string(), Tone::Quiet),
    };
    Row::new(observation.at, drawn, text, tone)
}

/// A call from its start to its outcome, with what only the client knows of it.
fn told_by(call: &CallReport) -> Vec<Row> {
    let settled = call.began + call.elapsed;
    let started = if call.is_subscription {
        call.call.clone()
    } else {
        format!("call {}", call.call)
    };
    let mut rows = vec![Row::new(call.began, Drawn::Started, started, Tone::Plain)];
    if let Some(Outcome::Failed(failure)) = &call.outcome {
        for line in failure.story.lines() {
            if matches!(
                line.seen,
                Seen::Deadline { .. } | Seen::Note { .. } | Seen::Waiting { .. }
            ) {
                // The story's clock and ours may differ by a little; a cause comes before its effect.
                let at = (call.began + line.at).min(settled);
                rows.push(Row::new(
                    at,
                    Drawn::Remarked,
                    line.seen.to_string(),
                    Tone::Quiet,
                ));
            }
        }
    }
    rows.push(Row::new(settled, Drawn::Settled, came_to(call), tone(call)));
    rows
}

/// The same thing many times in a row, such as keep-alives, is drawn once.
fn merged(rows: Vec<Row>) -> Vec<Row> {
    let mut merged: Vec<Row> = Vec::new();
    for row in rows {
        match merged.last_mut() {
            Some(last) if (last.drawn, &last.text) == (row.drawn, &row.text) => last.times += 1,
            _ => merged.push(row),
        }
    }
    merged
}

fn header() -> String {
    let left = LEFT + 1;
    let right = RIGHT + 1;
    format!(
        "     ms  {:left$}{:right$}{}",
        "application", "client", "server"
    )
}

fn lanes(at: &str, lane: &str, left: &str, right: &str) -> String {
    format!("{at:>7}  {lane}{left:LEFT$}{lane}{right:RIGHT$}{lane}")
}

fn arrow_right(text: &str, width: usize, shaft: &str, head: &str) -> String {
    let text = clip(text, width - 6);
    let rest = width - 5 - text.chars().count();
    format!("{shaft}{shaft} {text} {}{head}", shaft.repeat(rest))
}

fn arrow_left(text: &str, width: usize, shaft: &str, head: &str) -> String {
    let text = clip(text, width - 6);
    let rest = width - 5 - text.chars().count();
    format!("{head}{} {text} {shaft}{shaft}", shaft.repeat(rest))
}

fn blank(width: usize) -> String {
    " ".repeat(width)
}

/// Splits a text at its spaces into lines of this width at most.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

fn clip(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let kept: String = text.chars().take(width - 1).collect();
    kept + "\u{2026}"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_picture_is_equally_wide() {
        let now = Instant::now();
        let plain = Paint::none();
        for drawn in [
            Drawn::Started,
            Drawn::Settled,
            Drawn::Remarked,
            Drawn::Sent,
            Drawn::HungUp,
            Drawn::Answered,
            Drawn::Reset,
            Drawn::Noted,
        ] {
            for text in ["", "a", &"long ".repeat(40)] {
                let row = Row::new(now, drawn, text.to_owned(), Tone::Plain);
                for line in row.draw("12", plain) {
                    assert_eq!(line.chars().count(), 9 + 3 + LEFT + RIGHT, "{line}");
                }
            }
        }
    }

    #[test]
    fn a_long_remark_is_kept_whole() {
        let text = "a remark of more words than fit in one line of the picture";
        let lines = wrap(text, 20);
        assert_eq!(lines.join(" "), text);
        assert!(lines.iter().all(|line| line.len() <= 20), "{lines:?}");
    }

    #[test]
    fn what_repeats_is_drawn_once() {
        let now = Instant::now();
        let row = |text: &str| Row::new(now, Drawn::Answered, text.into(), Tone::Plain);
        let merged = merged(vec![row("a"), row("b"), row("b"), row("b"), row("a")]);
        let drawn: Vec<_> = merged
            .iter()
            .map(|row| (row.text.as_str(), row.times))
            .collect();
        assert_eq!(drawn, [("a", 1), ("b", 3), ("a", 1)]);
    }
}
