//! From the command line to a command, or to a line that says what is wrong with it.

use std::ffi::OsString;

use clap::Parser as _;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::{Command, CommandLine, Era};
use crate::exit::{Exit, Trouble};
use crate::terminal::print;

/// Parses the command line. `Err` says how the program ends instead: after its help, or in misuse.
pub(crate) fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Command, Told> {
    match CommandLine::try_parse_from(args) {
        Ok(line) => line.command.check().map_err(Told::Trouble),
        Err(error) => Err(match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Told::Help(error.to_string()),
            _ => Told::Trouble(Trouble::misuse(one_line(&error))),
        }),
    }
}

impl Command {
    /// Checks what the parser cannot.
    fn check(self) -> Result<Self, Trouble> {
        let server = match &self {
            Self::Call(call) => &call.server,
            Self::Tools(tools) => &tools.server,
            Self::Listen(listen) => &listen.server,
            Self::Serve(_) | Self::Replay(_) | Self::Demo(_) | Self::Misbehave(_) => {
                return Ok(self);
            }
        };
        if server.http_sse && server.era == Era::Modern {
            return Err(Trouble::misuse(
                "--http-sse asks for a legacy transport; leave it or --era modern out".into(),
            ));
        }
        Ok(self)
    }
}

/// Why there is no command to run.
#[derive(Debug)]
pub(crate) enum Told {
    Help(String),
    Trouble(Trouble),
}

impl Told {
    /// Tells it, and gives the exit code.
    pub(crate) fn tell(self) -> Exit {
        match self {
            Self::Help(text) => {
                print(text.trim_end());
                Exit::Success
            }
            Self::Trouble(trouble) => trouble.tell(),
        }
    }
}

/// What the parser says over several lines, in one.
fn one_line(error: &clap::Error) -> String {
    let help = "`mcp-sansio --help` shows how";
    let context = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        Some(ContextValue::Strings(texts)) => Some(texts.join(" ")),
        _ => None,
    };
    match error.kind() {
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            "give a command: call, tools, listen, serve, replay, demo or misbehave; `mcp-sansio --help` explains them"
                .into()
        }
        ErrorKind::MissingRequiredArgument => {
            let missing = context(ContextKind::InvalidArg).unwrap_or_default();
            format!("{missing} is missing; {help}")
        }
        ErrorKind::InvalidValue => {
            let of = |kind| context(kind).unwrap_or_default();
            let valid = of(ContextKind::ValidValue).replace(' ', ", ");
            let (argument, value) = (of(ContextKind::InvalidArg), of(ContextKind::InvalidValue));
            format!("{argument}: {value:?} is none of {valid}")
        }
        ErrorKind::ValueValidation => {
            let text = error.to_string();
            let first = text.lines().next().unwrap_or_default();
            // "invalid value '..' for '<URL>': the sentence of the parser below".
            let (what, why) = first.split_once("': ").unwrap_or(("", first));
            let argument = what.rsplit_once('\'').map_or("", |(_, argument)| argument);
            format!("{argument}: {why}")
        }
        _ => {
            let text = error.to_string();
            let first = text.lines().next().unwrap_or_default();
            format!("{}; {help}", first.trim_start_matches("error: "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn misuse(line: &str) -> String {
        let args = line.split_whitespace().map(OsString::from);
        match parse(std::iter::once("mcp-sansio".into()).chain(args)) {
            Err(Told::Trouble(trouble)) => format!("{trouble:?}"),
            other => panic!("{line:?} gave {other:?}"),
        }
    }

    #[test]
    fn misuse_says_what_to_write_instead() {
        for (line, hint) in [
            ("", "give a command"),
            ("call", "<URL> <TOOL> is missing"),
            ("call localhost:1/mcp echo", "write http://localhost:1/mcp"),
            ("call ftp://localhost/mcp echo", "neither http nor https"),
            ("call http:///mcp echo", "names no host"),
            ("call /mcp echo", "names no host"),
            ("call http://localhost/mcp echo {", "is no JSON"),
            ("call http://localhost/mcp echo [1]", "no object"),
            (
                "tools http://localhost/mcp --timeout -1",
                "unexpected argument",
            ),
            ("tools http://localhost/mcp --timeout 0", "more than zero"),
            ("tools http://localhost/mcp --timeout soon", "no number"),
            ("tools http://localhost/mcp --header a", "has no colon"),
            (
                "tools http://localhost/mcp --header a(b:c",
                "no header name",
            ),
            (
                "tools http://localhost/mcp --era new",
                "auto, modern, legacy",
            ),
            (
                "tools http://localhost/mcp --era modern --http-sse",
                "leave it or --era modern out",
            ),
            ("call http://localhost/mcp echo --answer yes", "is no JSON"),
            ("listen http://localhost/mcp", "--tools"),
            ("listen http://localhost/mcp --resource", "--resource"),
            ("serve --era auto", "both, modern, legacy"),
            ("demo --json --list", "cannot be used with"),
            ("misbehave", "<INCIDENT> is missing"),
            ("misbehave none --port 99999", "99999"),
            ("serve --mode fast", "adaptive"),
            ("serve --host https://a.example/mcp", "is a URL"),
            ("serve --host a,b", "is no host"),
            ("serve --port x", "invalid digit"),
            ("replay", "<FILE> is missing"),
            ("serve --record-bodies", "--record"),
            ("frobnicate", "frobnicate"),
        ] {
            let said = misuse(line);
            assert!(said.contains(hint), "{line:?} gave {said}");
            assert!(
                !said.contains("\\n"),
                "{line:?} gave more than a line: {said}"
            );
        }
    }
}
