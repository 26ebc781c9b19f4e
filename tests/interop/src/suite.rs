//! The loop that both directions have in common: every scenario with every peer, in every mode and era.

use std::fmt::{self, Display};
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};
use futures_util::StreamExt as _;
use futures_util::future::LocalBoxFuture;
use futures_util::stream::iter;
use mcp_sansio_tokio::Era;

use crate::options::Options;
use crate::process::Process;
use crate::proxy::Proxy;
use crate::report::{Cell, Report, Section, Verdict};

/// Far longer than any scenario takes. One that is cut off here has found a call that hangs.
const LONGEST: Duration = Duration::from_secs(120);
/// For how long it is tried whether what is declared not to work does work by now.
const TRIAL: Duration = Duration::from_secs(5);
/// How many ways are played at once. The processes of all would be too many for a small machine.
const ABREAST: usize = 8;

/// What scenarios of a direction are played on: a client and a server, one of them ours, with a proxy between
/// them. Each scenario has its own; the peer's process goes from one to the next.
pub(crate) trait Stage: Sized {
    /// The name of the direction.
    const DIRECTION: &'static str;
    /// A peer, in one mode and era.
    type Way: Way;

    /// All ways, in the order of the table.
    fn ways() -> Vec<Self::Way>;

    /// What is played in an era, in the order of the table.
    fn scenarios(era: Era) -> Vec<Scenario<Self>>;

    /// Makes a stage, starting the peer if it does not run yet.
    async fn set(
        options: &'static Options,
        way: Self::Way,
        process: Option<Process>,
    ) -> Result<Self>;

    fn proxy(&self) -> &Proxy;

    /// Checks what must hold after every scenario.
    async fn is_clean(&self) -> Result<()>;

    /// Gives the peer's process back, if it still runs.
    fn strike(self) -> Option<Process>;
}

/// A peer, in one mode and era.
pub(crate) trait Way: Copy {
    fn column(self) -> Column;

    /// What it cannot do: names of scenarios, by the reason.
    fn absent(self) -> Vec<Absent>;

    /// Why a scenario cannot be played, if so.
    fn reason_against(self, scenario: &str) -> Option<&'static str> {
        let absent = self.absent();
        let absent = absent.iter().find(|(_, names)| names.contains(&scenario));
        absent.map(|(reason, _)| *reason)
    }
}

/// A reason, and the scenarios that it stands against.
pub(crate) type Absent = (&'static str, &'static [&'static str]);

/// A way, as a column of the table.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct Column {
    pub(crate) peer: &'static str,
    pub(crate) version: &'static str,
    pub(crate) mode: &'static str,
    /// The era that the client asks for.
    pub(crate) asked: Asked,
    /// The era that comes of it.
    pub(crate) spoken: Era,
}

/// Which era a client asks for.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Asked {
    Legacy,
    Modern,
    /// Whichever the server speaks, the modern one if it speaks both.
    Auto,
}

impl Asked {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Legacy => "legacy",
            Self::Modern => "modern",
            Self::Auto => "auto",
        }
    }
}

impl Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One thing that client and server must get right together.
pub(crate) struct Scenario<S> {
    pub(crate) name: &'static str,
    play: Play<S>,
}

type Play<S> = for<'a> fn(&'a mut S) -> LocalBoxFuture<'a, Result<()>>;

impl<S> Scenario<S> {
    pub(crate) const fn new(name: &'static str, play: Play<S>) -> Self {
        Self { name, play }
    }
}

/// A list of scenarios: `name => function`, and so on.
macro_rules! scenarios {
    ($($name:literal => $play:path,)*) => {
        vec![$($crate::suite::Scenario::new($name, |stage| Box::pin($play(stage)))),*]
    };
}
pub(crate) use scenarios;

/// The parts of the table that a direction makes, one for each era.
pub(crate) fn sections<S: Stage>() -> Vec<Section> {
    let of_era = |era| Section {
        direction: S::DIRECTION,
        era,
        columns: S::ways()
            .into_iter()
            .map(Way::column)
            .filter(|column| column.spoken == era)
            .collect(),
        scenarios: S::scenarios(era).iter().map(|each| each.name).collect(),
    };
    vec![of_era(Era::Legacy), of_era(Era::Modern)]
}

