//! P7: any way of splitting a body into chunks at one instant gives the same outputs.

use super::{Failed, Run};
use crate::dice::Dice;
use crate::op::Op;
use crate::output::to_json;
use mcp_sansio::{ClientOutput, Recording};
use serde_json::Value;

/// The longest random piece.
const LONGEST_PIECE: usize = 24;

/// Feeds each body byte by byte, or in pieces cut by a seed, beside a client that gets it whole.
pub(super) fn run(run: &mut Run<'_>, seed: Option<u64>) -> Result<(), Failed> {
    let mut whole = Run::new(run.vector, run.treatment, Recording::Off)?;
    let mut dice = seed.map(Dice::new);
    for step in &run.vector.steps {
        let expected = whole.step(step)?;
        let parts = match (step.op.exchange(), step.op.bytes()) {
            (Some(exchange), Some(bytes)) => pieces(exchange, &bytes, dice.as_mut()),
            _ => vec![step.op.clone()],
        };
        run.subject.room = step.room;
        run.place = step.place.clone();
        run.steps += 1;
        let given = run.subject.steps(step.now, &parts, &step.op);
        let outputs = run.kept(given)?;
        let (wanted, found) = (comparable(&expected), comparable(&outputs));
        if wanted != found {
            let wanted: Vec<_> = wanted.iter().map(ToString::to_string).collect();
            return Err(run.failed(
                format!(
                    "split, the body brings other outputs; whole, it brings:\n      {}",
                    wanted.join("\n      ")
                ),
                &outputs,
            ));
        }
    }
    Ok(())
}

fn pieces(exchange: u64, bytes: &[u8], mut dice: Option<&mut Dice>) -> Vec<Op> {
    let mut parts = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let length = dice
            .as_mut()
            .map_or(1, |dice| 1 + dice.below(LONGEST_PIECE));
        let (piece, later) = rest.split_at(rest.len().min(length));
        parts.push(Op::chunk(exchange, piece));
        rest = later;
    }
    parts
}

/// Outputs without the counts of bytes in stories: how many bytes a call has seen when it settles is the
/// one thing that a split may change.
fn comparable(outputs: &[ClientOutput]) -> Vec<Value> {
    outputs
        .iter()
        .map(|output| without_counts(to_json(output)))
        .collect()
}

fn without_counts(value: Value) -> Value {
    match value {
        Value::Object(mut members) => {
            if let Some(Value::Array(story)) = members.get_mut("story") {
                story.retain(|line| {
                    !line
                        .as_str()
                        .is_some_and(|line| line.ends_with(" bytes") || line.ends_with(" 1 byte"))
                });
            }
            Value::Object(
                members
                    .into_iter()
                    .map(|(name, value)| (name, without_counts(value)))
                    .collect(),
            )
        }
        other => other,
    }
}
