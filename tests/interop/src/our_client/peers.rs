//! The peers, and what is expected of them. What a peer cannot do stands here with its reason; the
//! table at the end repeats it.

use std::ffi::OsString;
use std::time::Duration;

use mcp_sansio_tokio::Era;

use crate::options::Options;
use crate::process::Launch;
use crate::suite::{self, Absent, Asked, Column};

/// An official SDK's server.
pub(crate) struct Peer {
    pub(crate) name: &'static str,
    /// The version that is pinned, and that the running peer must report.
    pub(crate) version: &'static str,
    program: Program,
    /// How it says that it has no such tool.
    pub(crate) unknown_tool: UnknownTool,
    /// Whether it loses what a call says between the replay of its stream and the rest of it.
    pub(crate) replays_with_a_gap: bool,
    modes: &'static [Mode],
}

enum Program {
    /// A file of `peers/typescript/src`.
    Node(&'static str),
    Python,
    Rmcp,
}

/// The protocol's pages ask for an error; some SDKs say it in a result.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum UnknownTool {
    Error,
    FailedResult,
}

/// A way in which a peer answers, and the era that our client asks for.
pub(crate) struct Mode {
    /// The peer's command line argument.
    pub(crate) name: &'static str,
    pub(crate) asked: Asked,
    pub(crate) spoken: Era,
    /// Whether the peer speaks the other era in this mode, too.
    pub(crate) is_dual: bool,
    /// What a client has to lose when the peer forgets everything.
    pub(crate) sessions: Sessions,
    /// Whether a call's answer can be had after its connection broke.
    pub(crate) resumable: bool,
    /// Whether a session can end for idleness while a call is in flight.
    pub(crate) expires_under_calls: bool,
    absent: &'static [Absent],
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Sessions {
    No,
    /// They are named by a header.
    Header,
    /// The stream of the oldest transport is the session.
    Stream,
}

/// A peer in one of its modes.
#[derive(Clone, Copy)]
pub(crate) struct Way {
    pub(crate) peer: &'static Peer,
    pub(crate) mode: &'static Mode,
}

impl Way {
    pub(super) fn all() -> Vec<Self> {
        let of_peer = |peer: &'static Peer| peer.modes.iter().map(move |mode| Self { peer, mode });
        PEERS.iter().flat_map(of_peer).collect()
    }

    /// How to start the peer, in this mode or another. Its sessions end when they were idle for `idle`, if that
    /// is given.
    pub(crate) fn launch(
        self,
        options: &Options,
        mode: &'static str,
        idle: Option<Duration>,
    ) -> Launch {
        let (program, file) = match self.peer.program {
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
        let log = format!("{}-{}-{}.stderr", self.peer.name, mode, self.mode.asked);
        Launch {
            program,
            arguments: file.into_iter().chain([mode.into()]).chain(idle).collect(),
            log: options.logs.join(log),
            version: self.peer.version,
        }
    }
}

impl suite::Way for Way {
    fn column(self) -> Column {
        Column {
            peer: self.peer.name,
            version: self.peer.version,
            mode: self.mode.name,
            asked: self.mode.asked,
            spoken: self.mode.spoken,
        }
    }

