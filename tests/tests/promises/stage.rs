//! A client with its books, whose steps can be told wrongly.

use mcp_sansio::{
    CallId, Client, ClientConfig, ClientEvent, ClientOutput, ExchangeId, Handshake, Header,
    Identity, Inspection, Instant, Method, Notice, NoticeKind, Notification, Outcome, Version,
};
use mcp_sansio_tests::op::Octets;
use mcp_sansio_tests::{Op, StepSeen, Watch, promises};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The text that the server leaves with the client: written anew, it would look different.
pub(crate) const STATE: &str = r#""\u0041\/""#;

/// A client with its books, and the step that was seen last.
pub(crate) struct Stage {
    pub(crate) client: Client,
    pub(crate) watch: Watch,
    pub(crate) now: Instant,
    pub(crate) op: Op,
    pub(crate) made: Option<u64>,
    pub(crate) announced: Option<Instant>,
    pub(crate) after: Option<Instant>,
    pub(crate) outputs: Vec<ClientOutput>,
    pub(crate) inspection: Inspection,
    pub(crate) messages: usize,
    pub(crate) speaks: Option<Version>,
    parked_before: BTreeSet<u64>,
}

impl Stage {
    /// A client that has a session, and one call on its way, on an event stream: exchange 5.
    pub(crate) fn in_session() -> Self {
        let mut stage = Self::new(
            Identity::new("promises", "1"),
            Version::V2024_11_05..=Version::V2025_11_25,
        );
        let result = json!({"protocolVersion": "2025-11-25", "capabilities": {}, "serverInfo": {"name": "s", "version": "1"}});
        stage.go([
            Op::Connect { id: None },
            head(
                2,
                200,
                &[
                    ("content-type", "application/json"),
                    ("mcp-session-id", "session-4711"),
                ],
            ),
            Op::chunk(2, response(1, &result).as_bytes()),
            Op::End { exchange: 2 },
            head(3, 202, &[]),
            Op::End { exchange: 3 },
            call(),
            head(5, 200, &[("content-type", "text/event-stream")]),
        ]);
        stage
    }

    /// A session, and a call (6) that is refused on exchange 7 for want of credentials: when its response ends,
    /// the host is asked.
    pub(crate) fn refused() -> Self {
        let mut stage = Self::in_session();
        stage.go([call(), head(7, 401, &[("www-authenticate", "Bearer")])]);
        stage
    }

    /// The host was asked.
    pub(crate) fn parked() -> Self {
        let mut stage = Self::refused();
        stage.go([Op::End { exchange: 7 }]);
        stage
    }

    /// A client of a modern server: a subscription (3) is open on exchange 4, and for a call (5) that went
    /// out on exchange 6 the host has a question (7) of the server.
    pub(crate) fn modern() -> Self {
        let mut identity = Identity::new("promises", "1");
        identity.capabilities = r#"{"elicitation":{}}"#.into();
        let mut stage = Self::new(identity, Version::V2026_07_28..=Version::V2026_07_28);
        let json_head = |exchange| head(exchange, 200, &[("content-type", "application/json")]);
        let discovered = json!({"supportedVersions": ["2026-07-28"], "capabilities": {}});
        let filter = json!({"toolsListChanged": true});
        let acknowledged = json!({"jsonrpc": "2.0", "method": "notifications/subscriptions/acknowledged",
            "params": {"notifications": filter, "_meta": {"io.modelcontextprotocol/subscriptionId": 2}}});
        let question = json!({"q": {"method": "elicitation/create", "params": {"message": "?"}}});
        let asked = format!(
            r#"{{"jsonrpc":"2.0","id":3,"result":{{"resultType":"input_required","inputRequests":{question},"requestState":{STATE}}}}}"#
        );
        stage.go([
            Op::Connect { id: None },
            json_head(2),
            Op::chunk(2, response(1, &discovered).as_bytes()),
            Op::End { exchange: 2 },
            Op::Listen {
                params: Some(json!({"notifications": filter})),
                params_text: None,
                id: None,
            },
            head(4, 200, &[("content-type", "text/event-stream")]),
            Op::chunk(4, format!("data: {acknowledged}\n\n").as_bytes()),
            call(),
            json_head(6),
            Op::chunk(6, asked.as_bytes()),
        ]);
        stage.speaks = Some(Version::V2026_07_28);
        stage.go([Op::End { exchange: 6 }]);
        stage
    }

