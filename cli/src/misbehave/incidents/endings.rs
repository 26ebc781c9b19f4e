//! Responses that end before the answer.

use std::time::Duration;

use tokio::time::sleep;

use crate::eras::Eras;
use crate::misbehave::Incident;
use crate::misbehave::polite::echo;

pub(crate) const STREAM_ENDS: Incident = Incident {
    name: "stream-ends",
    does: "Answers a tool call with an event stream that ends in order, without a message.",
    eras: Eras::Both,
    script: |server, x| {
        Box::pin(async move {
            if x.tool().is_none() {
                return server.behave(x).await;
            }
            x.open_stream().await?;
            x.keep_alive().await?;
            x.end().await
        })
    },
};

pub(crate) const RESET: Incident = Incident {
    name: "reset",
    does: "Opens an event stream for a tool call and resets the connection.",
    eras: Eras::Both,
    script: |server, x| {
        Box::pin(async move {
            if x.tool().is_none() {
                return server.behave(x).await;
            }
            x.open_stream().await?;
            // A reset may overtake what was written before it: let the head arrive.
            sleep(Duration::from_millis(50)).await;
            x.reset();
            Ok(())
        })
    },
};

pub(crate) const CUT_OFF_BODY: Incident = Incident {
    name: "cut-off-body",
    does: "Promises a JSON body of 200 bytes, writes 20 of them, and closes.",
    eras: Eras::Both,
    script: |server, x| {
        Box::pin(async move {
            if x.tool().is_none() {
                return server.behave(x).await;
            }
            let response = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\
                content-length: 200\r\n\r\n{\"jsonrpc\": \"2.0\", \"";
            x.raw(response, "200, 20 bytes of 200").await
        })
    },
};

pub(crate) const HALF_EVENT: Incident = Incident {
    name: "half-event",
    does: "Breaks the answers to the first two tool calls off within an event, and answers the rest well.",
    eras: Eras::Both,
    script: |server, x| {
        Box::pin(async move {
            let so_far = || server.log().count(|asked| asked.tool.is_some());
            if x.tool().is_none() || so_far() > 2 {
                return server.behave(x).await;
            }
            let answer = echo(x);
            x.open_stream().await?;
            x.half_event(&answer).await?;
            x.break_off();
            Ok(())
        })
    },
};
