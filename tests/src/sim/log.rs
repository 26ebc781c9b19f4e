//! The log of a run: a line for each thing that happens, the same for the same plan.

use crate::op::Op;
use crate::output::to_json;
use crate::server::act::Act;
use mcp_sansio::{ClientOutput, Instant, ServerOutput};
use std::fmt::{Arguments, Write as _};

/// Longer texts are cut in the log.
const LONGEST: usize = 160;

/// The lines so far.
#[derive(Debug, Default)]
pub(super) struct Log(pub(super) String);

impl Log {
    pub(super) fn line(&mut self, now: Instant, text: Arguments<'_>) {
        let start = self.0.len();
        // Writing to a string cannot fail.
        let _ = write!(self.0, "{:>14.3} ms  {text}", millis(now));
        if let Some((cut, _)) = self.0[start..].char_indices().nth(LONGEST) {
            self.0.truncate(start + cut);
            self.0.push_str("..");
        }
        self.0.push('\n');
    }

    pub(super) fn client(&mut self, now: Instant, client: usize, op: &Op) {
        self.line(now, format_args!("client {client} <- {op:?}"));
    }

    pub(super) fn client_output(&mut self, now: Instant, client: usize, output: &ClientOutput) {
        self.line(now, format_args!("client {client} -> {}", to_json(output)));
    }

    pub(super) fn server(&mut self, now: Instant, act: &Act) {
        match act {
            Act::Chunk(exchange, bytes) => {
                let text = String::from_utf8_lossy(bytes);
                self.line(now, format_args!("server <- Chunk({exchange}, {text:?})"));
            }
            Act::Accept {
                method, headers, ..
            } => {
                let headers: Vec<_> = headers
                    .iter()
                    .filter(|(name, _)| name.starts_with("mcp-") || name == "last-event-id")
                    .map(|(name, value)| format!("{name}: {}", String::from_utf8_lossy(value)))
                    .collect();
                self.line(now, format_args!("server <- {method} {headers:?}"));
            }
            act => self.line(now, format_args!("server <- {act:?}")),
        }
    }

    pub(super) fn server_output(&mut self, now: Instant, output: &ServerOutput) {
        let told = crate::server::output::to_json(output);
        self.line(now, format_args!("server -> {told}"));
    }
}

fn millis(now: Instant) -> f64 {
    now.as_secs_f64() * 1e3
}
