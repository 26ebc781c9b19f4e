//! Servers that leave the smaller exchanges unanswered.

use crate::eras::Eras;
use crate::misbehave::Incident;

pub(crate) const INITIALIZED_UNANSWERED: Incident = Incident {
    name: "initialized-unanswered",
    does: "Never answers the POST of notifications/initialized.",
    eras: Eras::Legacy,
    script: |server, x| {
        Box::pin(async move {
            if x.rpc() == "notifications/initialized" {
                return x.hold().await;
            }
            server.behave(x).await
        })
    },
};

pub(crate) const DELETE_UNANSWERED: Incident = Incident {
    name: "delete-unanswered",
    does: "Never answers the DELETE that ends a session.",
    eras: Eras::Legacy,
    script: |server, x| {
        Box::pin(async move {
            if x.http() == "DELETE" {
                return x.hold().await;
            }
            server.behave(x).await
        })
    },
};
