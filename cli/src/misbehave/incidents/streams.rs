//! Trouble with the stream that a client opens to listen.

use crate::eras::Eras;
use crate::misbehave::Incident;
use crate::misbehave::polite::echo;

pub(crate) const ANSWER_ELSEWHERE: Incident = Incident {
    name: "answer-elsewhere",
    does: "Breaks a call's stream, leaves its resume silent, and answers on the standalone stream.",
    eras: Eras::Legacy,
    script: |server, x| {
        Box::pin(async move {
            if x.tool().is_some() {
                server.leave(echo(x));
                x.open_stream().await?;
                x.priming("e1", 100).await?;
                return x.end().await;
            }
            if x.resumes() {
                x.open_stream().await?;
                return x.hold().await;
            }
            if x.listens() {
                x.open_stream().await?;
                let resumed = async {
                    server.log().until(1, |asked| asked.cursor.is_some()).await;
                    server.collect().await
                };
                if let Some(answer) = x.unless_left(resumed).await {
                    x.event("g1", &answer).await?;
                    x.hold().await?;
                }
                return Ok(());
            }
            server.behave(x).await
        })
    },
};

pub(crate) const STANDALONE_ENDS: Incident = Incident {
    name: "standalone-ends",
    does: "Opens the standalone stream and ends it at once, each time that it is asked.",
    eras: Eras::Legacy,
    script: |server, x| {
        Box::pin(async move {
            if !x.listens() {
                return server.behave(x).await;
            }
            x.open_stream().await?;
            x.end().await
        })
    },
};
