//! What is played against every peer.

mod basics;
mod ending;
mod messages;
mod recovery;

use anyhow::Result;

use crate::our_client::stage::Stage;

/// One thing that client and peer must get right together.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Scenario {
    /// The handshake, and the list of tools.
    Handshake,
    /// The older revisions of the protocol.
    Revisions,
    /// Calls, and a tool that fails.
    Calls,
    /// A ping.
    Ping,
    /// A tool that the peer does not have.
    UnknownTool,
    /// A method that the peer does not have.
    UnknownMethod,
    /// Twenty calls at once.
    Concurrent,
    /// Progress of a call.
    Progress,
    /// The peer's answers and progress arrive in pieces of three bytes.
    Trickle,
    /// A request of the peer on the stream of a call.
    AskOnCall,
    /// A request of the peer on the standalone stream.
    AskStandalone,
    /// A notification on the stream of a call.
    NotifyOnCall,
    /// A notification on the standalone stream.
    NotifyStandalone,
    /// The peer ends the stream of a call before its answer.
    Resume,
    /// The network resets the connection of a call.
    Cut,
    /// The network resets the connection of the standalone stream.
    CutStandalone,
    /// The peer forgets the session while it is idle.
    Restart,
    /// The peer dies while a call is in flight.
    RestartInFlight,
    /// The peer ends sessions that were idle.
    Expiry,
    /// The peer is gone for a while.
    Gone,
    /// Somebody else ends the session while a call is in flight.
    Evicted,
    /// The application drops a call.
    Cancel,
    /// A call takes longer than it may.
    TimeOut,
    /// A second client goes on with the session of the first.
    GoOn,
    /// The client is closed.
    Close,
    /// The command line program.
    Cli,
}

impl Scenario {
    pub(crate) const ALL: [Self; 26] = [
        Self::Handshake,
        Self::Revisions,
        Self::Calls,
        Self::Ping,
        Self::UnknownTool,
        Self::UnknownMethod,
        Self::Concurrent,
        Self::Progress,
        Self::Trickle,
        Self::AskOnCall,
        Self::AskStandalone,
        Self::NotifyOnCall,
        Self::NotifyStandalone,
        Self::Resume,
        Self::Cut,
        Self::CutStandalone,
        Self::Restart,
        Self::RestartInFlight,
        Self::Expiry,
        Self::Gone,
        Self::Evicted,
        Self::Cancel,
        Self::TimeOut,
        Self::GoOn,
        Self::Close,
        Self::Cli,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Handshake => "handshake",
            Self::Revisions => "revisions",
            Self::Calls => "calls",
            Self::Ping => "ping",
            Self::UnknownTool => "unknown-tool",
            Self::UnknownMethod => "unknown-method",
            Self::Concurrent => "concurrent",
            Self::Progress => "progress",
            Self::Trickle => "trickle",
            Self::AskOnCall => "ask-on-call",
            Self::AskStandalone => "ask-standalone",
            Self::NotifyOnCall => "notify-on-call",
            Self::NotifyStandalone => "notify-standalone",
            Self::Resume => "resume",
            Self::Cut => "cut",
            Self::CutStandalone => "cut-standalone",
            Self::Restart => "restart",
            Self::RestartInFlight => "restart-in-flight",
            Self::Expiry => "expiry",
            Self::Gone => "gone",
            Self::Evicted => "evicted",
            Self::Cancel => "cancel",
            Self::TimeOut => "time-out",
            Self::GoOn => "go-on",
            Self::Close => "close",
            Self::Cli => "cli",
        }
    }

    pub(crate) async fn play(self, stage: &mut Stage<'_>) -> Result<()> {
        match self {
            Self::Handshake => basics::handshake(stage).await,
            Self::Revisions => basics::revisions(stage).await,
            Self::Calls => basics::calls(stage).await,
            Self::Ping => basics::ping(stage).await,
            Self::UnknownTool => basics::unknown_tool(stage).await,
            Self::UnknownMethod => basics::unknown_method(stage).await,
            Self::Concurrent => basics::concurrent(stage).await,
            Self::Progress => messages::progress(stage).await,
            Self::Trickle => messages::trickle(stage).await,
            Self::AskOnCall => messages::ask_on_call(stage).await,
            Self::AskStandalone => messages::ask_standalone(stage).await,
            Self::NotifyOnCall => messages::notify_on_call(stage).await,
            Self::NotifyStandalone => messages::notify_standalone(stage).await,
            Self::Resume => recovery::resume(stage).await,
            Self::Cut => recovery::cut(stage).await,
            Self::CutStandalone => recovery::cut_standalone(stage).await,
            Self::Restart => recovery::restart(stage).await,
            Self::RestartInFlight => recovery::restart_in_flight(stage).await,
            Self::Expiry => recovery::expiry(stage).await,
            Self::Gone => recovery::gone(stage).await,
            Self::Evicted => recovery::evicted(stage).await,
            Self::Cancel => ending::cancel(stage).await,
            Self::TimeOut => ending::time_out(stage).await,
            Self::GoOn => ending::go_on(stage).await,
            Self::Close => ending::close(stage).await,
            Self::Cli => ending::cli(stage).await,
        }
    }
}
