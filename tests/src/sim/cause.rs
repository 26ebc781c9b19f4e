//! What can go wrong for a client.

/// What can go wrong for a client: the reason for an outcome that is no answer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Cause {
    Crashed,
    Cut,
    Drained,
    Exhausted,
    HostRefused,
    HostSilent,
    HostSlow,
    Killed,
    NobodyAttends,
    Partition,
    Redirected,
    Refused,
    Reset,
    SessionEnded,
    Silence,
    SlowReader,
    Stalled,
    Status,
    Unauthorized,
}

impl Cause {
    /// All of them.
    pub(super) const ALL: [Self; 19] = [
        Self::Crashed,
        Self::Cut,
        Self::Drained,
        Self::Exhausted,
        Self::HostRefused,
        Self::HostSilent,
        Self::HostSlow,
        Self::Killed,
        Self::NobodyAttends,
        Self::Partition,
        Self::Redirected,
        Self::Refused,
        Self::Reset,
        Self::SessionEnded,
        Self::Silence,
        Self::SlowReader,
        Self::Stalled,
        Self::Status,
        Self::Unauthorized,
    ];

    /// What comes over all exchanges of a client.
    pub(super) const SWEEPING: [Self; 4] =
        [Self::Crashed, Self::Drained, Self::Killed, Self::Partition];

    /// Something that breaks connections, or makes the server forget.
    pub(super) const BREAKING: [Self; 11] = [
        Self::Crashed,
        Self::Cut,
        Self::Drained,
        Self::Killed,
        Self::Partition,
        Self::Refused,
        Self::Reset,
        Self::Silence,
        Self::SlowReader,
        Self::Stalled,
        Self::Status,
    ];
}
