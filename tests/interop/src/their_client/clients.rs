//! The clients, our server's modes, and what is expected of both. What one cannot do stands here with its
//! reason; the table at the end repeats it.

use std::ffi::OsString;

use mcp_sansio_tokio::Era;
use mcp_sansio_tokio::server::ResponseMode;

use super::server::Answering;
use crate::options::Options;
use crate::process::Launch;
use crate::suite::{self, Absent, Asked, Column};

/// An official client.
pub(crate) struct Client {
    pub(crate) name: &'static str,
    /// The version that is pinned, and that the client must report.
    pub(crate) version: &'static str,
    pub(crate) program: Program,
    /// The eras that it can be told to ask for.
    asks: &'static [Asked],
    /// Whether it makes a new session by itself when the server has lost the old one.
    pub(crate) reinitializes: bool,
    /// Whether all of it ends when a request's connection breaks before the response has begun.
    pub(crate) falls_with_connections: bool,
    /// What it cannot do in the legacy era, and in the modern one.
    absent: [&'static [Absent]; 2],
}

#[derive(PartialEq)]
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
    /// What nobody can do in it, in the legacy era, and in the modern one.
    absent: [&'static [Absent]; 2],
}

/// A client, a mode of our server, and the era that the client asks for.
#[derive(Clone, Copy)]
pub(crate) struct Way {
    pub(crate) client: &'static Client,
    pub(crate) mode: &'static Mode,
    pub(crate) asked: Asked,
}

impl Way {
    /// All modes by a client that asks for the legacy era; all but the last, which is the same without
    /// sessions, by one that asks for the modern era; the first by one that looks for itself.
    pub(super) fn all() -> Vec<Self> {
        let of_client = |client: &'static Client| {
            client.asks.iter().flat_map(move |&asked| {
                let modes = match asked {
                    Asked::Legacy => MODES,
                    Asked::Modern => &MODES[..MODES.len() - 1],
                    Asked::Auto => &MODES[..1],
                };
                modes.iter().map(move |mode| Self {
                    client,
                    mode,
                    asked,
                })
            })
        };
        CLIENTS.iter().flat_map(of_client).collect()
    }

    /// The era that is spoken: our server prefers what its clients prefer.
    pub(crate) fn spoken(self) -> Era {
        match self.asked {
            Asked::Legacy => Era::Legacy,
            Asked::Modern | Asked::Auto => Era::Modern,
        }
    }

    /// Whether sessions are kept.
    pub(crate) fn has_sessions(self) -> bool {
        self.spoken() == Era::Legacy && self.mode.answering.sessions
    }

    /// Whether a call's answer can be had after its connection broke.
    pub(crate) fn is_resumable(self) -> bool {
        self.has_sessions() && self.mode.answering.mode != ResponseMode::Json
    }

    /// How to start the program that plays; the Inspector has none.
    pub(crate) fn launch(self, options: &Options) -> Option<Launch> {
        let peers = &options.peers;
        let (program, file) = match self.client.program {
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
        let log = format!(
            "client-{}-{}-{}.stderr",
            self.client.name, self.mode.name, self.asked
        );
        Some(Launch {
            program,
            arguments: file.into_iter().collect(),
            log: options.logs.join(log),
            version: self.client.version,
        })
    }
}

impl suite::Way for Way {
    fn column(self) -> Column {
        Column {
            peer: self.client.name,
            version: self.client.version,
            mode: self.mode.name,
            asked: self.asked,
            spoken: self.spoken(),
        }
    }

