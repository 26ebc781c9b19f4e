//! What can happen to the server next.

use super::{Left, ServerModel, State};
use mcp_sansio_tests::server::events::Event;
use mcp_sansio_tests::server::{ExchangeSeen, Over};

/// Something that can happen to the server. Exchanges, requests, .. are meant by their handles.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Move {
    /// A client makes a session.
    Initialize,
    /// It says that it has.
    Initialized,
    /// A request in a session.
    Request(u64),
    /// A request of the modern era.
    Modern,
    /// A subscription.
    Subscribe,
    /// A request that another principal makes in a session.
    Stranger(u64),
    /// A request whose headers say something else than its body.
    Mismatch,
    /// A request whose body does not come yet.
    Begin(u64),
    /// Its body.
    Go(u64),
    /// The client of this exchange cancels its request.
    Cancelled(u64),
    /// A client listens to its session.
    Get(u64),
    /// A client comes back for what followed an event.
    Resume(String),
    /// A client ends its session.
    Delete(u64),
    /// A client goes.
    Gone(u64),
    /// A client answers the application's request with this JSON-RPC id, in this session.
    Answer(u64, u64),
    /// A reader takes its chunk.
    Written(u64),
    /// The application takes a request.
    Take(u64),
    /// The application answers a request.
    Respond(u64),
    /// The application asks for more, instead of an answer (2026-07-28).
    AskBack(u64),
    /// The application says something for a request.
    Notify(u64),
    /// The application says something to all.
    NotifyAll,
    /// The application asks the client of a request.
    Call(u64),
    /// The application asks the client of a session.
    CallSession(u64),
    /// The application cancels what it asked.
    CancelCall(u64),
    /// The application releases the connection of a request.
    Release(u64),
    /// The application ends a session.
    EndSession(u64),
    /// The application shuts the server down.
    ShutDown,
    /// The next deadline comes.
    Timeout,
}

impl ServerModel {
    pub(super) fn possible(&self, state: &State) -> Vec<Move> {
        let mut moves = Vec::new();
        of_clients(state, &mut moves);
        of_open(state, &mut moves);
        of_application(state, &mut moves);
        if !self.quick_readers {
            let waiting = state.subject.watch().open();
            let waiting = waiting.filter(|(_, seen)| seen.in_hand);
            moves.extend(waiting.map(|(id, _)| Move::Written(id)));
        }
        if state.left.timeouts > 0 && state.subject.peek().poll_timeout().is_some() {
            moves.push(Move::Timeout);
        }
        moves
    }
}

fn of_clients(state: &State, moves: &mut Vec<Move>) {
    let left = state.left;
    let mut add = |left: u8, next: Move| moves.extend((left > 0).then_some(next));
    add(left.handshakes, Move::Initialize);
    add(left.modern, Move::Modern);
    add(left.subscriptions, Move::Subscribe);
    if left.modern > 0 {
        add(left.refusals, Move::Mismatch);
    }
    for session in state.sessions() {
        add(left.requests, Move::Request(session));
        add(left.refusals, Move::Stranger(session));
        add(left.slow, Move::Begin(session));
        add(left.gets, Move::Get(session));
        add(left.deletes, Move::Delete(session));
    }
    if left.resumes > 0 {
        moves.extend(state.cursors().into_iter().map(Move::Resume));
    }
    moves.extend(
        state
            .asked()
            .map(|(session, wire)| Move::Answer(session, wire)),
    );
}

fn of_open(state: &State, moves: &mut Vec<Move>) {
    let left = state.left;
    for (id, seen) in state.subject.watch().open() {
        if !seen.has_body && seen.method == "POST" {
            moves.push(Move::Go(id));
        }
        if left.gone > 0 {
            moves.push(Move::Gone(id));
        }
    }
    if left.cancelled > 0 {
        let owed = state.subject.watch().owed();
        let legacy = owed.filter(|(_, request)| request.session.is_some());
        moves.extend(legacy.map(|(_, request)| Move::Cancelled(request.exchange)));
    }
}

