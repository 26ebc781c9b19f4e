//! The server under async-std: on a listener of the standard library, with handlers that use async-std.

use std::net::TcpListener;
use std::time::Duration;

use async_std::task;
use mcp_sansio_smol::server::{Request, Service, serve_until};
use mcp_sansio_smol::{Client, Identity, Version};
use serde_json::json;
use smol::Async;

use crate::client::patience::soon;

#[async_std::test]
async fn a_handler_may_use_async_std() {
    let service = Service::builder(Identity::new("tested", "1.0"))
        .serve(|request: Request| async move {
            task::sleep(Duration::from_millis(1)).await;
            let method = request.method().to_owned();
            Ok(json!({"method": task::spawn(async move { method }).await}))
        })
        .unwrap();
    let handle = service.handle();
    let listener = Async::<TcpListener>::bind(([127, 0, 0, 1], 0)).unwrap();
    let url = format!("http://{}/mcp", listener.get_ref().local_addr().unwrap());
    let ended = async move { handle.shut_down(Duration::from_secs(1)).await };
    let (end, told) = async_std::channel::bounded::<()>(1);
    let serving = task::spawn(serve_until(listener, service, async move {
        // An error is a test that has failed already.
        let _ = told.recv().await;
        ended.await;
    }));
    for version in [Version::V2025_11_25, Version::V2026_07_28] {
        let client = Client::builder(&url)
            .configure(|config| config.versions = version..=version)
            .connect();
        let client = soon(client).await.unwrap();
        let result = soon(client.request("any/method", ())).await.unwrap();
        assert_eq!(result["method"], "any/method");
        soon(client.close()).await;
    }
    drop(end);
    soon(serving).await;
}
