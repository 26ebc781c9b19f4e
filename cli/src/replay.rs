//! `mcp-sansio replay`.

use std::fs;

use mcp_sansio_replay::{Damage, Record, Timeline, Verdict, page, rerun, story, summary, verdict};

use crate::args::Replay;
use crate::exit::{Exit, Trouble};
use crate::terminal::{complain, print, printable};

/// Reads the record, runs it again, and tells its story or draws it.
///
/// A record that is damaged, differs, or cannot be run although it should, is a failure; one that is redacted
/// or that only lacks its end is not.
pub(crate) fn run(args: &Replay) -> Result<Exit, Trouble> {
    let name = args.file.display();
    let bytes = fs::read(&args.file)
        .map_err(|error| Trouble::misuse(format!("cannot read {name}: {error}")))?;
    let record = Record::read(&bytes)
        .map_err(|why| Trouble::misuse(printable(&format!("cannot replay {name}: {why}"))))?;
    let again = rerun(&record);
    let timeline = Timeline::of(&record, &again.waits);
    print(&printable(&summary(&record, &timeline)));
    print(&printable(&verdict(&record, &again.verdict)));
    if let Some(damage) = &record.damage {
        complain(&printable(&format!("{name}: {damage}")));
    }
    match &args.html {
        Some(out) => {
            fs::write(out, page(&record, &timeline, &again.verdict)).map_err(|error| {
                Trouble::failure(format!("cannot write {}: {error}", out.display()))
            })?;
            print(&format!("Drawn in {}.", out.display()));
        }
        None => print(&printable(&format!("\n{}", story(&timeline)))),
    }
    Ok(exit(&record, &again.verdict))
}

const fn exit(record: &Record, verdict: &Verdict) -> Exit {
    match (verdict, &record.damage) {
        (_, Some(Damage::Broken { .. }))
        | (Verdict::Differs(_) | Verdict::NotUnderstood { .. }, _) => Exit::Failure,
        (Verdict::Same { .. } | Verdict::Redacted, _) => Exit::Success,
    }
}
