//! Requests of both eras, and what the handler sees and says.

use std::time::Duration;

use mcp_sansio_smol::server::{HttpParts as _, Input, Request, Service, Session};
use mcp_sansio_smol::{
    CallError, CallOptions, Client, Filter, Identity, RpcError, SubscriptionEvent, Version,
};
use serde_json::{Value, json};

use crate::site::{Site, builder, soon};

const ERAS: [Version; 2] = [Version::V2025_11_25, Version::V2026_07_28];

async fn tool(request: Request) -> Result<Value, RpcError> {
    let params: Value = request.params()?;
    match params["name"].as_str() {
        Some("echo") => Ok(json!({"content": params["arguments"]})),
        Some("steps") => {
            for step in 1..=3 {
                request.progress(f64::from(step), Some(3.0), None);
            }
            Ok(json!({"content": []}))
        }
        Some("path") => {
            let path = request.parts().map(|parts| parts.uri.path().to_owned());
            Ok(json!({"content": path}))
        }
        Some("panic") => panic!("as the test wants it"),
        _ => Err(RpcError::new(-32602, "no such tool")),
    }
}

fn tools() -> Service {
    builder().serve(tool).unwrap()
}

#[test]
fn calls_are_answered_in_both_eras() {
    let site = Site::new(tools());
    for version in ERAS {
        let client = site.client(version);
        smol::block_on(async {
            let call = client.call_tool("echo", json!({"text": "hi"}));
            assert_eq!(soon(call).await.unwrap()["content"]["text"], "hi");
            let path = soon(client.call_tool("path", json!({}))).await.unwrap();
            assert_eq!(path["content"], "/mcp");
            let error = soon(client.call_tool("other", json!({})))
                .await
                .unwrap_err();
            assert!(
                matches!(&error, CallError::Peer(e) if e.code == -32602),
                "{error}"
            );
            soon(client.close()).await;
        });
    }
}

#[test]
fn a_large_answer_and_a_large_question_arrive_whole() {
    let site = Site::new(tools());
    let client = site.client(Version::V2026_07_28);
    let numbers: Vec<u32> = (0..40_000).collect();
    let result = smol::block_on(soon(client.call_tool("echo", json!({"numbers": numbers}))));
    assert_eq!(result.unwrap()["content"]["numbers"], json!(numbers));
}

#[test]
fn progress_comes_before_the_result() {
    let site = Site::new(tools());
    for version in ERAS {
        let client = site.client(version);
        let mut options = CallOptions::default();
        options.progress = true;
        let mut call = client.call_tool_with("steps", json!({}), options);
        let mut progress = call.progress().unwrap();
        smol::block_on(async {
            soon(call).await.unwrap();
            let mut steps = Vec::new();
            while let Some(params) = soon(progress.next()).await {
                steps.push(params["progress"].as_f64());
            }
            assert_eq!(steps, [1.0, 2.0, 3.0].map(Some));
        });
    }
}

#[test]
fn a_handler_that_panics_answers() {
    let site = Site::new(tools());
    let client = site.client(Version::V2026_07_28);
    smol::block_on(async {
        let error = soon(client.call_tool("panic", json!({})))
            .await
            .unwrap_err();
        assert!(
            matches!(&error, CallError::Peer(e) if e.code == -32603),
            "{error}"
        );
        assert_eq!(site.handle.counters().panicked, 1);
        // And the server goes on.
        soon(client.call_tool("echo", json!({}))).await.unwrap();
    });
}

#[test]
fn the_client_is_asked_in_the_way_of_its_era() {
    let service = builder()
        .serve(|request: Request| async move {
            let form =
                json!({"message": "?", "requestedSchema": {"type": "object", "properties": {}}});
            match request.input("key", "elicitation/create", form).await {
                Ok(Input::Answer(answer)) => Ok(json!({"content": answer["action"]})),
                Ok(Input::Required(question)) => Ok(question),
                Err(error) => Err(RpcError::new(-32000, error.to_string())),
            }
        })
        .unwrap();
    let site = Site::new(service);
    for version in ERAS {
        let mut identity = Identity::new("asked", "1.0");
        identity.capabilities = r#"{"elicitation": {}}"#.into();
        let client = Client::builder(format!("http://{}/mcp", site.address))
            .identity(identity)
            .configure(|config| config.versions = version..=version)
            .on_request(|_| async { Ok(json!({"action": "accept", "content": {}})) })
            .connect();
        smol::block_on(async {
            let client = soon(client).await.unwrap();
            let result = soon(client.call_tool("book", json!({}))).await.unwrap();
            assert_eq!(result["content"], "accept");
        });
    }
}

#[test]
fn what_changes_is_told_to_those_who_listen() {
    let site = Site::new(tools());
    let client = site.client(Version::V2026_07_28);
    let mut changes = client.listen(Filter::default().tools());
    smol::block_on(async {
        let opened = soon(changes.next()).await;
        assert!(
            matches!(opened, Some(SubscriptionEvent::Opened(_))),
            "{opened:?}"
        );
        let method = "notifications/tools/list_changed";
        site.handle.notify_all(method, None);
        let told = soon(changes.next()).await;
        assert!(
            matches!(&told, Some(SubscriptionEvent::Notification(n)) if n.method == method),
            "{told:?}"
        );
    });
}

#[test]
fn a_session_has_a_loop_of_its_own() {
    let (tell, told) = smol::channel::unbounded();
    let service = builder().sessions(move |session: Session| {
        let tell = tell.clone();
        async move {
            let reason = session.run(tool).await;
            tell.send(reason).await.unwrap();
        }
    });
    let site = Site::new(service.unwrap());
    let client = site.client(Version::V2025_11_25);
    smol::block_on(async {
        soon(client.call_tool("echo", json!({}))).await.unwrap();
        soon(client.close()).await;
        let reason = soon(told.recv()).await.unwrap();
        assert_eq!(reason.as_str(), "deleted");
    });
}

/// The handler never looks at its requests: the client is told, and soon.
#[test]
fn a_handler_that_never_reads_ends_in_an_error() {
    let service = builder()
        .configure(|config| config.timing.take = Duration::from_millis(100))
        .sessions(|session: Session| async move {
            session.ended().await;
        });
    let site = Site::new(service.unwrap());
    let client = site.client(Version::V2025_11_25);
    smol::block_on(async {
        let error = soon(client.call_tool("any", json!({}))).await.unwrap_err();
        assert!(
            matches!(&error, CallError::Peer(e) if e.code == -32603),
            "{error}"
        );
    });
    assert_eq!(site.handle.counters().not_taken, 1);
}
