//! Client and server, each under its relay, without I/O between them: what one opens, the other accepts. A
//! gateway is two such links, the host of the first one's server being that of the second one's client.

mod gateway;
mod link;
mod one;
