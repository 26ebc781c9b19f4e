//! The streams of `futures` as hyper wants them.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use hyper::rt::{Read, ReadBufCursor, Write};
use smol::io::{AsyncRead, AsyncWrite};

/// What is read at most at once: as much as hyper begins with.
const PIECE: usize = 8 << 10;

/// A stream of `futures` as one of hyper.
#[derive(Debug)]
pub(crate) struct Io<S>(pub(crate) S);

impl<S: AsyncRead + Unpin> Read for Io<S> {
    /// Hyper's buffer may be filled without `unsafe` only by copying.
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let mut piece = [0; PIECE];
        let most = buffer.remaining().min(PIECE);
        let count = ready!(Pin::new(&mut self.0).poll_read(cx, &mut piece[..most]))?;
        buffer.put_slice(&piece[..count]);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> Write for Io<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        data: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, data)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_close(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use hyper::rt::ReadBuf;
    use smol::io::Cursor;

    use super::*;

    #[test]
    fn no_more_is_read_than_there_is_room_for() {
        let mut io = Io(Cursor::new(
            (0..=255).cycle().take(3 * PIECE).collect::<Vec<u8>>(),
        ));
        let mut context = Context::from_waker(Waker::noop());
        let mut raw = vec![0; 2 * PIECE + 100];
        let mut buffer = ReadBuf::new(&mut raw);
        for filled in [PIECE, 2 * PIECE, 2 * PIECE + 100, 2 * PIECE + 100] {
            let read = Pin::new(&mut io).poll_read(&mut context, buffer.unfilled());
            assert!(matches!(read, Poll::Ready(Ok(()))));
            assert_eq!(buffer.filled(), &io.0.get_ref()[..filled]);
        }
    }
}
