//! One run: the machines, their applications, the network between them, and the clock.

use super::agenda::{Agenda, Happening, later};
use super::books::Books;
use super::cause::Cause;
use super::far::Far;
use super::link::{Link, LinkId};
use super::log::Log;
use super::near::Near;
use super::plan::{Fault, Plan, What};
use super::tally::Tally;
use crate::dice::Dice;
use crate::op::Op;
use crate::server::act::Act;
use crate::subject::Broken;
use crate::walk;
use mcp_sansio::Instant;
use std::collections::BTreeMap;
use std::time::Duration;

/// More steps than this in one run are taken for a storm.
const MOST_STEPS: usize = 60_000;

/// How far the end of a run has come.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Phase {
    /// There are deeds to do.
    Acting,
    /// What is owed may settle.
    Settling,
    /// The clients close.
    Closing,
    /// The server shuts down.
    ShuttingDown,
    /// What is still on its way arrives.
    Ebbing,
}

/// A run under way.
#[derive(Debug)]
pub(super) struct World<'a> {
    pub(super) plan: &'a Plan,
    pub(super) now: Instant,
    pub(super) phase: Phase,
    pub(super) agenda: Agenda,
    pub(super) near: Vec<Near>,
    pub(super) far: Far,
    /// How many servers there were.
    pub(super) lives: u32,
    pub(super) links: Vec<Link>,
    /// What will happen to which client's how manieth exchange.
    pub(super) faults: BTreeMap<(usize, usize), Fault>,
    /// What a server without rules is like.
    pub(super) rogue_server: walk::Server,
    /// The oldest credential that is still good.
    pub(super) token: u32,
    /// How many changes the server's application told of.
    pub(super) changes: u64,
    pub(super) books: Books,
    pub(super) tally: Tally,
    pub(super) log: Log,
}

impl<'a> World<'a> {
    pub(super) fn new(plan: &'a Plan) -> Result<Self, Broken> {
        let setup = &plan.setup;
        let near = setup.clients.iter().enumerate();
        let near = near
            .map(|(client, config)| Near::new(config.clone(), setup.salt, client, 0))
            .collect::<Result<_, _>>()?;
        let mut world = Self {
            now: Instant::from_micros(0),
            phase: Phase::Acting,
            agenda: Agenda::default(),
            near,
            far: Far::begin(setup, 0)?,
            lives: 0,
            links: Vec::new(),
            faults: BTreeMap::new(),
            rogue_server: walk::Server::invent(&mut Dice::apart(setup.salt, 1), &setup.clients[0]),
            changes: 0,
            token: u32::from(setup.salt.is_multiple_of(2)),
            books: Books::new(plan),
            tally: Tally::default(),
            log: Log::default(),
            plan,
        };
        for (place, deed) in plan.deeds.iter().enumerate() {
            if let What::Exchange { client, nth, fault } = deed.what {
                world.faults.insert((client, nth), fault);
            } else {
                let at = later(world.now, deed.at);
                world.agenda.enter(at, Happening::Deed(place));
            }
        }
        let end = later(world.now, plan.end);
        world.agenda.enter(end, Happening::Finish);
        Ok(world)
    }

    /// Plays the plan to its end.
    pub(super) fn play(&mut self) -> Result<(), Broken> {
        let mut steps = 0;
        while self.step()? {
            steps += 1;
            if steps > MOST_STEPS {
                return Err(wrong("W4", format!("no rest after {MOST_STEPS} steps")));
            }
            self.wind_up()?;
        }
        self.tally.add("steps", steps);
        self.tally
            .add("safe requests that ran again", self.books.runs_again());
        self.is_at_rest()
    }

    /// Moves to the next thing that happens, and lets it; `false` if there is none.
    fn step(&mut self) -> Result<bool, Broken> {
        let entry = self.agenda.next();
        let timer = self.first_timer();
        let (at, is_timer) = match (entry, timer) {
            (None, None) => return Ok(false),
            (Some(at), None) => (at, false),
            (None, Some((at, _))) => (at, true),
            (Some(entry), Some((timer, _))) if entry == timer => {
                (entry, self.plan.setup.timers_first)
            }
            (Some(entry), Some((timer, _))) => (entry.min(timer), timer < entry),
        };
        self.now = self.now.max(at);
        match timer {
            Some((_, Some(client))) if is_timer => self.client(client, &Op::Timeout)?,
            Some((_, None)) if is_timer => self.server(&Act::Timeout)?,
            _ => {
                if let Some(happening) = self.agenda.take() {
                    self.happen(happening)?;
                }
            }
        }
        Ok(true)
    }

