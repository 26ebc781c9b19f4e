//! A record as a text: what it is, and each call's life in a few lines.

use crate::record::Record;
use crate::rerun::Verdict;
use crate::timeline::{Kind, Life, Moment, Outcome, Span, Timeline};
use std::fmt::Write as _;

/// Lines of a life that are told; of a longer one, the first and the last.
const TOLD: usize = 16;

/// What the record is, in a line or two, without the verdict.
pub fn summary(record: &Record, timeline: &Timeline) -> String {
    let written = record
        .writer
        .as_ref()
        .map_or_else(String::new, |writer| format!(", written by {writer}"));
    let of = match timeline.role {
        "client" => format!("client of {}", timeline.url),
        role => role.to_owned(),
    };
    let redacted = if record.seed.is_none() {
        "redacted "
    } else {
        ""
    };
    let requests = match timeline.role {
        "client" => count(timeline.lives.len(), "call"),
        _ => count(timeline.lives.len(), "request"),
    };
    format!(
        "The {redacted}record of a {of}{written}: {requests}, {} in {}.",
        count(timeline.exchanges.len(), "exchange"),
        duration(timeline.end.at),
    )
}

/// The verdict, in a sentence or two: what it means, and what to do.
pub fn verdict(record: &Record, verdict: &Verdict) -> String {
    let other_version = || match &record.writer {
        Some(writer) if record.is_of_another_version() => {
            format!(
                " It was written by {writer}, and this is {}: that may be why.",
                crate::WRITER
            )
        }
        None => " It does not name the version that wrote it; this may be another one.".to_owned(),
        Some(_) => String::new(),
    };
    match verdict {
        Verdict::Same { outputs, left } => {
            let rest = match left {
                0 => String::new(),
                left => format!(
                    " The record ends within its last step: {} more would follow.",
                    count(*left, "output")
                ),
            };
            format!("Replayed: the same {}, to the byte.{rest}", count(*outputs, "output"))
        }
        Verdict::Differs(difference) => {
            format!("Replayed, and it is not the same. First difference: {difference}.{}", other_version())
        }
        Verdict::Redacted => "Not replayed: the record is redacted, so payloads and the seed are not in it. \
                              What follows is what its lines say; a record made with --record-bodies can be replayed."
            .to_owned(),
        Verdict::NotUnderstood { line, why } => {
            format!("Not replayed: line {line} is not understood ({why}).{}", other_version())
        }
    }
}

/// Each request's life in a few lines, and what happened beside them.
pub fn story(timeline: &Timeline) -> String {
    let mut text = String::new();
    for life in &timeline.lives {
        tell(&mut text, timeline, life);
    }
    let lives_exchanges = |id| {
        timeline
            .lives
            .iter()
            .any(|life| life.exchanges.contains(&id))
    };
    let others = timeline
        .exchanges
        .iter()
        .filter(|exchange| !lives_exchanges(exchange.id));
    for exchange in others {
        line(
            &mut text,
            &format!(
                "x{} {}, beside the calls, at {}",
                exchange.id,
                exchange.label,
                duration(exchange.from.at)
            ),
        );
        let moments: Vec<_> = exchange
            .moments
            .iter()
            .map(|moment| (None, moment))
            .collect();
        lines(&mut text, &moments, exchange.from.at);
        text.push('\n');
    }
    if !timeline.notes.is_empty() {
        line(&mut text, "beside them");
        let notes: Vec<_> = timeline.notes.iter().map(|note| (None, note)).collect();
        lines(&mut text, &notes, 0);
        text.push('\n');
    }
    text.truncate(text.trim_end().len());
    text
}

/// `1.25 s`: three digits, or as many as it takes.
pub fn duration(micros: u64) -> String {
    let (value, unit) = match micros {
        0 => return "0 ms".to_owned(),
        1..1_000_000 => (to_f64(micros) / 1e3, "ms"),
        1_000_000..120_000_000 => (to_f64(micros) / 1e6, "s"),
        _ => (to_f64(micros) / 60e6, "min"),
    };
    let digits = if value < 10.0 {
        2
    } else {
        usize::from(value < 100.0)
    };
    let number = format!("{value:.digits$}");
    let number = if number.contains('.') {
        number.trim_end_matches('0').trim_end_matches('.')
    } else {
        &number
    };
    format!("{number} {unit}")
}

#[expect(clippy::cast_precision_loss, reason = "for three digits")]
const fn to_f64(micros: u64) -> f64 {
    micros as f64
}

fn tell(text: &mut String, timeline: &Timeline, life: &Life) {
    let kind = match life.kind {
        Kind::Call => "call",
        Kind::Listen => "subscription",
        Kind::Request => "request",
    };
    let end = match (&life.outcome, life.to) {
        (Some(Outcome { text, .. }), Some(to)) => {
            format!(
                "{text} after {}",
                duration(to.at.saturating_sub(life.from.at))
            )
        }
        _ => "not over when the record ends".to_owned(),
    };
    let begun = duration(life.from.at);
    line(
        text,
        &format!("{kind} {} {}, at {begun}: {end}", life.id, life.label),
    );
    if !life.spans.is_empty() {
        let waits: Vec<_> = life.spans.iter().map(wait).collect();
        line(text, &format!("  waited for {}", waits.join(", ")));
    }
    lines(text, &timeline.moments_of(life), life.from.at);
    text.push('\n');
}

/// `the handshake 4.1 ms`.
fn wait(span: &Span) -> String {
    let what = match (span.exchange, span.what) {
        (Some(exchange), _) => format!("x{exchange}"),
        (None, "authorization") => "new credentials".to_owned(),
        (None, "queue") => "its turn".to_owned(),
        (None, "question") => "an answer of the application".to_owned(),
        (None, "resume") => "the time to resume".to_owned(),
        (None, "retry") => "the time to try again".to_owned(),
        (None, "standalone") => "the standalone stream".to_owned(),
        (None, other) => format!("the {other}"),
    };
    format!(
        "{what} {}",
        duration(span.to.at.saturating_sub(span.from.at))
    )
}

/// The moments, with their times since `from`.
fn lines(text: &mut String, moments: &[(Option<u64>, &Moment)], from: u64) {
    let left_out = moments.len().saturating_sub(TOLD);
    for (at, (exchange, moment)) in moments.iter().enumerate() {
        if left_out > 0 && at == TOLD / 2 {
            line(text, &format!("  … {left_out} more"));
        }
        if left_out > 0 && at >= TOLD / 2 && at < TOLD / 2 + left_out {
            continue;
        }
        let since = duration(moment.when.at.saturating_sub(from));
        let on = exchange.map_or_else(String::new, |id| format!("[x{id}] "));
        line(text, &format!("  +{since:<9} {on}{}", moment.text));
    }
}

fn line(text: &mut String, line: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{}", line.replace('\n', " "));
}

fn count(n: usize, what: &str) -> String {
    match n {
        1 => format!("1 {what}"),
        n => format!("{n} {what}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::duration;

    #[test]
    fn durations_have_about_three_digits() {
        for (micros, text) in [
            (0, "0 ms"),
            (7, "0.01 ms"),
            (1_500, "1.5 ms"),
            (999_900, "1000 ms"),
            (1_250_000, "1.25 s"),
            (30_000_000, "30 s"),
            (600_000_000, "10 min"),
        ] {
            assert_eq!(duration(micros), text);
        }
    }
}
