//! The command line.

use std::ffi::OsString;
use std::time::Duration;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Args, Parser, Subcommand, ValueEnum};
use serde_json::Value;

use crate::exit::{Exit, Trouble};
use crate::terminal::print;

/// Call MCP servers, and see what becomes of calls to servers that misbehave.
#[derive(Debug, Parser)]
#[command(name = "mcp-sansio", version, max_term_width = 100)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Call a tool and print what it says
    Call(Call),
    /// List the tools of a server
    Tools(Tools),
    /// Serve MCP on loopback, to try clients against
    Serve(Serve),
    /// Play publicly reported incidents over real sockets, and show what each call came to
    Demo(Demo),
    /// Serve MCP on loopback, misbehaving in exactly one way
    Misbehave(Misbehave),
}

#[derive(Debug, Args)]
pub(crate) struct Call {
    #[command(flatten)]
    pub(crate) server: Server,
    /// The tool to call
    pub(crate) tool: String,
    /// Its arguments, a JSON object
    #[arg(value_name = "JSON", value_parser = json_object, default_value = "{}")]
    pub(crate) arguments: Value,
}

#[derive(Debug, Args)]
pub(crate) struct Tools {
    #[command(flatten)]
    pub(crate) server: Server,
}

/// Where the server is, and how to talk to it.
#[derive(Debug, Args)]
pub(crate) struct Server {
    #[arg(value_parser = url, help = "The MCP endpoint, such as http://127.0.0.1:3000/mcp")]
    pub(crate) url: String,
    /// A header for every HTTP request; may be given more than once
    #[arg(long = "header", value_name = "NAME: VALUE", value_parser = header)]
    pub(crate) headers: Vec<(String, String)>,
    /// How long connecting and calling may take, each; without it the client's own bounds hold
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) timeout: Option<Duration>,
    /// Print JSON: the result or the failure
    #[arg(long)]
    pub(crate) json: bool,
    /// Tell on stderr what was seen on the way
    #[arg(long)]
    pub(crate) story: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// The port on 127.0.0.1; 0 takes any free one
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) port: u16,
    /// How requests are answered
    #[arg(long, value_enum, default_value_t = Mode::Adaptive)]
    pub(crate) mode: Mode,
    /// Give no sessions
    #[arg(long)]
    pub(crate) stateless: bool,
    /// A name beside localhost under which clients may ask, such as that of a tunnel; may be given more
    /// than once
    #[arg(long = "host", value_name = "NAME", value_parser = host)]
    pub(crate) hosts: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum Mode {
    /// JSON if the answer comes at once, else an event stream
    Adaptive,
    /// Always JSON
    Json,
    /// Always an event stream
    Sse,
}

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Draw one incident as a picture
    #[arg(long, value_name = "NAME", conflicts_with_all = ["json", "list"])]
    pub(crate) story: Option<String>,
    /// Print one JSON object a line
    #[arg(long, conflicts_with = "list")]
    pub(crate) json: bool,
    /// Name the incidents, and do nothing
    #[arg(long)]
    pub(crate) list: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Misbehave {
    /// The incident; --list names them
    #[arg(required_unless_present = "list", conflicts_with = "list")]
    pub(crate) incident: Option<String>,
    /// The port on 127.0.0.1; 0 takes any free one
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) port: u16,
    /// Name the incidents, and do nothing
    #[arg(long)]
    pub(crate) list: bool,
}

/// Parses the command line. `Err` says how the program ends instead: after its help, or in misuse.
pub(crate) fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Command, Told> {
    match CommandLine::try_parse_from(args) {
        Ok(line) => Ok(line.command),
        Err(error) => Err(match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Told::Help(error.to_string()),
            _ => Told::Trouble(Trouble::misuse(one_line(&error))),
        }),
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
            "give a command: call, tools, serve, demo or misbehave; `mcp-sansio --help` explains them"
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

fn url(text: &str) -> Result<String, String> {
    let rest = text
        .strip_prefix("http://")
        .or_else(|| text.strip_prefix("https://"));
    match rest {
        Some(rest) if !rest.is_empty() && !rest.starts_with('/') => Ok(text.to_owned()),
        Some(_) => Err(format!(
            "{text:?} names no host; write http://127.0.0.1:3000/mcp or the like"
        )),
        None if text.is_empty() || text.starts_with('/') => Err(format!(
            "{text:?} names no host; write http://127.0.0.1:3000/mcp or the like"
        )),
        None if text.contains("://") => Err(format!("{text:?} is neither http nor https")),
        None => Err(format!(
            "{text:?} has no scheme; write http://{text} or https://{text}"
        )),
    }
}

/// A name as it stands in `Host`: `example.com`, `example.com:8080` or `[::1]`.
fn host(text: &str) -> Result<String, String> {
    let form = "write a name such as tunnel.example.com, or with its port, tunnel.example.com:8443";
    if text.contains("://") || text.contains('/') {
        return Err(format!("{text:?} is a URL; {form}"));
    }
    let is_named = |b: u8| b.is_ascii_alphanumeric() || b"-._:[]".contains(&b);
    if text.is_empty() || !text.bytes().all(is_named) {
        return Err(format!("{text:?} is no host; {form}"));
    }
    Ok(text.to_ascii_lowercase())
}

fn json_object(text: &str) -> Result<Value, String> {
    let form = r#"write an object such as '{"text": "hello"}'"#;
    match serde_json::from_str(text) {
        Ok(Value::Object(object)) => Ok(Value::Object(object)),
        Ok(_) => Err(format!("{text:?} is JSON but no object; {form}")),
        Err(error) => Err(format!("{text:?} is no JSON ({error}); {form}")),
    }
}

fn header(text: &str) -> Result<(String, String), String> {
    let form = "write it as 'Name: value'";
    let (name, value) = text
        .split_once(':')
        .ok_or_else(|| format!("{text:?} has no colon; {form}"))?;
    let is_token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    if name.is_empty() || !name.bytes().all(is_token) {
        return Err(format!("{name:?} is no header name; {form}"));
    }
    let value = value.trim();
    if value.bytes().any(|b| b.is_ascii_control() && b != b'\t') {
        return Err(format!(
            "the value of {name} has control characters; {form}"
        ));
    }
    Ok((name.to_ascii_lowercase(), value.to_owned()))
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text
        .parse()
        .map_err(|_| format!("{text:?} is no number; write seconds, such as 30 or 0.5"))?;
    Duration::try_from_secs_f64(seconds)
        .ok()
        .filter(|timeout| !timeout.is_zero())
        .ok_or_else(|| format!("{text:?} must be more than zero; write seconds, such as 30 or 0.5"))
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
            ("demo --json --list", "cannot be used with"),
            ("misbehave", "<INCIDENT> is missing"),
            ("misbehave none --port 99999", "99999"),
            ("serve --mode fast", "adaptive"),
            ("serve --host https://a.example/mcp", "is a URL"),
            ("serve --host a,b", "is no host"),
            ("serve --port x", "invalid digit"),
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

    #[test]
    fn a_header_is_trimmed_and_its_name_in_lower_case() {
        assert_eq!(
            header("Authorization:  Bearer a:b "),
            Ok(("authorization".to_owned(), "Bearer a:b".to_owned()))
        );
    }
}
