//! Equal seeds and inputs give equal outputs: a run that was recorded can be replayed.

use super::{Failed, Run};
use crate::op::Op;
use crate::output::to_json;
use crate::vector::{BadVector, Vector};
use mcp_sansio::{Client, Recording};
use serde_json::{Value, json};

pub(super) fn run(run: &mut Run<'_>) -> Result<(), Failed> {
    let record = record(run, Recording::Whole)?;
    let again = replay(run, &record)?;
    if record != again {
        let first = record.iter().zip(&again).find(|(one, other)| one != other);
        return Err(run.failed(
            format!("the record of the replay differs from the record: {first:?}"),
            &[],
        ));
    }
    let redacted = self::record(run, Recording::Redacted)?;
    keeps_secrets(run, &redacted)
}

/// Runs the vector with the recorder on. Each line must say what the harness itself saw.
fn record(run: &mut Run<'_>, recording: Recording) -> Result<Vec<String>, Failed> {
    let mut recorded = Run::new(run.vector, run.treatment, recording)?;
    let mut lines = Vec::new();
    take(recorded.subject.client(), &mut lines);
    for step in &run.vector.steps {
        let before = lines.len();
        let outputs = recorded.step(step)?;
        take(recorded.subject.client(), &mut lines);
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
        run.steps += 1;
    }
    Ok(lines)
}

fn take(client: &mut Client, lines: &mut Vec<String>) {
    lines.extend(std::iter::from_fn(|| client.poll_record()));
}

/// Feeds a record's inputs to a fresh client, polls once for each of its outputs, and compares every
/// member.
fn replay(run: &Run<'_>, record: &[String]) -> Result<Vec<String>, Failed> {
    let name = format!("record of {}", run.vector.name);
    let parsed = Vector::<crate::client::ClientRole>::parse(
        &name,
        &record.join("\n"),
        |_| -> Result<String, BadVector> { Ok(String::new()) },
    );
    let parsed = parsed.map_err(|error| run.failed(error.to_string(), &[]))?;
    let mut config = parsed.config.clone();
    config.recording = Recording::Whole;
    let mut client =
        Client::new(config, parsed.seed).map_err(|error| run.failed(error.to_string(), &[]))?;
    for step in &parsed.steps {
        step.op.apply(&mut client, step.now);
        for expected in &step.expected {
            let came = client
                .poll_output(expected.room)
                .map(|output| to_json(&output));
            if came.as_ref() != Some(&expected.output) {
                let mut failed =
                    run.failed(format!("replayed, {} is {came:?}", expected.output), &[]);
                failed.place = expected.place.clone();
                return Err(failed);
            }
        }
        if matches!(step.op, Op::Drain) && client.poll_output(step.room).is_some() {
            let mut failed = run.failed("replayed, a drain gives something".to_owned(), &[]);
            failed.place = step.place.clone();
            return Err(failed);
        }
    }
    let mut lines = Vec::new();
    take(&mut client, &mut lines);
    Ok(lines)
}

/// A redacted record holds no session id, no header of the host and no payload.
fn keeps_secrets(run: &Run<'_>, record: &[String]) -> Result<(), Failed> {
    let mut finished = Run::new(run.vector, run.treatment, Recording::Off)?;
    finished.first(run.vector.steps.len())?;
    let watch = finished.subject.watch();
    for secret in watch.secrets.iter().filter(|secret| secret.len() > 5) {
        if let Some(line) = record.iter().find(|line| line.contains(secret.as_str())) {
            return Err(run.failed(format!("a redacted record tells {secret:?}: {line}"), &[]));
        }
    }
    match record
        .iter()
        .find(|line| line.contains("\"jsonrpc\"") || line.contains("\\\"jsonrpc\\\""))
    {
        Some(line) => Err(run.failed(format!("a redacted record has a payload: {line}"), &[])),
        None => Ok(()),
    }
}
