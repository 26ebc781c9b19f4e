//! Real clients and a real server against what the bytes say.

use crate::sim;

/// A run of the [simulation](sim) whose plan the bytes choose: how the machines are set up, what their
/// applications do, and what goes wrong between them.
///
/// # Panics
/// Where a promise does not hold, of one machine or of both ends together; with the smallest plan that shows it.
pub fn pair(data: &[u8]) {
    if let Err(found) = sim::run_bytes(data) {
        panic!("{found}");
    }
}