/// Plays everything that is chosen in a direction.
pub(crate) async fn play<S: Stage>(options: &'static Options, report: &Report) {
    iter(S::ways())
        .for_each_concurrent(ABREAST, |way| play_way::<S>(options, way, report))
        .await;
}

/// Plays all scenarios in one way, one after the other.
async fn play_way<S: Stage>(options: &'static Options, way: S::Way, report: &Report) {
    let mut process = None;
    let column = way.column();
    for scenario in S::scenarios(column.spoken) {
        let cell = Cell::new(S::DIRECTION, column, scenario.name);
        if !options.chooses(&cell) {
            continue;
        }
        let started = Instant::now();
        let verdict = match S::set(options, way, process.take()).await {
            Ok(mut stage) => {
                let reason = way.reason_against(scenario.name);
                let played = attempt(&mut stage, &scenario, reason).await;
                let kept = stage.proxy().keep(&options.wire_log(&cell), played);
                if kept.is_ok() {
                    // Otherwise nobody knows what state the peer is in, and the next scenario gets a new one.
                    process = stage.strike();
                }
                judge(kept, reason)
            }
            Err(error) => Verdict::Failed(error.context("setting the stage")),
        };
        report.add(cell, verdict, started.elapsed());
    }
}

/// Plays one scenario, for a short while only if there is a reason why it cannot be played.
async fn attempt<S: Stage>(
    stage: &mut S,
    scenario: &Scenario<S>,
    reason: Option<&'static str>,
) -> Result<()> {
    let bound = reason.map_or(LONGEST, |_| TRIAL);
    let playing = async {
        (scenario.play)(stage).await?;
        stage.is_clean().await
    };
    let played = tokio::time::timeout(bound, playing).await;
    played.unwrap_or_else(|_| Err(anyhow!("it did not end within {bound:?}")))
}

/// What cannot work, for the reason declared, must not.
fn judge(played: Result<()>, reason: Option<&'static str>) -> Verdict {
    match (played, reason) {
        (Ok(()), None) => Verdict::Passed,
        (Err(error), None) => Verdict::Failed(error),
        (Err(_), Some(reason)) => Verdict::NotSupported(reason),
        (Ok(()), Some(reason)) => Verdict::Failed(anyhow!(
            "it is declared not to be supported ({reason}), but works"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names in the declarations that no scenario has would never be noticed otherwise.
    fn declares_what_there_is<S: Stage>() {
        for way in S::ways() {
            let column = way.column();
            let scenarios = S::scenarios(column.spoken);
            for (reason, names) in way.absent() {
                for name in names {
                    let is_there = scenarios.iter().any(|scenario| scenario.name == *name);
                    let Column {
                        peer, mode, asked, ..
                    } = column;
                    assert!(
                        is_there,
                        "{peer}/{mode}/{asked}: no {name}, though {reason}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_declaration_that_is_out_of_date_is_a_failure() {
        let fails = || Err(anyhow!("as always"));
        assert!(matches!(judge(Ok(()), None), Verdict::Passed));
        assert!(matches!(judge(fails(), None), Verdict::Failed(_)));
        let reason = Some("it cannot");
        let verdict = judge(fails(), reason);
        assert!(matches!(verdict, Verdict::NotSupported("it cannot")));
        assert!(matches!(judge(Ok(()), reason), Verdict::Failed(_)));
    }

    #[test]
    fn declarations_name_scenarios() {
        declares_what_there_is::<crate::our_client::Stage>();
        declares_what_there_is::<crate::their_client::Stage>();
    }

    #[test]
    fn scenarios_have_names_of_their_own() {
        fn names<S: Stage>() -> Vec<Vec<&'static str>> {
            let eras = [Era::Legacy, Era::Modern];
            let names = |era| S::scenarios(era).iter().map(|each| each.name).collect();
            eras.map(names).into()
        }
        let lists = [
            names::<crate::our_client::Stage>(),
            names::<crate::their_client::Stage>(),
        ];
        for mut list in lists.into_iter().flatten() {
            let count = list.len();
            list.sort_unstable();
            list.dedup();
            assert_eq!(list.len(), count, "{list:?}");
        }
    }
}
