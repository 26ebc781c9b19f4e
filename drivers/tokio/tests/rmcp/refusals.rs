//! What rmcp makes of our failures: credentials that are wanted, the era of the server, the end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use mcp_sansio_tokio::rmcp::{self as ours, TransportError};
use mcp_sansio_tokio::{Authorizer, Client, FailureKind, Unauthorized};
use rmcp::model::{CallToolRequestParams, ProtocolVersion};
use rmcp::service::{ClientInitializeError, ServiceError};
use rmcp::transport::streamable_http_client::InsufficientScopeError;
use rmcp::{ClientLifecycleMode, ClientServiceExt as _, ServiceExt as _};
use serde_json::json;

use crate::patience::{soon, until};
use crate::server::Server;

const CHALLENGE: &str = r#"Bearer error="insufficient_scope", scope="files:read files:write""#;

fn transport(server: &Server) -> ours::ClientTransport {
    ours::transport(&server.url).build().unwrap()
}

fn auto() -> ClientLifecycleMode {
    ClientLifecycleMode::Auto {
        preferred_versions: vec![ProtocolVersion::V_2026_07_28],
        legacy_version: None,
    }
}

/// By its own error rmcp knows that it is time for its reactive flow.
#[tokio::test]
async fn rmcp_knows_that_credentials_are_wanted() {
    let server = Server::raw(|_, reply| reply.refusal("401 Unauthorized", r#"Bearer realm="r""#));
    let error = soon(().serve(transport(&server))).await.unwrap_err();
    assert!(error.is_authorization_required(), "{error}");
    assert_eq!(error.auth_challenge(), Some(r#"Bearer realm="r""#));
}

#[tokio::test]
async fn rmcp_knows_which_scope_is_wanted() {
    let server = Server::start(|_, reply| reply.refusal("403 Forbidden", CHALLENGE));
    let client = soon(().serve(transport(&server))).await.unwrap();
    let called = soon(client.call_tool(CallToolRequestParams::new("any"))).await;
    let Err(ServiceError::TransportSend(error)) = called else {
        panic!("not the transport's failure: {called:?}");
    };
    let wanted = std::error::Error::source(&*error.error).unwrap();
    let wanted: &InsufficientScopeError = wanted.downcast_ref().unwrap();
    assert_eq!(wanted.get_required_scope(), Some("files:read files:write"));
}

#[tokio::test]
async fn an_authorizer_gets_credentials() {
    struct Tokens(AtomicBool);
    impl Authorizer for Tokens {
        fn credentials(&self) -> Option<String> {
            let is_fresh = self.0.load(Ordering::SeqCst);
            is_fresh.then(|| "Bearer fresh".to_owned())
        }
        async fn authorize(&self, _: Unauthorized) -> bool {
            self.0.store(true, Ordering::SeqCst);
            true
        }
    }
    let server = Server::start(|request, reply| {
        if request
            .headers
            .contains(&"authorization: Bearer fresh".to_owned())
        {
            reply.json(&request.result(&json!({"content": []})))
        } else {
            reply.refusal("401 Unauthorized", "Bearer")
        }
    });
    let builder = ours::transport(&server.url).header("x-app", "1");
    let transport = builder.authorizer(Tokens(false.into())).build().unwrap();
    let client = soon(().serve(transport)).await.unwrap();
    let called = soon(client.call_tool(CallToolRequestParams::new("any"))).await;
    called.unwrap();
    let calls = server.seen("tools/call");
    assert_eq!(calls.len(), 2);
    assert!(calls[1].headers.contains(&"x-app: 1".to_owned()));
}

/// A refusal says that the server is of the first era.
#[tokio::test]
async fn a_refused_probe_is_the_servers_word() {
    for status in ["400 Bad Request", "404 Not Found"] {
        let server = Server::raw(move |request, reply| match request.what() {
            "server/discover" => reply.empty(status),
            "initialize" => reply.json(&request.result(&json!({
                "protocolVersion": "2025-11-25",
                "capabilities": {},
                "serverInfo": {"name": "scripted", "version": "1"},
            }))),
            "GET" => reply.empty("405 Method Not Allowed"),
            _ => reply.empty("202 Accepted"),
        });
        let transport = transport(&server);
        let client = soon(().serve_with_lifecycle(transport, auto())).await;
        let version = client
            .unwrap()
            .peer_info()
            .unwrap()
            .protocol_version
            .clone();
        assert_eq!(version, ProtocolVersion::V_2025_11_25);
    }
}

/// An outage says nothing of the era.
#[tokio::test]
async fn an_outage_is_the_transports_failure() {
    for status in ["429 Too Many Requests", "503 Service Unavailable"] {
        let server = Server::raw(move |_, reply| reply.empty(status));
        let transport = transport(&server);
        let error = soon(().serve_with_lifecycle(transport, auto())).await;
        let ClientInitializeError::TransportError { error, .. } = error.unwrap_err() else {
            panic!("not the transport's failure");
        };
        let error = error.error.downcast::<TransportError>().unwrap();
        let TransportError::Failed { failure, .. } = *error else {
            panic!("{error}");
        };
        assert_eq!(failure.kind, FailureKind::HttpStatus);
        assert!(server.seen("initialize").is_empty());
    }
}

/// An answer that rmcp cannot read is an error too: nobody waits for another.
#[tokio::test]
async fn an_answer_that_rmcp_cannot_read() {
    let server = Server::start(|request, reply| {
        let error = json!({"code": 1_u64 << 40, "message": "more than rmcp's codes can hold"});
        reply.json(&json!({"jsonrpc": "2.0", "id": request.body["id"], "error": error}))
    });
    let client = soon(().serve(transport(&server))).await.unwrap();
    let called = soon(client.call_tool(CallToolRequestParams::new("any"))).await;
    let error = called.unwrap_err().to_string();
    assert!(error.contains("none that rmcp can read"), "{error}");
}

/// Whoever gives up takes along what is in flight, and the client closes.
#[tokio::test]
async fn a_client_that_is_dropped_closes() {
    let server = Server::start(|_, reply| {
        reply.stream()?;
        reply.wait_until_gone();
        Ok(())
    });
    let transport = transport(&server);
    let beneath: Client = transport.client().clone();
    let client = soon(().serve(transport)).await.unwrap();
    let peer = client.peer().clone();
    let call = tokio::spawn(async move { peer.call_tool(CallToolRequestParams::new("any")).await });
    server.saw("tools/call").await;
    assert_eq!(beneath.inspect().calls.len(), 1);
    drop(client);
    assert!(soon(call).await.unwrap().is_err());
    server.saw("DELETE").await;
    until(|| beneath.inspect().calls.is_empty()).await;
}

/// So does one that gives up during the handshake.
#[tokio::test]
async fn a_handshake_that_is_dropped_closes() {
    let server = Server::raw(|_, reply| {
        reply.wait_until_gone();
        Ok(())
    });
    let transport = transport(&server);
    let beneath = Arc::new(transport.client().clone());
    let serving = tokio::spawn(async move { ().serve(transport).await.map(drop) });
    server.saw("initialize").await;
    serving.abort();
    until(|| beneath.inspect().calls.is_empty()).await;
}
