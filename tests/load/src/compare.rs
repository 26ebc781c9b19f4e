//! Our server beside rmcp's: the same bare client, the same machine, the same minute. Nothing here passes or
//! fails by a time; the figures are for people.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use tokio::task::JoinSet;

use crate::http::Connection;
use crate::peer::{Peer, Reading};
use crate::session::{Answer, Session};
use crate::tally::print;

/// Calls before the first reading.
const WARM_UP: usize = 300;
/// Calls one after the other.
const ONE_BY_ONE: usize = 2_000;
/// Callers at the same time, and calls of each.
const CALLERS: usize = 64;
const EACH: usize = 60;
/// Sessions whose memory is read.
const SESSIONS: usize = 1_000;

/// One kind of server.
struct Candidate<'a> {
    name: &'static str,
    program: &'a Path,
    args: &'static [&'static str],
    has_sessions: bool,
}

/// What was read of one.
#[derive(Clone, Copy, Debug)]
struct Figures {
    /// Microseconds of CPU time per call, one after the other.
    one_by_one: f64,
    /// The same with many callers.
    at_once: f64,
    /// Bytes of the heap, and resident, per idle session.
    idle: Option<[f64; 2]>,
    /// The same per open standalone stream, beside the session.
    stream: Option<[f64; 2]>,
}

/// Reads all candidates so many times, of which the smallest figures count, and prints a table.
pub(crate) async fn run(rmcp: &Path, rounds: usize) -> Result<()> {
    let own = std::env::current_exe().context("this program has no path")?;
    let candidates = [
        (
            "ours, adaptive",
            own.as_path(),
            &["server", "adaptive"][..],
            true,
        ),
        ("ours, SSE", &own, &["server", "sse"], true),
        ("rmcp 3.8.0, SSE", rmcp, &["sse"], true),
        (
            "ours, stateless JSON",
            &own,
            &["server", "stateless"],
            false,
        ),
        ("rmcp 3.8.0, stateless JSON", rmcp, &["json"], false),
    ]
    .map(|(name, program, args, has_sessions)| Candidate {
        name,
        program,
        args,
        has_sessions,
    });
    let mut best: Vec<Option<Figures>> = vec![None; candidates.len()];
    // Alternating, so that whatever else the machine does hits all alike.
    for _ in 0..rounds {
        for (candidate, best) in candidates.iter().zip(&mut best) {
            let figures = candidate
                .read()
                .await
                .with_context(|| candidate.name.to_owned())?;
            *best = Some(best.map_or(figures, |best| best.least(figures)));
        }
    }
    print(format!(
        "server CPU per call (one after the other; {CALLERS} callers) and memory, least of {rounds}:"
    ));
    print(format!(
        "  {:28}{:>10}{:>10}{:>24}{:>24}",
        "", "us/call", "us/call", "KiB/session heap, RSS", "+ KiB/stream heap, RSS"
    ));
    for (candidate, best) in candidates.iter().zip(best) {
        let Some(best) = best else { continue };
        let pair = |pair: Option<[f64; 2]>| match pair {
            Some([heap, rss]) => format!("{:.1}, {:.1}", heap / 1024.0, rss / 1024.0),
            None => "-".to_owned(),
        };
        print(format!(
            "  {:28}{:>10.1}{:>10.1}{:>24}{:>24}",
            candidate.name,
            best.one_by_one,
            best.at_once,
            pair(best.idle),
            pair(best.stream)
        ));
    }
    Ok(())
}

impl Candidate<'_> {
    async fn read(&self) -> Result<Figures> {
        let mut server = Peer::start(self.program, self.args).await?;
        let address = server.address.clone();
        calls(&address, WARM_UP).await?;
        let before = server.read().await?;
        calls(&address, ONE_BY_ONE).await?;
        let between = server.read().await?;
        let mut callers = JoinSet::new();
        for _ in 0..CALLERS {
            let address = address.clone();
            callers.spawn(async move { calls(&address, EACH).await });
        }
        while let Some(ended) = callers.join_next().await {
            ended??;
        }
        let after = server.read().await?;
        let (idle, stream) = if self.has_sessions {
            memory(self).await?
        } else {
            (None, None)
        };
        Ok(Figures {
            one_by_one: cpu_per(before, between, ONE_BY_ONE),
            at_once: cpu_per(between, after, CALLERS * EACH),
            idle,
            stream,
        })
    }
}

impl Figures {
    fn least(self, other: Self) -> Self {
        let least = |one: Option<[f64; 2]>, other: Option<[f64; 2]>| {
            one.zip(other)
                .map(|(one, other)| [one[0].min(other[0]), one[1].min(other[1])])
        };
        Self {
            one_by_one: self.one_by_one.min(other.one_by_one),
            at_once: self.at_once.min(other.at_once),
            idle: least(self.idle, other.idle),
            stream: least(self.stream, other.stream),
        }
    }
}

/// A session on a connection of its own, and so many calls in it, each with its own answer.
async fn calls(address: &str, count: usize) -> Result<()> {
    let mut connection = Connection::open(address).await?;
    let mut session = Session::begin(&mut connection).await?;
    let text = "a text of 64 bytes, as it stands in the figures of other servers";
    for _ in 0..count {
        let (id, call) = session.call("echo", &json!({"text": text}));
        let answer = session
            .post(&mut connection, &call)
            .await?
            .message(id)
            .await?;
        ensure!(
            answer["result"]["content"][0]["text"] == text,
            "the answer was {answer}"
        );
    }
    Ok(())
}

/// Bytes per idle session, and per standalone stream, of a fresh server.
async fn memory(candidate: &Candidate<'_>) -> Result<(Option<[f64; 2]>, Option<[f64; 2]>)> {
    let mut server = Peer::start(candidate.program, candidate.args).await?;
    let mut connection = Connection::open(&server.address).await?;
    Session::begin(&mut connection).await?;
    let fresh = server.read().await?;
    let mut sessions = Vec::with_capacity(SESSIONS);
    for _ in 0..SESSIONS {
        sessions.push(Session::begin(&mut connection).await?);
    }
    let idle = server.read().await?;
    let mut streams: Vec<(Connection, Answer)> = Vec::with_capacity(SESSIONS);
    for session in &sessions {
        let mut connection = Connection::open(&server.address).await?;
        let stream = session.get(&mut connection, None).await?;
        ensure!(
            stream.status() == 200,
            "GET was answered with HTTP {}",
            stream.status()
        );
        streams.push((connection, stream));
    }
    let listening = server.read().await?;
    Ok((
        Some(bytes_per(fresh, idle, SESSIONS)),
        Some(bytes_per(idle, listening, SESSIONS)),
    ))
}

fn cpu_per(before: Reading, after: Reading, count: usize) -> f64 {
    per(after.cpu_us - before.cpu_us, count)
}

fn bytes_per(before: Reading, after: Reading, count: usize) -> [f64; 2] {
    [
        per(after.heap - before.heap, count),
        per(after.rss - before.rss, count),
    ]
}

#[expect(
    clippy::cast_precision_loss,
    reason = "figures for people, far below 2^52"
)]
fn per(sum: i64, count: usize) -> f64 {
    sum as f64 / count as f64
}
