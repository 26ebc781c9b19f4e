//! One exchange's I/O, over an HTTP library that answers from a script.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use mcp_sansio::{ClientInput, ExchangeId, Method, Sent, TransportFailure};
use mcp_sansio_driver::{Exchange, Head, Http, Request, run};

#[test]
fn a_response_is_a_head_its_chunks_and_its_end() {
    let http = Script(Ok(vec![Ok("one"), Ok("two")]));
    assert_eq!(performed(&http), ["200 a=1", "one", "two", "end"]);
}

#[test]
fn a_request_that_gets_no_head_fails() {
    let http = Script(Err("refused"));
    assert_eq!(performed(&http), ["refused"]);
}

#[test]
fn a_body_that_breaks_off_fails_and_nothing_follows() {
    let http = Script(Ok(vec![Ok("one"), Err("reset"), Ok("two")]));
    assert_eq!(performed(&http), ["200 a=1", "one", "reset"]);
}

/// What `run` feeds.
fn performed(http: &Script) -> Vec<String> {
    let exchange = ExchangeId::from_u64(7);
    let request = Request {
        method: Method::Get,
        url: "http://server.test/mcp".into(),
        headers: Vec::new(),
        body: Bytes::new(),
    };
    let mut seen = Vec::new();
    let running = run(http, exchange, request, |input| {
        let (of, text) = match input {
            ClientInput::Head {
                exchange,
                status,
                headers,
            } => {
                let (name, value) = headers[0];
                (
                    exchange,
                    format!("{status} {name}={}", String::from_utf8_lossy(value)),
                )
            }
            ClientInput::Chunk { exchange, data } => {
                (exchange, String::from_utf8_lossy(data).into_owned())
            }
            ClientInput::End { exchange } => (exchange, "end".into()),
            ClientInput::Failed { exchange, failure } => (exchange, failure.detail),
            other => panic!("no driver feeds {other:?} here"),
        };
        assert_eq!(of, exchange);
        seen.push(text);
    });
    // The script is always ready, so one poll does it all.
    let ready = pin!(running).poll(&mut Context::from_waker(Waker::noop()));
    assert_eq!(ready, Poll::Ready(()));
    seen
}

/// A response: its chunks, or how there comes none.
#[derive(Clone)]
struct Script(Result<Vec<Result<&'static str, &'static str>>, &'static str>);

struct Response(VecDeque<Result<&'static str, &'static str>>);

impl Http for Script {
    type Exchange = Response;

    fn for_url(_: &str) -> Result<Self, String> {
        Err("a script is written, not set up".into())
    }

    async fn send(&self, _: Request) -> Result<Response, TransportFailure> {
        self.0
            .clone()
            .map(|chunks| Response(chunks.into()))
            .map_err(failure)
    }
}

impl Exchange for Response {
    fn head(&self) -> Head<'_> {
        Head {
            status: 200,
            headers: vec![("a", b"1")],
        }
    }

    async fn chunk(&mut self) -> Result<Option<Bytes>, TransportFailure> {
        self.0
            .pop_front()
            .transpose()
            .map(|chunk| chunk.map(Bytes::from))
            .map_err(failure)
    }
}

fn failure(detail: &str) -> TransportFailure {
    TransportFailure {
        sent: Sent::Maybe,
        detail: detail.into(),
    }
}
