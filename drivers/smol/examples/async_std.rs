//! The client and the server of this crate in a program on async-std: nothing in them is other than under smol.
//!
//! `cargo run -p mcp-sansio-smol --example async_std`
#![expect(clippy::print_stdout, reason = "an example shows what happens")]

use std::error::Error;
use std::net::TcpListener;
use std::time::Duration;

use async_std::task;
use mcp_sansio_smol::server::{Request, Service, serve};
use mcp_sansio_smol::{Client, Identity, RpcError};
use serde_json::{Value, json};
use smol::Async;

/// A handler may use async-std, and libraries that need it.
async fn handle(request: Request) -> Result<Value, RpcError> {
    let params: Value = request.params()?;
    task::sleep(Duration::from_millis(20)).await;
    let text = format!("{} to you, too", params["arguments"]["text"]);
    Ok(json!({"content": [{"type": "text", "text": text}]}))
}

#[async_std::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let service = Service::builder(Identity::new("polite", "1.0")).serve(handle)?;
    // async-std's own listener keeps its socket to itself; one of the standard library does.
    let listener = Async::<TcpListener>::bind(([127, 0, 0, 1], 0))?;
    let url = format!("http://{}/mcp", listener.get_ref().local_addr()?);
    task::spawn(serve(listener, service));

    let client = Client::connect(url).await?;
    let result = client.call_tool("greet", json!({"text": "hello"})).await?;
    println!("{}", result["content"][0]["text"]);
    client.close().await;
    Ok(())
}
