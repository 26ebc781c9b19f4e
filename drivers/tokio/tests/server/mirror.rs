//! Arguments that are mirrored into headers: declared by the service, sent by our client, checked on arrival.

use mcp_sansio_tokio::Client;
use mcp_sansio_tokio::server::{HttpParts as _, Request};
use serde_json::{Value, json};

use crate::raw::{Raw, modern};
use crate::support::{Site, builder, soon};

fn tools(header: &str) -> Value {
    json!([{
        "name": "route",
        "inputSchema": {
            "type": "object",
            "properties": {"region": {"type": "string", "x-mcp-header": header}},
        },
    }])
}

async fn site() -> Site {
    let service = builder().serve(|request: Request| async move {
        if request.method() == "tools/list" {
            return Ok(json!({"tools": tools("Region")}));
        }
        let headers = &request.parts().unwrap().headers;
        let header = headers.get("mcp-param-region");
        Ok(json!({"header": header.map(|value| value.to_str().unwrap())}))
    });
    let site = Site::axum(service.unwrap()).await;
    site.handle.declare_tools(&tools("Region")).unwrap();
    site
}

#[tokio::test]
async fn our_client_sends_the_header_whether_or_not_it_has_seen_the_tool() {
    let site = site().await;
    for lists_first in [false, true] {
        let client = soon(Client::connect(site.url())).await.unwrap();
        if lists_first {
            soon(client.list_tools()).await.unwrap();
        }
        let arguments = json!({"region": "eu-1"});
        let result = soon(client.call_tool("route", arguments)).await.unwrap();
        assert_eq!(result["header"], "eu-1");
        soon(client.close()).await;
    }
}

#[tokio::test]
async fn a_header_that_says_something_else_is_refused() {
    let site = site().await;
    let call = json!({"name": "route", "arguments": {"region": "eu-1"}});
    for (header, status) in [("eu-1", 200), ("us-2", 400), ("", 400)] {
        let request = modern("tools/call", call.clone(), 7);
        let request = Raw::modern(&request).with("mcp-param-region", header);
        let response = site.send(request).await;
        assert_eq!(response.status, status, "{header:?}");
        let answer = response.json().await;
        assert_eq!(answer["id"], 7);
        let code = &answer["error"]["code"];
        assert_eq!(*code == -32020, status == 400, "{header:?}: {answer}");
    }
    assert_eq!(site.handle.counters().requests, 1);
}

#[tokio::test]
async fn a_declaration_that_cannot_be_is_refused_and_changes_nothing() {
    let site = site().await;
    let error = site.handle.declare_tools(&tools("not a token"));
    let error = error.unwrap_err().to_string();
    assert!(error.contains("route"), "{error}");
    let call = json!({"name": "route", "arguments": {"region": "eu-1"}});
    let request = modern("tools/call", call, 1);
    let response = site.send(Raw::modern(&request)).await;
    assert_eq!(response.status, 400);
}
