//! Reports for people: a table that grows as the incidents are played.

use std::time::Duration;

use mcp_sansio_tokio::Execution;

use super::play::Play;
use super::report::{CallReport, Report};
use crate::exit::Exit;
use crate::terminal::{Paint, Tone, print, print_part};

/// The widths of the columns: incident, reported as, call, came to, after.
const WIDTHS: [usize; 5] = [24, 26, 9, 31, 8];
/// From one end of the table to the other, the mark included.
const WHOLE: usize = 2 + 24 + 26 + 9 + 31 + 8;

pub(super) struct Table {
    paint: Paint,
    incidents: usize,
    calls: usize,
    broken: usize,
}

impl Table {
    pub(super) const fn new(paint: Paint) -> Self {
        Self {
            paint,
            incidents: 0,
            calls: 0,
            broken: 0,
        }
    }

    pub(super) fn begin(&self) {
        let titles = ["incident", "reported as", "call", "came to", "after"];
        let line = format!("  {}", columns(titles));
        print(&self.paint.tone(Tone::Head, &line));
        print(&self.rule());
    }

    /// Shows what is being played, to those who watch.
    pub(super) fn announce(&self, play: &Play) {
        if Paint::is_watched() {
            let line = format!(
                "\u{b7} {}",
                columns([play.name, play.reported_as(), "", "", ""])
            );
            print_part(&self.paint.tone(Tone::Quiet, line.trim_end()));
        }
    }

    pub(super) fn add(&mut self, report: &Report) {
        self.incidents += 1;
        self.calls += report.calls.len();
        self.broken += usize::from(!report.holds());
        if Paint::is_watched() {
            print_part("\r\x1b[2K");
        }
        let mark = if report.holds() {
            self.paint.tone(Tone::Good, "\u{2713}")
        } else {
            self.paint.tone(Tone::Bad, "\u{2717}")
        };
        let mut names = [mark.as_str(), report.play.name, report.play.reported_as()];
        for group in groups(&report.calls) {
            self.print_group(names, group);
            names = [" ", "", ""];
        }
        if report.calls.is_empty() {
            print(&format!("{mark} {}", report.play.name));
        }
        for broken in &report.broken {
            print(&self.paint.tone(Tone::Bad, &format!("    {broken}")));
        }
    }

    /// Sums up, and gives the program's exit code.
    pub(super) fn end(self, took: Duration) -> Exit {
        print(&self.rule());
        let Self {
            paint,
            incidents,
            calls,
            broken,
        } = self;
        let took = took.as_secs_f64();
        if broken == 0 {
            let sum = format!(
                "  {incidents} incidents, {calls} calls, {took:.1} s. Each call settled once, in time, \
                 with the outcome it had to have."
            );
            print(&paint.tone(Tone::Good, &sum));
            Exit::Success
        } else {
            let sum = format!(
                "  {broken} of {incidents} incidents broke a promise; `mcp-sansio demo --story NAME` \
                 draws one."
            );
            print(&paint.tone(Tone::Bad, &sum));
            Exit::Failure
        }
    }

    fn print_group(&self, [mark, name, reported]: [&str; 3], group: &[CallReport]) {
        let Some(first) = group.first() else { return };
        let call = match group.len() {
            1 => first.call.clone(),
            times => format!("{} \u{d7}{times}", first.call),
        };
        let slowest = group.iter().map(|call| call.elapsed).max();
        let after = match slowest.unwrap_or_default().as_millis() {
            0 => "<1 ms".to_owned(),
            millis => format!("{millis} ms"),
        };
        let [left, reported, call, came_to, after] =
            cells([name, reported, &call, &came_to(first), &after]);
        let reported = self.paint.tone(Tone::Quiet, &reported);
        let came_to = self.paint.tone(tone(first), &came_to);
        print(&format!("{mark} {left}{reported}{call}{came_to}{after}"));
    }

    fn rule(&self) -> String {
        self.paint.tone(Tone::Quiet, &"\u{2500}".repeat(WHOLE))
    }
}

/// What a call came to, in a few words.
pub(super) fn came_to(call: &CallReport) -> String {
    let word = call.word().replace('_', " ");
    match call.execution() {
        None => word,
        Some(Execution::NotSent) => format!("{word}, not sent"),
        Some(Execution::Refused) => format!("{word}, did not run"),
        Some(Execution::Unknown) => format!("{word}, may have run"),
    }
}

/// How that looks.
pub(super) fn tone(call: &CallReport) -> Tone {
    match call.word() {
        "result" => Tone::Good,
        "unsettled" => Tone::Bad,
        _ => Tone::Warn,
    }
}

/// Calls of the same tool that came to the same, side by side.
fn groups(calls: &[CallReport]) -> impl Iterator<Item = &[CallReport]> {
    calls.chunk_by(|one, other| {
        (&one.call, one.word(), one.execution()) == (&other.call, other.word(), other.execution())
    })
}

fn columns(texts: [&str; 5]) -> String {
    cells(texts).concat()
}

/// Each text in the width of its column; the last one to the right.
fn cells(texts: [&str; 5]) -> [String; 5] {
    let mut at = 0;
    texts.map(|text| {
        let width = WIDTHS[at];
        at += 1;
        if at == WIDTHS.len() {
            format!("{text:>width$}")
        } else {
            format!("{text:width$}")
        }
    })
}
