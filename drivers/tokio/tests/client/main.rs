//! The client over real sockets, against small scripted servers.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

/// Makes a test of an async function.
macro_rules! driven {
    ($(#[$about:meta])* async fn $name:ident() $body:block) => {
        $(#[$about])*
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() $body
    };
}

#[path = "../../../shared/tests/client/mod.rs"]
mod client;
mod own;
mod relay;

mod driver {
    pub(crate) use mcp_sansio_tokio::*;
}

mod runtime {
    pub(crate) use tokio::time::sleep;

    pub(crate) async fn spawn<T: Send + 'static>(
        task: impl Future<Output = T> + Send + 'static,
    ) -> T {
        tokio::spawn(task).await.unwrap()
    }
}
