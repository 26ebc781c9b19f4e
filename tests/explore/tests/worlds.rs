//! The worlds, as far as that is quick; and that what a search finds in one is a vector.

use mcp_sansio::{ClientEvent, ClientOutput, ServerEvent, ServerOutput};
use mcp_sansio_explore::model::{Model, Property};
use mcp_sansio_explore::search::{Bounds, Failed, search};
use mcp_sansio_explore::{Machine, client, server, worlds};
use mcp_sansio_tests::{Vector, server as of_server, treatment};

const NEAR: Bounds = Bounds {
    depth: 3,
    threads: 2,
    memory: usize::MAX,
};

fn looks_around<M: Model>(model: &M) {
    match search(model, NEAR) {
        Ok(seen) => assert!(seen.states.len() > 20, "{} is empty", model.name()),
        Err(failed) => panic!("{}: {failed}", model.name()),
    }
}

#[test]
fn no_world_breaks_a_promise_at_once() {
    for world in worlds() {
        match &world.machine {
            Machine::Client(model) => looks_around(model),
            Machine::Server(model) => looks_around(model),
        }
    }
}

fn record<M: Model>(model: &M) -> String {
    match search(model, Bounds { depth: 9, ..NEAR }) {
        Err(Failed::CounterExample { record, .. }) => record.join("\n"),
        other => panic!("{}: no counter-example: {other:?}", model.name()),
    }
}

#[test]
fn what_a_search_finds_at_a_client_is_a_vector() {
    let model = client::legacy().with(Property::always("no call settles", |_, outputs| {
        let settles = |output: &ClientOutput| {
            matches!(output, ClientOutput::Event(ClientEvent::Settled { .. }))
        };
        !outputs.iter().any(settles)
    }));
    let text = record(&model);
    let vector = Vector::parse("found", &text, |_| unreachable!("it has no prelude"));
    let vector = vector.unwrap_or_else(|error| panic!("{error}"));
    let run = treatment::run(&vector, treatment::Treatment::Written);
    assert!(run.is_ok(), "{run:?}");
}

#[test]
fn what_a_search_finds_at_a_server_is_a_vector() {
    let model = server::calls().with(Property::always("no session ends", |_, outputs| {
        let ends = |output: &ServerOutput| {
            matches!(
                output,
                ServerOutput::Event(ServerEvent::SessionEnded { .. })
            )
        };
        !outputs.iter().any(ends)
    }));
    let text = record(&model);
    let vector = of_server::Vector::parse("found", &text, |_| unreachable!("it has no prelude"));
    let vector = vector.unwrap_or_else(|error| panic!("{error}"));
    let run = of_server::treatment::run(&vector, of_server::treatment::Treatment::Written);
    assert!(run.is_ok(), "{run:?}");
}
