//! A plan: all that is done, and all that goes wrong, decided before a run begins. So that a run that fails can be
//! played again with a part of it.

use super::agenda::millis;
use super::script::Job;
use super::setup::{Cast, Setup};
use crate::dice::Dice;
use std::time::Duration;

/// One run, before it is played.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What does not change.
    pub setup: Setup,
    /// What is done and what goes wrong, in any order.
    pub deeds: Vec<Deed>,
    /// When the last is done.
    pub end: Duration,
}

/// One thing that is done or goes wrong, and when.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Deed {
    /// When, from the beginning of the run. It means nothing for [`What::Exchange`].
    pub at: Duration,
    /// What.
    pub what: What,
}

/// What is done, or goes wrong. Clients are named by their places in the setup.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum What {
    /// A client's application connects.
    Connect(usize),
    /// It calls.
    Call(usize, Box<Job>),
    /// It cancels its call of this job, if there is one.
    Cancel(usize, usize),
    /// It sends a notification.
    Notify(usize),
    /// It subscribes.
    Listen(usize),
    /// It gives up one of its subscriptions.
    Unlisten(usize),
    /// It begins, or ceases, to read messages.
    Room(usize, bool),
    /// It closes its client.
    Close(usize),
    /// Its process dies, and another goes on with what was saved.
    Crash(usize),
    /// The server's application tells all clients of a change.
    Change(&'static str),
    /// It begins, or ceases, to look at requests.
    Attend(bool),
    /// It ends a session.
    EndSession,
    /// The server is shut down in good order.
    ShutDown {
        /// What requests in flight get.
        grace: Duration,
    },
    /// The server dies; connections are reset, or nobody is told.
    Kill {
        /// Nobody is told.
        silently: bool,
    },
    /// The server comes back, and knows nothing.
    Restart,
    /// Nothing passes between a client and the server any more.
    Partition(usize),
    /// It passes again, or the connections are found dead.
    Heal {
        /// The client.
        client: usize,
        /// The connections are dead.
        resets: bool,
    },
    /// A client has no more than so many connections from now on; exchanges above it wait for one.
    Connections(usize, Option<usize>),
    /// All credentials that there are expire.
    Expire,
    /// A client's application gets new credentials without being asked.
    Refresh(usize),
    /// The misbehaving client does something.
    Mischief(usize),
    /// This client's exchange, counted from 0, meets a fault.
    Exchange {
        /// The client.
        client: usize,
        /// Its how manieth exchange.
        nth: usize,
        /// What goes wrong.
        fault: Fault,
    },
}

/// What goes wrong with one exchange.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// No connection can be made.
    Refused,
    /// The connection is reset after so many bytes of the request's body; with 0 before the request.
    ResetRequest(usize),
    /// The request's body stops after so many bytes, and neither goes on nor ends.
    StallRequest(usize),
    /// The connection is reset after so many bytes of the response's body; with 0 before its head.
    ResetResponse(usize),
    /// The response ends as if it were whole, after so many bytes of its body.
    CutResponse(usize),
    /// After so many bytes of the response nothing comes for a time.
    Stall(usize, Duration),
    /// After so many bytes of the response nothing comes any more, and nobody is told.
    Silence(usize),
    /// The client's machine reads so slowly: each chunk takes as long.
    SlowReader(Duration),
    /// Something between answers instead of the server, which never sees the request.
    Instead(u16),
    /// Something between gives up waiting and answers with this, while the server has the request.
    GaveUp(u16),
    /// The exchange is redirected, within its origin.
    Redirected(u16),
    /// For the harness's own tests: the bytes of a response are changed on their way.
    Altered,
    /// For the harness's own tests: the server gets the request twice, which nothing in the real world may do to
    /// a POST.
    Doubled,
}

const CHANGES: [&str; 4] = [
    "notifications/tools/list_changed",
    "notifications/prompts/list_changed",
    "notifications/resources/list_changed",
    "notifications/resources/updated",
];
/// Exchanges of a client that may meet a fault.
const FAULTY_EXCHANGES: usize = 48;

