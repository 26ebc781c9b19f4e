//! A kept connection that turns out to be closed in the moment when it is used again.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};

use mcp_sansio_smol::client_builder;
use mcp_sansio_smol::core::{Method, Sent};
use mcp_sansio_smol::driver::{Exchange as _, Http as _, Request};
use smol::io::{AsyncRead, AsyncWrite};

use crate::client::patience::{soon, until};

/// What is seen of the other end.
#[derive(Clone, Default)]
struct Other {
    /// It has closed the connection, and wakes nobody for that.
    has_closed: Arc<AtomicBool>,
    /// Bytes that were written to it.
    got: Arc<AtomicUsize>,
}

/// A connection whose other end answers once.
struct Stream {
    other: Other,
    answer: &'static [u8],
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        if self.other.got.load(Ordering::SeqCst) > 0 && !self.answer.is_empty() {
            return Pin::new(&mut self.answer).poll_read(cx, buffer);
        }
        if self.other.has_closed.load(Ordering::SeqCst) {
            return Poll::Ready(Ok(0));
        }
        Poll::Pending
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        data: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.other.got.fetch_add(data.len(), Ordering::SeqCst);
        cx.waker().wake_by_ref();
        Poll::Ready(Ok(data.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[test]
fn what_is_given_to_it_is_not_sent() {
    let others: [Other; 2] = Default::default();
    let opened = Arc::new(AtomicUsize::new(0));
    let (ends, count) = (others.clone(), Arc::clone(&opened));
    let http = client_builder().connector(move |_| {
        let other = ends[count.fetch_add(1, Ordering::SeqCst)].clone();
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
        std::future::ready(Ok(Stream { other, answer }))
    });
    let http = http.build().unwrap();
    let request = Request {
        method: Method::Post,
        url: "http://server.test/mcp".into(),
        headers: Vec::new(),
        body: "{}".into(),
    };
    let [first, second] = others;
    smol::block_on(async {
        let mut response = soon(http.send(request.clone())).await.unwrap();
        assert!(soon(response.chunk()).await.unwrap().is_none());
        let got = first.got.load(Ordering::SeqCst);
        // It is kept as soon as hyper is ready for the next request: the pool says so.
        until(|| format!("{http:?}").contains("SendRequest")).await;
        first.has_closed.store(true, Ordering::SeqCst);

        let failure = soon(http.send(request.clone())).await.unwrap_err();
        assert_eq!(failure.sent, Sent::No, "{}", failure.detail);
        assert_eq!(first.got.load(Ordering::SeqCst), got, "nothing was written");
        assert_eq!(opened.load(Ordering::SeqCst), 1);

        soon(http.send(request)).await.unwrap();
        assert!(second.got.load(Ordering::SeqCst) > 0);
    });
}