    /// The machine whose deadline comes first: a client, or the server.
    fn first_timer(&self) -> Option<(Instant, Option<usize>)> {
        let server = self.far.deadline().map(|at| (at, None));
        let clients = self.near.iter().enumerate();
        clients
            .filter_map(|(client, near)| Some((near.deadline?, Some(client))))
            .chain(server)
            .min_by_key(|(at, _)| *at)
    }

    fn happen(&mut self, happening: Happening) -> Result<(), Broken> {
        if let Some(client) = self.cut_off(happening) {
            self.near[client].held.push(happening);
            return Ok(());
        }
        match happening {
            Happening::Deed(place) => {
                let plan = self.plan;
                self.tally.deed(&plan.deeds[place].what);
                self.does(&plan.deeds[place].what)
            }
            Happening::Finish => {
                self.phase = Phase::Settling;
                Ok(())
            }
            Happening::Up(link) => self.up(link),
            Happening::Down(link) => self.down(link),
            Happening::Gone(link) => self.gone(link),
            Happening::Written(link) => self.written(link),
            Happening::Reply(link) => {
                self.reply(link);
                Ok(())
            }
            Happening::Answer {
                client,
                life,
                obligation,
            } => self.answer(client, life, obligation),
            Happening::Authorize {
                client,
                life,
                granted,
            } if self.near[client].life == life => self.authorize(client, granted),
            Happening::Authorize { .. } => Ok(()),
            Happening::Beat { life, request } => self.beat(life, request),
        }
    }

    /// The client behind a partition that this would have to cross.
    fn cut_off(&self, happening: Happening) -> Option<usize> {
        let (Happening::Up(LinkId(id))
        | Happening::Down(LinkId(id))
        | Happening::Gone(LinkId(id))
        | Happening::Written(LinkId(id))) = happening
        else {
            return None;
        };
        let client = self.links[id].client()?;
        self.near[client].is_cut_off.then_some(client)
    }

    /// After the last deed: lets the calls settle, closes the clients, then the server, and sees that each has
    /// let go of everything.
    fn wind_up(&mut self) -> Result<(), Broken> {
        if self.phase == Phase::Settling
            && (!self.plan.setup.is_patient || self.near.iter().all(Near::has_settled))
        {
            self.phase = Phase::Closing;
            for client in 0..self.near.len() {
                self.close(client)?;
            }
        }
        if self.phase == Phase::Closing && self.near.iter().all(|near| near.is_closed) {
            self.phase = Phase::ShuttingDown;
            self.server(&Act::ShutDown(Duration::ZERO))?;
        }
        if self.phase == Phase::ShuttingDown && self.far.is_down() {
            self.phase = Phase::Ebbing;
        }
        Ok(())
    }

    /// Nothing is owed and nothing is held by anybody.
    fn is_at_rest(&self) -> Result<(), Broken> {
        if self.phase != Phase::Ebbing {
            let what = format!(
                "nothing happens any more, and the run is only {:?}",
                self.phase
            );
            return Err(wrong("W4", what));
        }
        self.books.all_settled()
    }

    /// Notes that something went wrong for a client.
    pub(super) fn cause(&mut self, client: usize, cause: Cause) {
        if self.near[client].causes.insert(cause) {
            self.log
                .line(self.now, format_args!("client {client} meets {cause:?}"));
        }
        self.tally.cause(cause);
    }

    /// Notes that something went wrong for all of them.
    pub(super) fn cause_for_all(&mut self, cause: Cause) {
        for near in &mut self.near {
            near.causes.insert(cause);
        }
        self.tally.cause(cause);
    }
}

pub(super) const fn wrong(promise: &'static str, what: String) -> Broken {
    Broken { promise, what }
}
