//! A canonical fingerprint, for bounded exploration: two clients that will behave alike have the same one,
//! whatever handles they have used up and whatever the clock says. Left out are what cannot change
//! behaviour (stories, records) and the random generator, whose draws an explorer fixes.

use core::hash::Hasher;

use super::errand::Errand;
use super::event::Source;
use super::exchange::{Exchange, Purpose, Reading};
use super::ledger::{Entry, Stage};
use super::obligations::Reply;
use super::queue::Waiting;
use super::{Client, Timer};
pub(super) use crate::canon::Canon;
use crate::ids::{CallId, ExchangeId, ListenId, ObligationId};

impl Client {
    /// Feeds everything that can change the client's behaviour to `hasher`: handles and wire ids renumbered
    /// in order, times relative to the last clock reading. Queued outputs are not part of it: drain first.
    pub fn fingerprint(&self, hasher: &mut dyn Hasher) {
        let mut canon = canon(self, hasher);
        self.session.fingerprint(&mut canon, self.now);
        self.standalone.fingerprint(&mut canon, self.now);
        self.listens.fingerprint(&mut canon, self.now);
        canon.add(&self.mirrors);
        for (&id, entry) in &self.ledger.calls {
            canon.id(id.as_u64());
            canon.entry(entry);
        }
        self.ledger.task_tokens().for_each(|token| canon.add(token));
        for waiting in self.queue.iter() {
            match waiting {
                Waiting::Call(call) => canon.id(call.as_u64()),
                Waiting::Listen(listen) => canon.id(listen.as_u64()),
                Waiting::Notification(notification) => {
                    canon.add(&*notification.method);
                    canon.add(&notification.params);
                }
            }
        }
        for (&id, exchange) in &self.exchanges {
            canon.id(id.as_u64());
            canon.exchange(exchange, self.authorization.generation);
        }
        self.authorization.fingerprint(&mut canon);
        for (&id, obligation) in &self.obligations.open {
            canon.id(id.as_u64());
            canon.reply(obligation.reply());
            canon.source(obligation.source);
        }
        for (at, timer) in self.timers.iter() {
            let left = at.as_micros().saturating_sub(self.now.as_micros());
            canon.add(&left);
            canon.timer(timer);
        }
    }
}

/// Handles and wire ids of a client that are live.
fn canon<'a>(client: &Client, hasher: &'a mut dyn Hasher) -> Canon<'a> {
    let calls = client.ledger.calls.keys().map(|id| id.as_u64());
    let parked = client.authorization.parked().map(|(id, _)| id);
    let open = client.exchanges.keys().chain(parked);
    let exchanges = open.map(|id| id.as_u64());
    let obligations = client.obligations.open.keys().map(|id| id.as_u64());
    let listens = client.listens.ids();
    let entries = client.ledger.calls.values();
    let wires = entries.filter_map(|entry| entry.wire.map(|wire| wire.id));
    let ids = calls.chain(exchanges).chain(obligations).chain(listens);
    Canon::new(hasher, ids, wires)
}

