//! The promises of the modern era must be able to fail: the books are told of a server that breaks them.

use mcp_sansio::{
    Body, ExchangeId, Handshake, Header, Identity, Instant, Notification, ObligationId, Server,
    ServerConfig, ServerEvent, ServerOutput, To, Version,
};
use mcp_sansio_tests::server::act::Act;
use mcp_sansio_tests::server::{StepSeen, Watch, promises};
use serde_json::{Value, json};

const NOW: Instant = Instant::from_micros(0);
const META: &str = "io.modelcontextprotocol/subscriptionId";
const CHANGED: &str = "notifications/tools/list_changed";

/// The books of a server that has got one modern POST.
struct Books {
    watch: Watch,
    exchange: ExchangeId,
}

impl Books {
    fn new(method: &str, params: Value) -> Self {
        Self::of("POST", &body(method, params))
    }

    fn of(http_method: &str, body: &Value) -> Self {
        let mut books = Self {
            watch: Watch::new(config()),
            exchange: ExchangeId::from_u64(1),
        };
        let accept = Act::Accept {
            method: http_method.to_owned(),
            headers: vec![("MCP-Protocol-Version".to_owned(), b"2026-07-28".to_vec())],
            principal: None,
            body: Some(body.to_string().into_bytes()),
        };
        books.watch.input(NOW, &accept, Some(1));
        books
    }

    /// A subscription that is acknowledged as it must be.
    fn listening() -> Self {
        let mut books = Self::new("subscriptions/listen", json!({"notifications": {}}));
        books.stream();
        books.says(&tagged(
            "notifications/subscriptions/acknowledged",
            json!({"notifications": {"toolsListChanged": true}}),
        ));
        books
    }

    fn tell(&mut self, output: &ServerOutput) {
        self.watch.output(NOW, output);
    }

    fn head(&mut self, status: u16, headers: Vec<Header>, body: Body) {
        let exchange = self.exchange;
        self.tell(&ServerOutput::Head {
            exchange,
            status,
            headers,
            body,
        });
    }

    fn stream(&mut self) {
        self.head(200, Vec::new(), Body::Stream);
    }

    fn whole(&mut self, status: u16, body: &Value) {
        self.head(status, Vec::new(), Body::Whole(body.to_string().into()));
    }

    fn chunk(&mut self, data: String) {
        let exchange = self.exchange;
        let data = data.into();
        self.tell(&ServerOutput::Chunk { exchange, data });
        self.watch.input(NOW, &Act::Written(1), None);
    }

    fn says(&mut self, message: &Value) {
        self.chunk(format!("data: {message}\n\n"));
    }

    fn all(&mut self) {
        let act = Act::Notify(To::All, Notification::new(CHANGED, None));
        self.watch.input(NOW, &act, None);
    }

    #[track_caller]
    fn breaks(&self, promise: &str, what: &str) {
        let first = self.watch.wrongs.first();
        let broken = first.map(|(promise, _)| *promise);
        assert_eq!(broken, Some(promise), "{what}: {first:?}");
    }

    #[track_caller]
    fn keeps(&self) {
        assert_eq!(self.watch.wrongs, [], "nothing is wrong");
    }

    /// What the check of a step says, when the server shows what the books have.
    fn step(&self) -> Option<&'static str> {
        let server = Server::new(config(), [0; 32]).expect("the configuration is right");
        let mut inspection = server.inspect();
        let open = self.watch.open();
        inspection.exchanges = open
            .map(|(id, _)| (ExchangeId::from_u64(id), None))
            .collect();
        let step = StepSeen {
            now: NOW,
            act: &Act::Timeout,
            announced: &[(0, None)],
            after: None,
            outputs: &[],
            inspection: &inspection,
        };
        let verdict = promises::check(&self.watch, &step);
        verdict.err().map(|broken| broken.promise)
    }
}

fn config() -> ServerConfig {
    let mut config = ServerConfig::new(Handshake::Core(Identity::new("promises", "1")));
    config.versions = Version::V2026_07_28..=Version::V2026_07_28;
    config
}

fn body(method: &str, mut params: Value) -> Value {
    params["_meta"] = json!({"io.modelcontextprotocol/protocolVersion": "2026-07-28"});
    json!({"jsonrpc": "2.0", "id": 7, "method": method, "params": params})
}

fn tagged(method: &str, mut params: Value) -> Value {
    params["_meta"] = json!({META: 7});
    json!({"jsonrpc": "2.0", "method": method, "params": params})
}

fn result(result: &Value) -> Value {
    json!({"jsonrpc": "2.0", "id": 7, "result": result})
}

fn error(code: i64) -> Value {
    json!({"jsonrpc": "2.0", "id": 7, "error": {"code": code, "message": "no"}})
}

