//! The built program, run as its users run it.

mod call;
mod demo;
mod misuse;
mod serve;
mod support;
