//! Equal seeds and inputs give equal outputs: a run that was recorded can be replayed.

use super::Run;
use crate::server::act::Act;
use crate::server::names::Names;
use crate::server::output::to_json;
use crate::server::{ServerRole, Vector};
use crate::treatment::Failed;
use crate::vector::{self, BadVector};
use mcp_sansio::{Recording, Server};
use serde_json::{Value, json};

impl Run<'_> {
    pub(super) fn replay(&mut self) -> Result<(), Failed> {
        let record = self.record(Recording::Whole)?;
        let name = format!("record of {}", self.vector.name);
        let parsed = vector::Vector::<ServerRole>::parse(
            &name,
            &record.join("\n"),
            |_| -> Result<String, BadVector> { Ok(String::new()) },
        )
        .map_err(|error| self.failed(error.to_string(), &[]))?;
        let lines = self.replayed(&parsed)?;
        if lines != record {
            let first = record.iter().zip(&lines).find(|(one, other)| one != other);
            return Err(self.failed(
                format!("the record of the replay differs from the record: {first:?}"),
                &[],
            ));
        }
        let redacted = self.record(Recording::Redacted)?;
        self.keeps_secrets(&redacted)
    }

    /// Feeds a record's inputs to a fresh server, polls once for each of its outputs, and compares every
    /// member.
    fn replayed(&self, record: &Vector) -> Result<Vec<String>, Failed> {
        let mut config = record.config.clone();
        config.recording = Recording::Whole;
        let mut server = Server::new(config, record.seed)
            .map_err(|error| self.failed(error.to_string(), &[]))?;
        for step in &record.steps {
            Act::of(&step.op, &Names::default()).apply(&mut server, step.now);
            for expected in &step.expected {
                let came = server.poll_output().map(|output| to_json(&output));
                if came.as_ref() != Some(&expected.output) {
                    let mut failed =
                        self.failed(format!("replayed, {} is {came:?}", expected.output), &[]);
                    failed.place = expected.place.clone();
                    return Err(failed);
                }
            }
        }
        Ok(std::iter::from_fn(|| server.poll_record()).collect())
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
