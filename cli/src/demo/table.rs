//! Reports for people: a table that grows as the incidents are played.

use std::time::Duration;

use mcp_sansio_tokio::Execution;

use super::play::Play;
use super::report::{CallReport, Report};
use crate::exit::Exit;
use crate::terminal::{Paint, Tone, print, print_part};

/// The columns: incident, era, reported as, call, came to, after.
const COLUMNS: usize = 6;
/// Their widths.
const WIDTHS: [usize; COLUMNS] = [23, 7, 26, 9, 30, 8];
/// From one end of the table to the other, the mark included.
const WHOLE: usize = 2 + 23 + 7 + 26 + 9 + 30 + 8;

pub(super) struct Table {
    paint: Paint,
    incidents: usize,
    calls: usize,
    subscriptions: usize,
    broken: usize,
}

impl Table {
    pub(super) const fn new(paint: Paint) -> Self {
        Self {
            paint,
            incidents: 0,
            calls: 0,
            subscriptions: 0,
            broken: 0,
        }
    }

    pub(super) fn begin(&self) {
        let titles = ["incident", "era", "reported as", "call", "came to", "after"];
        let line = format!("  {}", columns(titles));
        print(&self.paint.tone(Tone::Head, &line));
        print(&self.rule());
    }

    /// Shows what is being played, to those who watch.
    pub(super) fn announce(&self, play: &Play) {
        if Paint::is_watched() {
            let [name, era, reported] = names(play);
            let line = format!("\u{b7} {}", columns([name, era, reported, "", "", ""]));
            print_part(&self.paint.tone(Tone::Quiet, line.trim_end()));
        }
    }

    pub(super) fn add(&mut self, report: &Report) {
        self.incidents += 1;
        let subscriptions = report.calls.iter().filter(|call| call.is_subscription);
        let subscriptions = subscriptions.count();
        self.subscriptions += subscriptions;
        self.calls += report.calls.len() - subscriptions;
        self.broken += usize::from(!report.holds());
        if Paint::is_watched() {
            print_part("\r\x1b[2K");
        }
        let mark = if report.holds() {
            self.paint.tone(Tone::Good, "\u{2713}")
        } else {
            self.paint.tone(Tone::Bad, "\u{2717}")
        };
        let (mut mark_shown, mut names) = (mark.as_str(), names(report.play));
        for group in groups(&report.calls) {
            self.print_group(mark_shown, names, group);
            (mark_shown, names) = (" ", [""; 3]);
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
            subscriptions,
            broken,
        } = self;
        let took = took.as_secs_f64();
        if broken == 0 {
            let sum = format!(
                "  {incidents} incidents, {calls} calls and {subscriptions} subscriptions, {took:.1} s. \
                 Each settled once, in time, with the outcome it had to have."
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

    fn print_group(&self, mark: &str, [name, era, reported]: [&str; 3], group: &[CallReport]) {
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
        let [name, era, reported, call, came_to, after] =
            cells([name, era, reported, &call, &came_to(first), &after]);
        let reported = self.paint.tone(Tone::Quiet, &reported);
        let came_to = self.paint.tone(tone(first), &came_to);
        print(&format!(
            "{mark} {name}{era}{reported}{call}{came_to}{after}"
        ));
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

/// What the columns say of the incident itself.
fn names(play: &Play) -> [&'static str; 3] {
    [play.name, play.eras.as_str(), play.reported_as()]
}

fn columns(texts: [&str; COLUMNS]) -> String {
    cells(texts).concat()
}

/// Each text in the width of its column; the last one to the right.
fn cells(texts: [&str; COLUMNS]) -> [String; COLUMNS] {
    let mut at = 0;
    texts.map(|text| {
        let width = WIDTHS[at];
        at += 1;
        if at == COLUMNS {
            format!("{text:>width$}")
        } else {
            format!("{text:width$}")
        }
    })
}
