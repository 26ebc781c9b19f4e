//! What can happen to the client next.

use super::{ClientModel, Left, Peer, State};
use mcp_sansio::Method;
use mcp_sansio_tests::{CallKind, ExchangeSeen, Fate, ListenStage};

/// Something that can happen to the client. Exchanges, calls, .. are meant by their handles.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Move {
    /// The application connects; one that speaks for itself says `initialize`.
    Connect,
    /// The application sends a notification; one that speaks for itself says `initialized`.
    Notify,
    /// The application calls; `true`: something that may run twice.
    Call(bool),
    /// The application cancels a call.
    Cancel(u64),
    /// The application closes the client.
    Close,
    /// The application subscribes.
    Listen,
    /// The application ends a subscription.
    Unlisten(u64),
    /// The application answers a request of the server.
    Respond(u64),
    /// The server answers an exchange as one of its kind should: all of it, or the head of a stream.
    Right(u64, Peer),
    /// The application answers whether it has new credentials.
    Authorize(bool),
    /// The head of a response.
    Head(u64, Head),
    /// An event on a stream.
    Event(u64, Event),
    /// The body that answers a request, and its end.
    Body(u64, Body),
    /// A response that says no ends.
    Finish(u64),
    /// A stream ends before it has said all.
    End(u64),
    /// An exchange fails; `true`: nothing of it can have left.
    Fail(u64, bool),
    /// The next deadline comes.
    Timeout,
}

/// Heads of responses.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Head {
    /// A JSON text follows.
    Json,
    /// A stream of events follows.
    Events,
    /// Nothing is said; or the answer is said elsewhere.
    Status(u16),
}

/// Events of a stream.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Event {
    /// The answer to a call.
    Answer(u64),
    /// The answer to the `initialize` of this exchange, where all answers come on one stream.
    Initialized(u64),
    /// An event id, and nothing else.
    Prime,
    /// A message for the application, with an event id.
    Message,
    /// Progress of a call.
    Progress(u64),
    /// A request of the server.
    Question,
    /// The subscription is open.
    Acknowledgement,
    /// Something that was subscribed to has changed.
    Change,
    /// The server ends a subscription.
    Result,
}

/// Bodies of responses to calls.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Body {
    /// The answer.
    Result,
    /// A question first (2026-07-28).
    Question,
    /// No question, but another round (2026-07-28).
    Again,
    /// The headers are wrong (2026-07-28).
    HeaderMismatch,
    /// The revision is not spoken here.
    OtherVersion,
}

impl ClientModel {
    pub(super) fn possible(&self, state: &State) -> Vec<Move> {
        let mut moves = Self::of_application(state);
        for (id, seen) in state.subject.watch().open() {
            self.of_exchange(state, id, seen, &mut moves);
        }
        if state.left.timeouts > 0 && state.subject.peek().poll_timeout().is_some() {
            moves.push(Move::Timeout);
        }
        moves
    }

    fn of_application(state: &State) -> Vec<Move> {
        let (left, watch) = (state.left, state.subject.watch());
        let mut moves = Vec::new();
        if watch.closing.is_some() {
            return moves;
        }
        if left.connects > 0 {
            moves.push(Move::Connect);
        }
        if left.notifications > 0 {
            moves.push(Move::Notify);
        }
        if left.calls > 0 {
            moves.push(Move::Call(false));
        }
        if left.safe > 0 {
            moves.push(Move::Call(true));
        }
        if left.listens > 0 {
            moves.push(Move::Listen);
        }
        if left.cancels > 0 {
            moves.extend(watch.unsettled().map(|(id, _)| Move::Cancel(id)));
        }
        if left.unlistens > 0 {
            moves.extend(watch.listening().map(|(id, _)| Move::Unlisten(id)));
        }
        moves.extend(watch.outstanding().map(Move::Respond));
        if watch.asked_for_credentials.is_some() {
            moves.extend([Move::Authorize(true), Move::Authorize(false)]);
        }
        if left.closes > 0 {
            moves.push(Move::Close);
        }
        moves
    }

    fn of_exchange(&self, state: &State, id: u64, seen: &ExchangeSeen, moves: &mut Vec<Move>) {
        let (left, can) = (state.left, self.can);
        if seen.has_head {
            self.of_body(state, id, seen, moves);
            return;
        }
        let is_call = is_call(seen);
        let right = self
            .peers
            .iter()
            .filter(|peer| !is_call || !peer.answers_in_its_body(seen));
        moves.extend(right.map(|&peer| Move::Right(id, peer)));
        if is_call && can.json {
            moves.push(Move::Head(id, Head::Json));
        }
        if is_call && can.events {
            moves.push(Move::Head(id, Head::Events));
        }
        if left.challenges > 0 {
            moves.push(Move::Head(id, Head::Status(401)));
        }
        if left.faults == 0 {
            return;
        }
        let wrong = match seen.method {
            Method::Get => can.gets,
            Method::Post if is_call => can.calls,
            Method::Post => can.posts,
            Method::Delete => &[],
        };
        let wrong = wrong.iter().map(|&status| Head::Status(status));
        moves.extend(wrong.map(|head| Move::Head(id, head)));
        if can.reset {
            moves.push(Move::Fail(id, false));
        }
        if can.unsent && seen.method == Method::Post {
            moves.push(Move::Fail(id, true));
        }
    }

