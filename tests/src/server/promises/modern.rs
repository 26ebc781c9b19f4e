//! Of the modern era, what a whole step shows. What a single output breaks, the books note at once.

use super::Verdict;
use crate::server::watch::{StepSeen, Watch};
use mcp_sansio::ServerLimits;

/// S1: a request whose client has gone is withdrawn in that step, for nothing could bring its answer.
pub(super) fn cancels_with_its_client(watch: &Watch) -> Verdict {
    for (id, request) in watch.owed() {
        let exchange = watch.exchanges.get(&request.exchange);
        if exchange.is_some_and(|seen| seen.modern.is_some() && !seen.is_open()) {
            return Err(format!(
                "request {id} is owed an answer, and its exchange {} is over",
                request.exchange
            ));
        }
        if exchange.is_some_and(|seen| seen.modern.is_some()) && request.session.is_some() {
            return Err(format!("request {id} is modern, and has a session"));
        }
    }
    Ok(())
}

/// S2: a subscription is acknowledged in the step of its request, gets all that it asked for as fast as it
/// reads, and ends when the server shuts down. There are no more of them than the limit allows.
pub(super) fn tells_subscribers_all(watch: &Watch, step: &StepSeen<'_>) -> Verdict {
    let mut open = 0;
    for (id, exchange) in watch.open().filter(|(_, seen)| seen.is_listening()) {
        let Some(modern) = &exchange.modern else {
            continue;
        };
        if modern.answers == 0 {
            open += 1;
        }
        let listen = &modern.listen;
        if listen.accepted.is_none() {
            return Err(format!(
                "the subscription of exchange {id} is not acknowledged"
            ));
        }
        if watch.draining.is_some() && !exchange.in_hand {
            return Err(format!(
                "the server shuts down, and the subscription of exchange {id} goes on"
            ));
        }
        let has_all = listen.missed == 0 && (exchange.in_hand || listen.heard == listen.said.len());
        if !has_all && watch.config.limits.unwritten >= ServerLimits::default().unwritten {
            return Err(format!(
                "the subscription of exchange {id} got {} of {} messages",
                listen.heard - listen.missed,
                listen.said.len()
            ));
        }
    }
    let most = watch.config.limits.listens;
    if open > most {
        return Err(format!(
            "{open} subscriptions are open at {:?}, where the limit is {most}",
            step.now
        ));
    }
    Ok(())
}
