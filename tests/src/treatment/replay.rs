//! Equal seeds and inputs give equal outputs: a run that was recorded can be replayed.

use super::{Failed, Run};
use crate::output::to_json;
use mcp_sansio::{Client, Recording};
use mcp_sansio_replay::{Record, Verdict, rerun};
use serde_json::{Value, json};

pub(super) fn run(run: &mut Run<'_>) -> Result<(), Failed> {
    let record = record(run, Recording::Whole)?;
    replays(&record).map_err(|what| run.failed(what, &[]))?;
    let redacted = self::record(run, Recording::Redacted)?;
    keeps_secrets(run, &redacted)
}

/// Runs a record through a fresh machine, which must say the same, and record the same.
pub(crate) fn replays(lines: &[String]) -> Result<(), String> {
    let record = Record::read(lines.join("\n").as_bytes()).map_err(|error| error.to_string())?;
    let again = rerun(&record);
    match (&record.damage, again.verdict) {
        (None, Verdict::Same { left: 0, .. }) => {}
        (None, Verdict::Differs(difference)) => return Err(format!("replayed, {difference}")),
        (damage, verdict) => return Err(format!("the record is {damage:?}, and {verdict:?}")),
    }
    if again.record == lines {
        return Ok(());
    }
    let first = lines
        .iter()
        .zip(&again.record)
        .find(|(one, other)| one != other);
    Err(format!(
        "the record of the replay differs from the record: {first:?}"
    ))
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
