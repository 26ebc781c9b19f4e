//! Answers that are none.

use serde_json::{Value, json};

use crate::eras::Eras;
use crate::misbehave::Incident;
use crate::misbehave::exchange::Exchange;
use crate::misbehave::polite::echo;
use crate::misbehave::server::Server;

/// More than the demo's client takes in one event.
const LARGE: usize = 256 << 10;

pub(crate) const ACCEPTED: Incident = Incident {
    name: "accepted",
    does: "Answers a tool call with 202, as if it were a notification.",
    eras: Eras::Both,
    script: |server, x| {
        Box::pin(async move {
            if x.tool().is_none() {
                return server.behave(x).await;
            }
            x.status(202).await
        })
    },
};

pub(crate) const FOREIGN_ID: Incident = Incident {
    name: "foreign-id",
    does: "Answers a call of echo under the id of the call of slow that is still running.",
    eras: Eras::Both,
    script: |server, x| {
        Box::pin(async move {
            match x.tool() {
                Some("slow") => {
                    server.leave(x.id());
                    server.behave(x).await
                }
                Some(_) => {
                    let Some(foreign) = x.unless_left(server.collect()).await else {
                        return Ok(());
                    };
                    let mut answer = echo(x);
                    answer["id"] = foreign;
                    x.json(200, &answer).await
                }
                None => server.behave(x).await,
            }
        })
    },
};

pub(crate) const TRUNCATED_JSON: Incident = Incident {
    name: "truncated-json",
    does: "Answers a tool call with the first half of a JSON text, as a whole body.",
    eras: Eras::Both,
    script: |server, x| {
        Box::pin(async move {
            if x.tool().is_none() {
                return server.behave(x).await;
            }
            let answer = echo(x).to_string();
            let half = &answer[..answer.len() / 2];
            let headers = [("content-type", "application/json")];
            x.whole(200, &headers, half, "200, half a JSON text".into())
                .await
        })
    },
};

pub(crate) const NOT_JSON: Incident = Incident {
    name: "not-json",
    does: "Answers a tool call with 200 and a web page.",
    eras: Eras::Both,
    script: |server, x| {
        Box::pin(async move {
            if x.tool().is_none() {
                return server.behave(x).await;
            }
            let headers = [("content-type", "text/html; charset=utf-8")];
            x.whole(200, &headers, "<h1>Welcome</h1>", "200, a web page".into())
                .await
        })
    },
};

pub(crate) const SERVER_ERROR: Incident = Incident {
    name: "server-error",
    does: "Answers the first call of echo with 500 and a web page, and everything else well.",
    eras: Eras::Both,
    script: |server, x| {
        Box::pin(async move {
            if !is_first_echo(server, x) {
                return server.behave(x).await;
            }
            let headers = [("content-type", "text/html")];
            x.whole(500, &headers, "<h1>Oops</h1>", "500, a web page".into())
                .await
        })
    },
};

pub(crate) const BARE_404: Incident = Incident {
    name: "bare-404",
    does: "Answers the first call of echo with 404 and no body, and everything else well.",
    eras: Eras::Both,
    script: |server, x| {
        Box::pin(async move {
            if !is_first_echo(server, x) {
                return server.behave(x).await;
            }
            x.status(404).await
        })
    },
};

pub(crate) const NULL_ID: Incident = Incident {
    name: "null-id",
    does: "Answers the first call of echo with 400 and an error without its id, and everything else well.",
    eras: Eras::Both,
    script: |server, x| {
        Box::pin(async move {
            if !is_first_echo(server, x) {
                return server.behave(x).await;
            }
            let mut answer = x.error(-32000, "Bad Request: something is missing");
            answer["id"] = Value::Null;
            x.json(400, &answer).await
        })
    },
};

pub(crate) const TOO_LARGE: Incident = Incident {
    name: "too-large",
    does: "Answers the first call of echo with one event of 256 KiB, and everything else well.",
    eras: Eras::Both,
    script: |server, x| {
        Box::pin(async move {
            if !is_first_echo(server, x) {
                return server.behave(x).await;
            }
            let text = "x".repeat(LARGE);
            let answer = x.result(&json!({"content": [{"type": "text", "text": text}]}));
            x.open_stream().await?;
            x.event("e1", &answer).await?;
            x.end().await
        })
    },
};

pub(crate) const SAME_NUMBER: Incident = Incident {
    name: "same-number",
    does: "Asks the client something under the very id of the call that it is answering.",
    eras: Eras::Legacy,
    script: |server, x| {
        Box::pin(async move {
            if x.tool().is_none() {
                return server.behave(x).await;
            }
            x.open_stream().await?;
            let question = json!({"jsonrpc": "2.0", "id": x.id(), "method": "ping"});
            x.message_event(&question).await?;
            let answered = server.log().until(1, |asked| asked.answers);
            if x.unless_left(answered).await.is_some() {
                let answer = echo(x);
                x.message_event(&answer).await?;
                x.end().await?;
            }
            Ok(())
        })
    },
};

fn is_first_echo(server: &Server, x: &Exchange) -> bool {
    let so_far = || {
        server
            .log()
            .count(|asked| asked.tool.as_deref() == Some("echo"))
    };
    x.tool() == Some("echo") && so_far() == 1
}
