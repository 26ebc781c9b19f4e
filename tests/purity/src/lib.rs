//! A client and a server of the core that talk to each other inside of one program, which has memory and nothing
//! else: no clock, no network, no entropy, no operating system. As WebAssembly ([`tests/purity.rs`]) it can be seen
//! that this is so: such a module lists what it wants of the world, and this one wants nothing.
//!
//! Nothing here is from `std`, and on those targets nothing could be: `guest.rs` has the panic handler, of which a
//! program has one.
//!
//! [`tests/purity.rs`]: ../tests/purity.rs
#![cfg_attr(any(target_family = "wasm", target_os = "none"), no_std, no_main)]

extern crate alloc;

#[cfg(any(target_family = "wasm", target_os = "none"))]
mod guest;
mod peers;
mod sealed;

pub use peers::double;
pub use sealed::sealed;