    /// What follows a head.
    fn of_body(&self, state: &State, id: u64, seen: &ExchangeSeen, moves: &mut Vec<Move>) {
        let left = state.left;
        if seen.is_sse() {
            match seen.body["method"].as_str() {
                Some("subscriptions/listen") => of_subscription(state, id, seen, moves),
                _ => self.of_stream(state, id, seen, moves),
            }
            if left.faults > 0 {
                moves.push(Move::End(id));
            }
            if left.faults > 0 && self.can.reset {
                moves.push(Move::Fail(id, false));
            }
            return;
        }
        if seen.fate == Fate::Refused {
            moves.push(Move::Finish(id));
            return;
        }
        if !is_call(seen) {
            return;
        }
        moves.push(Move::Body(id, Body::Result));
        let bodies = self.can.bodies.iter().filter(|body| match body {
            Body::Again | Body::Question => left.questions > 0,
            _ => left.faults > 0,
        });
        moves.extend(bodies.map(|&body| Move::Body(id, body)));
    }

    fn of_stream(&self, state: &State, id: u64, seen: &ExchangeSeen, moves: &mut Vec<Move>) {
        let (left, can) = (state.left, self.can);
        let calls = state.subject.watch().unsettled();
        let calls = calls.filter(|(_, it)| it.kind == CallKind::Request && !it.sendings.is_empty());
        for (call, it) in calls {
            let is_own = seen.call == Some(call);
            if is_own || can.cross && !seen.is_modern() {
                moves.push(Move::Event(id, Event::Answer(call)));
            }
            if is_own && left.messages > 0 && !it.tokens.is_empty() {
                moves.push(Move::Event(id, Event::Progress(call)));
            }
        }
        if seen.method == Method::Get {
            let exchanges = state.subject.watch().exchanges.iter();
            let mut shaking = exchanges.rev().filter(|(_, it)| {
                it.at_endpoint && it.body["method"] == "initialize" && it.has_head
            });
            moves.extend(
                shaking
                    .next()
                    .map(|(&at, _)| Move::Event(id, Event::Initialized(at))),
            );
        }
        if left.messages > 0 {
            moves.push(Move::Event(id, Event::Message));
        }
        if left.messages > 0 && can.prime {
            moves.push(Move::Event(id, Event::Prime));
        }
        if left.questions > 0 && !seen.is_modern() {
            moves.push(Move::Event(id, Event::Question));
        }
    }

    /// The next thing that a server does which does all right, without being asked for more.
    pub(super) fn next_right(&self, state: &State) -> Option<Move> {
        let mut open = state.subject.watch().open();
        let (id, _) = open.find(|(_, seen)| !seen.has_head)?;
        Some(Move::Right(id, *self.peers.first()?))
    }

    /// What a move takes of what can still happen.
    pub(super) const fn pay(left: &mut Left, action: &Move) {
        let price = match action {
            Move::Connect => &mut left.connects,
            Move::Notify => &mut left.notifications,
            Move::Call(false) => &mut left.calls,
            Move::Call(true) => &mut left.safe,
            Move::Cancel(_) => &mut left.cancels,
            Move::Close => &mut left.closes,
            Move::Listen => &mut left.listens,
            Move::Unlisten(_) => &mut left.unlistens,
            Move::Timeout => &mut left.timeouts,
            Move::Event(_, Event::Prime | Event::Message | Event::Progress(_) | Event::Change) => {
                &mut left.messages
            }
            Move::Event(_, Event::Question) | Move::Body(_, Body::Question | Body::Again) => {
                &mut left.questions
            }
            Move::Head(_, Head::Status(401)) => &mut left.challenges,
            Move::Head(_, Head::Status(_))
            | Move::End(_)
            | Move::Body(_, Body::HeaderMismatch | Body::OtherVersion)
            | Move::Fail(..) => &mut left.faults,
            _ => return,
        };
        *price = price.saturating_sub(1);
    }
}

fn of_subscription(state: &State, id: u64, seen: &ExchangeSeen, moves: &mut Vec<Move>) {
    if !seen.has_body() {
        moves.push(Move::Event(id, Event::Acknowledgement));
        return;
    }
    let listens = state.subject.watch().listening();
    let is_open = listens
        .filter(|(_, it)| it.stage == ListenStage::Open)
        .count()
        > 0;
    if is_open && state.left.messages > 0 {
        moves.push(Move::Event(id, Event::Change));
    }
    moves.push(Move::Event(id, Event::Result));
}

impl Peer {
    /// It answers requests in the body of their exchanges, and this is one that it knows.
    fn answers_in_its_body(self, seen: &ExchangeSeen) -> bool {
        self != Self::Oldest && self.serves(seen)
    }

    /// It knows what to do with an exchange.
    pub(super) fn serves(self, seen: &ExchangeSeen) -> bool {
        match self {
            Self::Legacy => !seen.is_modern(),
            Self::Modern => seen.is_modern(),
            Self::Oldest => seen.method == Method::Get || seen.at_endpoint,
        }
    }
}

/// It carries a request of the application's.
pub(super) fn is_call(seen: &ExchangeSeen) -> bool {
    seen.body["params"]["name"] == "work" || seen.body["params"]["uri"] == "file:///a"
}
