//! Writing for people: to stdout what was asked for, to stderr what happened on the way.

use std::io::{IsTerminal as _, Write as _};

/// Prints a line to stdout. A reader that has left (`| head`) is no reason to fail.
pub(crate) fn print(line: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

/// Prints a part of a line to stdout, at once.
pub(crate) fn print_part(text: &str) {
    let mut stdout = std::io::stdout().lock();
    let _ = write!(stdout, "{text}").and_then(|()| stdout.flush());
}

/// Prints a line to stderr.
pub(crate) fn complain(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// Prints a part of a line to stderr, at once.
pub(crate) fn complain_part(text: &str) {
    let mut stderr = std::io::stderr().lock();
    let _ = write!(stderr, "{text}").and_then(|()| stderr.flush());
}

/// Whether a person watches stderr.
pub(crate) fn stderr_is_watched() -> bool {
    std::io::stderr().is_terminal()
}

/// Colours, where stdout is a terminal that wants them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Paint {
    on: bool,
}

/// What a text means; how that looks is decided in one place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Tone {
    Bad,
    Good,
    Head,
    Plain,
    Quiet,
    Warn,
}

impl Paint {
    /// For stdout: on if it is a terminal and `NO_COLOR` is not set.
    pub(crate) fn for_stdout() -> Self {
        let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        Self {
            on: wanted && std::io::stdout().is_terminal(),
        }
    }

    /// No colours.
    #[cfg(test)]
    pub(crate) const fn none() -> Self {
        Self { on: false }
    }

    /// Whether a person watches stdout.
    pub(crate) fn is_watched() -> bool {
        std::io::stdout().is_terminal()
    }

    pub(crate) fn tone(self, tone: Tone, text: &str) -> String {
        let code = match tone {
            _ if !self.on => return text.to_owned(),
            Tone::Plain => return text.to_owned(),
            Tone::Bad => "31",
            Tone::Good => "32",
            Tone::Head => "1",
            Tone::Quiet => "2",
            Tone::Warn => "33",
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }
}

/// Text of a server without what could steer the terminal.
pub(crate) fn printable(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\n' | '\t' => c,
            c if c.is_control() => '\u{fffd}',
            c => c,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_cannot_steer_the_terminal() {
        assert_eq!(
            printable("a\tb\n\x1b[2Jc\u{9b}"),
            "a\tb\n\u{fffd}[2Jc\u{fffd}"
        );
    }

    #[test]
    fn without_colours_texts_stay_as_they_are() {
        assert_eq!(Paint::none().tone(Tone::Bad, "x"), "x");
        assert_eq!(Paint { on: true }.tone(Tone::Bad, "x"), "\x1b[31mx\x1b[0m");
    }
}
