//! `close` at any moment: every call has settled in that step (the promises check that), and `Closed`
//! comes within its bound.

use super::{Failed, Run};
use crate::op::Op;
use mcp_sansio::Instant;

/// Deadlines between `close` and `Closed` at most.
const MOST_DEADLINES: usize = 100;

pub(super) fn run(run: &mut Run<'_>, after: usize, go_on: bool) -> Result<(), Failed> {
    run.first(after)?;
    run.subject.room = true;
    let asked = run.subject.now();
    run.op(asked, &Op::Close)?;
    if go_on {
        for step in run.vector.steps.iter().skip(after) {
            run.step(step)?;
        }
        run.subject.room = true;
    }
    for _ in 0..MOST_DEADLINES {
        if run.advance()?.is_none() {
            return closed(run, asked);
        }
    }
    Err(run.failed(
        format!("{MOST_DEADLINES} deadlines after `close` there is still one more"),
        &[],
    ))
}

fn closed(run: &Run<'_>, asked: Instant) -> Result<(), Failed> {
    match run.subject.watch().closed.as_slice() {
        [_] => Ok(()),
        [] => Err(run.failed(
            format!("`close` was called at {asked:?}, and `Closed` never came"),
            &[],
        )),
        _ => Err(run.failed("`Closed` came twice", &[])),
    }
}
