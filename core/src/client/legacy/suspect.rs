//! A session that may be gone without the server having said so: some answer 400, or 401 without a
//! challenge, where the specification wants 404. One ping asks, before the next call is lost to it.

use core::time::Duration;

use crate::client::exchange::{Purpose, Request, Suspicion};
use crate::client::session::Suspect;
use crate::client::{Client, Timer};
use crate::http::{self, Headers, Method, names};
use crate::ids::ExchangeId;
use crate::jsonrpc;

/// How long the answer to the ping is awaited. No answer is no refusal.
const PING: Duration = Duration::from_secs(5);

impl Client {
    pub(in crate::client) fn suspect_session(&mut self, epoch: u32) {
        self.session.mark_suspect(epoch);
    }

    pub(in crate::client) fn ask_whether_alive(&mut self) {
        self.session.suspect = Suspect::Asking;
        self.open_ping(Suspicion::Call);
    }

    pub(super) fn open_ping(&mut self, suspicion: Suspicion) {
        let wire_id = self.take_wire_id();
        let request = Request {
            method: Method::Post,
            url: None,
            headers: self.post_headers(),
            body: jsonrpc::request(wire_id, "ping", None),
        };
        let exchange = self.open(Purpose::Ping(suspicion), request);
        let until = self.after(PING);
        self.timers.set(Timer::Exchange(exchange), until);
    }

    /// The status says all: what the server answers to a ping does not matter.
    pub(in crate::client) fn ping_head(
        &mut self,
        id: ExchangeId,
        suspicion: Suspicion,
        status: u16,
        headers: Headers<'_>,
    ) {
        let epoch = self.exchanges.get(&id).map_or(0, |open| open.epoch);
        self.linger(id);
        let is_lost = match suspicion {
            // With an application that gets credentials, a challenge says that they are what is missing.
            Suspicion::Call if self.config.authorizer && is_challenge(headers) => false,
            Suspicion::Call => matches!(status, 400 | 401 | 404),
            Suspicion::Standalone => status == 404,
        };
        if is_lost {
            self.session_is_lost(epoch, "a ping was refused too");
        } else {
            self.ping_answered(suspicion);
        }
    }

    /// The session is alive, or at least nothing says otherwise.
    pub(in crate::client) fn ping_answered(&mut self, suspicion: Suspicion) {
        match suspicion {
            Suspicion::Call => self.session.suspect = Suspect::No,
            Suspicion::Standalone => {
                self.standalone_is_off(None, "the server answered HTTP 404 to its GET");
            }
        }
    }
}

fn is_challenge(headers: Headers<'_>) -> bool {
    http::find(headers, names::WWW_AUTHENTICATE).is_some()
}
