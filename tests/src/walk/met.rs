//! What walks met on their way: those that never get anywhere would find nothing.

use crate::watch::Watch;
use std::ops::AddAssign;

/// Counts of one walk, or of many.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Met {
    /// Exchanges that were opened.
    pub exchanges: usize,
    /// Modern requests that the server answered in some way.
    pub modern: usize,
    /// Rounds that went out after a question of the server.
    pub rounds: usize,
    /// Subscriptions that opened, each time that they did.
    pub subscriptions: usize,
    /// Sessions over the HTTP+SSE transport.
    pub http_sse: usize,
    /// Questions for credentials.
    pub authorizations: usize,
    /// Walks on which both eras were tried.
    pub searches: usize,
}

impl Met {
    /// What the books say at the end of a walk.
    pub(super) fn of(watch: &Watch) -> Self {
        let exchanges = watch.exchanges.values();
        let count = |method: &str| {
            exchanges
                .clone()
                .filter(|exchange| exchange.body["method"] == method)
                .count()
        };
        let rounds = exchanges.clone().filter(|exchange| {
            let params = &exchange.body["params"];
            !params["inputResponses"].is_null() || !params["requestState"].is_null()
        });
        let over_http_sse = exchanges.clone().filter(|exchange| {
            exchange.at_endpoint && exchange.body["method"] == "notifications/initialized"
        });
        Self {
            exchanges: watch.exchanges.len(),
            modern: exchanges
                .clone()
                .filter(|exchange| exchange.answered && exchange.is_modern())
                .count(),
            rounds: rounds.count(),
            subscriptions: watch
                .listens
                .values()
                .map(|listen| usize::try_from(listen.opened).unwrap_or(usize::MAX))
                .sum(),
            http_sse: over_http_sse.count(),
            authorizations: watch.questions_of_credentials,
            searches: usize::from(count("server/discover") > 0 && count("initialize") > 0),
        }
    }
}

impl AddAssign for Met {
    fn add_assign(&mut self, other: Self) {
        self.exchanges += other.exchanges;
        self.modern += other.modern;
        self.rounds += other.rounds;
        self.subscriptions += other.subscriptions;
        self.http_sse += other.http_sse;
        self.authorizations += other.authorizations;
        self.searches += other.searches;
    }
}
