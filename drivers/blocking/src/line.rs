//! The socket under an exchange, held so that another thread can break it off in the midst of a read.
//!
//! A thread that waits for bytes of a server cannot be asked to stop; its socket can be shut down. Connections outlive
//! exchanges, so a socket knows which exchange has it now, and only that one can shut it down.

use std::cell::RefCell;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, DefaultConnector, NextTimeout, ShutdownHandle, Transport,
};

thread_local! {
    /// The exchange that this thread performs.
    static MINE: RefCell<Option<Arc<Line>>> = const { RefCell::new(None) };
}

/// One exchange's hold on its socket.
#[derive(Debug, Default)]
pub(crate) struct Line(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    socket: Option<Arc<Socket>>,
    /// Bytes of the request may have been written.
    written: bool,
    cut: bool,
}

impl Line {
    /// Performs an exchange on this thread. Afterwards its socket is no concern of it any more.
    pub(crate) fn perform<T>(self: &Arc<Self>, exchange: impl FnOnce() -> T) -> T {
        MINE.set(Some(Arc::clone(self)));
        let result = exchange();
        MINE.set(None);
        self.lock().socket = None;
        result
    }

    /// Breaks the exchange off, wherever its thread is.
    pub(crate) fn cut(self: &Arc<Self>) {
        let mut state = self.lock();
        state.cut = true;
        let socket = state.socket.take();
        drop(state);
        if let Some(socket) = socket {
            socket.shut_down_for(self);
        }
    }

    /// Whether bytes of the request may have been written.
    pub(crate) fn was_written(&self) -> bool {
        self.lock().written
    }

    /// Takes a socket for what comes next.
    fn take(self: &Arc<Self>, socket: &Arc<Socket>, writes: bool) -> Result<(), ureq::Error> {
        let mut state = self.lock();
        if state.cut {
            return Err(ureq::Error::ConnectionFailed);
        }
        state.written |= writes;
        if !state
            .socket
            .as_ref()
            .is_some_and(|held| Arc::ptr_eq(held, socket))
        {
            *lock(&socket.holder) = Arc::downgrade(self);
            state.socket = Some(Arc::clone(socket));
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.0)
    }
}

/// Connects as ureq does, to sockets that can be broken off.
#[derive(Debug, Default)]
pub(crate) struct Sockets(DefaultConnector);

impl Connector for Sockets {
    type Out = Held;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        chained: Option<()>,
    ) -> Result<Option<Held>, ureq::Error> {
        let socket = Arc::new(Socket::default());
        let (registered, theirs) = (Arc::clone(&socket), Arc::clone(&details.register_shutdown));
        let details = ConnectionDetails {
            register_shutdown: Arc::new(move |handle| {
                lock(&registered.handles).push(handle.clone());
                theirs(handle)
            }),
            run_connector: Arc::clone(&details.run_connector),
            current_time: Arc::clone(&details.current_time),
            addrs: details.addrs.clone(),
            ..*details
        };
        let transport = self.0.connect(&details, chained)?;
        Ok(transport.map(|inner| Held { inner, socket }))
    }
}

/// A connection's socket.
#[derive(Default)]
struct Socket {
    handles: Mutex<Vec<Weak<dyn ShutdownHandle>>>,
    holder: Mutex<Weak<Line>>,
}

impl Socket {
    fn shut_down_for(&self, line: &Arc<Line>) {
        // Held meanwhile, so that no other exchange takes the socket between the question and the deed.
        let holder = lock(&self.holder);
        if holder.as_ptr() == Arc::as_ptr(line) {
            for handle in lock(&self.handles).iter().filter_map(Weak::upgrade) {
                handle.shutdown();
            }
        }
    }
}

impl std::fmt::Debug for Socket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Socket").finish_non_exhaustive()
    }
}

/// A connection of which the exchange that uses it can be broken off.
#[derive(Debug)]
pub(crate) struct Held {
    inner: Box<dyn Transport>,
    socket: Arc<Socket>,
}

impl Held {
    fn take(&self, writes: bool) -> Result<(), ureq::Error> {
        MINE.with_borrow(|line| match line {
            Some(line) => line.take(&self.socket, writes),
            None => Ok(()),
        })
    }
}

impl Transport for Held {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), ureq::Error> {
        self.take(true)?;
        self.inner.transmit_output(amount, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, ureq::Error> {
        self.take(false)?;
        self.inner.await_input(timeout)
    }

    /// Asked before a kept connection is used again: whoever asks has it from here on, so that nobody before it can
    /// shut it down between the answer and the first byte.
    fn is_open(&mut self) -> bool {
        self.take(false).is_ok() && self.inner.is_open()
    }

    fn is_tls(&self) -> bool {
        self.inner.is_tls()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
