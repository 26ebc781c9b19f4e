//! As written: the outputs must be those expected.

use super::{Failed, Run};
use crate::compare::matches;
use crate::output::to_json;
use crate::vector::Step;
use mcp_sansio::{ClientEvent, ClientOutput};
use serde_json::Value;

pub(super) fn run(run: &mut Run<'_>) -> Result<(), Failed> {
    for step in &run.vector.steps {
        let outputs = run.step(step)?;
        handle(run, step)?;
        compare(run, step, &outputs)?;
        counts(run, step, &outputs)?;
    }
    Ok(())
}

/// A call or subscription must get the handle that its line names.
fn handle(run: &Run<'_>, step: &Step) -> Result<(), Failed> {
    let made = run.subject.made();
    match step.op.handle() {
        Some(id) if made != Some(id) => {
            Err(run.failed(format!("it got the handle {made:?}, not {id}"), &[]))
        }
        _ => Ok(()),
    }
}

fn compare(run: &Run<'_>, step: &Step, outputs: &[ClientOutput]) -> Result<(), Failed> {
    let mut came = outputs.iter();
    for expected in &step.expected {
        let notices = expected.output["type"] == "notice";
        let wrong = |what: String| {
            let mut failed = run.failed(
                format!("{what}\n    expected: {}", expected.output),
                outputs,
            );
            failed.place = expected.place.clone();
            failed
        };
        let found = came.find(|output| notices || !is_notice(output));
        let Some(found) = found else {
            return Err(wrong("an output is missing".to_owned()));
        };
        if expected.room != step.room {
            return Err(wrong(
                "an output's `room` differs from that of its drain".to_owned(),
            ));
        }
        matches(&expected.output, &to_json(found)).map_err(wrong)?;
    }
    match came.find(|output| !is_notice(output)) {
        Some(more) => Err(run.failed(
            format!("an output more than expected: {}", to_json(more)),
            outputs,
        )),
        None => Ok(()),
    }
}

/// Notices are compared only where a vector lists them.
fn is_notice(output: &ClientOutput) -> bool {
    matches!(output, ClientOutput::Event(ClientEvent::Notice(_)))
}

fn counts(run: &mut Run<'_>, step: &Step, outputs: &[ClientOutput]) -> Result<(), Failed> {
    let client = run.subject.client();
    let (deadline, inspection) = (client.poll_timeout(), client.inspect());
    if let Some((place, expected)) = &step.deadline
        && deadline != *expected
    {
        let mut failed = run.failed(
            format!("`poll_timeout` says {deadline:?}, not {expected:?}"),
            outputs,
        );
        failed.place = place.clone();
        return Err(failed);
    }
    if let Some((place, expected)) = &step.inspect {
        for (name, wanted, found) in [
            ("calls", expected.calls, inspection.calls.len()),
            ("exchanges", expected.exchanges, inspection.exchanges.len()),
            (
                "obligations",
                expected.obligations,
                inspection.obligations.len(),
            ),
            ("bytes", expected.bytes, inspection.bytes),
        ] {
            if wanted.is_some_and(|wanted| wanted != found) {
                let open: Vec<_> = inspection
                    .exchanges
                    .iter()
                    .map(|(id, _)| Value::from(id.as_u64()))
                    .collect();
                let mut failed = run.failed(
                    format!("`inspect` shows {found} {name}, not {wanted:?} (open: {open:?})"),
                    outputs,
                );
                failed.place = place.clone();
                return Err(failed);
            }
        }
    }
    Ok(())
}
