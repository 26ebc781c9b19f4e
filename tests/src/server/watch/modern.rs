//! What the books know of modern exchanges: what each asks, judged apart from the core, and what breaks the
//! rules of the era at once (S1, S2).

use super::listen::{Listen, hear, untagged};
use super::{ExchangeSeen, Watch};
use crate::server::events::Event;
use mcp_sansio::{Body, Era, Handshake, Header, Notification, Version};
use serde_json::{Value, json};

const VERSION: &str = "io.modelcontextprotocol/protocolVersion";
const CAPABILITIES: &str = "io.modelcontextprotocol/clientCapabilities";
const LOG_LEVEL: &str = "io.modelcontextprotocol/logLevel";
pub(super) const SUBSCRIPTION: &str = "io.modelcontextprotocol/subscriptionId";
const LISTEN: &str = "subscriptions/listen";

/// From the least to the most severe.
const LEVELS: [&str; 8] = [
    "debug",
    "info",
    "notice",
    "warning",
    "error",
    "critical",
    "alert",
    "emergency",
];

/// Methods whose answer may ask for more, and the capability that each kind of question needs.
const MAY_ASK: [&str; 3] = ["prompts/get", "resources/read", "tools/call"];
const QUESTIONS: [(&str, &str); 3] = [
    ("elicitation/create", "elicitation"),
    ("roots/list", "roots"),
    ("sampling/createMessage", "sampling"),
];

/// A POST of the modern era.
#[derive(Clone, Debug, Default)]
pub struct Modern {
    /// Its message; `null` if its body is none.
    pub message: Value,
    /// How many answers it got.
    pub answers: u32,
    /// What came on its stream, if it subscribes.
    pub listen: Listen,
}

impl Modern {
    /// Reads an exchange whose body is whole, for a server that speaks the era or does not. `None`: it is not
    /// of this era.
    pub fn read(exchange: &ExchangeSeen, is_spoken: bool) -> Option<Self> {
        if exchange.method != "POST" {
            return None;
        }
        let message: Value = serde_json::from_slice(&exchange.body).unwrap_or_default();
        let modern = Self {
            message,
            ..Self::default()
        };
        let is_modern =
            modern.meta().get(VERSION).is_some() || (is_spoken && names_modern(exchange));
        is_modern.then_some(modern)
    }

    /// Its JSON-RPC method.
    pub fn method(&self) -> Option<&str> {
        self.message["method"].as_str()
    }

    /// It subscribes.
    pub fn is_listen(&self) -> bool {
        self.method() == Some(LISTEN)
    }

    fn meta(&self) -> &Value {
        &self.message["params"]["_meta"]
    }

    /// How severe a log message must be to be sent; `None`: none is.
    fn level(&self) -> Option<usize> {
        level(&self.meta()[LOG_LEVEL])
    }

    /// What is wrong with an answer's `resultType` and questions.
    fn judge_result(&self, result: &Value, core_answers: bool) -> Result<(), String> {
        match result["resultType"].as_str() {
            // A host that owns the handshake says what it says.
            None if !core_answers => return Ok(()),
            None => return Err(format!("a result without resultType: {result}")),
            Some("input_required") => {}
            Some(_) => return Ok(()),
        }
        if !self
            .method()
            .is_some_and(|method| MAY_ASK.contains(&method))
        {
            return Err("an answer that asks for input".to_owned());
        }
        for question in result["inputRequests"]
            .as_object()
            .into_iter()
            .flat_map(|all| all.values())
        {
            let needed = QUESTIONS
                .iter()
                .find(|(method, _)| question["method"] == *method);
            if !needed
                .is_some_and(|(_, capability)| self.meta()[CAPABILITIES][capability].is_object())
            {
                return Err(format!(
                    "a question that its client did not declare: {question}"
                ));
            }
        }
        Ok(())
    }
}

