//! `mcp-sansio listen`.

use mcp_sansio_tokio::{CallError, Era, Failure, FailureKind, Filter, Notification};
use mcp_sansio_tokio::{Outcome, SubscriptionEvent};
use serde_json::{Value, json};

use crate::args::{Listen, Wanted};
use crate::connect::Session;
use crate::exit::{Exit, Trouble};
use crate::terminal::{complain, print, printable};

pub(crate) async fn run(args: Listen) -> Result<Exit, Trouble> {
    let session = Session::new(args.server, |builder| builder)?;
    let wanted = Value::from(filter(args.wanted));
    let exit = tokio::select! {
        exit = session.telling(listen(&session, &wanted)) => exit,
        // The subscription is dropped, which ends it; that is what was asked for.
        _ = tokio::signal::ctrl_c() => Exit::Success,
    };
    session.close().await;
    Ok(exit)
}

fn filter(wanted: Wanted) -> Filter {
    let mut filter = Filter::default();
    if wanted.tools {
        filter = filter.tools();
    }
    if wanted.prompts {
        filter = filter.prompts();
    }
    if wanted.resources {
        filter = filter.resources();
    }
    wanted.uris.into_iter().fold(filter, Filter::resource)
}

/// Prints what comes, until the server ends it.
async fn listen(session: &Session, wanted: &Value) -> Exit {
    let mut subscription = session.client.listen(wanted.clone());
    while let Some(event) = subscription.next().await {
        let outcome = match event {
            SubscriptionEvent::Ended(outcome) => outcome,
            event => {
                show(session, wanted, event);
                continue;
            }
        };
        return match outcome {
            Outcome::Result(_) => {
                show_line(session, "end", json!({}), "end, by the server");
                Exit::Success
            }
            Outcome::Error(error) => session.tell(&CallError::Peer(error), None),
            Outcome::Failed(failure) => {
                let why = why(session, &failure);
                session.tell(&CallError::Failed(failure), why)
            }
        };
    }
    Exit::Success
}

fn show(session: &Session, wanted: &Value, event: SubscriptionEvent) {
    match event {
        SubscriptionEvent::Opened(filter) => {
            let line = format!("open {filter}");
            let refused = refused(wanted, &filter);
            let mut members = session.spoken_json();
            members["filter"] = filter;
            show_line(session, "open", members, &line);
            if !refused.is_empty() {
                let refused = refused.join(", ");
                complain(&printable(&format!(
                    "the server does not tell of {refused}"
                )));
            }
        }
        SubscriptionEvent::Notification(notification) => {
            let params = params(&notification);
            let line = line(&notification.method, &params);
            let members = json!({"method": notification.method, "params": params});
            show_line(session, "notification", members, &line);
        }
        SubscriptionEvent::Gap => {
            let line = "gap: the stream was lost; what changes until it is open again is not told";
            show_line(session, "gap", json!({}), line);
        }
        _ => {}
    }
}

/// One line: text, or JSON if the user wants it.
fn show_line(session: &Session, event: &str, mut members: Value, text: &str) {
    if session.wants_json() {
        members["event"] = event.into();
        print(&members.to_string());
    } else {
        print(&printable(text).replace('\n', " "));
    }
}

fn params(notification: &Notification) -> Value {
    let params = notification.params.as_ref();
    params.map_or(Value::Null, |params| {
        serde_json::from_slice(params).unwrap_or_default()
    })
}

/// `resources/updated file:///notes.txt`.
fn line(method: &str, params: &Value) -> String {
    let method = method.strip_prefix("notifications/").unwrap_or(method);
    match params["uri"].as_str() {
        Some(uri) => format!("{method} {uri}"),
        None => method.to_owned(),
    }
}

/// What of the filter the server did not agree to.
fn refused(wanted: &Value, agreed: &Value) -> Vec<String> {
    let mut refused = Vec::new();
    for (name, value) in wanted.as_object().into_iter().flatten() {
        let agreed = &agreed[name];
        match value.as_array() {
            Some(uris) => {
                let agreed = agreed.as_array().map_or(&[][..], Vec::as_slice);
                let missing = uris.iter().filter(|uri| !agreed.contains(uri));
                refused.extend(missing.filter_map(Value::as_str).map(str::to_owned));
            }
            None if agreed == value => {}
            None => refused.push(name.clone()),
        }
    }
    refused
}

/// A better reason than the failure's own: the server's era has no subscriptions.
fn why(session: &Session, failure: &Failure) -> Option<String> {
    let version = session.client.version()?;
    let is_why = failure.kind == FailureKind::Undeliverable && version.era() == Era::Legacy;
    is_why.then(|| {
        format!("the server speaks {version}, and there are subscriptions since 2026-07-28 only")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_server_does_not_agree_to_is_named() {
        let wanted = filter(Wanted {
            tools: true,
            prompts: true,
            resources: false,
            uris: vec!["a:1".into(), "a:2".into()],
        });
        let agreed = json!({"toolsListChanged": true, "resourceSubscriptions": ["a:2"]});
        let refused = refused(&wanted.into(), &agreed);
        assert_eq!(refused, ["promptsListChanged", "a:1"]);
    }

    #[test]
    fn a_notification_is_told_with_what_it_is_about() {
        let told = line("notifications/resources/updated", &json!({"uri": "a:1"}));
        assert_eq!(told, "resources/updated a:1");
        let told = line("notifications/tools/list_changed", &Value::Null);
        assert_eq!(told, "tools/list_changed");
    }
}
