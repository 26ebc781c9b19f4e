//! New credentials. What the server refuses for want of them is put aside until the application has got
//! some, and then goes again; if there are none, the refusal stands as if it had come just then.
//!
//! Source: 2025-11-25 and 2026-07-28, basic/authorization, "Token Handling" and "Scope Challenge Handling".

mod answer;
mod park;

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::time::Duration;

use super::Timer;
use super::errand::Errand;
use super::exchange::{Exchange, Post, Purpose};
use crate::ids::ExchangeId;
use crate::outcome::Refusal;

/// What waits for the application's credentials.
#[derive(Clone, Debug, Default)]
pub(in crate::client) struct Authorization {
    /// Counts the credentials: how often the application said that it has new ones.
    pub(in crate::client) generation: u32,
    /// What the application was told, until it answers.
    told: Option<Refusal>,
    /// Refused exchanges, as they were when their refusal had been read.
    parked: BTreeMap<ExchangeId, Exchange>,
    /// Clocks of the handshake that stand still, and what is left of them.
    stopped: Vec<(Timer, Duration)>,
}

/// What was asked of the application for one request, so that it is not asked for ever.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub(in crate::client) struct Asked {
    /// Kinds of refusals that the application has answered already.
    kinds: u8,
    times: u8,
}

/// What a refusal wants; each is asked for once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
enum Want {
    /// 401.
    Credentials = 1,
    /// 403 with `insufficient_scope`.
    Scope = 2,
    /// Either, to the GET that brings back the stream of a call.
    Resumption = 4,
}

impl Asked {
    const MOST: u8 = 3;

    const fn allows(self, want: Want) -> bool {
        self.times < Self::MOST && self.kinds & want as u8 == 0
    }

    /// A new request is made for the same call; the number of times still counts.
    pub(in crate::client) const fn begin_request(&mut self) {
        self.kinds = 0;
    }
}

impl Authorization {
    pub(in crate::client) fn is_parked(&self, exchange: ExchangeId) -> bool {
        self.parked.contains_key(&exchange)
    }

    pub(in crate::client) fn is_parked_resume(&self, exchange: ExchangeId) -> bool {
        let parked = self.parked.get(&exchange);
        parked.is_some_and(|parked| matches!(parked.purpose, Purpose::Resume(_)))
    }

    /// Bytes held.
    pub(in crate::client) fn held(&self) -> usize {
        self.parked.values().map(Exchange::held).sum()
    }

    pub(in crate::client) fn holds_handshake(&self) -> bool {
        self.parked
            .values()
            .any(|parked| parked.purpose.is_handshake())
    }
}

#[cfg(feature = "explore")]
impl Authorization {
    pub(in crate::client) fn parked(&self) -> impl Iterator<Item = (&ExchangeId, &Exchange)> {
        self.parked.iter()
    }

    pub(in crate::client) fn fingerprint(&self, canon: &mut crate::client::fingerprint::Canon<'_>) {
        for (id, exchange) in &self.parked {
            canon.id(id.as_u64());
            canon.exchange(exchange, self.generation);
        }
        let told = self.told.as_ref();
        canon.add(&told.map(|told| told.status));
        for header in told.into_iter().flat_map(|told| &told.headers) {
            canon.add(&*header.value);
        }
        for &(timer, left) in &self.stopped {
            canon.add(&(timer == Timer::Probe, left));
        }
    }
}

impl Purpose {
    /// What a refusal of it wants; `None` where nothing is put aside: what ends something is not worth it, and
    /// a ping is answered by any status.
    const fn want(self, status: u16) -> Option<Want> {
        match self {
            Self::Delete | Self::Ping(_) | Self::Post(Post::Cancel) => None,
            Self::Resume(_) => Some(Want::Resumption),
            _ if status == 403 => Some(Want::Scope),
            _ => Some(Want::Credentials),
        }
    }

    const fn is_handshake(self) -> bool {
        matches!(
            self,
            Self::Errand(Errand::Discover | Errand::Initialize, _) | Self::EventStream
        )
    }
}
