//! Trouble with the stream of a `subscriptions/listen`.

use serde_json::json;

use crate::eras::Eras;
use crate::misbehave::Incident;
use crate::misbehave::exchange::{Exchange, SUBSCRIPTION_ID};
use crate::misbehave::polite::acknowledge;

pub(crate) const LISTEN_LOST: Incident = Incident {
    name: "listen-lost",
    does: "Breaks the stream of the first subscription off, and ends the later ones after a change.",
    eras: Eras::Modern,
    script: |server, x| {
        Box::pin(async move {
            if !is_listen(x) {
                return server.behave(x).await;
            }
            let listens = server
                .log()
                .count(|asked| asked.rpc.as_deref() == Some(LISTEN));
            acknowledge(x).await?;
            if listens == 1 {
                x.break_off();
                return Ok(());
            }
            let change = json!({
                "jsonrpc": "2.0",
                "method": "notifications/tools/list_changed",
                "params": {"_meta": {SUBSCRIPTION_ID: x.id()}},
            });
            x.message_event(&change).await?;
            let mut end = x.result(&json!({}));
            end["result"]["_meta"][SUBSCRIPTION_ID] = x.id();
            x.message_event(&end).await?;
            x.end().await
        })
    },
};

pub(crate) const LISTEN_UNACKNOWLEDGED: Incident = Incident {
    name: "listen-unacknowledged",
    does: "Opens the stream of a subscription and never acknowledges it.",
    eras: Eras::Modern,
    script: |server, x| {
        Box::pin(async move {
            if !is_listen(x) {
                return server.behave(x).await;
            }
            x.open_stream().await?;
            x.hold().await
        })
    },
};

pub(crate) const LISTEN_ANSWERED: Incident = Incident {
    name: "listen-answered",
    does: "Answers a subscription with a result at once, as if it were any other request.",
    eras: Eras::Modern,
    script: |server, x| {
        Box::pin(async move {
            if !is_listen(x) {
                return server.behave(x).await;
            }
            let answer = x.result(&json!({}));
            x.json(200, &answer).await
        })
    },
};

const LISTEN: &str = "subscriptions/listen";

fn is_listen(x: &Exchange) -> bool {
    x.rpc() == LISTEN
}
