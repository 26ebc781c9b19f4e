//! Promises about messages: those for the application, and the server's requests.

use super::Verdict;
use crate::output::to_json;
use crate::watch::{StepSeen, Watch};
use mcp_sansio::{ClientEvent, ClientOutput, ListenState};

/// Outputs of one input that are allowed beside those for its messages, calls and obligations.
const MORE_OUTPUTS: usize = 16;

/// P8, its second half: the outputs of one input stay under the number of its messages plus 16 (and, where
/// it ends many calls or exchanges at once, what their ends need).
pub(super) fn answers_in_measure(watch: &Watch, step: &StepSeen<'_>) -> Verdict {
    let messages = 2 * step.messages + watch.notified;
    let ends = 4 * step.calls_before
        + 2 * step.obligations_before
        + 2 * step.exchanges_before
        + 2 * step.listens_before;
    let most = messages + ends + MORE_OUTPUTS;
    if step.room_before && step.outputs.len() > most {
        return Err(format!(
            "{} outputs for one input, where {most} are enough",
            step.outputs.len()
        ));
    }
    Ok(())
}

/// P10: each message reaches the application at most once, in stream order; after `close` only the
/// outcomes of that step.
pub(super) fn delivers_once_in_order(watch: &Watch, step: &StepSeen<'_>) -> Verdict {
    if watch.always_room {
        let mut fed = watch.fed.iter();
        for message in &watch.delivered {
            if !fed
                .any(|fed| fed["method"] == message["method"] && fed["params"] == message["params"])
            {
                return Err(format!(
                    "{message} was delivered twice, out of order, or was never received"
                ));
            }
        }
    }
    let closed_before = watch.closing.is_some() && !matches!(step.op, crate::Op::Close);
    for output in step.outputs {
        let ClientOutput::Event(event) = output else {
            continue;
        };
        let late = match event {
            ClientEvent::Closed | ClientEvent::Notice(_) => false,
            // What is asked of a closed client ends in that very step.
            ClientEvent::Listen { listen, state } => {
                !matches!(state, ListenState::Ended(_)) && watch.closing.is_some()
                    || closed_before && Some(listen.as_u64()) != step.made
            }
            ClientEvent::Settled { call, .. } => closed_before && Some(call.as_u64()) != step.made,
            ClientEvent::Withdrawn { .. } | ClientEvent::SessionChanged { .. } => closed_before,
            _ => watch.closing.is_some(),
        };
        if late {
            return Err(format!("{} came after `close`", to_json(output)));
        }
    }
    Ok(())
}

/// P17: each server request given to the host is answered or withdrawn exactly once.
pub(super) fn ends_each_obligation_once(watch: &Watch, step: &StepSeen<'_>) -> Verdict {
    if let Some((id, ends)) = watch.obligations.iter().find(|(_, ends)| **ends > 1) {
        return Err(format!("the server's request {id} ended {ends} times"));
    }
    let ours: Vec<_> = watch.outstanding().collect();
    let mut theirs: Vec<_> = step
        .inspection
        .obligations
        .iter()
        .map(|owed| owed.id.as_u64())
        .collect();
    theirs.sort_unstable();
    // What was not handed out yet, for want of room, is the machine's own affair.
    theirs.retain(|id| watch.obligations.contains_key(id));
    if ours != theirs {
        return Err(format!(
            "the host owes answers to {ours:?}, but `inspect` shows {theirs:?}"
        ));
    }
    Ok(())
}
