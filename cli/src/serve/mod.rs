//! `mcp-sansio serve`: a small server that behaves, to try clients against. The demo hosts the same
//! machinery.

mod bodies;
mod changing;
pub(crate) mod host;
pub(crate) mod methods;
mod tools;
mod watch;

use std::sync::Arc;
use std::time::Duration;

use mcp_sansio_tokio::Version;
use mcp_sansio_tokio::core::{Allowed, ResponseMode, ServerConfig};
use mcp_sansio_tokio::server::Service;

use self::changing::Changing;
use crate::args::{Mode, Serve};
use crate::eras::Eras;
use crate::exit::{Exit, Trouble};
use crate::record;
use crate::terminal::{complain, print};

/// How long requests in flight may still take after Ctrl-C.
const GRACE: Duration = Duration::from_secs(5);

/// `mcp-sansio serve`.
pub(crate) async fn run(args: Serve) -> Result<Exit, Trouble> {
    let port = args.port;
    let changing = Arc::new(Changing::default());
    let answering = Arc::clone(&changing);
    let mut builder = Service::builder(methods::identity()).abort_withdrawn();
    if let Some((recording, file)) = record::open(&args.recorded)? {
        builder = builder.record(recording, file);
    }
    let service = builder
        .configure(|config| set(config, args))
        .serve(move |request| {
            let changing = Arc::clone(&answering);
            async move { changing.answer(request).await }
        })
        .map_err(|error| Trouble::misuse(error.to_string()))?;
    changing
        .begin(service.handle())
        .map_err(|error| Trouble::failure(error.to_string()))?;
    let running = host::start(service, port, host::Network::GOOD)
        .await
        .map_err(|error| {
            Trouble::failure(format!(
                "cannot listen on port {port}: {error}; --port 0 takes any free one"
            ))
        })?;
    print(running.url());
    complain(&format!(
        "Tools {}, a resource and a prompt. Ctrl-C ends it.",
        changing.names().join(", ")
    ));
    tokio::select! {
        () = running.log().follow(|observation| complain(&observation.to_string())) => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    complain("Ending; what is running may take 5 s more, or another Ctrl-C.");
    tokio::select! {
        () = running.drain(GRACE) => Ok(Exit::Success),
        _ = tokio::signal::ctrl_c() => {
            complain("error: interrupted before all requests were answered");
            Ok(Exit::Failure)
        }
    }
}

fn set(config: &mut ServerConfig, args: Serve) {
    config.mode = match args.mode {
        Mode::Adaptive => ResponseMode::Adaptive,
        Mode::Json => ResponseMode::Json,
        Mode::Sse => ResponseMode::Sse,
    };
    config.versions = match args.era {
        Eras::Both => Version::V2024_11_05..=Version::V2026_07_28,
        Eras::Modern => Version::V2026_07_28..=Version::V2026_07_28,
        Eras::Legacy => Version::V2024_11_05..=Version::V2025_11_25,
    };
    config.sessions = !args.stateless;
    if !args.hosts.is_empty() {
        let loopback = ["localhost", "127.0.0.1", "[::1]"].map(str::to_owned);
        config.hosts = Allowed::Only(loopback.into_iter().chain(args.hosts).collect());
    }
}
