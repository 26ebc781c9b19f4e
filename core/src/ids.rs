//! Handles. All handles of one machine come from one sequence, so that a number in a log means one
//! thing; none is used twice, and all stay below 2^53, where a JavaScript number is exact.

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub struct $name(pub(crate) u64);

        impl $name {
            /// The handle with this number; for hosts that keep handles as plain numbers.
            pub const fn from_u64(n: u64) -> Self {
                Self(n)
            }

            /// The handle's number, below 2^53.
            pub const fn as_u64(self) -> u64 {
                self.0
            }
        }
    )* };
}

ids! {
    /// A request that the application handed to the machine: we asked.
    CallId,
    /// One HTTP request with its response.
    ExchangeId,
    /// A `subscriptions/listen` stream.
    ListenId,
    /// A request of the peer that the application must answer.
    ObligationId,
    /// A session of a server. Its id on the wire is another thing, and a secret.
    SessionId,
}

/// The machine's one sequence of handles.
#[derive(Clone, Debug, Default)]
pub(crate) struct IdSequence(u64);

impl IdSequence {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 += 1;
        self.0
    }

    pub(crate) fn call(&mut self) -> CallId {
        CallId(self.next())
    }

    pub(crate) fn exchange(&mut self) -> ExchangeId {
        ExchangeId(self.next())
    }

    pub(crate) fn listen(&mut self) -> ListenId {
        ListenId(self.next())
    }

    pub(crate) fn obligation(&mut self) -> ObligationId {
        ObligationId(self.next())
    }

    pub(crate) fn session(&mut self) -> SessionId {
        SessionId(self.next())
    }
}
