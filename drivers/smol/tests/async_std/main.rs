//! The same client, unchanged, under async-std: against the same scripted servers.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

/// Makes a test of an async function.
macro_rules! driven {
    ($(#[$about:meta])* async fn $name:ident() $body:block) => {
        $(#[$about])*
        #[async_std::test]
        async fn $name() $body
    };
}

#[path = "../../../shared/tests/client/mod.rs"]
mod client;
#[cfg(feature = "server")]
mod server;

mod driver {
    pub(crate) use mcp_sansio_smol::*;
}

mod runtime {
    pub(crate) use async_std::task::{sleep, spawn};
}
