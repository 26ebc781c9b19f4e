//! How the server answers where its incident has nothing against it: as the specification wants it, in
//! the era that it is to speak, with three tools to try things with.

mod legacy;
mod modern;
mod tools;

use std::io;

use super::exchange::Exchange;
use super::server::Server;
use crate::eras::Eras;

pub(super) use modern::{HEADER_MISMATCH, acknowledge, unsupported};
pub(super) use tools::echo;

/// Answers a request as a server of this era should.
pub(super) async fn answer(era: Eras, server: &Server, x: &mut Exchange) -> io::Result<()> {
    if x.path() != "/mcp" {
        return x.status(404).await;
    }
    let is_modern = match era {
        Eras::Legacy => false,
        Eras::Modern => true,
        Eras::Both => x.is_modern(),
    };
    if is_modern {
        modern::answer(x).await
    } else {
        legacy::answer(server, x).await
    }
}

/// What is the same in both eras: the answer to a call of a tool, or of a method that is not there.
async fn call(x: &mut Exchange) -> io::Result<()> {
    if x.tool() == Some("slow") {
        return tools::slow(x).await;
    }
    let (status, answer) = match (x.rpc(), x.tool()) {
        ("tools/call", Some("echo")) => (200, echo(x)),
        ("tools/call", Some("add")) => (200, tools::add(x)),
        ("tools/call", other) => {
            let other = other.unwrap_or_default();
            (200, x.error(-32602, &format!("there is no tool {other:?}")))
        }
        (other, _) => {
            let status = if x.is_modern() { 404 } else { 200 };
            (
                status,
                x.error(-32601, &format!("there is no method {other:?}")),
            )
        }
    };
    x.json(status, &answer).await
}
