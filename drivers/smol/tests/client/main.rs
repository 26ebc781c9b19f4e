//! The client over real sockets, against small scripted servers, under smol.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

/// Makes a test of an async function.
macro_rules! driven {
    ($(#[$about:meta])* async fn $name:ident() $body:block) => {
        $(#[$about])*
        #[test]
        fn $name() {
            smol::block_on(async $body);
        }
    };
}

#[path = "../../../shared/tests/client/mod.rs"]
mod client;
mod own;
mod stale;
mod tree;

mod driver {
    pub(crate) use mcp_sansio_smol::*;
}

mod runtime {
    use std::time::Duration;

    pub(crate) use smol::spawn;

    pub(crate) async fn sleep(duration: Duration) {
        smol::Timer::after(duration).await;
    }
}