impl Canon<'_> {
    fn entry(&mut self, entry: &Entry) {
        self.add(&entry.kind);
        self.add(&*entry.method);
        self.add(&entry.params);
        self.add(&(entry.safe, entry.task, entry.options.progress));
        self.add(&(entry.options.idle, entry.options.max));
        self.add(&entry.wire.map(|wire| wire.epoch));
        self.wire(entry.wire.map(|wire| wire.id));
        self.add(&(entry.execution, entry.tries, entry.asked, entry.idle));
        self.add(&entry.stream);
        self.add(&(entry.era, &entry.named_version, &entry.rounds));
        self.add(&entry.refresh);
        self.add(&core::mem::discriminant(&entry.stage));
        if let Stage::Open(exchange)
        | Stage::Parked(exchange)
        | Stage::Refreshing(exchange)
        | Stage::Refused(exchange) = entry.stage
        {
            self.id(exchange.as_u64());
        }
    }

    /// Of the credentials that an exchange was opened with it matters only whether they are the present ones.
    pub(super) fn exchange(&mut self, exchange: &Exchange, generation: u32) {
        self.purpose(exchange.purpose);
        self.add(&(exchange.generation == generation, exchange.asked));
        self.add(&(exchange.era, exchange.epoch, exchange.hops));
        self.add(&exchange.carried_session());
        self.add(&core::mem::discriminant(&exchange.reading));
        match &exchange.reading {
            Reading::Sse(decoder) => self.add(decoder),
            Reading::Json(body) => self.add(body),
            Reading::Error(refusal, body) => {
                self.add(&refusal.status);
                self.add(body);
            }
            Reading::Decoding | Reading::Discard | Reading::Head => {}
        }
    }

    fn purpose(&mut self, purpose: Purpose) {
        self.add(&core::mem::discriminant(&purpose));
        match purpose {
            Purpose::Call(call)
            | Purpose::Resume(call)
            | Purpose::Errand(Errand::ListTools(call), _) => self.id(call.as_u64()),
            Purpose::Ping(suspicion) => self.add(&suspicion),
            Purpose::Post(post) => self.add(&post),
            Purpose::Listen(listen) => self.id(listen.as_u64()),
            Purpose::Errand(Errand::Discover, _) => self.add("discover"),
            Purpose::Errand(Errand::Initialize, _) => self.add("initialize"),
            Purpose::Delete | Purpose::EventStream | Purpose::Standalone => {}
        }
    }

    fn reply(&mut self, reply: &Reply) {
        match reply {
            Reply::Post(wire) => self.add(wire),
            Reply::Round(call, key) => {
                self.id(call.as_u64());
                self.add(key);
            }
        }
    }

    fn source(&mut self, source: Source) {
        match source {
            Source::Call(call) => self.id(call.as_u64()),
            Source::Listen(listen) => self.id(listen.as_u64()),
            Source::Standalone => self.add("standalone"),
        }
    }

    fn timer(&mut self, timer: Timer) {
        self.add(&core::mem::discriminant(&timer));
        match timer {
            Timer::Again(CallId(id))
            | Timer::Grace(CallId(id))
            | Timer::Idle(CallId(id))
            | Timer::Max(CallId(id))
            | Timer::Answer(ObligationId(id))
            | Timer::ListenAcknowledged(ListenId(id))
            | Timer::ListenAgain(ListenId(id))
            | Timer::ListenLived(ListenId(id))
            | Timer::ListenSilent(ListenId(id))
            | Timer::Exchange(ExchangeId(id)) => self.id(id),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Call, ClientConfig, Handshake, Identity, Instant};

    fn client() -> Client {
        let identity = Identity::new("test", "1");
        let config = ClientConfig::new("http://server.test/mcp", Handshake::Core(identity));
        Client::new(config, [0; 32]).unwrap_or_else(|error| panic!("{error}"))
    }

    fn fingerprint(client: &Client) -> u64 {
        #[expect(deprecated, reason = "a hasher that is the same in every run")]
        let mut hasher = core::hash::SipHasher::new();
        client.fingerprint(&mut hasher);
        hasher.finish()
    }

    #[test]
    fn handles_and_the_clock_do_not_matter_and_behaviour_does() {
        let at = |secs: u64| Instant::from_micros(secs * 1_000_000);
        let mut early = client();
        early.connect(at(0));
        let mut late = client();
        let cancelled = late.call(at(50), Call::new("", None));
        late.cancel(at(50), cancelled, None);
        late.connect(at(100));
        assert_eq!(fingerprint(&early), fingerprint(&late));
        late.call(at(100), Call::new("tools/list", None));
        assert_ne!(fingerprint(&early), fingerprint(&late));
        assert_eq!(fingerprint(&late), fingerprint(&late.clone()));
    }
}
