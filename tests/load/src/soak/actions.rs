//! What a client does to a server. What no good one does is in [`bad`].

use std::time::Duration;

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use tokio::time::sleep;

use super::bad;
use super::caller::Caller;
use crate::http::Connection;
use crate::session::{Answer, Session};

/// One thing that a client does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Action {
    Cancel,
    ComeBack,
    Echo,
    Leave,
    Listen,
    OneIdTwice,
    Refused,
    Slow,
    Stall,
    Stuck,
    VanishInBody,
    VanishInStream,
}

/// All of them.
pub(super) const ALL: [Action; 12] = [
    Action::Cancel,
    Action::ComeBack,
    Action::Echo,
    Action::Leave,
    Action::Listen,
    Action::OneIdTwice,
    Action::Refused,
    Action::Slow,
    Action::Stall,
    Action::Stuck,
    Action::VanishInBody,
    Action::VanishInStream,
];

/// In what state an action leaves its session.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Done {
    /// It goes on.
    Well,
    /// The client has ended it.
    SessionEnded,
    /// The server did not know it any more.
    SessionGone,
}

impl Action {
    /// What comes in this turn: calls mostly, and everything else in between.
    pub(super) const fn of(turn: usize) -> Self {
        if turn.is_multiple_of(997) {
            return Self::Stuck;
        }
        match turn % 31 {
            3 => Self::Slow,
            5 => Self::VanishInBody,
            8 => Self::ComeBack,
            11 => Self::VanishInStream,
            13 => Self::Refused,
            17 => Self::Listen,
            19 => Self::Stall,
            22 => Self::OneIdTwice,
            25 => Self::Cancel,
            29 => Self::Leave,
            _ => Self::Echo,
        }
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Cancel => "a call is cancelled",
            Self::ComeBack => "a call is dropped and resumed",
            Self::Echo => "echo",
            Self::Leave => "a session is deleted",
            Self::Listen => "a standalone stream is opened and left",
            Self::OneIdTwice => "two calls with one id",
            Self::Refused => "nonsense is refused",
            Self::Slow => "slow, with progress",
            Self::Stall => "a big answer, read after a pause",
            Self::Stuck => "a huge answer is never read",
            Self::VanishInBody => "gone within the request",
            Self::VanishInStream => "gone within the answer",
        }
    }
}

/// Does it, and checks what comes of it.
pub(super) async fn perform(
    action: Action,
    caller: &mut Caller,
    session: &mut Session,
) -> Result<Done> {
    match action {
        Action::Cancel => cancel(caller, session).await,
        Action::ComeBack => come_back(caller, session).await,
        Action::Echo => call(caller, session, "echo", 0).await,
        Action::Leave => leave(caller, session).await,
        Action::Listen => listen(caller, session).await,
        Action::OneIdTwice => one_id_twice(caller, session).await,
        Action::Refused => bad::refused(caller, session).await,
        Action::Slow => call(caller, session, "slow", 3).await,
        Action::Stall => stall(caller, session).await,
        Action::Stuck => bad::stuck(caller, session).await,
        Action::VanishInBody => bad::vanish_in_body(caller, session).await,
        Action::VanishInStream => bad::vanish_in_stream(caller, session).await,
    }
}

/// A good client's call: it gets its own answer.
async fn call(caller: &mut Caller, session: &mut Session, tool: &str, steps: u32) -> Result<Done> {
    let text = words(session);
    let (id, call) = session.call(tool, &json!({"text": text, "steps": steps}));
    let mut connection = caller.connection().await?;
    let answer = session.post(&mut connection, &call).await?;
    if is_gone(&answer) {
        return Ok(Done::SessionGone);
    }
    own(&answer.message(id).await?, &text)?;
    caller.keep(connection);
    Ok(Done::Well)
}

async fn cancel(caller: &mut Caller, session: &mut Session) -> Result<Done> {
    let (id, call) = session.call("slow", &json!({"steps": 400}));
    let mut connection = caller.connection().await?;
    let mut answer = session.post(&mut connection, &call).await?;
    if is_gone(&answer) {
        return Ok(Done::SessionGone);
    }
    answer.until_cursor().await?;
    let cancelled = json!({
        "jsonrpc": "2.0",
        "method": "notifications/cancelled",
        "params": {"requestId": id},
    });
    let mut other = Connection::open(&caller.address).await?;
    let status = session.post(&mut other, &cancelled).await?.end().await?;
    ensure!(status == 202, "the cancel was answered with HTTP {status}");
    let message = answer.message(id).await?;
    ensure!(
        message.get("error").is_some(),
        "cancelled, and answered with {message}"
    );
    caller.keep(connection);
    Ok(Done::Well)
}

