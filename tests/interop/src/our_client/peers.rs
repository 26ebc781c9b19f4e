//! The peers, and what is expected of them. What a peer cannot do stands here with its reason; the
//! table at the end repeats it.

use std::ffi::OsString;
use std::time::Duration;

use super::scenarios::Scenario;
use crate::options::Options;
use crate::process::Launch;

/// An official SDK's server.
pub(crate) struct Peer {
    pub(crate) name: &'static str,
    /// The version that is pinned, and that the running peer must report.
    pub(crate) version: &'static str,
    program: Program,
    pub(crate) modes: &'static [Mode],
}

enum Program {
    /// A file of `peers/typescript/src`.
    Node(&'static str),
    Python,
    Rmcp,
}

/// A way in which a peer answers; its name is the peer's command line argument.
pub(crate) struct Mode {
    pub(crate) name: &'static str,
    /// Whether the peer keeps sessions.
    pub(crate) sessions: bool,
    /// Whether a call's answer can be had after its connection broke.
    pub(crate) resumable: bool,
    /// Whether a session can end for idleness while a call is in flight.
    pub(crate) expires_under_calls: bool,
    /// How it says that it has no such tool.
    pub(crate) unknown_tool: UnknownTool,
    /// What it cannot do.
    absent: &'static [(Scenario, &'static str)],
}

/// The protocol's pages ask for an error; some SDKs say it in a result.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum UnknownTool {
    Error,
    FailedResult,
}

impl Mode {
    /// Why a scenario cannot be played, if so.
    pub(crate) fn reason_against(&self, scenario: Scenario) -> Option<&'static str> {
        self.absent
            .iter()
            .find(|(absent, _)| *absent == scenario)
            .map(|(_, reason)| *reason)
    }
}

impl Peer {
    /// How to start it in a mode. Its sessions end when they were idle for `idle`, if that is given.
    pub(crate) fn launch(&self, options: &Options, mode: &Mode, idle: Option<Duration>) -> Launch {
        let (program, file) = match self.program {
            Program::Node(file) => {
                let file = options.peers.join("typescript/src").join(file);
                ("node".into(), Some(file))
            }
            Program::Python => {
                let file = concat!(env!("CARGO_MANIFEST_DIR"), "/peers/python/server.py");
                (options.peers.join("python/bin/python"), Some(file.into()))
            }
            Program::Rmcp => (options.rmcp.clone(), None),
        };
        let file = file.map(OsString::from);
        let idle = idle.map(|idle| idle.as_millis().to_string().into());
        let log = format!("{}-{}.stderr", self.name, mode.name);
        Launch {
            program,
            arguments: file
                .into_iter()
                .chain([mode.name.into()])
                .chain(idle)
                .collect(),
            log: options.logs.join(log),
            version: self.version,
        }
    }
}

const JSON_IS_ONE_ANSWER: &str = "in JSON mode the SDK drops what a call says before its answer";
const JSON_ASKS_NOTHING: &str =
    "in JSON mode the SDK drops (TypeScript) or refuses (Python) a request that belongs to a call";
const JSON_IS_NO_STREAM: &str = "a JSON answer is no stream that could be dropped and resumed";
const NO_STANDALONE_STREAM: &str = "without sessions there is no standalone stream";
const NO_SESSIONS: &str = "this mode keeps no sessions";
const NO_EVENT_STORE: &str = "without sessions there is no event store to resume from";
const ANSWER_FINDS_NO_CALL: &str =
    "without sessions the client's answer cannot find the call that asked";
const TS_NEVER_EXPIRES: &str = "the TypeScript SDK has no idle timer for sessions";
const RMCP_NOTIFIES_APART: &str =
    "rmcp sends all notifications but progress on the standalone stream";

