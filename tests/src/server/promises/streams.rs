//! Of streams: what is replayed, and how they end.

use super::Verdict;
use crate::server::events::Event;
use crate::server::watch::{Over, Watch};

/// P13: a resume yields exactly the suffix after the cursor, then the live stream or a terminal frame. On
/// any exchange, the ids of events are of one stream and go up by one.
pub(super) fn replays_exactly(watch: &Watch) -> Verdict {
    for (id, exchange) in &watch.exchanges {
        let mut last = exchange.cursor.as_deref().and_then(cursor);
        // What the log has dropped is gone, and the standalone stream goes on without it.
        let mut may_jump = exchange.cursor.is_some() && has_small_log(watch);
        for event in &exchange.events {
            let Some(here) = event.id.as_deref().and_then(cursor) else {
                continue;
            };
            if let Some(last) = last {
                let follows = if event.data.as_deref() == Some("") {
                    here == last
                } else {
                    here.0 == last.0 && (here.1 == last.1 + 1 || (may_jump && here.1 > last.1))
                };
                if !follows {
                    return Err(format!(
                        "on exchange {id} event {}-{} follows {}-{}",
                        here.0, here.1, last.0, last.1
                    ));
                }
                may_jump = false;
            }
            last = Some(here);
        }
    }
    Ok(())
}

/// A legacy stream that has sent an event id ends with a stored answer for each of its requests, for its
/// plain end means "come back".
pub(super) fn ends_streams_with_their_answers(watch: &Watch) -> Verdict {
    for (id, exchange) in &watch.exchanges {
        if exchange.method != "POST" || exchange.over != Some(Over::Ended) || !exchange.is_stream {
            continue;
        }
        let of_it: Vec<_> = watch
            .requests
            .values()
            .filter(|request| request.exchange == *id)
            .collect();
        if of_it.is_empty() || of_it.iter().any(|request| request.ends == 0) {
            continue; // Released: the client comes back for the rest.
        }
        let has_ids = exchange.events.iter().any(|event| event.id.is_some());
        let answers = exchange
            .events
            .iter()
            .filter(|event| is_answer(event))
            .count();
        if has_ids && answers < of_it.len() && !exchange.may_end_early {
            return Err(format!(
                "exchange {id} ended with {answers} answers for {} requests",
                of_it.len()
            ));
        }
    }
    Ok(())
}

fn is_answer(event: &Event) -> bool {
    event.message().is_some_and(|message| {
        let has = |name| message.get(name).is_some();
        (has("result") || has("error")) && !has("method")
    })
}

/// An event id, as the stream and the number that it is made of.
fn cursor(id: &str) -> Option<(u64, u64)> {
    let (stream, number) = id.split_once('-')?;
    Some((stream.parse().ok()?, number.parse().ok()?))
}

/// The log is set so small that events of a live stream can be gone.
fn has_small_log(watch: &Watch) -> bool {
    let limits = &watch.config.limits;
    limits.log_events < 256 || limits.log_bytes < 4 << 20 || limits.log_total < 64 << 20
}
