//! P7: any way of splitting a body into chunks at one instant gives the same outputs.

use super::Run;
use crate::dice::Dice;
use crate::server::output::to_json;
use crate::treatment::Failed;
use mcp_sansio::Recording;
use serde_json::json;

/// The longest random piece of a body.
const LONGEST_PIECE: usize = 24;

impl Run<'_> {
    /// Feeds each body in pieces, beside a server that gets it whole.
    pub(super) fn split(&mut self, seed: Option<u64>) -> Result<(), Failed> {
        let mut whole = Run::new(self.vector, self.treatment, Recording::Off)?;
        whole.subject.names = self.subject.names.clone();
        let mut dice = seed.map(Dice::new);
        for step in &self.vector.steps {
            let expected: Vec<_> = whole.step(step)?.outputs.iter().map(to_json).collect();
            self.place = step.place.clone();
            self.steps += 1;
            let given = self
                .subject
                .step_in_pieces(step.now, &step.op, |bytes| pieces(bytes, dice.as_mut()));
            let outputs = self.kept(given)?.outputs;
            let came: Vec<_> = outputs.iter().map(to_json).collect();
            if expected != came {
                return Err(self.failed(
                    format!(
                        "split, the body brings other outputs than whole: {}",
                        json!(expected)
                    ),
                    &outputs,
                ));
            }
        }
        Ok(())
    }
}

fn pieces(bytes: &[u8], mut dice: Option<&mut Dice>) -> Vec<Vec<u8>> {
    let mut parts = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let length = dice
            .as_mut()
            .map_or(1, |dice| 1 + dice.below(LONGEST_PIECE));
        let (piece, later) = rest.split_at(rest.len().min(length));
        parts.push(piece.to_vec());
        rest = later;
    }
    parts
}
