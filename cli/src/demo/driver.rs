//! The drivers that the demo can be played through. Whatever their HTTP libraries and runtimes are, their clients are
//! the same, and so must be what comes of an incident.

use std::pin::Pin;

use clap::ValueEnum;
use mcp_sansio_tokio::driver::{self, Http, Runtime};
use mcp_sansio_tokio::{
    Call, CallError, Events, Inspection, Known, Notifications, PendingCall, Recording, Subscription,
};
use serde_json::Value;

use super::play::{Play, demo_settings};
use super::player::{agree, identity};
use super::record::Record;

/// The client of the blocking driver without its coat, whose methods wait.
type Blocking = driver::Client<mcp_sansio_blocking::Ureq, mcp_sansio_blocking::Threads>;

/// A driver whose client is tried. The servers of the plays are the same for all.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum Driver {
    /// Over ureq, on a thread for each task
    Blocking,
    /// Over smol and hyper, on smol's own threads
    Smol,
    /// Over tokio and reqwest
    Tokio,
}

impl Driver {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Blocking => "blocking",
            Self::Smol => "smol",
            Self::Tokio => "tokio",
        }
    }

    /// Sets a client up; it connects with its first call, or goes on with what is known.
    pub(super) fn client(
        self,
        play: &Play,
        url: &str,
        known: Option<Known>,
        record: Record,
    ) -> Result<Box<dyn Client>, CallError> {
        match self {
            Self::Blocking => set_up(Blocking::builder(url), play, known, record),
            Self::Smol => set_up(mcp_sansio_smol::Client::builder(url), play, known, record),
            Self::Tokio => set_up(mcp_sansio_tokio::Client::builder(url), play, known, record),
        }
    }
}

fn set_up<H: Http, R: Runtime>(
    builder: driver::Builder<H, R>,
    play: &Play,
    known: Option<Known>,
    record: Record,
) -> Result<Box<dyn Client>, CallError> {
    let client = builder
        .identity(identity())
        .on_request(agree)
        .configure(demo_settings)
        .configure(play.configure)
        .configure(|config| config.known = known.or_else(|| config.known.take()))
        .record(Recording::Whole, record)
        .build()?;
    Ok(Box::new(client))
}

/// What is to be waited for.
type Waiting<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A client of any driver, as the plays use it.
pub(super) trait Client: Send + Sync {
    fn start(&self, call: Call) -> PendingCall;
    fn listen(&self, filter: Value) -> Subscription;
    fn list_tools(&self) -> Waiting<'_, Result<Vec<Value>, CallError>>;
    fn notifications(&self) -> Notifications;
    fn events(&self) -> Events;
    fn known(&self) -> Option<Known>;
    fn inspect(&self) -> Inspection;
    fn close(&self) -> Waiting<'_, ()>;
}

impl<H: Http, R: Runtime> Client for driver::Client<H, R> {
    fn start(&self, call: Call) -> PendingCall {
        Self::start(self, call)
    }

    fn listen(&self, filter: Value) -> Subscription {
        Self::listen(self, filter)
    }

    fn list_tools(&self) -> Waiting<'_, Result<Vec<Value>, CallError>> {
        Box::pin(Self::list_tools(self))
    }

    fn notifications(&self) -> Notifications {
        Self::notifications(self)
    }

    fn events(&self) -> Events {
        Self::events(self)
    }

    fn known(&self) -> Option<Known> {
        Self::known(self)
    }

    fn inspect(&self) -> Inspection {
        Self::inspect(self)
    }

    fn close(&self) -> Waiting<'_, ()> {
        Box::pin(Self::close(self))
    }
}
