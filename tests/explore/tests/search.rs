//! The search itself, on a machine that is easy to see through.

use mcp_sansio::{Part, PartKind};
use mcp_sansio_explore::model::{Identity, Model, Property, fingerprint};
use mcp_sansio_explore::search::{Bounds, Failed, Seen, search};
use std::hash::Hash as _;

/// Two dials that are turned up, one step at a time.
struct Dials {
    most: u8,
    properties: Vec<Property<Turned, u8>>,
    /// Turning a dial beyond this panics.
    jams_at: u8,
}

/// The dials, and the way there.
#[derive(Clone)]
struct Turned {
    dials: [u8; 2],
    way: Vec<usize>,
}

impl Dials {
    fn new(most: u8) -> Self {
        Self {
            most,
            properties: Vec::new(),
            jams_at: u8::MAX,
        }
    }

    fn with(mut self, property: Property<Turned, u8>) -> Self {
        self.properties.push(property);
        self
    }
}

impl Model for Dials {
    type State = Turned;
    type Action = usize;
    type Output = u8;

    fn name(&self) -> &'static str {
        "dials"
    }

    fn start(&self, _: bool) -> Result<Turned, String> {
        Ok(Turned {
            dials: [0; 2],
            way: Vec::new(),
        })
    }

    fn actions(&self, state: &Turned) -> Vec<usize> {
        let dials = state.dials.iter().enumerate();
        let free = dials.filter(|(_, at)| **at < self.most);
        free.map(|(dial, _)| dial).collect()
    }

    fn take(&self, state: &mut Turned, dial: &usize) -> Result<Vec<u8>, String> {
        state.way.push(*dial);
        state.dials[*dial] += 1;
        assert!(state.dials[*dial] <= self.jams_at, "the dial jams");
        Ok(vec![state.dials[*dial]])
    }

    fn identity(&self, state: &Turned) -> Identity {
        Identity {
            whole: fingerprint(|hasher| state.dials.hash(hasher)),
            machine: fingerprint(|hasher| state.dials[0].hash(hasher)),
        }
    }

    fn properties(&self) -> &[Property<Turned, u8>] {
        &self.properties
    }

    fn parts(&self, state: &Turned) -> Vec<Part> {
        let name = if state.dials == [0; 2] {
            "Still"
        } else {
            "Turned"
        };
        let part = Part {
            what: "dials",
            role: "",
            id: 0,
            state: name,
        };
        vec![part]
    }

    fn part_kinds(&self) -> Vec<PartKind> {
        Vec::new()
    }

    fn record(&self, state: &mut Turned) -> Vec<String> {
        state.way.iter().map(ToString::to_string).collect()
    }
}

fn bounds(depth: u32, threads: usize) -> Bounds {
    Bounds {
        depth,
        threads,
        memory: usize::MAX,
    }
}

fn seen(model: &Dials, depth: u32, threads: usize) -> Seen {
    search(model, bounds(depth, threads)).unwrap_or_else(|failed| panic!("{failed}"))
}

fn broken(model: &Dials) -> (String, Vec<String>) {
    match search(model, bounds(20, 2)) {
        Err(Failed::CounterExample { what, record }) => (what, record),
        other => panic!("no counter-example: {other:?}"),
    }
}

#[test]
fn everything_within_the_bounds_is_seen_once() {
    let all = seen(&Dials::new(3), 20, 2);
    assert_eq!((all.situations, all.states.len()), (16, 4));
    assert_eq!((all.depth, all.is_exhausted), (6, true));
    assert_eq!(all.steps, 24, "twelve steps of each dial");
    let near = seen(&Dials::new(3), 2, 2);
    assert_eq!((near.situations, near.depth), (6, 2));
    assert!(!near.is_exhausted);
}

#[test]
fn threads_change_nothing() {
    let [one, many] = [1, 7].map(|threads| seen(&Dials::new(60), 70, threads));
    assert_eq!(one.states, many.states);
    assert_eq!((one.situations, one.steps), (many.situations, many.steps));
    assert_eq!(one.tables.to_string(), many.tables.to_string());
}

#[test]
fn what_does_not_hold_comes_with_a_shortest_way() {
    let model = Dials::new(9).with(Property::always("the second dial stays low", |state, _| {
        state.dials[1] < 3
    }));
    let (what, record) = broken(&model);
    assert_eq!(what, "this does not hold: the second dial stays low");
    assert_eq!(record, ["1", "1", "1"]);
}

#[test]
fn a_panic_is_a_broken_promise() {
    let mut model = Dials::new(9);
    model.jams_at = 1;
    let (what, record) = broken(&model);
    assert_eq!(what, "P1 is broken: it panicked");
    assert_eq!(record, ["0", "0"]);
}

#[test]
fn what_is_met_nowhere_is_told() {
    let model = Dials::new(2)
        .with(Property::sometimes("both are up", |state, _| {
            state.dials == [2, 2]
        }))
        .with(Property::sometimes("one is beyond", |_, outputs| {
            outputs.contains(&3)
        }));
    assert_eq!(seen(&model, 20, 2).never_met, ["one is beyond"]);
}

#[test]
fn a_search_that_grows_too_large_ends() {
    let mut bounds = bounds(20, 1);
    bounds.memory = 1;
    let grown = search(&Dials::new(3), bounds);
    assert!(matches!(grown, Err(Failed::Memory { most: 1, .. })));
}

#[test]
fn transitions_are_counted() {
    let tables = seen(&Dials::new(1), 20, 2).tables;
    let kinds = [PartKind {
        what: "dials",
        roles: vec![""],
        states: vec!["Broken", "Still", "Turned"],
    }];
    assert_eq!(tables.never_reached(&kinds), ["dials: Broken"]);
    let lines: Vec<Vec<String>> = tables
        .to_string()
        .lines()
        .map(|line| line.split_whitespace().map(ToOwned::to_owned).collect())
        .collect();
    assert!(lines.contains(&["Still", "→", "Turned", "2"].map(ToOwned::to_owned).into()));
}