fn of_application(state: &State, moves: &mut Vec<Move>) {
    let (left, watch) = (state.left, state.subject.watch());
    for (id, request) in watch.owed() {
        let is_modern = request.session.is_none();
        if request.begun.is_none() {
            moves.push(Move::Take(id));
        }
        moves.push(Move::Respond(id));
        if is_modern && left.calls > 0 {
            moves.push(Move::AskBack(id));
        }
        if left.messages > 0 {
            moves.push(Move::Notify(id));
        }
        if !is_modern && left.calls > 0 {
            moves.push(Move::Call(id));
        }
        if !is_modern && left.releases > 0 {
            moves.push(Move::Release(id));
        }
    }
    for session in state.sessions() {
        if left.calls > 0 {
            moves.push(Move::CallSession(session));
        }
        if left.ends > 0 {
            moves.push(Move::EndSession(session));
        }
    }
    moves.extend(watch.unsettled().map(|(id, _)| Move::CancelCall(id)));
    if left.messages > 0 {
        moves.push(Move::NotifyAll);
    }
    if left.shut_downs > 0 {
        moves.push(Move::ShutDown);
    }
}

impl State {
    pub(super) fn sessions(&self) -> impl Iterator<Item = u64> {
        let sessions = self.subject.watch().sessions.iter();
        let live = sessions.filter(|(_, session)| session.ends == 0);
        live.map(|(&id, _)| id)
    }

    /// Where clients may come back: to the first and the latest event of each stream that broke off or was let
    /// go, and of each that is read.
    pub(super) fn cursors(&self) -> Vec<String> {
        let exchanges = self.subject.watch().exchanges.values();
        let broken = exchanges.filter(|seen| seen.over != Some(Over::Ended) || seen.may_end_early);
        let mut cursors: Vec<String> = broken.flat_map(ids).collect();
        cursors.sort_unstable();
        cursors.dedup();
        cursors
    }

    /// Requests of the application that a client has got and not answered: session, JSON-RPC id.
    pub(super) fn asked(&self) -> impl Iterator<Item = (u64, u64)> {
        let watch = self.subject.watch();
        let mut asked: Vec<_> = watch
            .exchanges
            .values()
            .filter_map(|seen| Some((watch.session_of(seen.session.as_deref()?)?.0, seen)))
            .flat_map(|(session, seen)| {
                let messages = seen.events.iter().filter_map(Event::message);
                let requests = messages.filter(|message| message["method"] == "roots/list");
                let ids: Vec<_> = requests.filter_map(|it| it["id"].as_u64()).collect();
                ids.into_iter().map(move |wire| (session, wire))
            })
            .collect();
        asked.sort_unstable();
        asked.dedup();
        let open = watch.unsettled().next().is_some();
        asked.into_iter().filter(move |_| open)
    }
}

/// The first and the latest event id of an exchange.
fn ids(seen: &ExchangeSeen) -> impl Iterator<Item = String> {
    let mut ids = seen.events.iter().filter_map(|event| event.id.clone());
    let first = ids.next();
    let last = ids.next_back();
    first.into_iter().chain(last)
}

impl Left {
    /// What a move takes of what can still happen.
    pub(super) const fn pay(&mut self, action: &Move) {
        let price = match action {
            Move::Initialize => &mut self.handshakes,
            Move::Request(_) => &mut self.requests,
            Move::Modern => &mut self.modern,
            Move::Subscribe => &mut self.subscriptions,
            Move::Stranger(_) | Move::Mismatch => &mut self.refusals,
            Move::Begin(_) => &mut self.slow,
            Move::Cancelled(_) => &mut self.cancelled,
            Move::Get(_) => &mut self.gets,
            Move::Resume(_) => &mut self.resumes,
            Move::Delete(_) => &mut self.deletes,
            Move::Gone(_) => &mut self.gone,
            Move::Notify(_) | Move::NotifyAll => &mut self.messages,
            Move::Call(_) | Move::CallSession(_) | Move::AskBack(_) => &mut self.calls,
            Move::Release(_) => &mut self.releases,
            Move::EndSession(_) => &mut self.ends,
            Move::ShutDown => &mut self.shut_downs,
            Move::Timeout => &mut self.timeouts,
            _ => return,
        };
        *price = price.saturating_sub(1);
    }
}
