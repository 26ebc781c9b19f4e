//! The machine's own record, from which the demo counts: a driver could hide that a call settled twice,
//! the record cannot.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

/// The machine's record, kept to count how often each call settled.
#[derive(Clone, Debug, Default)]
pub(super) struct Record(Arc<Mutex<Vec<u8>>>);

impl Record {
    /// For each call and each subscription that the machine took, how often it settled.
    pub(super) fn times_settled(&self) -> Vec<usize> {
        let text = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let lines: Vec<Value> = text
            .split(|byte| *byte == b'\n')
            .filter_map(|line| serde_json::from_slice(line).ok())
            .collect();
        let settled: Vec<_> = lines
            .iter()
            .filter_map(|line| settled(&line["output"]))
            .collect();
        lines
            .iter()
            .map(|line| &line["input"])
            .filter_map(|input| match input["type"].as_str() {
                Some("call") => Some(("call", &input["id"])),
                Some("listen") => Some(("listen", &input["id"])),
                _ => None,
            })
            .map(|begun| settled.iter().filter(|over| **over == begun).count())
            .collect()
    }
}

/// What an output says is over: a call, or a subscription.
fn settled(output: &Value) -> Option<(&'static str, &Value)> {
    match output["type"].as_str()? {
        "settled" => Some(("call", &output["call"])),
        "listen" if output.get("ended").is_some() => Some(("listen", &output["listen"])),
        _ => None,
    }
}

impl Write for Record {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut text = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        text.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