/// What breaks a rule, in a sentence about the exchange; the promise that it is of.
type Wrong = (&'static str, String);

impl Watch {
    /// A notification for all: each subscription that asked for it must get it.
    pub(super) fn said_to_all(&mut self, notification: &Notification) {
        let params = match &notification.params {
            None => Value::Null,
            Some(text) => match serde_json::from_slice(text) {
                Ok(Value::Object(params)) => Value::Object(params),
                _ => return,
            },
        };
        if self.draining.is_some() {
            return;
        }
        for exchange in self.exchanges.values_mut() {
            let is_listening = exchange.is_open() && exchange.is_listening();
            if let Some(modern) = &mut exchange.modern
                && is_listening
                && modern.listen.wants(&notification.method, &params)
            {
                let said = json!({"method": notification.method, "params": params});
                modern.listen.said.push(untagged(said));
            }
        }
    }

    pub(super) fn modern_head(&mut self, id: u64, status: u16, headers: &[Header], body: &Body) {
        let core_answers = matches!(self.config.handshake, Handshake::Core(_));
        let has_modern = self.speaks_modern();
        let Some(exchange) = self.exchanges.get_mut(&id) else {
            return;
        };
        let is_known = has_modern && names_modern(exchange);
        let mut wrongs = Vec::new();
        if exchange.method != "POST" {
            let is_refused = [403, 405, 503].contains(&status);
            if is_known && !is_refused {
                wrongs.push(("S1", format!("a modern {} got {status}", exchange.method)));
            }
        } else if let Some(modern) = &mut exchange.modern {
            if headers
                .iter()
                .any(|header| *header.name == *"mcp-session-id")
            {
                wrongs.push(("S1", "a modern response names a session".to_owned()));
            }
            if let Body::Whole(body) = body {
                let was_given = !exchange.delivered.is_empty();
                let body: Value = serde_json::from_slice(body).unwrap_or_default();
                // Codes of implementations before the revision, which new ones should not use. A head alone
                // may not show that it is of the era.
                let is_of_old = |code: i64| (-32019..=-32000).contains(&code);
                if is_known && !was_given && body["error"]["code"].as_i64().is_some_and(is_of_old) {
                    wrongs.push(("S1", format!("{body} has a code of old")));
                }
                let verdict = judge_status(modern, status, &body, was_given);
                wrongs.extend(verdict.err().map(|what| ("S1", what)));
                if body.get("result").is_some() {
                    let verdict = modern.judge_result(&body["result"], core_answers);
                    wrongs.extend(verdict.err().map(|what| ("S1", what)));
                }
            }
        }
        self.wrongs_of(id, wrongs);
    }

    pub(super) fn modern_event(&mut self, id: u64, event: &Event) {
        let core_answers = matches!(self.config.handshake, Handshake::Core(_));
        let Some(exchange) = self.exchanges.get_mut(&id) else {
            return;
        };
        let is_listening = exchange.is_listening();
        let Some(modern) = &mut exchange.modern else {
            return;
        };
        let mut wrongs = Vec::new();
        if event.id.is_some() || event.retry.is_some() {
            wrongs.push(("S1", "an event with an id, or a retry".to_owned()));
        }
        if let Some(message) = event.message() {
            let verdict = judge_message(modern, &message, is_listening, core_answers);
            wrongs.extend(verdict.err());
        }
        self.wrongs_of(id, wrongs);
    }

    /// A stream ends as HTTP ends: its answer must be there.
    pub(super) fn modern_end(&mut self, id: u64) {
        let seen = self.exchanges.get(&id);
        if let Some(modern) = seen.and_then(|exchange| exchange.modern.as_ref())
            && modern.answers != 1
        {
            let what = format!("it ended with {} answers", modern.answers);
            self.wrongs_of(id, vec![("S1", what)]);
        }
    }

    /// A session began on this exchange.
    pub(super) fn modern_session(&mut self, id: u64) {
        let seen = self.exchanges.get(&id);
        if seen.is_some_and(|exchange| exchange.modern.is_some()) {
            self.wrongs_of(
                id,
                vec![("S1", "a modern request made a session".to_owned())],
            );
        }
    }

    /// Whether the server has revisions of the era.
    pub(super) fn speaks_modern(&self) -> bool {
        self.config.versions.end().era() == Era::Modern
    }

    fn wrongs_of(&mut self, id: u64, wrongs: Vec<Wrong>) {
        for (promise, what) in wrongs {
            self.wrong(promise, format!("on exchange {id}: {what}"));
        }
    }
}

/// The status that a whole answer calls for.
fn judge_status(
    modern: &mut Modern,
    status: u16,
    body: &Value,
    was_given: bool,
) -> Result<(), String> {
    let code = body["error"]["code"].as_i64();
    let wanted = match code {
        _ if body.get("result").is_some() => Some(200),
        Some(-32601) => Some(404),
        Some(-32022..=-32020) => Some(400),
        Some(-32700 | -32602 | -32600) if !was_given => Some(400),
        Some(-32602) => Some(200),
        None if body.is_null() => Some(202),
        _ => None,
    };
    if wanted.is_some_and(|wanted| wanted != status) || (status == 404 && code != Some(-32601)) {
        return Err(format!("{body} came with {status}"));
    }
    if !body.is_null() {
        modern.answers += 1;
    }
    let names_its_request =
        matches!(code, Some(-32602 | -32601 | -32022..=-32020)) || status == 200;
    let id = &modern.message["id"];
    if names_its_request && (id.is_string() || id.is_number()) && body["id"] != *id {
        return Err(format!("{body} answers {id}"));
    }
    Ok(())
}

/// A message on a stream.
fn judge_message(
    modern: &mut Modern,
    message: &Value,
    is_listening: bool,
    core_answers: bool,
) -> Result<(), Wrong> {
    let stateless = |what: String| ("S1", what);
    let subscribed = |what: String| ("S2", what);
    if modern.answers > 0 {
        return Err(stateless(format!("after the answer came {message}")));
    }
    let tag = |holder: &Value| holder["_meta"][SUBSCRIPTION] == modern.message["id"];
    let Some(method) = message["method"].as_str() else {
        if message["id"] != modern.message["id"] {
            return Err(stateless(format!("another's answer came: {message}")));
        }
        if let Some(result) = message.get("result") {
            if modern.is_listen() && !tag(result) {
                return Err(subscribed(format!("an end without the tag: {message}")));
            }
            modern
                .judge_result(result, core_answers)
                .map_err(stateless)?;
        }
        modern.answers += 1;
        return Ok(());
    };
    if message.get("id").is_some() {
        return Err(stateless(format!("the server asked: {message}")));
    }
    let params = &message["params"];
    if modern.is_listen() && !tag(params) {
        return Err(subscribed(format!("a message without the tag: {message}")));
    }
    if is_listening {
        return hear(&mut modern.listen, method, params).map_err(subscribed);
    }
    let is_loud_enough =
        |least: usize| level(&params["level"]).is_some_and(|severity| severity >= least);
    if method == "notifications/message" && !modern.level().is_some_and(is_loud_enough) {
        return Err(stateless(format!("unasked, it was told {message}")));
    }
    Ok(())
}

fn level(name: &Value) -> Option<usize> {
    LEVELS.iter().position(|level| name == *level)
}

fn names_modern(exchange: &ExchangeSeen) -> bool {
    let version = exchange.version.as_deref().and_then(Version::from_name);
    version.is_some_and(|version| version.era() == Era::Modern)
}
