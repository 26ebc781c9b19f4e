//! Questions to the client in the midst of its call: one handler on each side, in both eras.

use std::sync::{Arc, Mutex};

use mcp_sansio_tokio::server::{Input, Request, Service};
use mcp_sansio_tokio::{CallError, Client, Era, FailureKind, Identity, RpcError, Version};
use serde_json::{Value, json};

use crate::support::{Site, builder, soon};

/// A tool that asks for one thing.
async fn book(request: Request) -> Result<Value, RpcError> {
    let form = json!({"message": "How many seats?", "requestedSchema": {"type": "object"}});
    match request.input("seats", "elicitation/create", form).await {
        Ok(Input::Answer(answer)) => Ok(json!({"booked": answer["content"]["seats"]})),
        Ok(Input::Required(question)) => Ok(question),
        Err(error) => Err(RpcError::new(-32000, error.to_string())),
    }
}

/// A tool that asks for two things at once, and has the client carry its state.
fn move_house(request: &Request) -> Result<Value, RpcError> {
    let params: Value = request.params()?;
    if params["requestState"].is_null() {
        return Ok(json!({
            "resultType": "input_required",
            "inputRequests": {
                "from": {"method": "roots/list"},
                "to": {"method": "elicitation/create", "params": {"message": "Where to?"}},
            },
            "requestState": "st\u{e4}te \"1\"",
        }));
    }
    Ok(json!({"state": params["requestState"], "answers": params["inputResponses"]}))
}

fn service() -> Service {
    let service = builder().serve(|request: Request| async move {
        let params: Value = request.params()?;
        match params["name"].as_str() {
            Some("book") => book(request).await,
            _ => move_house(&request),
        }
    });
    service.unwrap()
}

/// A client that answers, and keeps what it was asked.
async fn answering(site: &Site, era: Era, asked: &Arc<Mutex<Vec<String>>>) -> Client {
    let mut identity = Identity::new("asked", "1.0");
    identity.capabilities = r#"{"elicitation":{},"roots":{}}"#.into();
    let asked = Arc::clone(asked);
    let client = Client::builder(site.url())
        .identity(identity)
        .configure(|config| {
            config.versions = match era {
                Era::Legacy => Version::V2024_11_05..=Version::V2025_11_25,
                Era::Modern => Version::V2026_07_28..=Version::V2026_07_28,
            }
        })
        .on_request(move |request| {
            let message = request.params.as_ref().map(|params| &params["message"]);
            let message = message.and_then(Value::as_str).unwrap_or_default();
            let what = format!("{} {message}", request.method);
            asked.lock().unwrap().push(what.trim_end().to_string());
            async move {
                match request.method.as_str() {
                    "elicitation/create" => {
                        Ok(json!({"action": "accept", "content": {"seats": 2}}))
                    }
                    "roots/list" => Ok(json!({"roots": []})),
                    method => Err(RpcError::new(-32601, format!("no {method} here"))),
                }
            }
        });
    soon(client.connect()).await.unwrap()
}

#[tokio::test]
async fn one_handler_on_each_side_is_enough_for_both_eras() {
    let site = Site::axum(service()).await;
    for era in [Era::Legacy, Era::Modern] {
        let asked = Arc::default();
        let client = answering(&site, era, &asked).await;
        assert_eq!(client.version().map(Version::era), Some(era));
        let result = soon(client.call_tool("book", json!({}))).await.unwrap();
        assert_eq!(result["booked"], 2);
        let asked = asked.lock().unwrap().clone();
        assert_eq!(asked, ["elicitation/create How many seats?"]);
        soon(client.close()).await;
    }
}

#[tokio::test]
async fn several_questions_and_a_state_make_one_round() {
    let site = Site::axum(service()).await;
    let asked = Arc::default();
    let client = answering(&site, Era::Modern, &asked).await;
    let result = soon(client.call_tool("move", json!({}))).await.unwrap();
    assert_eq!(result["state"], "st\u{e4}te \"1\"");
    let answers = json!({
        "from": {"roots": []},
        "to": {"action": "accept", "content": {"seats": 2}},
    });
    assert_eq!(result["answers"], answers);
    let mut asked = asked.lock().unwrap().clone();
    asked.sort();
    assert_eq!(asked, ["elicitation/create Where to?", "roots/list"]);
    assert_eq!(site.handle.counters().requests, 2);
    soon(client.close()).await;
}

#[tokio::test]
async fn a_question_that_the_client_refuses_ends_its_call() {
    let site = Site::axum(service()).await;
    let mut identity = Identity::new("refusing", "1.0");
    identity.capabilities = r#"{"elicitation":{}}"#.into();
    let client = Client::builder(site.url())
        .identity(identity)
        .on_request(|_| async { Err(RpcError::new(-1, "not now")) });
    let client = soon(client.connect()).await.unwrap();
    let error = soon(client.call_tool("book", json!({}))).await.unwrap_err();
    let CallError::Failed(failure) = &error else {
        panic!("{error}");
    };
    assert_eq!(failure.kind, FailureKind::Cancelled, "{error:#}");
    assert!(client.inspect().calls.is_empty());
    soon(client.close()).await;
}

#[tokio::test]
async fn a_client_that_declares_nothing_is_told_what_it_lacks() {
    let site = Site::axum(service()).await;
    let client = soon(Client::connect(site.url())).await.unwrap();
    let error = soon(client.call_tool("book", json!({}))).await.unwrap_err();
    let CallError::Peer(error) = &error else {
        panic!("{error:#}");
    };
    assert_eq!(error.code, -32021, "{error}");
    soon(client.close()).await;
}