    fn absent(self) -> Vec<Absent> {
        let era = match self.spoken() {
            Era::Legacy => 0,
            Era::Modern => 1,
        };
        [self.client.absent[era], self.mode.absent[era]].concat()
    }
}

const ONE_REQUEST: &str = "the Inspector's command line makes one request and ends";
const ONE_REQUEST_LEGACY: Absent = (
    ONE_REQUEST,
    &[
        "revisions",
        "ping",
        "unknown-tool",
        "unknown-method",
        "concurrent",
        "progress",
        "trickle",
        "sample-on-call",
        "sample-standalone",
        "elicit-on-call",
        "elicit-standalone",
        "notify-on-call",
        "notify-standalone",
        "resume",
        "cut",
        "cut-standalone",
        "restart",
        "restart-in-flight",
        "expiry",
        "handler-returns",
        "vanish",
        "cancel",
        "time-out",
        "close",
        "drain",
        "shut-down",
    ],
);
const ONE_REQUEST_MODERN: Absent = (
    ONE_REQUEST,
    &[
        "unknown-tool",
        "unknown-method",
        "concurrent",
        "progress",
        "trickle",
        "log",
        "listen",
        "listen-ended",
        "listen-lost",
        "unlisten",
        "cut",
        "restart",
        "restart-in-flight",
        "vanish",
        "cancel",
        "time-out",
        "drain",
        "shut-down",
    ],
);
const WAITS_FOR_A_HUMAN: Absent = (
    "the Inspector's command line leaves what a server asks to a human",
    &[
        "sample",
        "elicit",
        "roots",
        "ask-for-all",
        "ask-in-rounds",
        "ask-on-read",
    ],
);
const ONE_REVISION: Absent = (
    "the SDK's client asks for its newest revision only",
    &["revisions"],
);
const JSON_IS_ONE_ANSWER: Absent = (
    "a JSON answer has no room for what a call says before it",
    &[
        "progress",
        "sample-on-call",
        "elicit-on-call",
        "notify-on-call",
    ],
);
const JSON_SAYS_NO_MORE: Absent = (JSON_IS_ONE_ANSWER.0, &["progress", "log"]);
const JSON_IS_NO_STREAM: Absent = (
    "a JSON answer is no stream that could be dropped and resumed",
    &["resume"],
);
const NO_STANDALONE_STREAM: Absent = (
    "without sessions there is no standalone stream",
    &[
        "sample-standalone",
        "elicit-standalone",
        "notify-standalone",
        "cut-standalone",
    ],
);
const NO_SESSIONS: Absent = (
    "this mode keeps no sessions",
    &["expiry", "handler-returns", "close"],
);
const NOT_PRIMED: Absent = (
    "without sessions there is nothing to resume from",
    &["resume"],
);
const ANSWER_FINDS_NO_CALL: Absent = (
    "without sessions the client's answer cannot find the call that asked",
    &["sample-on-call", "elicit-on-call"],
);
/// All modes, in the order of the table. In the modern era there are no sessions in any.
const MODES: &[Mode] = &[
    Mode {
        name: "adaptive",
        answering: Answering {
            sessions: true,
            mode: ResponseMode::Adaptive,
        },
        absent: [&[], &[]],
    },
    Mode {
        name: "sse",
        answering: Answering {
            sessions: true,
            mode: ResponseMode::Sse,
        },
        absent: [&[], &[]],
    },
    Mode {
        name: "json",
        answering: Answering {
            sessions: true,
            mode: ResponseMode::Json,
        },
        absent: [
            &[JSON_IS_ONE_ANSWER, JSON_IS_NO_STREAM],
            &[JSON_SAYS_NO_MORE],
        ],
    },
    Mode {
        name: "stateless",
        answering: Answering {
            sessions: false,
            mode: ResponseMode::Adaptive,
        },
        absent: [
            &[
                ANSWER_FINDS_NO_CALL,
                NO_STANDALONE_STREAM,
                NOT_PRIMED,
                NO_SESSIONS,
            ],
            &[],
        ],
    },
];

const EITHER: &[Asked] = &[Asked::Legacy, Asked::Modern, Asked::Auto];

/// All clients, in the order of the table.
const CLIENTS: &[Client] = &[
    Client {
        name: "ts-sdk",
        version: "1.32.2",
        program: Program::Node("v1.js"),
        asks: &[Asked::Legacy],
        reinitializes: false,
        falls_with_connections: false,
        absent: [&[ONE_REVISION], &[]],
    },
    Client {
        name: "ts-client",
        version: "2.4.0",
        program: Program::Node("v2.js"),
        asks: EITHER,
        reinitializes: false,
        falls_with_connections: false,
        absent: [&[], &[]],
    },
    Client {
        name: "python",
        version: "2.3.0",
        program: Program::Python,
        asks: EITHER,
        reinitializes: false,
        falls_with_connections: true,
        absent: [&[ONE_REVISION], &[]],
    },
    Client {
        name: "rmcp",
        version: "3.8.0",
        program: Program::Rmcp,
        asks: EITHER,
        reinitializes: true,
        falls_with_connections: false,
        absent: [&[], &[]],
    },
    Client {
        name: "inspector",
        version: "2.12.0",
        program: Program::Inspector,
        asks: EITHER,
        reinitializes: false,
        falls_with_connections: false,
        absent: [
            &[ONE_REQUEST_LEGACY],
            &[ONE_REQUEST_MODERN, WAITS_FOR_A_HUMAN],
        ],
    },
];
