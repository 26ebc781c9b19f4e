// A scripted MCP server on loopback: a thread for each connection, a closure for what it says. (Plain
// comments, so that examples in the documentation can include this file.)
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{Value, json};

/// One HTTP request as the server saw it.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) verb: String,
    pub(crate) path: String,
    /// `name: value`, names in lower case.
    pub(crate) headers: Vec<String>,
    /// Null for GET and DELETE.
    pub(crate) body: Value,
}

impl Request {
    /// The JSON-RPC method, or the HTTP method of what carries none, or `response`.
    pub(crate) fn what(&self) -> &str {
        match self.body["method"].as_str() {
            Some(method) => method,
            None if self.body.is_null() => &self.verb,
            None => "response",
        }
    }
}

/// A running server. It ends with the process.
pub(crate) struct Server {
    pub(crate) url: String,
    connections: Arc<AtomicUsize>,
    seen: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    /// Starts a server of the legacy era. `script` answers what is not a part of the session: it is not asked
    /// for `server/discover`, `initialize`, notifications, GET, DELETE and responses.
    pub(crate) fn start(
        script: impl Fn(&Request, &mut Reply<'_>) -> io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        Self::raw(move |request, reply| match request.what() {
            "server/discover" => reply.empty("400 Bad Request"),
            "initialize" => reply.json(&request.result(&json!({
                "protocolVersion": "2025-11-25",
                "capabilities": {"tools": {}},
                "serverInfo": {"name": "scripted", "version": "1"},
            }))),
            "GET" => reply.empty("405 Method Not Allowed"),
            "DELETE" => reply.empty("200 OK"),
            "response" => reply.empty("202 Accepted"),
            what if what.starts_with("notifications/") => reply.empty("202 Accepted"),
            _ => script(request, reply),
        })
    }

    /// Starts a server whose script answers everything.
    pub(crate) fn raw(
        script: impl Fn(&Request, &mut Reply<'_>) -> io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("a bound address");
        let server = Self {
            url: format!("http://{address}/mcp"),
            connections: Arc::default(),
            seen: Arc::default(),
        };
        let script = Arc::new(script);
        let connections = Arc::clone(&server.connections);
        let seen = Arc::clone(&server.seen);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                connections.fetch_add(1, Ordering::SeqCst);
                let (script, seen) = (Arc::clone(&script), Arc::clone(&seen));
                // An error here is a client that went away: its test says whether it may.
                thread::spawn(move || serve(&stream, &*script, &seen));
            }
        });
        server
    }

    /// TCP connections accepted so far.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// The requests seen so far that are this [`what`](Request::what).
    pub(crate) fn seen(&self, what: &str) -> Vec<Request> {
        let seen = self.seen.lock().expect("no test panics with the lock");
        seen.iter().filter(|r| r.what() == what).cloned().collect()
    }
}

fn serve(
    stream: &TcpStream,
    script: &(impl Fn(&Request, &mut Reply<'_>) -> io::Result<()> + ?Sized),
    seen: &Mutex<Vec<Request>>,
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    while let Some(request) = read(&mut reader)? {
        seen.lock()
            .expect("no test panics with the lock")
            .push(request.clone());
        script(&request, &mut Reply(stream))?;
    }
    Ok(())
}

fn read(reader: &mut BufReader<&TcpStream>) -> io::Result<Option<Request>> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        lines.push(line.to_string());
    }
    let first = lines.remove(0);
    let mut words = first.split(' ').map(str::to_string);
    let (verb, path) = (words.next(), words.next());
    let length = lines
        .iter()
        .find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |n| n.parse().expect("a length"))];
    reader.read_exact(&mut body)?;
    Ok(Some(Request {
        verb: verb.unwrap_or_default(),
        path: path.unwrap_or_default(),
        headers: lines,
        body: serde_json::from_slice(&body).unwrap_or_default(),
    }))
}

/// Where a script writes its answer.
pub(crate) struct Reply<'a>(&'a TcpStream);

impl Reply<'_> {
    /// A status without a body.
    pub(crate) fn empty(&mut self, status: &str) -> io::Result<()> {
        write!(self.0, "HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n")
    }

    /// A status without a body that asks for credentials.
    pub(crate) fn refusal(&mut self, status: &str, challenge: &str) -> io::Result<()> {
        let head = format!("HTTP/1.1 {status}\r\nwww-authenticate: {challenge}");
        write!(self.0, "{head}\r\ncontent-length: 0\r\n\r\n")
    }

    /// A JSON body, with a session id.
    pub(crate) fn json(&mut self, body: &Value) -> io::Result<()> {
        let body = body.to_string();
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nmcp-session-id: s-1";
        write!(
            self.0,
            "{head}\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
    }

    /// The head of a stream; then [`event`](Self::event)s, and [`end`](Self::end).
    pub(crate) fn stream(&mut self) -> io::Result<()> {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream";
        write!(self.0, "{head}\r\ntransfer-encoding: chunked\r\n\r\n")
    }

    /// One event.
    pub(crate) fn event(&mut self, message: &Value) -> io::Result<()> {
        self.chunk(&format!("data: {message}\n\n"))
    }

    /// One event with a name.
    pub(crate) fn named(&mut self, name: &str, data: &str) -> io::Result<()> {
        self.chunk(&format!("event: {name}\ndata: {data}\n\n"))
    }

    /// Text of a stream, as it is.
    pub(crate) fn chunk(&mut self, text: &str) -> io::Result<()> {
        write!(self.0, "{:x}\r\n{text}\r\n", text.len())
    }

    /// Waits until the client drops the connection.
    pub(crate) fn wait_until_gone(&mut self) {
        // An error says the same as the end.
        let _ = self.0.read(&mut [0]);
    }

    /// The end of the stream.
    pub(crate) fn end(&mut self) -> io::Result<()> {
        write!(self.0, "0\r\n\r\n")
    }
}

impl Request {
    /// The response to this request with this result.
    pub(crate) fn result(&self, result: &Value) -> Value {
        json!({"jsonrpc": "2.0", "id": self.body["id"], "result": result})
    }
}

/// A notification of the server.
pub(crate) fn notification(method: &str, params: &Value) -> Value {
    json!({"jsonrpc": "2.0", "method": method, "params": params})
}