    fn new(identity: Identity, versions: std::ops::RangeInclusive<Version>) -> Self {
        let mut config = ClientConfig::new("http://server.test/mcp", Handshake::Core(identity));
        config.standalone = false;
        config.authorizer = true;
        config.versions = versions;
        let client = Client::new(config.clone(), [0; 32]).expect("the configuration is right");
        let inspection = client.inspect();
        Self {
            client,
            watch: Watch::new(config),
            now: Instant::from_micros(0),
            op: Op::Timeout,
            made: None,
            announced: None,
            after: None,
            outputs: Vec::new(),
            inspection,
            messages: 0,
            speaks: None,
            parked_before: BTreeSet::new(),
        }
    }

    fn go(&mut self, ops: impl IntoIterator<Item = Op>) {
        for op in ops {
            self.act(op);
            self.close_step("nothing is wrong yet", None);
        }
    }

    /// Does something; what is then told of it can be tampered with.
    pub(crate) fn act(&mut self, op: Op) {
        self.parked_before = self.watch.parked.clone();
        self.made = op.apply(&mut self.client, self.now);
        self.announced = self.client.poll_timeout();
        self.outputs = std::iter::from_fn(|| self.client.poll_output(true)).collect();
        self.inspection = self.client.inspect();
        self.after = self.client.poll_timeout();
        self.messages = self.watch.input(self.now, &op, self.made);
        self.op = op;
    }

    /// Enters the step into the books and checks the promises.
    #[track_caller]
    pub(crate) fn close_step(&mut self, what: &str, broken: Option<&str>) {
        let step = StepSeen {
            now: self.now,
            op: &self.op,
            made: self.made,
            room: true,
            room_before: true,
            announced: self.announced,
            after: self.after,
            outputs: &self.outputs,
            inspection: &self.inspection,
            messages: self.messages,
            calls_before: 1,
            obligations_before: 1,
            exchanges_before: 2,
            listens_before: 1,
            parked_before: self.parked_before.clone(),
            spoke: self.speaks,
            speaks: self.speaks,
        };
        self.watch.outputs(&step);
        let verdict = promises::check(&self.watch, &step);
        let promise = verdict.as_ref().err().map(|verdict| verdict.promise);
        assert_eq!(promise, broken, "{what}: {verdict:?}");
    }
}

pub(crate) fn head(exchange: u64, status: u16, headers: &[(&str, &str)]) -> Op {
    let headers = headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), Octets::Text((*value).to_owned())))
        .collect();
    Op::Head {
        exchange,
        status,
        headers,
    }
}

pub(crate) fn settled(call: u64) -> ClientOutput {
    ClientOutput::Event(ClientEvent::Settled {
        call: CallId::from_u64(call),
        outcome: Outcome::Result("{}".into()),
    })
}

pub(crate) fn notice(detail: &str) -> ClientOutput {
    // A notice cannot be made from outside, so one is taken from a client and told otherwise.
    let mut config = ClientConfig::new("http://x.test", Handshake::Core(Identity::new("x", "1")));
    config.standalone = false;
    let mut client = Client::new(config, [0; 32]).expect("the configuration is right");
    let garbage = Notification::new("x", Some("{oops".into()));
    client.notify(Instant::from_micros(0), garbage);
    while let Some(output) = client.poll_output(true) {
        if let ClientOutput::Event(ClientEvent::Notice(
            mut notice @ Notice {
                kind: NoticeKind::Ignored,
                ..
            },
        )) = output
        {
            detail.clone_into(&mut notice.detail);
            return ClientOutput::Event(ClientEvent::Notice(notice));
        }
    }
    panic!("a notification with garbage brings a notice");
}

pub(crate) fn open(exchange: u64, url: Option<&str>, body: &str) -> ClientOutput {
    ClientOutput::Open {
        exchange: ExchangeId::from_u64(exchange),
        method: Method::Post,
        url: url.map(ToOwned::to_owned),
        headers: vec![Header::new("accept", "application/json")],
        body: body.to_owned().into(),
    }
}

pub(crate) fn call() -> Op {
    Op::Call {
        method: "tools/call".to_owned(),
        params: Some(json!({"name": "work"})),
        params_text: None,
        options: mcp_sansio_tests::op::Options::default(),
        id: None,
    }
}

fn response(id: u64, result: &Value) -> String {
    json!({"jsonrpc": "2.0", "id": id, "result": result}).to_string()
}
