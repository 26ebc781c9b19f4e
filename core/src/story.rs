//! The story of a call: the short list of what was seen for it. Every failure carries it, so that "it
//! hung" becomes "POST sent, 200 SSE at +12 ms, 0 bytes, deadline".

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

use crate::http::Method;
use crate::ids::ExchangeId;
use crate::time::Instant;

/// Lines that a story keeps. Beyond them the middle is left out: the first lines tell how a call began,
/// the last ones why it ended.
const MOST_LINES: usize = 32;
/// Lines at the beginning that are never left out.
const OPENING: usize = 8;

/// What was seen for a call, in order.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Story(Vec<Line>);

impl Story {
    /// The lines, oldest first; 32 at most.
    pub fn lines(&self) -> &[Line] {
        &self.0
    }

    /// The last line that says why the call ended, if one does.
    pub(crate) fn reason(&self) -> Option<&Seen> {
        self.0
            .iter()
            .rev()
            .map(|line| &line.seen)
            .find(|seen| !matches!(seen, Seen::Aborted))
    }

    pub(crate) fn add(&mut self, at: Duration, exchange: Option<ExchangeId>, seen: Seen) {
        if let (Seen::Bytes { count }, Some(last)) = (&seen, self.0.last_mut())
            && last.exchange == exchange
            && let Seen::Bytes { count: before } = &mut last.seen
        {
            *before += count;
            last.at = at;
            return;
        }
        if self.0.len() >= MOST_LINES {
            self.leave_one_out();
        }
        self.0.push(Line { at, exchange, seen });
    }

    fn leave_one_out(&mut self) {
        if let Some(Line {
            seen: Seen::LeftOut { count },
            ..
        }) = self.0.get_mut(OPENING)
        {
            *count += 1;
            self.0.remove(OPENING + 1);
        } else if let Some(line) = self.0.get_mut(OPENING) {
            line.exchange = None;
            line.seen = Seen::LeftOut { count: 2 };
            self.0.remove(OPENING + 1);
        }
    }
}

/// One thing that was seen for a call.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Line {
    /// How long after the application handed the call over.
    pub at: Duration,
    /// The exchange that it was seen on.
    pub exchange: Option<ExchangeId>,
    /// What was seen.
    pub seen: Seen,
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "+{} ", Millis(self.at))?;
        if let Some(exchange) = self.exchange {
            write!(f, "[x{}] ", exchange.as_u64())?;
        }
        write!(f, "{}", self.seen)
    }
}

/// What can be seen for a call.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Seen {
    /// We ended the exchange.
    Aborted,
    /// Bytes of the response's body came.
    Bytes {
        /// How many, since the line before.
        count: u64,
    },
    /// A clock of the call ran out.
    Deadline {
        /// How long it was set to.
        after: Duration,
        /// The idle clock; else the hard maximum or another bound.
        idle: bool,
    },
    /// The response ended.
    Ended,
    /// The exchange failed.
    Failed {
        /// What the driver said.
        detail: String,
    },
    /// The response's head came.
    Head {
        /// Its status.
        status: u16,
    },
    /// Lines were left out here.
    LeftOut {
        /// How many.
        count: u64,
    },
    /// The core's own remark.
    Note {
        /// A sentence.
        text: String,
    },
    /// An HTTP request went out.
    Opened {
        /// Its method.
        method: Method,
    },
    /// Progress with the call's token came.
    Progress,
    /// The call waits before it resumes its stream or is sent again.
    Waiting {
        /// How long.
        delay: Duration,
    },
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Aborted => f.write_str("exchange aborted"),
            Self::Bytes { count: 1 } => f.write_str("1 byte"),
            Self::Bytes { count } => write!(f, "{count} bytes"),
            Self::Deadline { after, idle: true } => {
                write!(f, "no progress for {}", Millis(*after))
            }
            Self::Deadline { after, idle: false } => {
                write!(f, "deadline of {} reached", Millis(*after))
            }
            Self::Ended => f.write_str("response ended"),
            Self::Failed { detail } => f.write_str(detail),
            Self::Head { status } => write!(f, "HTTP {status}"),
            Self::LeftOut { count } => write!(f, "({count} lines left out)"),
            Self::Note { text } => f.write_str(text),
            Self::Opened { method } => write!(f, "{} sent", method.as_str()),
            Self::Progress => f.write_str("progress"),
            Self::Waiting { delay } => write!(f, "waiting {} to try again", Millis(*delay)),
        }
    }
}

/// A duration as people read it: `12 ms`, `1.5 s`, `120 s`.
pub(crate) struct Millis(pub(crate) Duration);

impl fmt::Display for Millis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.0.as_millis();
        if millis < 1_000 {
            write!(f, "{millis} ms")
        } else if millis.is_multiple_of(1_000) {
            write!(f, "{} s", millis / 1_000)
        } else {
            write!(f, "{:.1} s", self.0.as_secs_f64())
        }
    }
}

/// A story that is still being written, with the moment that its times count from.
#[derive(Clone, Debug)]
pub(crate) struct Teller {
    began: Instant,
    story: Story,
}

impl Teller {
    pub(crate) const fn new(began: Instant) -> Self {
        Self {
            began,
            story: Story(Vec::new()),
        }
    }

    pub(crate) const fn began(&self) -> Instant {
        self.began
    }

    pub(crate) fn saw(&mut self, now: Instant, exchange: Option<ExchangeId>, seen: Seen) {
        self.story
            .add(now.saturating_since(self.began), exchange, seen);
    }

    pub(crate) fn note(&mut self, now: Instant, text: impl Into<String>) {
        self.saw(now, None, Seen::Note { text: text.into() });
    }

    pub(crate) const fn so_far(&self) -> &Story {
        &self.story
    }

    pub(crate) fn finish(self) -> Story {
        self.story
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString as _;

    fn note(n: usize) -> Seen {
        Seen::Note {
            text: n.to_string(),
        }
    }

    #[test]
    fn bytes_of_one_exchange_add_up_in_one_line() {
        let mut story = Story::default();
        let exchange = Some(ExchangeId::from_u64(1));
        story.add(Duration::from_millis(1), exchange, Seen::Bytes { count: 2 });
        story.add(Duration::from_millis(5), exchange, Seen::Bytes { count: 3 });
        assert_eq!(story.lines().len(), 1);
        assert_eq!(story.lines()[0].to_string(), "+5 ms [x1] 5 bytes");
    }

    #[test]
    fn a_long_story_keeps_its_beginning_and_its_end() {
        let mut story = Story::default();
        for n in 0..100 {
            story.add(Duration::ZERO, None, note(n));
        }
        assert_eq!(story.lines().len(), MOST_LINES);
        assert_eq!(story.lines()[OPENING - 1].seen, note(OPENING - 1));
        assert_eq!(story.lines()[OPENING].seen, Seen::LeftOut { count: 69 });
        assert_eq!(story.lines()[MOST_LINES - 1].seen, note(99));
    }
}