impl Plan {
    /// A plan that these dice come up with.
    pub fn invent(dice: &mut Dice) -> Self {
        let setup = Setup::invent(dice);
        let span = *dice.pick(&[50, 3_000, 30_000, 150_000]);
        let mut plan = Self {
            end: millis(span),
            deeds: Vec::new(),
            setup,
        };
        let clients = plan.setup.clients.len();
        for number in 0..2 + dice.below(9) {
            plan.call(number, dice.below(clients), span, dice);
        }
        for _ in 0..dice.below(8) {
            let what = application(dice.below(clients), dice);
            plan.add(span, what, dice);
        }
        if plan.setup.demands_tokens {
            for _ in 0..dice.below(4) {
                let client = dice.below(clients);
                let what = *dice.pick(&[None, None, Some(client)]);
                plan.add(span, what.map_or(What::Expire, What::Refresh), dice);
            }
        }
        if plan.setup.cast == Cast::RogueClient {
            for nth in 0..4 + dice.below(20) {
                plan.add(span, What::Mischief(nth), dice);
            }
        }
        if dice.one_in(2) {
            plan.disturb(span, dice);
        }
        if !dice.one_in(3) {
            let rarity = *dice.pick(&[3, 6, 6, 16, 16]);
            plan.spoil_exchanges(rarity, dice);
        }
        plan
    }

    fn add(&mut self, span: usize, what: What, dice: &mut Dice) {
        let at = if dice.one_in(4) { 0 } else { dice.below(span) };
        self.deeds.push(Deed {
            at: millis(at),
            what,
        });
    }

    fn call(&mut self, number: usize, client: usize, span: usize, dice: &mut Dice) {
        let job = Job::invent(number, dice);
        self.add(span, What::Call(client, job.into()), dice);
        if dice.one_in(6) {
            self.add(span, What::Cancel(client, number), dice);
        }
    }

    /// What goes wrong with a whole machine or network.
    fn disturb(&mut self, span: usize, dice: &mut Dice) {
        for _ in 0..=dice.below(3) {
            let client = dice.below(self.setup.clients.len());
            let at = millis(dice.below(span));
            let until = at + millis(*dice.pick(&[0, 300, 4_000, 40_000]));
            let resets = dice.one_in(2);
            let (wrong, right) = match dice.below(10) {
                0..=2 => {
                    let silently = dice.one_in(3);
                    (What::Kill { silently }, What::Restart)
                }
                3 => {
                    let grace = millis(*dice.pick(&[0, 2_000]));
                    (What::ShutDown { grace }, What::Restart)
                }
                4 | 5 => (What::Partition(client), What::Heal { client, resets }),
                6 | 7 => {
                    let most = Some(1 + dice.below(2));
                    (
                        What::Connections(client, most),
                        What::Connections(client, None),
                    )
                }
                8 => (What::Attend(false), What::Attend(true)),
                _ => (What::Room(client, false), What::Room(client, true)),
            };
            self.deeds.push(Deed { at, what: wrong });
            self.deeds.push(Deed {
                at: until,
                what: right,
            });
            self.end = self.end.max(until);
        }
    }

    fn spoil_exchanges(&mut self, rarity: usize, dice: &mut Dice) {
        for client in 0..self.setup.clients.len() {
            for nth in 0..FAULTY_EXCHANGES {
                if dice.one_in(rarity) {
                    let fault = Fault::invent(dice);
                    let what = What::Exchange { client, nth, fault };
                    let at = Duration::ZERO;
                    self.deeds.push(Deed { at, what });
                }
            }
        }
    }
}

impl Fault {
    fn invent(dice: &mut Dice) -> Self {
        let bytes = if dice.one_in(2) {
            dice.below(60)
        } else {
            dice.below(600)
        };
        match dice.below(17) {
            0 => Self::Refused,
            1 | 2 => Self::ResetRequest(bytes),
            3..=6 => Self::ResetResponse(bytes),
            7 => Self::CutResponse(bytes),
            8 => Self::Stall(bytes, millis(*dice.pick(&[300, 3_000, 100_000]))),
            9 => Self::Silence(bytes),
            10 => Self::SlowReader(millis(*dice.pick(&[400, 5_000, 100_000]))),
            11 | 12 => Self::Instead(
                *dice.pick(&[400, 403, 404, 404, 405, 408, 413, 429, 500, 502, 503, 503]),
            ),
            13 => Self::GaveUp(*dice.pick(&[500, 502, 504])),
            14 => Self::StallRequest(bytes),
            _ => Self::Redirected(*dice.pick(&[307, 308, 308, 302])),
        }
    }
}

fn application(client: usize, dice: &mut Dice) -> What {
    match dice.below(14) {
        0 => What::Connect(client),
        1 => What::Notify(client),
        2..=4 => What::Listen(client),
        5 => What::Unlisten(client),
        6 if dice.one_in(3) => What::Close(client),
        7 if dice.one_in(2) => What::Crash(client),
        8 if dice.one_in(2) => What::EndSession,
        _ => What::Change(dice.pick::<&str>(&CHANGES)),
    }
}
