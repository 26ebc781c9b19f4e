//! Servers that misbehave on purpose, each in exactly one way, over real sockets.
//!
//! The demo plays its incidents against them; `mcp-sansio misbehave` runs one alone, so that any client
//! of any language can be tried against it.

pub(crate) mod exchange;
pub(crate) mod http;
pub(crate) mod incidents;
mod polite;
pub(crate) mod server;

use std::io;
use std::pin::Pin;

use exchange::Exchange;
use server::Server;

use crate::args::Misbehave;
use crate::eras::Eras;
use crate::exit::{Exit, Trouble};
use crate::terminal::{complain, print};

/// One way to misbehave.
#[derive(Debug)]
pub(crate) struct Incident {
    /// How people name it.
    pub(crate) name: &'static str,
    /// What the server does, in one sentence.
    pub(crate) does: &'static str,
    /// The eras in which it can be played.
    pub(crate) eras: Eras,
    /// What it does with one HTTP request.
    pub(crate) script: Script,
}

/// What a server does with one HTTP request.
pub(crate) type Script = for<'a> fn(
    &'a Server,
    &'a mut Exchange,
) -> Pin<Box<dyn Future<Output = io::Result<()>> + Send + 'a>>;

/// `mcp-sansio misbehave`.
pub(crate) async fn run(args: Misbehave) -> Result<Exit, Trouble> {
    if args.list {
        for incident in incidents::ALL {
            let eras = incident.eras.as_str();
            print(&format!("{:31}{eras:8}{}", incident.name, incident.does));
        }
        return Ok(Exit::Success);
    }
    let name = args.incident.unwrap_or_default();
    let incident = incidents::ALL
        .iter()
        .find(|incident| incident.name == name)
        .ok_or_else(|| {
            Trouble::misuse(format!(
                "there is no incident {name:?}; `mcp-sansio misbehave --list` names them"
            ))
        })?;
    let era = args.era.unwrap_or(incident.eras);
    if !incident.eras.cover(era) {
        return Err(Trouble::misuse(format!(
            "{name} is of the {} era, and cannot be played in another",
            incident.eras.as_str()
        )));
    }
    let running = server::start(incident, era, args.port)
        .await
        .map_err(|error| {
            Trouble::failure(format!(
                "cannot listen on port {}: {error}; --port 0 takes any free one",
                args.port
            ))
        })?;
    print(running.url());
    complain(&format!(
        "{} Era: {}. Ctrl-C ends it.",
        incident.does,
        era.as_str()
    ));
    tokio::select! {
        () = running.log().follow(|observation| complain(&observation.to_string())) => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    Ok(Exit::Success)
}
