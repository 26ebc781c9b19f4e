//! Server-sent events, as the [HTML standard] defines them.
//!
//! [HTML standard]: https://html.spec.whatwg.org/multipage/server-sent-events.html

mod block;
mod decode;
pub(crate) mod encode;
mod field;
mod line;
mod text;

#[cfg(test)]
mod tests;

pub(crate) use decode::{Decoder, TooLarge};

const CR: u8 = b'\r';
const LF: u8 = b'\n';
