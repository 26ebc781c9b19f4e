//! The verbs for subscriptions.

use std::time::Instant;

use mcp_sansio_tokio::{Outcome, Subscription, SubscriptionEvent};
use serde_json::json;
use tokio::time::timeout;

use super::expected::Expected;
use super::{Remark, Stage};
use crate::demo::report::CallReport;

/// A subscription to the changes of the list of tools.
pub(in crate::demo) struct Listening {
    /// Its place in the report.
    place: usize,
    began: Instant,
    subscription: Subscription,
}

/// What is heard of a subscription before its end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::demo) enum Heard {
    /// The server listens.
    Opened,
    /// The stream was lost, and with it what the server may have said since.
    Gap,
    /// The list of tools changed.
    Change,
}

impl Stage {
    /// Subscribes to the changes of the list of tools.
    pub(in crate::demo) fn listen(&mut self) -> Listening {
        let place = self.calls.len();
        let began = Instant::now();
        let subscription = self.client().listen(json!({"toolsListChanged": true}));
        self.calls.push(CallReport::of_subscription(began));
        self.players[0].calls += 1;
        Listening {
            place,
            began,
            subscription,
        }
    }

    /// Waits for what is to be heard next.
    pub(in crate::demo) async fn hear(&mut self, listening: &mut Listening, expected: Heard) {
        let next = timeout(self.play.within, listening.subscription.next()).await;
        let heard = match next {
            Ok(Some(SubscriptionEvent::Opened(_))) => Some(Heard::Opened),
            Ok(Some(SubscriptionEvent::Gap)) => Some(Heard::Gap),
            Ok(Some(SubscriptionEvent::Notification(_))) => Some(Heard::Change),
            _ => None,
        };
        self.check(
            heard == Some(expected),
            format!("heard of the subscription was {heard:?}, not {expected:?}"),
        );
        if let Some(heard) = heard {
            let at = Instant::now();
            let text = heard.told().to_owned();
            self.remarks.push(Remark { at, text });
        }
    }

    /// Sees a subscription end.
    pub(in crate::demo) async fn end(&mut self, listening: Listening, expected: Expected) {
        let Listening {
            place,
            began,
            mut subscription,
        } = listening;
        let outcome = timeout(self.play.within, ended(&mut subscription)).await;
        self.settled(place, outcome.ok().flatten(), began.elapsed(), expected);
        let more = subscription.next().await;
        self.check(
            more.is_none(),
            "something came after the subscription's end",
        );
    }
}

async fn ended(subscription: &mut Subscription) -> Option<Outcome> {
    loop {
        if let SubscriptionEvent::Ended(outcome) = subscription.next().await? {
            return Some(outcome);
        }
    }
}

impl Heard {
    const fn told(self) -> &'static str {
        match self {
            Self::Opened => "the subscription is open",
            Self::Gap => "the subscription has a gap",
            Self::Change => "the list of tools changed",
        }
    }
}