#[test]
fn s1_answers_say_what_they_are_and_have_the_status_of_it() {
    for (status, answer, what) in [
        (200, error(-32601), "an unknown method with 200"),
        (404, error(-32603), "404 that is no unknown method"),
        (200, error(-32020), "a refused header with 200"),
        (500, error(-32602), "the core's own refusal with 500"),
        (503, error(-32000), "a code that none may use"),
        (200, result(&json!({})), "a result without its type"),
        (
            200,
            json!({"jsonrpc": "2.0", "id": 8, "result": {"resultType": "complete"}}),
            "another's id",
        ),
        (
            200,
            result(
                &json!({"resultType": "input_required", "inputRequests": {"q": {"method": "roots/list"}}}),
            ),
            "a question that was not declared",
        ),
    ] {
        let mut books = Books::new("tools/call", json!({"name": "work"}));
        books.whole(status, &answer);
        books.breaks("S1", what);
    }
    let mut books = Books::new("tools/list", json!({}));
    books.whole(200, &result(&json!({"resultType": "input_required"})));
    books.breaks("S1", "a list that asks for input");
    let mut books = Books::new("tools/call", json!({}));
    books.whole(404, &error(-32601));
    books.keeps();
}

#[test]
fn s1_streams_have_no_trace_of_sessions_and_end_with_the_answer() {
    let streaming = || {
        let mut books = Books::new("tools/call", json!({"name": "work"}));
        books.stream();
        books
    };
    let mut books = Books::new("tools/call", json!({}));
    let header = Header::new("mcp-session-id", "x");
    books.head(200, vec![header], Body::Stream);
    books.breaks("S1", "a session id");
    for (event, what) in [
        ("id: 1-1\ndata: \n\n", "an event id"),
        ("retry: 5\n\n", "a retry"),
        (
            "data: {\"id\":1,\"method\":\"roots/list\"}\n\n",
            "a request of the server",
        ),
        (
            "data: {\"method\":\"notifications/message\",\"params\":{\"level\":\"error\"}}\n\n",
            "a log message that nobody asked for",
        ),
    ] {
        let mut books = streaming();
        books.chunk(event.to_owned());
        books.breaks("S1", what);
    }
    let mut books = streaming();
    let exchange = books.exchange;
    books.tell(&ServerOutput::End { exchange });
    books.breaks("S1", "an end without an answer");
    let mut books = streaming();
    for _ in 0..2 {
        books.says(&result(&json!({"resultType": "complete"})));
    }
    books.breaks("S1", "two answers");
    let mut books = Books::of("GET", &Value::Null);
    books.stream();
    books.breaks("S1", "a GET that is served");
}

#[test]
fn s1_a_request_does_not_outlive_its_client() {
    let mut books = Books::new("tools/call", json!({"name": "work"}));
    let (id, exchange) = (ObligationId::from_u64(2), books.exchange);
    books.tell(&ServerOutput::Event(ServerEvent::Request {
        id,
        exchange,
        session: None,
        version: Version::V2026_07_28,
        method: "tools/call".into(),
        params: None,
    }));
    books.watch.input(NOW, &Act::Gone(1), None);
    assert_eq!(books.step(), Some("S1"), "it is still owed");
}

#[test]
fn s2_a_subscription_gets_what_it_asked_for_and_no_more() {
    let mut books = Books::listening();
    books.keeps();
    assert_eq!(books.step(), None);
    books.all();
    assert_eq!(books.step(), Some("S2"), "a change that does not come");
    books.says(&tagged(CHANGED, json!({})));
    books.keeps();
    assert_eq!(books.step(), None);
    books.says(&tagged(CHANGED, json!({})));
    books.breaks("S2", "a change that comes twice");

    for (message, what) in [
        (
            json!({"jsonrpc": "2.0", "method": CHANGED}),
            "a change without the tag",
        ),
        (
            tagged("notifications/prompts/list_changed", json!({})),
            "a change that nobody asked for",
        ),
        (
            tagged(
                "notifications/subscriptions/acknowledged",
                json!({"notifications": {}}),
            ),
            "a second acknowledgement",
        ),
        (
            result(&json!({"resultType": "complete"})),
            "an end without the tag",
        ),
    ] {
        let mut books = Books::listening();
        books.all();
        books.says(&message);
        books.breaks("S2", what);
    }
    let mut books = Books::new("subscriptions/listen", json!({"notifications": {}}));
    books.stream();
    assert_eq!(books.step(), Some("S2"), "no acknowledgement");
    books.says(&tagged(CHANGED, json!({})));
    books.breaks("S2", "a change before the acknowledgement");
}

#[test]
fn s2_subscriptions_end_with_the_server_and_are_bounded() {
    let mut books = Books::listening();
    books.watch.config.limits.listens = 0;
    assert_eq!(books.step(), Some("S2"), "more than the limit");
    let mut books = Books::listening();
    let grace = std::time::Duration::from_secs(1);
    books.watch.input(NOW, &Act::ShutDown(grace), None);
    assert_eq!(books.step(), Some("S2"), "it outlives the shut-down");
}
