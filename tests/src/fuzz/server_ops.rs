//! The server against what the bytes say.

use crate::dice::Dice;
use crate::server::walk;

/// More than inputs of usual length have bytes for.
const MOST_STEPS: usize = 400;

/// A [walk] of the server on which the bytes choose everything: configuration, clients, application.
///
/// # Panics
/// Where a promise does not hold; with the record, which is a vector.
pub fn server_ops(data: &[u8]) {
    if let Err(stumbled) = walk::walk(Dice::of_bytes(data), MOST_STEPS) {
        panic!("{stumbled}");
    }
}