/// All peers, in the order of the table.
pub(crate) const PEERS: &[Peer] = &[
    Peer {
        name: "ts-sdk",
        version: "1.32.2",
        program: Program::Node("v1.js"),
        modes: &[
            Mode {
                name: "json",
                sessions: true,
                resumable: false,
                expires_under_calls: false,
                unknown_tool: UnknownTool::FailedResult,
                absent: &[
                    (Scenario::Progress, JSON_IS_ONE_ANSWER),
                    (Scenario::AskOnCall, JSON_ASKS_NOTHING),
                    (Scenario::NotifyOnCall, JSON_IS_ONE_ANSWER),
                    (Scenario::Resume, JSON_IS_NO_STREAM),
                    (Scenario::Expiry, TS_NEVER_EXPIRES),
                ],
            },
            Mode {
                name: "sse",
                sessions: true,
                resumable: true,
                expires_under_calls: false,
                unknown_tool: UnknownTool::FailedResult,
                absent: &[(Scenario::Expiry, TS_NEVER_EXPIRES)],
            },
        ],
    },
    Peer {
        name: "ts-server",
        version: "2.4.0",
        program: Program::Node("v2.js"),
        modes: &[
            Mode {
                name: "json",
                sessions: true,
                resumable: false,
                expires_under_calls: false,
                unknown_tool: UnknownTool::Error,
                absent: &[
                    (Scenario::Progress, JSON_IS_ONE_ANSWER),
                    (Scenario::AskOnCall, JSON_ASKS_NOTHING),
                    (Scenario::NotifyOnCall, JSON_IS_ONE_ANSWER),
                    (Scenario::Resume, JSON_IS_NO_STREAM),
                    (Scenario::Expiry, TS_NEVER_EXPIRES),
                ],
            },
            Mode {
                name: "sse",
                sessions: true,
                resumable: true,
                expires_under_calls: false,
                unknown_tool: UnknownTool::Error,
                absent: &[(Scenario::Expiry, TS_NEVER_EXPIRES)],
            },
            Mode {
                name: "stateless",
                sessions: false,
                resumable: false,
                expires_under_calls: false,
                unknown_tool: UnknownTool::Error,
                absent: &[
                    (Scenario::AskOnCall, ANSWER_FINDS_NO_CALL),
                    (Scenario::AskStandalone, NO_STANDALONE_STREAM),
                    (Scenario::NotifyStandalone, NO_STANDALONE_STREAM),
                    (Scenario::CutStandalone, NO_STANDALONE_STREAM),
                    (Scenario::Resume, NO_EVENT_STORE),
                    (Scenario::Expiry, NO_SESSIONS),
                    (Scenario::Evicted, NO_SESSIONS),
                    (Scenario::GoOn, NO_SESSIONS),
                    (Scenario::Close, NO_SESSIONS),
                ],
            },
        ],
    },
    Peer {
        name: "python",
        version: "2.3.0",
        program: Program::Python,
        modes: &[
            Mode {
                name: "json",
                sessions: true,
                resumable: false,
                expires_under_calls: false,
                unknown_tool: UnknownTool::FailedResult,
                absent: &[
                    (Scenario::Progress, JSON_IS_ONE_ANSWER),
                    (Scenario::AskOnCall, JSON_ASKS_NOTHING),
                    (Scenario::NotifyOnCall, JSON_IS_ONE_ANSWER),
                    (Scenario::Resume, JSON_IS_NO_STREAM),
                ],
            },
            Mode {
                name: "sse",
                sessions: true,
                resumable: true,
                expires_under_calls: false,
                unknown_tool: UnknownTool::FailedResult,
                absent: &[],
            },
        ],
    },
    Peer {
        name: "rmcp",
        version: "3.8.0",
        program: Program::Rmcp,
        modes: &[
            Mode {
                name: "json",
                sessions: false,
                resumable: false,
                expires_under_calls: false,
                unknown_tool: UnknownTool::Error,
                absent: &[
                    (Scenario::AskOnCall, ANSWER_FINDS_NO_CALL),
                    (Scenario::AskStandalone, NO_STANDALONE_STREAM),
                    (Scenario::NotifyStandalone, NO_STANDALONE_STREAM),
                    (Scenario::CutStandalone, NO_STANDALONE_STREAM),
                    (Scenario::Resume, NO_EVENT_STORE),
                    (Scenario::Expiry, NO_SESSIONS),
                    (Scenario::Evicted, NO_SESSIONS),
                    (Scenario::GoOn, NO_SESSIONS),
                    (Scenario::Close, NO_SESSIONS),
                ],
            },
            Mode {
                name: "sse",
                sessions: true,
                resumable: true,
                expires_under_calls: true,
                unknown_tool: UnknownTool::Error,
                absent: &[(Scenario::NotifyOnCall, RMCP_NOTIFIES_APART)],
            },
        ],
    },
];
