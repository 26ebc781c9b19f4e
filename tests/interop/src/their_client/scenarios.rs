//! What is played with every client.

mod basics;
mod ending;
mod messages;
mod recovery;

use anyhow::Result;

use super::stage::Stage;

/// One thing that client and server must get right together.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Scenario {
    /// The handshake, and the lists of what there is.
    Look,
    /// The older revisions of the protocol.
    Revisions,
    /// The client asks for the server's era first.
    Probe,
    /// A resource and a prompt.
    Read,
    /// Calls, and a tool that fails.
    Calls,
    /// A ping.
    Ping,
    /// A tool that the server does not have.
    UnknownTool,
    /// A method that the server does not have.
    UnknownMethod,
    /// Twenty calls at once.
    Concurrent,
    /// Progress of a call.
    Progress,
    /// The server's answers arrive in pieces of three bytes.
    Trickle,
    /// The server samples on the stream of a call.
    SampleOnCall,
    /// The server samples on the standalone stream.
    SampleStandalone,
    /// The server elicits on the stream of a call.
    ElicitOnCall,
    /// The server elicits on the standalone stream.
    ElicitStandalone,
    /// Notifications on the stream of a call.
    NotifyOnCall,
    /// Notifications on the standalone stream.
    NotifyStandalone,
    /// The server ends the connection of a call before its answer.
    Resume,
    /// The network resets the connection of a call.
    Cut,
    /// The network resets the connection of the standalone stream.
    CutStandalone,
    /// The server forgets the session while it is idle.
    Restart,
    /// The server crashes while a call is in flight.
    RestartInFlight,
    /// The server ends sessions that were idle.
    Expiry,
    /// The application's handler of a session returns while a call is in flight.
    HandlerReturns,
    /// The client dies while a call is in flight.
    Vanish,
    /// The application gives up a call.
    Cancel,
    /// A call takes longer than it may.
    TimeOut,
    /// The client ends its session.
    Close,
    /// The server is shut down, and lets the call in flight finish.
    Drain,
    /// The server is shut down, and does not wait for the call in flight.
    ShutDown,
}

impl Scenario {
    pub(crate) const ALL: [Self; 30] = [
        Self::Look,
        Self::Revisions,
        Self::Probe,
        Self::Read,
        Self::Calls,
        Self::Ping,
        Self::UnknownTool,
        Self::UnknownMethod,
        Self::Concurrent,
        Self::Progress,
        Self::Trickle,
        Self::SampleOnCall,
        Self::SampleStandalone,
        Self::ElicitOnCall,
        Self::ElicitStandalone,
        Self::NotifyOnCall,
        Self::NotifyStandalone,
        Self::Resume,
        Self::Cut,
        Self::CutStandalone,
        Self::Restart,
        Self::RestartInFlight,
        Self::Expiry,
        Self::HandlerReturns,
        Self::Vanish,
        Self::Cancel,
        Self::TimeOut,
        Self::Close,
        Self::Drain,
        Self::ShutDown,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Look => "look",
            Self::Revisions => "revisions",
            Self::Probe => "probe",
            Self::Read => "read",
            Self::Calls => "calls",
            Self::Ping => "ping",
            Self::UnknownTool => "unknown-tool",
            Self::UnknownMethod => "unknown-method",
            Self::Concurrent => "concurrent",
            Self::Progress => "progress",
            Self::Trickle => "trickle",
            Self::SampleOnCall => "sample-on-call",
            Self::SampleStandalone => "sample-standalone",
            Self::ElicitOnCall => "elicit-on-call",
            Self::ElicitStandalone => "elicit-standalone",
            Self::NotifyOnCall => "notify-on-call",
            Self::NotifyStandalone => "notify-standalone",
            Self::Resume => "resume",
            Self::Cut => "cut",
            Self::CutStandalone => "cut-standalone",
            Self::Restart => "restart",
            Self::RestartInFlight => "restart-in-flight",
            Self::Expiry => "expiry",
            Self::HandlerReturns => "handler-returns",
            Self::Vanish => "vanish",
            Self::Cancel => "cancel",
            Self::TimeOut => "time-out",
            Self::Close => "close",
            Self::Drain => "drain",
            Self::ShutDown => "shut-down",
        }
    }

    pub(crate) async fn play(self, stage: &mut Stage<'_>) -> Result<()> {
        match self {
            Self::Look => basics::look(stage).await,
            Self::Revisions => basics::revisions(stage).await,
            Self::Probe => basics::probe(stage).await,
            Self::Read => basics::read(stage).await,
            Self::Calls => basics::calls(stage).await,
            Self::Ping => basics::ping(stage).await,
            Self::UnknownTool => basics::unknown_tool(stage).await,
            Self::UnknownMethod => basics::unknown_method(stage).await,
            Self::Concurrent => basics::concurrent(stage).await,
            Self::Progress => messages::progress(stage).await,
            Self::Trickle => messages::trickle(stage).await,
            Self::SampleOnCall => messages::ask(stage, "call", "sampling").await,
            Self::SampleStandalone => messages::ask(stage, "standalone", "sampling").await,
            Self::ElicitOnCall => messages::ask(stage, "call", "elicitation").await,
            Self::ElicitStandalone => messages::ask(stage, "standalone", "elicitation").await,
            Self::NotifyOnCall => messages::notify(stage, "call").await,
            Self::NotifyStandalone => messages::notify(stage, "standalone").await,
            Self::Resume => recovery::resume(stage).await,
            Self::Cut => recovery::cut(stage).await,
            Self::CutStandalone => recovery::cut_standalone(stage).await,
            Self::Restart => recovery::restart(stage).await,
            Self::RestartInFlight => recovery::restart_in_flight(stage).await,
            Self::Expiry => recovery::expiry(stage).await,
            Self::HandlerReturns => recovery::handler_returns(stage).await,
            Self::Vanish => ending::vanish(stage).await,
            Self::Cancel => ending::cancel(stage).await,
            Self::TimeOut => ending::time_out(stage).await,
            Self::Close => ending::close(stage).await,
            Self::Drain => ending::drain(stage).await,
            Self::ShutDown => ending::shut_down(stage).await,
        }
    }
}
