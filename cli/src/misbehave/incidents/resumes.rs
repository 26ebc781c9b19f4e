//! Resumes that lead nowhere.

use crate::eras::Eras;
use crate::misbehave::Incident;

pub(crate) const RESUME_NEVER_MOVES: Incident = Incident {
    name: "resume-never-moves",
    does: "Breaks a call's stream after an event id, and ends each resume without anything new.",
    eras: Eras::Legacy,
    script: |server, x| {
        Box::pin(async move {
            if x.tool().is_some() {
                x.open_stream().await?;
                x.priming("e1", 100).await?;
                return x.end().await;
            }
            if x.resumes() {
                x.open_stream().await?;
                return x.end().await;
            }
            server.behave(x).await
        })
    },
};

pub(crate) const RETRY_ZERO: Incident = Incident {
    name: "retry-zero",
    does: "Gives each resume a new event id, asks for the next one after 0 ms, and never answers.",
    eras: Eras::Legacy,
    script: |server, x| {
        Box::pin(async move {
            if x.tool().is_none() && !x.resumes() {
                return server.behave(x).await;
            }
            let resumed = server.log().count(|asked| asked.cursor.is_some());
            x.open_stream().await?;
            x.priming(&format!("e{}", resumed + 1), 0).await?;
            x.end().await
        })
    },
};
