//! The command line.

mod parse;
mod values;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use serde_json::Value;

pub(crate) use self::parse::parse;

use self::values::{header, host, json_object, seconds, url};
use crate::demo::Driver;
use crate::eras::Eras;

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
    /// Listen to what changes at a server
    Listen(Listen),
    /// Serve MCP on loopback, to try clients against
    Serve(Serve),
    /// Read a record: run it through the machine again, and tell its story
    Replay(Replay),
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
    /// What to answer when the server asks for something on the way, a JSON object; without it, the client
    /// declines
    #[arg(long, value_name = "JSON", value_parser = json_object)]
    pub(crate) answer: Option<Value>,
}

#[derive(Debug, Args)]
pub(crate) struct Tools {
    #[command(flatten)]
    pub(crate) server: Server,
}

#[derive(Debug, Args)]
pub(crate) struct Listen {
    #[command(flatten)]
    pub(crate) server: Server,
    #[command(flatten)]
    pub(crate) wanted: Wanted,
}

/// What to listen to.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub(crate) struct Wanted {
    /// The list of tools
    #[arg(long)]
    pub(crate) tools: bool,
    /// The list of prompts
    #[arg(long)]
    pub(crate) prompts: bool,
    /// The list of resources
    #[arg(long)]
    pub(crate) resources: bool,
    /// One resource; may be given more than once
    #[arg(long = "resource", value_name = "URI")]
    pub(crate) uris: Vec<String>,
}

/// Where the server is, and how to talk to it.
#[derive(Debug, Args)]
pub(crate) struct Server {
    #[arg(value_parser = url, help = "The MCP endpoint, such as http://127.0.0.1:3000/mcp")]
    pub(crate) url: String,
    /// A header for every HTTP request; may be given more than once
    #[arg(long = "header", value_name = "NAME: VALUE", value_parser = header)]
    pub(crate) headers: Vec<(String, String)>,
    /// Which era of the protocol to speak
    #[arg(long, value_enum, default_value_t = Era::Auto)]
    pub(crate) era: Era,
    /// If the server speaks nothing newer, try the deprecated transport of 2024-11-05
    #[arg(long)]
    pub(crate) http_sse: bool,
    /// How long connecting and calling may take, each; without it the client's own bounds hold
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) timeout: Option<Duration>,
    /// Print JSON: what came of it, or the failure
    #[arg(long)]
    pub(crate) json: bool,
    /// Tell on stderr what was seen on the way
    #[arg(long)]
    pub(crate) story: bool,
    #[command(flatten)]
    pub(crate) recorded: Recorded,
}

/// The flight recorder.
#[derive(Debug, Args)]
pub(crate) struct Recorded {
    /// Record each step in this file, for `mcp-sansio replay`. Payloads, session ids and the values of
    /// headers are left out
    #[arg(long, value_name = "FILE")]
    pub(crate) record: Option<PathBuf>,
    /// Record payloads and session ids too, so that the record can be replayed; credentials stay out
    #[arg(long, requires = "record")]
    pub(crate) record_bodies: bool,
}

/// What a client speaks.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum Era {
    /// What the server speaks
    Auto,
    /// 2026-07-28: every request for itself
    Modern,
    /// Up to 2025-11-25: a handshake and a session
    Legacy,
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// The port on 127.0.0.1; 0 takes any free one
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) port: u16,
    /// How requests are answered
    #[arg(long, value_enum, default_value_t = Mode::Adaptive)]
    pub(crate) mode: Mode,
    /// Which eras of the protocol to serve
    #[arg(long, value_enum, default_value_t = Eras::Both)]
    pub(crate) era: Eras,
    /// Give no sessions
    #[arg(long)]
    pub(crate) stateless: bool,
    /// A name beside localhost under which clients may ask, such as that of a tunnel; may be given more
    /// than once
    #[arg(long = "host", value_name = "NAME", value_parser = host)]
    pub(crate) hosts: Vec<String>,
    #[command(flatten)]
    pub(crate) recorded: Recorded,
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
pub(crate) struct Replay {
    /// The record
    pub(crate) file: PathBuf,
    /// Draw it as a page in this file instead of telling the story
    #[arg(long, value_name = "OUT")]
    pub(crate) html: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Whose client is tried
    #[arg(long, value_enum, default_value_t = Driver::Tokio, conflicts_with = "list")]
    pub(crate) driver: Driver,
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
    /// The era that the server speaks, if not all that the incident can be played in
    #[arg(long, value_enum, conflicts_with = "list")]
    pub(crate) era: Option<Eras>,
    /// The port on 127.0.0.1; 0 takes any free one
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) port: u16,
    /// Name the incidents, and do nothing
    #[arg(long)]
    pub(crate) list: bool,
}
