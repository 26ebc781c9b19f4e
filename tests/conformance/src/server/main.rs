//! The server that the official conformance suite tests: our tokio driver's, in both eras, on one endpoint.
//!
//! What it offers and what it does is data, in `tests/conformance/fixture`; this program only reads and plays it,
//! and knows of no scenario. It is an example of a full server, too:
//!
//! | to see how | look in |
//! |---|---|
//! | a server is set up, and requests become results | `host.rs` |
//! | a session keeps something of its own | `session.rs` |
//! | progress, log messages, notifications go out | `run.rs` |
//! | the client is asked, in each era | `asking.rs`, `rounds.rs` |
//! | a request becomes a task | `tasks/` |

mod asking;
mod capabilities;
mod completion;
mod errors;
mod fixture;
mod host;
mod rounds;
mod run;
mod scope;
mod session;
mod tasks;

use std::io::{self, Write as _};
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result};
use axum::Router;
use axum::serve::ListenerExt as _;
use clap::Parser;
use tokio::net::TcpListener;

use crate::fixture::Fixture;

/// How long requests in flight may still take after Ctrl-C.
const GRACE: Duration = Duration::from_secs(1);

/// Serves the fixture of the conformance suite, and prints its URL.
#[derive(Parser)]
struct Args {
    /// The port on 127.0.0.1; 0 is any free one.
    #[arg(long, env = "PORT", default_value_t = 0)]
    port: u16,
    /// The folder with the fixture's files.
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/fixture"))]
    fixture: PathBuf,
}

#[tokio::main]
async fn main() -> ExitCode {
    match serve(Args::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // One line: what happened, where, and why.
            let _ = writeln!(io::stderr(), "error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(Args { port, fixture }: Args) -> Result<()> {
    // Everything refers to it, for as long as the program runs.
    let fixture = Box::leak(Box::new(Fixture::load(&fixture)?));
    let service = host::service(fixture)?;
    let handle = service.handle();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
    let listener = listener
        .with_context(|| format!("cannot listen on port {port}; --port 0 takes any free one"))?;
    // A script that started this waits for the line.
    writeln!(io::stdout(), "http://{}/mcp", listener.local_addr()?)?;
    // An event that waits for company is late.
    let listener = listener.tap_io(|connection| {
        let _ = connection.set_nodelay(true);
    });
    axum::serve(listener, Router::new().route_service("/mcp", service))
        .with_graceful_shutdown(async move {
            // Where it cannot be waited for, the program ends as any does.
            if tokio::signal::ctrl_c().await.is_ok() {
                handle.shut_down(GRACE).await;
            }
        })
        .await
        .context("the server broke down")
}