/// Drops a call's stream after its first event, and comes back for the answer: once, and its own.
async fn come_back(caller: &mut Caller, session: &mut Session) -> Result<Done> {
    let text = words(session);
    let (id, call) = session.call("slow", &json!({"text": text, "steps": 4}));
    let mut connection = Connection::open(&caller.address).await?;
    let mut answer = session.post(&mut connection, &call).await?;
    if is_gone(&answer) {
        return Ok(Done::SessionGone);
    }
    ensure!(
        answer.until_cursor().await?,
        "the stream brought no event id"
    );
    let cursor = answer.cursor.take();
    drop((answer, connection));
    let mut connection = caller.connection().await?;
    let rest = session.get(&mut connection, cursor).await?;
    ensure!(
        rest.status() == 200,
        "the resume was answered with HTTP {}",
        rest.status()
    );
    own(&rest.message(id).await?, &text)?;
    caller.keep(connection);
    Ok(Done::Well)
}

async fn leave(caller: &mut Caller, session: &Session) -> Result<Done> {
    let mut connection = caller.connection().await?;
    let status = session.delete(&mut connection).await?.end().await?;
    ensure!(
        matches!(status, 200 | 404),
        "DELETE was answered with HTTP {status}"
    );
    caller.keep(connection);
    Ok(Done::SessionEnded)
}

async fn listen(caller: &Caller, session: &Session) -> Result<Done> {
    let mut connection = Connection::open(&caller.address).await?;
    let mut stream = session.get(&mut connection, None).await?;
    if is_gone(&stream) {
        return Ok(Done::SessionGone);
    }
    ensure!(
        stream.status() == 200,
        "GET was answered with HTTP {}",
        stream.status()
    );
    stream.until_cursor().await?;
    Ok(Done::Well)
}

/// Two calls in flight with the same id: each gets its own answer.
async fn one_id_twice(caller: &mut Caller, session: &mut Session) -> Result<Done> {
    let (first, second) = (words(session), format!("{} again", words(session)));
    let (id, slow) = session.call("slow", &json!({"text": first, "steps": 2}));
    let mut echo = slow.clone();
    echo["params"]["name"] = "echo".into();
    echo["params"]["arguments"]["text"] = second.as_str().into();
    let mut one = caller.connection().await?;
    let mut other = Connection::open(&caller.address).await?;
    let (slow, echo) = tokio::try_join!(
        session.post(&mut one, &slow),
        session.post(&mut other, &echo)
    )?;
    if is_gone(&slow) || is_gone(&echo) {
        return Ok(Done::SessionGone);
    }
    own(&echo.message(id).await?, &second)?;
    own(&slow.message(id).await?, &first)?;
    caller.keep(one);
    Ok(Done::Well)
}

/// A megabyte, which waits until its reader has had a rest.
async fn stall(caller: &mut Caller, session: &mut Session) -> Result<Done> {
    let (id, call) = session.call("big", &json!({"bytes": 1 << 20}));
    let mut connection = caller.connection().await?;
    let answer = session.post(&mut connection, &call).await?;
    if is_gone(&answer) {
        return Ok(Done::SessionGone);
    }
    sleep(Duration::from_millis(200)).await;
    let message = answer.message(id).await?;
    let length = text_of(&message).len();
    ensure!(length == 1 << 20, "{length} bytes came, not all");
    caller.keep(connection);
    Ok(Done::Well)
}

pub(super) fn is_gone(answer: &Answer) -> bool {
    answer.status() == 404
}

/// What no other call says.
pub(super) fn words(session: &Session) -> String {
    let id = session.headers.session.as_deref().unwrap_or_default();
    format!("call {} of {id}", session.made())
}

fn own(message: &Value, text: &str) -> Result<()> {
    ensure!(
        text_of(message) == text,
        "the answer to {text:?} was {message}"
    );
    Ok(())
}

fn text_of(message: &Value) -> &str {
    message["result"]["content"][0]["text"]
        .as_str()
        .unwrap_or_default()
}
