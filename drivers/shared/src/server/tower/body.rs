//! The body of a response.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use mcp_sansio as core;

use crate::server::{CutOff, Exchange};

/// The body of a response. Dropping it before its end says that the client has gone.
#[derive(Debug)]
pub struct Body(Kind);

#[derive(Debug)]
enum Kind {
    Stream(Exchange),
    Whole(Bytes),
}

impl Body {
    pub(super) fn new(body: core::Body, exchange: Exchange) -> Self {
        match body {
            core::Body::Stream => Self(Kind::Stream(exchange)),
            core::Body::Whole(data) => Self::whole(data),
        }
    }

    pub(super) fn whole(data: Bytes) -> Self {
        Self(Kind::Whole(data))
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = CutOff;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, CutOff>>> {
        match &mut self.0 {
            Kind::Stream(exchange) => exchange
                .poll_chunk(cx)
                .map(|chunk| chunk.map(|chunk| chunk.map(Frame::data))),
            Kind::Whole(data) => {
                let data = std::mem::take(data);
                Poll::Ready((!data.is_empty()).then(|| Ok(Frame::data(data))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(&self.0, Kind::Whole(data) if data.is_empty())
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Stream(_) => SizeHint::new(),
            // The library makes a content-length of it.
            Kind::Whole(data) => SizeHint::with_exact(data.len() as u64),
        }
    }
}
