//! As written: the outputs must be those expected, and names get their values.

use super::Run;
use crate::compare::matches;
use crate::server::Step;
use crate::server::act::Returned;
use crate::server::op::{Handle, Op};
use crate::server::output::{to_compare, to_json};
use crate::treatment::Failed;
use mcp_sansio::{ServerEvent, ServerOutput};
use serde_json::json;

impl Run<'_> {
    pub(super) fn written(&mut self) -> Result<(), Failed> {
        for step in &self.vector.steps {
            let seen = self.step(step)?;
            self.returns(step, &seen.returned)?;
            self.name_what_was_made(step, &seen.returned)?;
            self.compare(step, &seen.outputs)?;
            self.count(step, &seen.outputs)?;
        }
        Ok(())
    }

    fn returns(&self, step: &Step, returned: &Returned) -> Result<(), Failed> {
        match (&step.op, returned) {
            (
                Op::Take {
                    taken: Some(wanted),
                    ..
                },
                Returned::Taken(taken),
            ) if wanted != taken => Err(self.failed(format!("`take` returned {taken}"), &[])),
            (Op::DeclareTools { error, .. }, Returned::Declared(came)) => {
                let fits = match (error, came) {
                    (Some(words), Some(came)) => came.contains(words.as_str()),
                    (wanted, came) => wanted.is_none() && came.is_none(),
                };
                if fits {
                    return Ok(());
                }
                Err(self.failed(
                    format!("`declare_tools` returned {came:?}, not {error:?}"),
                    &[],
                ))
            }
            _ => Ok(()),
        }
    }

    fn name_what_was_made(&mut self, step: &Step, returned: &Returned) -> Result<(), Failed> {
        let made = returned.made();
        match step.op.made() {
            Some(Handle::Name(name)) => {
                let names = &mut self.subject.names;
                names.set(name, json!(made));
                if names.get(name) == Some(&json!(made)) {
                    return Ok(());
                }
                Err(self.failed(format!("{name} stands for something else already"), &[]))
            }
            Some(Handle::Number(id)) if Some(*id) != made => {
                Err(self.failed(format!("the handle is {made:?}, not {id}"), &[]))
            }
            _ => Ok(()),
        }
    }

    fn compare(&mut self, step: &Step, outputs: &[ServerOutput]) -> Result<(), Failed> {
        let mut came = outputs.iter();
        for expected in &step.expected {
            let wants_notice = expected.output["type"] == "notice";
            let found = came.find(|output| wants_notice || !is_notice(output));
            let result = match found {
                None => Err("an output is missing".to_owned()),
                Some(found) => {
                    let found = to_compare(&expected.output, found);
                    let names = &mut self.subject.names;
                    names.bind(&expected.output, &found);
                    matches(&names.fill(&expected.output), &found)
                }
            };
            if let Err(what) = result {
                let what = format!("{what}\n    expected: {}", expected.output);
                let mut failed = self.failed(what, outputs);
                failed.place = expected.place.clone();
                return Err(failed);
            }
        }
        match came.find(|output| !is_notice(output)) {
            Some(more) => Err(self.failed(
                format!("an output more than expected: {}", to_json(more)),
                outputs,
            )),
            None => Ok(()),
        }
    }

    fn count(&mut self, step: &Step, outputs: &[ServerOutput]) -> Result<(), Failed> {
        let server = self.subject.server();
        let (deadline, inspection) = (server.poll_timeout(), server.inspect());
        let wrong = match (&step.deadline, &step.inspect) {
            (Some((place, expected)), _) if deadline != *expected => Some((
                place,
                format!("`poll_timeout` says {deadline:?}, not {expected:?}"),
            )),
            (_, Some((place, expected))) => [
                ("calls", expected.calls, inspection.calls.len()),
                ("exchanges", expected.exchanges, inspection.exchanges.len()),
                (
                    "obligations",
                    expected.obligations,
                    inspection.obligations.len(),
                ),
                ("bytes", expected.bytes, inspection.bytes),
            ]
            .into_iter()
            .find(|(_, wanted, found)| wanted.is_some_and(|wanted| wanted != *found))
            .map(|(name, wanted, found)| {
                (
                    place,
                    format!("`inspect` shows {found} {name}, not {wanted:?}"),
                )
            }),
            _ => None,
        };
        match wrong {
            Some((place, what)) => {
                let mut failed = self.failed(what, outputs);
                failed.place = place.clone();
                Err(failed)
            }
            None => Ok(()),
        }
    }
}

/// Notices are compared only where a vector lists them.
const fn is_notice(output: &ServerOutput) -> bool {
    matches!(output, ServerOutput::Event(ServerEvent::Notice(_)))
}
