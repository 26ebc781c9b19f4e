//! `mcp-sansio demo`: publicly reported incidents, played over real sockets against a driver's client.

mod driver;
mod incidents;
mod json;
mod opponent;
mod play;
mod player;
mod record;
mod remarks;
mod report;
mod stage;
mod story;
mod table;

use std::time::Instant;

use crate::args::Demo;
use crate::exit::{Exit, Trouble};
use crate::terminal::{Paint, complain, print};
pub(crate) use driver::Driver;
use play::Play;
use table::Table;

pub(crate) async fn run(args: Demo) -> Result<Exit, Trouble> {
    if args.list {
        for play in incidents::ALL {
            print(&format!(
                "{:23}{:7}{:26}{}",
                play.name,
                play.eras.as_str(),
                play.reported_as(),
                play.sentence
            ));
        }
        return Ok(Exit::Success);
    }
    match args.story {
        Some(name) => draw(&name, args.driver).await,
        None if args.json => Ok(as_json(args.driver).await),
        None => Ok(as_table(args.driver).await),
    }
}

async fn as_table(driver: Driver) -> Exit {
    let began = Instant::now();
    let mut table = Table::new(Paint::for_stdout());
    table.begin();
    for play in incidents::ALL {
        table.announce(play);
        table.add(&play.run(driver).await);
    }
    table.end(began.elapsed())
}

async fn as_json(driver: Driver) -> Exit {
    let mut exit = Exit::Success;
    for play in incidents::ALL {
        let report = play.run(driver).await;
        print(&json::line(&report));
        for broken in &report.broken {
            complain(&format!("{}: {broken}", play.name));
        }
        if !report.holds() {
            exit = Exit::Failure;
        }
    }
    exit
}

async fn draw(name: &str, driver: Driver) -> Result<Exit, Trouble> {
    let play: &Play = incidents::ALL
        .iter()
        .find(|play| play.name == name)
        .ok_or_else(|| {
            Trouble::misuse(format!(
                "there is no incident {name:?}; `mcp-sansio demo --list` names them"
            ))
        })?;
    let report = play.run(driver).await;
    let paint = Paint::for_stdout();
    for line in story::draw(&report, paint) {
        print(&line);
    }
    Ok(if report.holds() {
        Exit::Success
    } else {
        Exit::Failure
    })
}
