//! Of exchanges: one head, one end, in time, and to whom they belong.

use super::{Verdict, after, sorted};
use crate::server::act::Act;
use crate::server::watch::{StepSeen, Watch};

/// P11: each exchange gets at most one head and one end (the books note what breaks that), and ends in the
/// step of the first bound that applies.
pub(super) fn ends_in_time(watch: &Watch, step: &StepSeen<'_>) -> Verdict {
    let ours: Vec<_> = watch.open().map(|(id, _)| id).collect();
    let theirs = sorted(step.inspection.exchanges.iter().map(|(id, _)| id.as_u64()));
    if ours != theirs {
        return Err(format!(
            "exchanges {ours:?} are open, but `inspect` shows {theirs:?}"
        ));
    }
    for (id, bound) in &step.inspection.exchanges {
        if matches!(step.act, Act::Timeout) && bound.is_some_and(|at| at <= step.now) {
            return Err(format!("exchange {} is open after its bound", id.as_u64()));
        }
    }
    for (id, exchange) in watch.open() {
        if exchange.method != "POST" {
            continue;
        }
        let timing = &watch.config.timing;
        if !exchange.has_body && exchange.status.is_none() {
            let until = after(exchange.accepted, timing.body);
            if step.after.is_none_or(|at| at > until) {
                return Err(format!(
                    "the body of exchange {id} may take until {until:?}, but `poll_timeout` says {:?}",
                    step.after
                ));
            }
            continue;
        }
        let owes = watch.owed().any(|(_, request)| request.exchange == id);
        if exchange.has_body && !owes && !exchange.in_hand && !exchange.is_listening() {
            return Err(format!(
                "exchange {id} is open, and nothing is owed on it any more"
            ));
        }
    }
    Ok(())
}

/// P12: for a request by POST no byte leaves before its first output or its `take`.
pub(super) fn is_silent_before_the_application(watch: &Watch) -> Verdict {
    for (id, exchange) in &watch.exchanges {
        if !exchange.began_now || exchange.method != "POST" {
            continue;
        }
        let of_it: Vec<_> = watch
            .requests
            .values()
            .filter(|request| request.exchange == *id)
            .collect();
        let has_begun = of_it
            .iter()
            .any(|request| request.begun.is_some() || request.ends > 0);
        if !of_it.is_empty() && !has_begun {
            return Err(format!(
                "exchange {id} got a head before the application began with its request"
            ));
        }
    }
    Ok(())
}

/// P16: another principal's session is answered as unknown, and nothing is touched.
pub(super) fn knows_no_other_principal(watch: &Watch) -> Verdict {
    for (id, exchange) in &watch.exchanges {
        let Some((session, seen)) = exchange
            .session
            .as_deref()
            .and_then(|key| watch.session_of(key))
        else {
            continue;
        };
        // What is modern has no session, whatever it names.
        let is_legacy = exchange.modern.is_none();
        if seen.principal == exchange.principal || !exchange.began_now || !is_legacy {
            continue;
        }
        let initializes = exchange
            .messages()
            .iter()
            .any(|message| message["method"] == "initialize");
        if exchange.status.is_some_and(|status| status < 400) && !initializes {
            return Err(format!(
                "exchange {id} names session {session} of another principal, and got {:?}",
                exchange.status
            ));
        }
        if !exchange.delivered.is_empty() && !initializes {
            return Err(format!(
                "exchange {id} names session {session} of another principal, and the application got its message"
            ));
        }
    }
    Ok(())
}
