//! The server's relay: a host above it, clients below, which are the test.

mod answers;
mod legacy;
mod listen;
mod modern;
mod stack;
mod validation;
