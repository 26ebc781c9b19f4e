//! The client's relay: a host above it, a server below, which is the test.

mod endings;
mod gateway;
mod headers;
mod legacy;
mod limits;
mod listen;
mod modern;
mod stack;
mod text;
mod unlisten;
