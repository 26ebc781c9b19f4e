//! The clients, our server's modes, and what is expected of both. What one cannot do stands here with its
//! reason; the table at the end repeats it.

use std::ffi::OsString;

use mcp_sansio_tokio::server::ResponseMode;

use super::scenarios::Scenario;
use super::server::Answering;
use crate::options::Options;
use crate::process::Launch;

/// An official client.
pub(crate) struct Client {
    pub(crate) name: &'static str,
    /// The version that is pinned, and that the client must report.
    pub(crate) version: &'static str,
    pub(crate) program: Program,
    /// Whether it makes a new session by itself when the server has lost the old one.
    pub(crate) reinitializes: bool,
    /// Whether all of it ends when a request's connection breaks before the response has begun.
    pub(crate) falls_with_connections: bool,
    /// What it cannot do.
    absent: &'static [(Scenario, &'static str)],
}

pub(crate) enum Program {
    /// A file of `peers/typescript/src/clients`.
    Node(&'static str),
    Python,
    Rmcp,
    /// The Inspector's command line, which makes one request and ends.
    Inspector,
}

/// A way in which our server answers.
pub(crate) struct Mode {
    pub(crate) name: &'static str,
    pub(crate) answering: Answering,
    /// Whether a call's answer can be had after its connection broke.
    pub(crate) resumable: bool,
    /// What nobody can do in it.
    absent: &'static [(Scenario, &'static str)],
}

impl Client {
    /// Why a scenario cannot be played with it in this mode, if so.
    pub(crate) fn reason_against(&self, mode: &Mode, scenario: Scenario) -> Option<&'static str> {
        if matches!(self.program, Program::Inspector) && !INSPECTED.contains(&scenario) {
            return Some(ONE_REQUEST);
        }
        let mut absent = self.absent.iter().chain(mode.absent);
        absent
            .find(|(absent, _)| *absent == scenario)
            .map(|(_, reason)| *reason)
    }

    /// How to start the program that plays; the Inspector has none.
    pub(crate) fn launch(&self, options: &Options, mode: &Mode) -> Option<Launch> {
        let peers = &options.peers;
        let (program, file) = match self.program {
            Program::Node(file) => {
                let file = peers.join("typescript/src/clients").join(file);
                ("node".into(), Some(file.into()))
            }
            Program::Python => {
                let file = concat!(env!("CARGO_MANIFEST_DIR"), "/peers/python/client.py");
                (peers.join("python/bin/python"), Some(OsString::from(file)))
            }
            Program::Rmcp => {
                let program = "mcp-sansio-interop-rmcp-client";
                (options.rmcp.with_file_name(program), None)
            }
            Program::Inspector => return None,
        };
        let log = format!("client-{}-{}.stderr", self.name, mode.name);
        Some(Launch {
            program,
            arguments: file.into_iter().collect(),
            log: options.logs.join(log),
            version: self.version,
        })
    }
}

/// What the Inspector's command line can play.
const INSPECTED: [Scenario; 3] = [Scenario::Look, Scenario::Read, Scenario::Calls];

const ONE_REQUEST: &str = "the Inspector's command line makes one request and ends";
const ONE_REVISION: &str = "the SDK's client asks for its newest revision only";
const NO_PROBE: &str = "the first generation of the TypeScript SDK knows one era";
const JSON_IS_ONE_ANSWER: &str = "a JSON answer has no room for what a call says before it";
const JSON_IS_NO_STREAM: &str = "a JSON answer is no stream that could be dropped and resumed";
const NO_STANDALONE_STREAM: &str = "without sessions there is no standalone stream";
const NO_SESSIONS: &str = "this mode keeps no sessions";
const NOT_PRIMED: &str = "without sessions there is nothing to resume from";
const ANSWER_FINDS_NO_CALL: &str =
    "without sessions the client's answer cannot find the call that asked";
const CANCEL_FINDS_NO_CALL: &str = "without sessions a cancel cannot find the call";

/// All modes, in the order of the table.
pub(crate) const MODES: &[Mode] = &[
    Mode {
        name: "adaptive",
        answering: Answering {
            sessions: true,
            mode: ResponseMode::Adaptive,
        },
        resumable: true,
        absent: &[],
    },
    Mode {
        name: "sse",
        answering: Answering {
            sessions: true,
            mode: ResponseMode::Sse,
        },
        resumable: true,
        absent: &[],
    },
    Mode {
        name: "json",
        answering: Answering {
            sessions: true,
            mode: ResponseMode::Json,
        },
        resumable: false,
        absent: &[
            (Scenario::Progress, JSON_IS_ONE_ANSWER),
            (Scenario::SampleOnCall, JSON_IS_ONE_ANSWER),
            (Scenario::ElicitOnCall, JSON_IS_ONE_ANSWER),
            (Scenario::NotifyOnCall, JSON_IS_ONE_ANSWER),
            (Scenario::Resume, JSON_IS_NO_STREAM),
        ],
    },
    Mode {
        name: "stateless",
        answering: Answering {
            sessions: false,
            mode: ResponseMode::Adaptive,
        },
        resumable: false,
        absent: &[
            (Scenario::SampleOnCall, ANSWER_FINDS_NO_CALL),
            (Scenario::SampleStandalone, NO_STANDALONE_STREAM),
            (Scenario::ElicitOnCall, ANSWER_FINDS_NO_CALL),
            (Scenario::ElicitStandalone, NO_STANDALONE_STREAM),
            (Scenario::NotifyStandalone, NO_STANDALONE_STREAM),
            (Scenario::Resume, NOT_PRIMED),
            (Scenario::CutStandalone, NO_STANDALONE_STREAM),
            (Scenario::Expiry, NO_SESSIONS),
            (Scenario::HandlerReturns, NO_SESSIONS),
            (Scenario::Cancel, CANCEL_FINDS_NO_CALL),
            (Scenario::TimeOut, CANCEL_FINDS_NO_CALL),
            (Scenario::Close, NO_SESSIONS),
        ],
    },
];

/// All clients, in the order of the table.
pub(crate) const CLIENTS: &[Client] = &[
    Client {
        name: "ts-sdk",
        version: "1.32.2",
        program: Program::Node("v1.js"),
        reinitializes: false,
        falls_with_connections: false,
        absent: &[
            (Scenario::Revisions, ONE_REVISION),
            (Scenario::Probe, NO_PROBE),
        ],
    },
    Client {
        name: "ts-client",
        version: "2.4.0",
        program: Program::Node("v2.js"),
        reinitializes: false,
        falls_with_connections: false,
        absent: &[],
    },
    Client {
        name: "python",
        version: "2.3.0",
        program: Program::Python,
        reinitializes: false,
        falls_with_connections: true,
        absent: &[(Scenario::Revisions, ONE_REVISION)],
    },
    Client {
        name: "rmcp",
        version: "3.8.0",
        program: Program::Rmcp,
        reinitializes: true,
        falls_with_connections: false,
        absent: &[],
    },
    Client {
        name: "inspector",
        version: "2.12.0",
        program: Program::Inspector,
        reinitializes: false,
        falls_with_connections: false,
        absent: &[],
    },
];
