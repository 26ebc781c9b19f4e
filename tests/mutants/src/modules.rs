//! The sources that are broken, by what they are about. Paths are below `core/src`.

/// A concern, and the modules that have it.
pub const MODULES: &[(&str, &[&str])] = &[
    (
        "ledger",
        &[
            "client/ledger.rs",
            "client/answer.rs",
            "client/cancel.rs",
            "client/clocks.rs",
            "client/close.rs",
            "client/queue.rs",
            "client/turns.rs",
            "client/modern/answer.rs",
        ],
    ),
    (
        "resume",
        &[
            "client/backoff.rs",
            "client/legacy/resume.rs",
            "client/legacy/standalone.rs",
            "client/legacy/stream.rs",
            "server/legacy/log.rs",
            "server/legacy/standalone.rs",
            "server/stream.rs",
        ],
    ),
    (
        "session",
        &[
            "client/session.rs",
            "client/legacy/gate.rs",
            "client/legacy/loss.rs",
            "client/legacy/suspect.rs",
            "server/legacy/initialize.rs",
            "server/legacy/sessions.rs",
        ],
    ),
    (
        "obligation",
        &[
            "client/obligations.rs",
            "client/modern/rounds.rs",
            "server/calls.rs",
            "server/obligations.rs",
        ],
    ),
    (
        "admission",
        &[
            "client/admit.rs",
            "server/admit.rs",
            "server/reject.rs",
            "server/route.rs",
            "server/modern/serve.rs",
            "server/modern/validate.rs",
        ],
    ),
];

/// All of them, with their concern, in order.
pub fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
    MODULES
        .iter()
        .flat_map(|&(concern, paths)| paths.iter().map(move |&path| (concern, path)))
}
