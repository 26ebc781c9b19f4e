//! What a subscription asks for, and whether a notification is of it.
//!
//! Source: 2026-07-28, basic/patterns/subscriptions, "Notification Filter"; for tasks, the extension
//! `io.modelcontextprotocol/tasks`, "Task Status Notifications".

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::jsonrpc;
use crate::meta;

/// The notification that begins every subscription.
pub(crate) const ACKNOWLEDGED: &str = "notifications/subscriptions/acknowledged";
/// The request that opens one.
pub(crate) const LISTEN: &str = "subscriptions/listen";

/// Tells what has become of a task, to those who named it and to nobody else: an id may be all that protects it.
pub(crate) const TASK: &str = "notifications/tasks";
/// The extension that tasks come with.
const TASKS_EXTENSION: &str = "io.modelcontextprotocol/tasks";

/// The notifications that a client wants.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) struct Filter {
    pub(crate) tools: bool,
    pub(crate) prompts: bool,
    pub(crate) resources: bool,
    /// The resources whose updates are wanted.
    pub(crate) uris: Vec<Box<str>>,
    /// The tasks whose progress is wanted.
    pub(crate) tasks: Vec<Box<str>>,
}

/// How a filter stands to a notification.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Wanted {
    No,
    /// It is of no kind that filters know.
    Unknown,
    Yes,
}

impl Filter {
    /// Reads the `notifications` of a listen request or of its acknowledgement. The error is a sentence part.
    pub(crate) fn read(text: Option<&str>) -> Result<Self, String> {
        let mut filter = Self::default();
        let mut wrong = None;
        jsonrpc::members(text.unwrap_or(""), |key, value| {
            let flag = match key {
                "toolsListChanged" => &mut filter.tools,
                "promptsListChanged" => &mut filter.prompts,
                "resourcesListChanged" => &mut filter.resources,
                "resourceSubscriptions" | "taskIds" => {
                    let names = match key {
                        "taskIds" => &mut filter.tasks,
                        _ => &mut filter.uris,
                    };
                    match strings(value) {
                        Some(strings) => *names = strings,
                        None => wrong = Some(format!("{key} is not an array of strings")),
                    }
                    return;
                }
                _ => return,
            };
            match value {
                "true" => *flag = true,
                "false" => *flag = false,
                _ => wrong = Some(format!("{key} is not a boolean")),
            }
        })
        .map_err(|_| String::from("notifications is not an object"))?;
        wrong.map_or(Ok(filter), Err)
    }

    /// The filter as JSON text: only what it asks for.
    pub(crate) fn to_json(&self) -> String {
        let mut members = Vec::new();
        for (name, is_on) in [
            ("toolsListChanged", self.tools),
            ("promptsListChanged", self.prompts),
            ("resourcesListChanged", self.resources),
        ] {
            if is_on {
                members.push(format!("\"{name}\":true"));
            }
        }
        for (name, strings) in [
            ("resourceSubscriptions", &self.uris),
            ("taskIds", &self.tasks),
        ] {
            if !strings.is_empty() {
                let strings: Vec<_> = strings.iter().map(|text| jsonrpc::quote(text)).collect();
                members.push(format!("\"{name}\":[{}]", strings.join(",")));
            }
        }
        format!("{{{}}}", members.join(","))
    }

    /// Whether a notification is one that the filter asks for.
    pub(crate) fn wants(&self, method: &str, params: Option<&str>) -> Wanted {
        let names = |member: &str, wanted: &[Box<str>]| {
            params
                .and_then(|params| jsonrpc::member(params, member))
                .and_then(jsonrpc::string)
                .is_some_and(|name| wanted.iter().any(|wanted| **wanted == *name))
        };
        let is_wanted = match method {
            "notifications/tools/list_changed" => self.tools,
            "notifications/prompts/list_changed" => self.prompts,
            "notifications/resources/list_changed" => self.resources,
            "notifications/resources/updated" => names("uri", &self.uris),
            TASK => names("taskId", &self.tasks),
            // These belong to the request that caused them.
            "notifications/progress" | "notifications/message" => false,
            _ => return Wanted::Unknown,
        };
        if is_wanted { Wanted::Yes } else { Wanted::No }
    }

    /// The part of this filter that these capabilities of a server cover.
    pub(crate) fn covered_by(self, capabilities: &str) -> Self {
        let declares = |feature: &str, what: &str| {
            jsonrpc::member(capabilities, feature)
                .and_then(|feature| jsonrpc::member(feature, what))
                == Some("true")
        };
        Self {
            tools: self.tools && declares("tools", "listChanged"),
            prompts: self.prompts && declares("prompts", "listChanged"),
            resources: self.resources && declares("resources", "listChanged"),
            uris: if declares("resources", "subscribe") {
                self.uris
            } else {
                Vec::new()
            },
            tasks: if has_tasks(capabilities) {
                self.tasks
            } else {
                Vec::new()
            },
        }
    }

