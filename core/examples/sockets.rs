//! A whole driver on one page, over the sockets of std: a thread for each exchange, and one loop.
//!
//!     cargo run -p mcp-sansio --example sockets -- http://127.0.0.1:3000/mcp echo '{"text":"hello"}'
//!
//! It shows what a driver is, and what it is not: it performs what the machine says, feeds what happens, and
//! sleeps until the machine's deadline. It has no retry, no timeout and no `if` about MCP.
//!
//! To stay on a page it speaks HTTP/1.0, in which a body ends with its connection. A driver for work leaves HTTP to
//! a library, and keeps connections; TLS, credentials and reads that can be given up come with that.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "clocks, threads and output are what the machine has not and a driver has"
)]

use std::error::Error;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::Duration;
use std::{env, thread, time};

use bytes::Bytes;
use mcp_sansio::{
    Answer, Call, Client, ClientConfig, ClientEvent, ClientInput, ClientOutput, ExchangeId,
    Handshake, Header, Identity, Instant, Method, Outcome, RpcError, Sent, TransportFailure,
};

fn main() -> Result<(), Box<dyn Error>> {
    let mut words = env::args().skip(1);
    let (Some(url), Some(tool)) = (words.next(), words.next()) else {
        return Err("say which server, and which tool: http://127.0.0.1:3000/mcp echo".into());
    };
    let arguments = words.next().unwrap_or_else(|| "{}".to_owned());
    println!("{}", call_tool(&url, &tool, &arguments)?);
    Ok(())
}

