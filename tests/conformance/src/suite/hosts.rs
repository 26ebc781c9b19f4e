//! What is tested: for each language a server and a client.

use std::env;
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::options::Options;

/// A server and a client for the suite, made with one of our packages.
///
/// The server listens on 127.0.0.1, at a free port as the variable `PORT` is 0, and prints its URL as a line. The client
/// is told by the suite what to do: see `src/client/task.rs`.
pub(crate) struct Host {
    pub(crate) name: &'static str,
    pub(crate) server: Vec<String>,
    pub(crate) client: Vec<String>,
}

/// All hosts. Those in Rust are built, and stand beside this program.
pub(crate) fn all(options: &Options) -> Result<Vec<Host>> {
    let rust = Host {
        name: "rust",
        server: vec![sibling("mcp-sansio-conformance-server")?],
        client: vec![sibling("mcp-sansio-conformance-client")?],
    };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("hosts/python");
    let interpreted = |program: &str| -> Result<_> {
        Ok(vec![text(&options.python)?, text(&folder.join(program))?])
    };
    let python = Host {
        name: "python",
        server: interpreted("server")?,
        client: interpreted("client")?,
    };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("hosts/node");
    let script =
        |program: &str| -> Result<_> { Ok(vec!["node".to_owned(), text(&folder.join(program))?]) };
    let node = Host {
        name: "node",
        server: script("server/main.js")?,
        client: script("client/main.js")?,
    };
    Ok(vec![rust, python, node])
}

fn sibling(name: &str) -> Result<String> {
    let here = env::current_exe().context("where this program is")?;
    text(&here.with_file_name(name))
}

fn text(path: &Path) -> Result<String> {
    let text = path.to_str().map(str::to_owned);
    text.with_context(|| {
        format!(
            "{} has characters that a command cannot have",
            path.display()
        )
    })
}
