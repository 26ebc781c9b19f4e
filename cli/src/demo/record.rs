//! The machine's own record, from which the demo counts: a driver could hide that a call settled twice,
//! the record cannot. And it can be played again, without any driver.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use mcp_sansio_replay::{self as replay, Verdict, rerun};
use serde_json::Value;

/// The machine's record, kept to count how often each call settled.
#[derive(Clone, Debug, Default)]
pub(super) struct Record(Arc<Mutex<Vec<u8>>>);

impl Record {
    /// What tells the record from that of a bare machine that is fed the same: nothing, or the driver has had a hand in it.
    pub(super) fn not_the_machines(&self) -> Option<String> {
        let text = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let record = match replay::Record::read(&text) {
            Ok(record) => record,
            Err(error) => return Some(format!("the record cannot be read: {error}")),
        };
        match rerun(&record).verdict {
            Verdict::Same { left: 0, outputs } if outputs > 0 => None,
            Verdict::Differs(difference) => Some(format!(
                "a bare machine makes something else of the same inputs: {difference}"
            )),
            other => Some(format!("the record cannot be played again: {other:?}")),
        }
    }

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

#[cfg(test)]
mod tests {
    use mcp_sansio_tokio::core::{Client, Instant};
    use mcp_sansio_tokio::{ClientConfig, Handshake, Identity, Recording};

    use super::*;

    /// A record of a client that begins to connect.
    fn record() -> String {
        let identity = Identity::new("tested", "1.0");
        let mut config = ClientConfig::new("http://server.test/mcp", Handshake::Core(identity));
        config.recording = Recording::Whole;
        let mut client = Client::new(config, [7; 32]).expect("a good configuration");
        client.connect(Instant::from_micros(0));
        while client.poll_output(true).is_some() {}
        let lines = std::iter::from_fn(|| client.poll_record());
        lines.map(|line| line + "\n").collect()
    }

    fn kept(text: &str) -> Record {
        Record(Arc::new(Mutex::new(text.into())))
    }

    #[test]
    fn what_the_machine_did_not_do_is_found() {
        let text = record();
        assert_eq!(kept(&text).not_the_machines(), None);
        let other = text.replace("server/discover", "server/undressed");
        let told = kept(&other).not_the_machines().unwrap_or_default();
        assert!(told.contains("something else"), "{told}");
        let (head, _) = text.split_once('\n').expect("lines");
        let told = kept(head).not_the_machines().unwrap_or_default();
        assert!(told.contains("cannot be played again"), "{told}");
    }
}
