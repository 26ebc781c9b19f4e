//! Servers of the legacy era, and what they make of the question which era they are of.

use serde_json::json;

use crate::eras::Eras;
use crate::misbehave::Incident;
use crate::misbehave::exchange::Exchange;

pub(crate) const PROBE_UNANSWERED: Incident = Incident {
    name: "probe-unanswered",
    does: "Never answers server/discover, and everything else well.",
    eras: Eras::Legacy,
    script: |server, x| {
        Box::pin(async move {
            if !is_probe(x) {
                return server.behave(x).await;
            }
            x.hold().await
        })
    },
};

pub(crate) const PROBE_NOT_FOUND: Incident = Incident {
    name: "probe-not-found",
    does: "Answers server/discover with 404 and the error of a lost session, and everything else well.",
    eras: Eras::Legacy,
    script: |server, x| {
        Box::pin(async move {
            if !is_probe(x) {
                return server.behave(x).await;
            }
            let error = x.error(-32001, "Session not found");
            x.json(404, &error).await
        })
    },
};

pub(crate) const PROBE_UNAVAILABLE: Incident = Incident {
    name: "probe-unavailable",
    does: "Answers server/discover with 503, and everything else well.",
    eras: Eras::Legacy,
    script: |server, x| {
        Box::pin(async move {
            if !is_probe(x) {
                return server.behave(x).await;
            }
            x.status(503).await
        })
    },
};

pub(crate) const PROBE_WEB_PAGE: Incident = Incident {
    name: "probe-web-page",
    does: "Answers server/discover with 200 and a web page, and everything else well.",
    eras: Eras::Legacy,
    script: |server, x| {
        Box::pin(async move {
            if !is_probe(x) {
                return server.behave(x).await;
            }
            let headers = [("content-type", "text/html; charset=utf-8")];
            x.whole(200, &headers, "<h1>Welcome</h1>", "200, a web page".into())
                .await
        })
    },
};

pub(crate) const PROBE_EMPTY_STREAM: Incident = Incident {
    name: "probe-empty-stream",
    does: "Answers server/discover with an event stream that ends at once, and everything else well.",
    eras: Eras::Legacy,
    script: |server, x| {
        Box::pin(async move {
            if !is_probe(x) {
                return server.behave(x).await;
            }
            x.open_stream().await?;
            x.end().await
        })
    },
};

pub(crate) const PROBE_EMPTY_RESULT: Incident = Incident {
    name: "probe-empty-result",
    does: "Answers server/discover with a result that says nothing, and everything else well.",
    eras: Eras::Legacy,
    script: |server, x| {
        Box::pin(async move {
            if !is_probe(x) {
                return server.behave(x).await;
            }
            let answer = json!({"jsonrpc": "2.0", "id": x.id(), "result": {}});
            x.json(200, &answer).await
        })
    },
};

fn is_probe(x: &Exchange) -> bool {
    x.rpc() == "server/discover"
}