/// Calls a tool of the server at `url`, and gives its result as JSON text.
pub(crate) fn call_tool(url: &str, tool: &str, arguments: &str) -> Result<String, Box<dyn Error>> {
    let mut seed = [0; 32];
    File::open("/dev/urandom")?.read_exact(&mut seed)?;
    let handshake = Handshake::Core(Identity::new("sockets", "1.0"));
    let mut client = Client::new(ClientConfig::new(url, handshake), seed)?;

    // The machine has no clock. It is told the time, counted from wherever its driver likes.
    let origin = time::Instant::now();
    let now = || Instant::from_secs_f64(origin.elapsed().as_secs_f64());

    let params = format!(r#"{{"name":"{tool}","arguments":{arguments}}}"#);
    client.call(now(), Call::new("tools/call", Some(params.into())));

    let (tell, inbox) = mpsc::channel();
    let mut came_to = None;
    loop {
        // Perform what the machine says, in order, until it says no more. Nothing here waits.
        while let Some(output) = client.poll_output(true) {
            match output {
                ClientOutput::Open {
                    exchange,
                    method,
                    url: elsewhere,
                    headers,
                    body,
                } => {
                    let url = elsewhere.unwrap_or_else(|| url.to_owned());
                    let tell = tell.clone();
                    thread::spawn(move || run(exchange, method, &url, &headers, &body, &tell));
                }
                ClientOutput::Event(ClientEvent::Settled { outcome, .. }) => {
                    came_to = Some(outcome);
                    client.close(now()); // ends the session, if there is one
                }
                ClientOutput::Event(ClientEvent::Closed) => return result(came_to),
                ClientOutput::Event(ClientEvent::Request { id, method, .. }) => {
                    // Nobody is here to ask. To say so is an answer, too, and the server may wait for it.
                    let error = RpcError::new(-32601, format!("{method} is not there"));
                    client.respond(now(), id, Answer::Error(error));
                }
                // An aborted exchange may be read on for a while: what its thread still tells is ignored. Other
                // events are progress, notifications and notices.
                ClientOutput::Abort { .. } | ClientOutput::Event(_) => {}
            }
        }
        // Wait until something happens, at most until the machine's deadline, and say what it was.
        let deadline = client.poll_timeout();
        let patience = deadline.map(|deadline| deadline.saturating_since(now()));
        match wait(&inbox, patience) {
            Some((exchange, heard)) => feed(&mut client, now(), exchange, &heard),
            None => client.handle_input(now(), ClientInput::Timeout),
        }
    }
}

/// What an exchange's thread tells the loop.
enum Heard {
    Head(u16, Vec<(String, String)>),
    Chunk(Vec<u8>),
    End,
    Failed(TransportFailure),
}

fn wait(
    inbox: &Receiver<(ExchangeId, Heard)>,
    patience: Option<Duration>,
) -> Option<(ExchangeId, Heard)> {
    match patience {
        Some(patience) => inbox.recv_timeout(patience).ok(),
        None => inbox.recv().ok(),
    }
}

fn feed(client: &mut Client, now: Instant, exchange: ExchangeId, heard: &Heard) {
    let pairs: Vec<(&str, &[u8])>;
    let input = match heard {
        Heard::Head(status, headers) => {
            let headers = headers.iter();
            pairs = headers
                .map(|(name, value)| (name.as_str(), value.as_bytes()))
                .collect();
            ClientInput::Head {
                exchange,
                status: *status,
                headers: &pairs,
            }
        }
        Heard::Chunk(data) => ClientInput::Chunk { exchange, data },
        Heard::End => ClientInput::End { exchange },
        Heard::Failed(failure) => ClientInput::Failed {
            exchange,
            failure: failure.clone(),
        },
    };
    client.handle_input(now, input);
}

fn result(came_to: Option<Outcome>) -> Result<String, Box<dyn Error>> {
    match came_to.ok_or("every call is settled before the machine is closed")? {
        Outcome::Result(text) => Ok(str::from_utf8(&text)?.to_owned()),
        Outcome::Error(error) => Err(error.to_string().into()),
        Outcome::Failed(failure) => Err(failure),
    }
}

/// One exchange, on a thread of its own: its head, its chunks, then its end or its failure.
fn run(
    exchange: ExchangeId,
    method: Method,
    url: &str,
    headers: &[Header],
    body: &Bytes,
    tell: &Sender<(ExchangeId, Heard)>,
) {
    // Nobody listens any more once the loop is done.
    let tell = |heard| drop(tell.send((exchange, heard)));
    let mut sent = Sent::No;
    let done = perform(method, url, headers, body, &mut sent, tell);
    tell(match done {
        Ok(()) => Heard::End,
        Err(error) => Heard::Failed(TransportFailure {
            sent,
            detail: error.to_string(),
        }),
    });
}

fn perform(
    method: Method,
    url: &str,
    headers: &[Header],
    body: &Bytes,
    sent: &mut Sent,
    tell: impl Fn(Heard),
) -> io::Result<()> {
    let unreadable = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
    let rest = url.strip_prefix("http://");
    let (host, path) = rest
        .and_then(|rest| rest.split_once('/'))
        .ok_or_else(|| unreadable("only http://HOST:PORT/PATH"))?;
    let mut socket = TcpStream::connect(host)?;

    // From here on the server may have got it: only a driver knows, and the machine must be told truly.
    *sent = Sent::Maybe;
    let (method, length) = (method.as_str(), body.len());
    let mut request = Vec::new();
    write!(
        request,
        "{method} /{path} HTTP/1.0\r\nhost: {host}\r\ncontent-length: {length}\r\n"
    )?;
    for Header { name, value } in headers {
        request.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
    }
    request.extend([b"\r\n", &body[..]].concat());
    socket.write_all(&request)?;

    let mut response = BufReader::new(socket);
    let mut line = || -> io::Result<String> {
        let mut line = String::new();
        response.read_line(&mut line)?;
        Ok(line.trim_end().to_owned())
    };
    let status = line()?;
    let status = status.split(' ').nth(1).and_then(|code| code.parse().ok());
    let status = status.ok_or_else(|| unreadable("the response has no status"))?;
    let mut headers = Vec::new();
    while let Some((name, value)) = line()?.split_once(':') {
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
    tell(Heard::Head(status, headers));

    // As it comes, and to its end: what an event is, and which one is the last, is the machine's to say.
    loop {
        let data = response.fill_buf()?.to_vec();
        if data.is_empty() {
            return Ok(());
        }
        response.consume(data.len());
        tell(Heard::Chunk(data));
    }
}