    fn absent(self) -> Vec<Absent> {
        self.mode.absent.to_vec()
    }
}

const JSON_IS_ONE_ANSWER: Absent = (
    "in JSON mode the SDK drops what a call says before its answer",
    &["progress", "notify-on-call"],
);
const JSON_SAYS_NO_MORE: Absent = (JSON_IS_ONE_ANSWER.0, &["progress", "log"]);
const JSON_ASKS_NOTHING: Absent = (
    "in JSON mode the SDK drops (TypeScript) or refuses (Python) a request that belongs to a call",
    &["ask-on-call"],
);
const JSON_IS_NO_STREAM: Absent = (
    "a JSON answer is no stream that could be dropped and resumed",
    &["resume"],
);
const NO_STANDALONE_STREAM: Absent = (
    "without sessions there is no standalone stream",
    &["ask-standalone", "notify-standalone", "cut-standalone"],
);
const NO_SESSIONS: Absent = (
    "this mode keeps no sessions",
    &["expiry", "evicted", "close"],
);
const NO_EVENT_STORE: Absent = (
    "without sessions there is no event store to resume from",
    &["resume"],
);
const ANSWER_FINDS_NO_CALL: Absent = (
    "without sessions the client's answer cannot find the call that asked",
    &["ask-on-call"],
);
const TS_NEVER_EXPIRES: Absent = (
    "the TypeScript SDK has no idle timer for sessions",
    &["expiry"],
);
const RMCP_NOTIFIES_APART: Absent = (
    "rmcp sends all notifications but progress on the standalone stream",
    &["notify-on-call"],
);
const PYTHON_DOES_NOT_WATCH: Absent = (
    "in JSON mode the Python SDK does not notice that a client has gone",
    &["cancel", "time-out"],
);
const NEVER_UPGRADED: Absent = (
    "this SDK's server cannot be set to speak the modern era alone",
    &["upgrade"],
);
const NEVER_DOWNGRADED: Absent = (
    "this SDK's server cannot be set to speak the legacy era alone",
    &["downgrade"],
);
const THE_STREAM_IS_ALL: Absent = (
    "the oldest transport has one stream, which is the session: it cannot be resumed, replaced or taken over",
    &[
        "resume",
        "cut-standalone",
        "expiry",
        "evicted",
        "go-on",
        "close",
    ],
);

/// The base of the modes below: of a legacy peer with sessions, found by a client that asks for either era.
const LEGACY: Mode = Mode {
    name: "sse",
    asked: Asked::Auto,
    spoken: Era::Legacy,
    is_dual: false,
    sessions: Sessions::Header,
    resumable: true,
    expires_under_calls: false,
    absent: &[],
};

/// Of a peer of both eras, of whose legacy era our client asks.
const LEGACY_OF_BOTH: Mode = Mode {
    asked: Asked::Legacy,
    is_dual: true,
    ..LEGACY
};

/// Of a peer of both eras, of whose modern era our client asks.
const MODERN: Mode = Mode {
    name: "sse",
    asked: Asked::Modern,
    spoken: Era::Modern,
    is_dual: true,
    sessions: Sessions::No,
    resumable: false,
    expires_under_calls: false,
    absent: &[],
};

/// All peers, in the order of the table.
const PEERS: &[Peer] = &[
    Peer {
        name: "ts-sdk",
        version: "1.32.2",
        program: Program::Node("v1.js"),
        unknown_tool: UnknownTool::FailedResult,
        replays_with_a_gap: false,
        modes: &[
            Mode {
                name: "json",
                resumable: false,
                absent: &[
                    JSON_IS_ONE_ANSWER,
                    JSON_ASKS_NOTHING,
                    JSON_IS_NO_STREAM,
                    TS_NEVER_EXPIRES,
                    NEVER_UPGRADED,
                ],
                ..LEGACY
            },
            Mode {
                absent: &[TS_NEVER_EXPIRES, NEVER_UPGRADED],
                ..LEGACY
            },
            Mode {
                asked: Asked::Legacy,
                absent: &[TS_NEVER_EXPIRES, NEVER_UPGRADED],
                ..LEGACY
            },
            Mode {
                name: "http-sse",
                sessions: Sessions::Stream,
                resumable: false,
                absent: &[THE_STREAM_IS_ALL, NEVER_UPGRADED],
                ..LEGACY
            },
        ],
    },
    Peer {
        name: "ts-server",
        version: "2.4.0",
        program: Program::Node("v2.js"),
        unknown_tool: UnknownTool::Error,
        replays_with_a_gap: false,
        modes: &[
            Mode {
                name: "json",
                resumable: false,
                absent: &[
                    JSON_IS_ONE_ANSWER,
                    JSON_ASKS_NOTHING,
                    JSON_IS_NO_STREAM,
                    TS_NEVER_EXPIRES,
                ],
                ..LEGACY_OF_BOTH
            },
            Mode {
                absent: &[TS_NEVER_EXPIRES],
                ..LEGACY_OF_BOTH
            },
            Mode {
                name: "legacy",
                absent: &[TS_NEVER_EXPIRES],
                ..LEGACY
            },
            Mode {
                name: "stateless",
                sessions: Sessions::No,
                resumable: false,
                absent: &[
                    ANSWER_FINDS_NO_CALL,
                    NO_STANDALONE_STREAM,
                    NO_EVENT_STORE,
                    NO_SESSIONS,
                ],
                ..LEGACY_OF_BOTH
            },
            Mode {
                name: "json",
                absent: &[JSON_SAYS_NO_MORE],
                ..MODERN
            },
            MODERN,
            Mode {
                name: "stateless",
                asked: Asked::Auto,
                ..MODERN
            },
            Mode {
                name: "modern",
                asked: Asked::Auto,
                is_dual: false,
                ..MODERN
            },
        ],
    },
    Peer {
        name: "python",
        version: "2.3.0",
        program: Program::Python,
        unknown_tool: UnknownTool::FailedResult,
        replays_with_a_gap: true,
        modes: &[
            Mode {
                name: "json",
                resumable: false,
                absent: &[
                    JSON_IS_ONE_ANSWER,
                    JSON_ASKS_NOTHING,
                    JSON_IS_NO_STREAM,
                    NEVER_UPGRADED,
                ],
                ..LEGACY_OF_BOTH
            },
            Mode {
                absent: &[NEVER_UPGRADED],
                ..LEGACY_OF_BOTH
            },
            Mode {
                name: "http-sse",
                sessions: Sessions::Stream,
                resumable: false,
                absent: &[THE_STREAM_IS_ALL],
                ..LEGACY
            },
            Mode {
                name: "json",
                absent: &[JSON_SAYS_NO_MORE, PYTHON_DOES_NOT_WATCH, NEVER_DOWNGRADED],
                ..MODERN
            },
            Mode {
                absent: &[NEVER_DOWNGRADED],
                ..MODERN
            },
            Mode {
                asked: Asked::Auto,
                absent: &[NEVER_DOWNGRADED],
                ..MODERN
            },
        ],
    },
    Peer {
        name: "rmcp",
        version: "3.8.0",
        program: Program::Rmcp,
        unknown_tool: UnknownTool::Error,
        replays_with_a_gap: false,
        modes: &[
            Mode {
                name: "json",
                sessions: Sessions::No,
                resumable: false,
                absent: &[
                    ANSWER_FINDS_NO_CALL,
                    NO_STANDALONE_STREAM,
                    NO_EVENT_STORE,
                    NO_SESSIONS,
                ],
                ..LEGACY_OF_BOTH
            },
            Mode {
                expires_under_calls: true,
                absent: &[RMCP_NOTIFIES_APART],
                ..LEGACY_OF_BOTH
            },
            Mode {
                name: "legacy",
                expires_under_calls: true,
                absent: &[RMCP_NOTIFIES_APART],
                ..LEGACY
            },
            Mode {
                name: "json",
                ..MODERN
            },
            MODERN,
            Mode {
                asked: Asked::Auto,
                ..MODERN
            },
            Mode {
                name: "modern",
                asked: Asked::Auto,
                is_dual: false,
                ..MODERN
            },
        ],
    },
];
