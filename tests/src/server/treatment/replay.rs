//! Equal seeds and inputs give equal outputs: a run that was recorded can be replayed.

use super::Run;
use crate::server::output::to_json;
use crate::treatment::{Failed, replays};
use mcp_sansio::Recording;
use serde_json::{Value, json};

impl Run<'_> {
    pub(super) fn replay(&mut self) -> Result<(), Failed> {
        let record = self.record(Recording::Whole)?;
        replays(&record).map_err(|what| self.failed(what, &[]))?;
        let redacted = self.record(Recording::Redacted)?;
        self.keeps_secrets(&redacted)
    }

    /// Runs the vector with the recorder on. The lines must say what the harness itself saw.
    fn record(&mut self, recording: Recording) -> Result<Vec<String>, Failed> {
        let mut recorded = Run::new(self.vector, self.treatment, recording)?;
        recorded.subject.names = self.subject.names.clone();
        let mut lines = Vec::new();
        take(&mut recorded, &mut lines);
        for step in &self.vector.steps {
            let before = lines.len();
            let outputs = recorded.step(step)?.outputs;
            take(&mut recorded, &mut lines);
            let written: Vec<_> = lines
                .iter()
                .skip(before)
                .filter_map(|line| {
                    serde_json::from_str::<Value>(line)
                        .ok()?
                        .get("output")
                        .cloned()
                })
                .collect();
            let seen: Vec<_> = outputs.iter().map(to_json).collect();
            if recording == Recording::Whole && written != seen {
                return Err(recorded.failed(
                    format!("the record does not say what came: {}", json!(written)),
                    &outputs,
                ));
            }
            self.steps += 1;
        }
        Ok(lines)
    }

    /// A redacted record holds no session id, no principal and no payload.
    fn keeps_secrets(&self, record: &[String]) -> Result<(), Failed> {
        let mut finished = Run::new(self.vector, self.treatment, Recording::Off)?;
        finished.subject.names = self.subject.names.clone();
        finished.first(self.vector.steps.len())?;
        let watch = finished.subject.watch();
        let keys = watch.sessions.values().map(|session| session.key.clone());
        let principals = watch
            .exchanges
            .values()
            .filter_map(|seen| seen.principal.clone());
        let mut secrets: Vec<String> = keys
            .chain(principals)
            .filter(|text| text.len() > 5)
            .collect();
        secrets.push("\\\"jsonrpc\\\"".to_owned());
        secrets.push("\"jsonrpc\"".to_owned());
        for secret in secrets {
            if let Some(line) = record.iter().find(|line| line.contains(&secret)) {
                return Err(self.failed(format!("a redacted record tells {secret:?}: {line}"), &[]));
            }
        }
        Ok(())
    }
}

fn take(run: &mut Run<'_>, lines: &mut Vec<String>) {
    let server = run.subject.server();
    lines.extend(std::iter::from_fn(|| server.poll_record()));
}
