//! Servers that lose the session.

use std::time::Duration;

use tokio::time::sleep;

use crate::eras::Eras;
use crate::misbehave::Incident;
use crate::misbehave::polite::echo;

pub(crate) const SESSION_FORGOTTEN: Incident = Incident {
    name: "session-forgotten",
    does: "Forgets its sessions at the first call of echo, while a call of slow goes on in silence.",
    eras: Eras::Legacy,
    script: |server, x| {
        Box::pin(async move {
            match x.tool() {
                Some("slow") => {
                    x.open_stream().await?;
                    x.hold().await
                }
                Some(_) if server.forget_sessions_once() => {
                    x.note("forgets its sessions");
                    server.behave(x).await
                }
                _ => server.behave(x).await,
            }
        })
    },
};

pub(crate) const SESSION_FORGOTTEN_SLOW_404: Incident = Incident {
    name: "session-forgotten-slow-404",
    does: "Forgets its sessions at the first call, and says so after five calls or five seconds.",
    eras: Eras::Legacy,
    script: |server, x| {
        Box::pin(async move {
            if x.tool().is_none() {
                return server.behave(x).await;
            }
            if server.forget_sessions_once() {
                x.note("forgets its sessions");
            }
            let known = x.session().is_some_and(|session| server.knows(session));
            if !known {
                let five = server
                    .log()
                    .within(Duration::from_secs(5), 5, |asked| asked.tool.is_some());
                if x.unless_left(five).await.is_none() {
                    return Ok(());
                }
            }
            server.behave(x).await
        })
    },
};

pub(crate) const SESSION_FORGOTTEN_LATE_ANSWER: Incident = Incident {
    name: "session-forgotten-late-answer",
    does: "Forgets its sessions at the first call of echo, and still answers the call of slow after the next handshake.",
    eras: Eras::Legacy,
    script: |server, x| {
        Box::pin(async move {
            match x.tool() {
                Some("slow") => {
                    x.open_stream().await?;
                    let reconnected = async {
                        let initialized = Some("notifications/initialized");
                        server
                            .log()
                            .until(2, |asked| asked.rpc.as_deref() == initialized)
                            .await;
                        sleep(Duration::from_millis(100)).await;
                    };
                    if x.unless_left(reconnected).await.is_some() {
                        let answer = echo(x);
                        x.message_event(&answer).await?;
                        x.end().await?;
                    }
                    Ok(())
                }
                Some(_) if server.forget_sessions_once() => {
                    x.note("forgets its sessions");
                    server.behave(x).await
                }
                _ => server.behave(x).await,
            }
        })
    },
};

pub(crate) const SESSION_NEVER_FOUND: Incident = Incident {
    name: "session-never-found",
    does: "Makes sessions, and answers every tool call in one of them with 404.",
    eras: Eras::Legacy,
    script: |server, x| {
        Box::pin(async move {
            if x.tool().is_none() {
                return server.behave(x).await;
            }
            server.forget_sessions();
            x.status(404).await
        })
    },
};
