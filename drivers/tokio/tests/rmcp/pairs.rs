//! What rmcp can do, over each pair of transports, in both eras.

use rmcp::model::{
    CallToolRequestParams, ClientRequest, GetPromptRequestParams, ProtocolVersion,
    ReadResourceRequestParams, Request, ServerResult, SubscriptionFilter,
};
use rmcp::service::{PeerRequestOptions, ServiceError};
use rmcp::{ClientLifecycleMode, ErrorData};
use serde_json::{json, to_value};

use crate::patience::{soon, until};
use crate::support::{Client, ERAS, Era, PAIRS, Site, call, connect, connect_by, text, tool};

/// Plays with a client and a server over each pair, in these eras.
#[expect(clippy::print_stdout, reason = "it is shown when a test fails")]
async fn play(eras: &[Era], game: impl AsyncFn(&Client, &Site)) {
    for (client, server) in PAIRS {
        for &era in eras {
            println!("{client:?} against {server:?}, {era:?}");
            let site = Site::start(server).await;
            let client = connect(client, era, &site.url).await;
            game(&client, &site).await;
            soon(client.cancel()).await.unwrap();
        }
    }
}

/// Begins a call of a tool without arguments, to be cancelled or watched.
async fn begin(
    client: &Client,
    name: &'static str,
) -> rmcp::service::RequestHandle<rmcp::RoleClient> {
    let request = ClientRequest::CallToolRequest(Request::new(CallToolRequestParams::new(name)));
    let options = PeerRequestOptions::no_options();
    let begun = client.send_cancellable_request(request, options).await;
    begun.unwrap()
}

#[tokio::test]
async fn tools_resources_and_prompts() {
    play(&ERAS, async |client, _| {
        let tools = soon(client.list_all_tools()).await.unwrap();
        assert!(tools.iter().any(|tool| tool.name == "echo"));
        let echo = tool("echo", &json!({"text": "h\u{e9}llo \u{1f980}"}));
        let echoed = soon(client.call_tool(echo)).await.unwrap();
        assert_eq!(text(&echoed), "h\u{e9}llo \u{1f980}");
        let resources = soon(client.list_all_resources()).await.unwrap();
        let read = ReadResourceRequestParams::new(&*resources[0].uri);
        let read = to_value(soon(client.read_resource(read)).await.unwrap()).unwrap();
        assert_eq!(read["contents"][0]["text"], "good day");
        let mut greet = GetPromptRequestParams::new("greet");
        greet.arguments = json!({"name": "Ada"}).as_object().cloned();
        let prompt = to_value(soon(client.get_prompt(greet)).await.unwrap()).unwrap();
        assert_eq!(prompt["messages"][0]["content"]["text"], "Greet Ada.");
    })
    .await;
}

#[tokio::test]
async fn an_error_of_the_server_is_the_servers() {
    play(&ERAS, async |client, _| {
        let refused = soon(client.get_prompt(GetPromptRequestParams::new("unknown"))).await;
        let Err(ServiceError::McpError(ErrorData { code, .. })) = refused else {
            panic!("not the server's error: {refused:?}");
        };
        assert_eq!(code.0, -32602);
    })
    .await;
}

#[tokio::test]
async fn progress_comes_before_the_answer_to_whoever_asked() {
    play(&ERAS, async |client, _| {
        let (one, two) = (begin(client, "steps").await, begin(client, "steps").await);
        let tokens = [one.progress_token.clone(), two.progress_token.clone()];
        for call in [one, two] {
            let ServerResult::CallToolResult(_) = soon(call.await_response()).await.unwrap() else {
                panic!("no result of a tool");
            };
        }
        for token in tokens {
            // rmcp hears each notification in a task of its own.
            until(|| client.service().steps(&token).len() == 3).await;
            let mut steps = client.service().steps(&token);
            steps.sort_by(f64::total_cmp);
            assert_eq!(steps, [1.0, 2.0, 3.0]);
        }
    })
    .await;
}

#[tokio::test]
async fn sampling_and_elicitation() {
    play(&ERAS, async |client, _| {
        let asked = call(client, "ask").await.unwrap();
        assert_eq!(asked, r#"["forty-two","twenty-one"]"#);
    })
    .await;
}

#[tokio::test]
async fn a_cancelled_call_is_cancelled_at_the_server() {
    play(&ERAS, async |client, site| {
        let waiting = begin(client, "wait").await;
        until(|| site.seen.has("waiting")).await;
        let reason = Some("no longer wanted".to_owned());
        soon(waiting.cancel(reason)).await.unwrap();
        until(|| site.seen.has("cancelled")).await;
        assert_eq!(call(client, "moment").await.unwrap(), "over");
    })
    .await;
}

#[tokio::test]
async fn many_calls_at_once() {
    play(&ERAS, async |client, _| {
        let calls = (0..40).map(|_| call(client, "moment"));
        for called in futures_util::future::join_all(calls).await {
            assert_eq!(called.unwrap(), "over");
        }
    })
    .await;
}

#[tokio::test]
async fn changes_are_told_in_a_session() {
    play(&[Era::Legacy], async |client, _| {
        call(client, "change").await.unwrap();
        until(|| client.service().changes() == 1).await;
    })
    .await;
}

#[tokio::test]
async fn changes_are_told_to_who_listens() {
    play(&[Era::Modern], async |client, site| {
        let filter: SubscriptionFilter =
            serde_json::from_value(json!({"toolsListChanged": true})).unwrap();
        let mut subscription = soon(client.listen(filter)).await.unwrap();
        assert_eq!(subscription.acknowledged().tools_list_changed, Some(true));
        assert!(soon(subscription.next()).await.unwrap().is_some());
        soon(subscription.cancel()).await.unwrap();
        until(|| site.seen.has("unsubscribed")).await;
    })
    .await;
}

#[tokio::test]
async fn a_lost_session_is_begun_anew() {
    play(&[Era::Legacy], async |client, site| {
        assert_eq!(call(client, "moment").await.unwrap(), "over");
        assert_eq!(site.forget_sessions().await, 1);
        assert_eq!(call(client, "moment").await.unwrap(), "over");
        assert_eq!(site.forget_sessions().await, 1);
    })
    .await;
}

#[tokio::test]
async fn rmcp_finds_the_era() {
    for (client, server) in PAIRS {
        let site = Site::start(server).await;
        let lifecycle = ClientLifecycleMode::Auto {
            preferred_versions: vec![ProtocolVersion::V_2026_07_28],
            legacy_version: None,
        };
        let client = connect_by(client, lifecycle, &site.url).await;
        let version = client.peer_info().unwrap().protocol_version.clone();
        assert_eq!(version, ProtocolVersion::V_2026_07_28);
        assert_eq!(call(&client, "moment").await.unwrap(), "over");
        soon(client.cancel()).await.unwrap();
    }
}