    /// The capabilities that a client must declare to be told all this, and does not, as JSON text.
    pub(crate) fn not_declared(&self, capabilities: &str) -> Option<String> {
        let is_missing = !self.tasks.is_empty() && !has_tasks(capabilities);
        is_missing.then(|| format!(r#"{{"extensions":{{"{TASKS_EXTENSION}":{{}}}}}}"#))
    }

    /// Bytes held.
    pub(crate) fn held(&self) -> usize {
        let names = self.uris.iter().chain(&self.tasks);
        names.map(|name| name.len()).sum()
    }
}

/// Params, or a result, with the id of the subscription in its `_meta`; one that is there is replaced. `id` is
/// the raw JSON of the listen request's id.
pub(crate) fn tagged(object: Option<&str>, id: &str) -> String {
    jsonrpc::splice_member(object.unwrap_or("{}"), "_meta", |before| match before {
        Some(before) if before.starts_with('{') => {
            jsonrpc::splice_member(before, meta::SUBSCRIPTION_ID, |_| id.into())
        }
        _ => format!("{{{}:{id}}}", jsonrpc::quote(meta::SUBSCRIPTION_ID)),
    })
}

/// Whether capabilities, of a client or a server, have the extension.
fn has_tasks(capabilities: &str) -> bool {
    jsonrpc::member(capabilities, "extensions")
        .and_then(|extensions| jsonrpc::member(extensions, TASKS_EXTENSION))
        .is_some()
}

fn strings(array: &str) -> Option<Vec<Box<str>>> {
    let mut strings = Vec::new();
    let mut all_are_strings = true;
    jsonrpc::elements(array, |value| match jsonrpc::string(value) {
        Some(text) => strings.push(Box::from(&*text)),
        None => all_are_strings = false,
    })
    .ok()?;
    all_are_strings.then_some(strings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_comes_back_as_it_was_read_and_says_what_it_wants() {
        let text =
            r#"{"toolsListChanged":true,"resourceSubscriptions":["file:///a"],"taskIds":["t"]}"#;
        let filter = Filter::read(Some(text)).unwrap_or_default();
        assert_eq!(filter.to_json(), text);
        assert_eq!(
            filter.wants("notifications/tools/list_changed", None),
            Wanted::Yes
        );
        assert_eq!(
            filter.wants("notifications/prompts/list_changed", None),
            Wanted::No
        );
        let updated = |uri: &str| {
            let params = format!("{{\"uri\":{}}}", jsonrpc::quote(uri));
            filter.wants("notifications/resources/updated", Some(&params))
        };
        assert_eq!(updated("file:///a"), Wanted::Yes);
        assert_eq!(updated("file:///b"), Wanted::No);
        let of = |task| filter.wants(TASK, Some(task));
        assert_eq!(of(r#"{"taskId":"t"}"#), Wanted::Yes);
        assert_eq!(of(r#"{"taskId":"u"}"#), Wanted::No);
        assert_eq!(filter.wants("notifications/message", None), Wanted::No);
        assert_eq!(filter.wants("com.example/own", None), Wanted::Unknown);
    }

    #[test]
    fn what_is_no_filter_is_told() {
        for text in [
            None,
            Some("[]"),
            Some(r#"{"toolsListChanged":1}"#),
            Some(r#"{"resourceSubscriptions":"file:///a"}"#),
            Some(r#"{"resourceSubscriptions":[1]}"#),
            Some(r#"{"taskIds":null}"#),
        ] {
            assert!(Filter::read(text).is_err(), "{text:?}");
        }
        assert_eq!(Filter::read(Some(r#"{"other":1}"#)), Ok(Filter::default()));
    }

    #[test]
    fn only_what_the_server_declares_is_covered() {
        let all = r#"{"toolsListChanged":true,"promptsListChanged":true,"resourcesListChanged":true,"resourceSubscriptions":["a"],"taskIds":["t"]}"#;
        let filter = Filter::read(Some(all)).unwrap_or_default();
        let covered = filter.clone().covered_by(
            r#"{"tools":{"listChanged":true},"prompts":{},"resources":{"subscribe":true}}"#,
        );
        assert_eq!(
            covered.to_json(),
            r#"{"toolsListChanged":true,"resourceSubscriptions":["a"]}"#
        );
        let tasks = r#"{"extensions":{"io.modelcontextprotocol/tasks":{}}}"#;
        let covered = filter.clone().covered_by(tasks);
        assert_eq!(covered.to_json(), r#"{"taskIds":["t"]}"#);
        assert_eq!(covered.not_declared("{}").as_deref(), Some(tasks));
        assert_eq!(covered.not_declared(tasks), None);
        assert_eq!(filter.covered_by("{}").to_json(), "{}");
    }
}
