//! `--record FILE`.

use std::fs::File;
use std::io::LineWriter;

use mcp_sansio_tokio::Recording;

use crate::args::Recorded;
use crate::exit::Trouble;

/// The file to record in, if that is wanted; a file of that name is written over. Each line is written at
/// once, so that there is a record of a program that was killed.
pub(crate) fn open(recorded: &Recorded) -> Result<Option<(Recording, LineWriter<File>)>, Trouble> {
    let Some(path) = &recorded.record else {
        return Ok(None);
    };
    let recording = if recorded.record_bodies {
        Recording::Whole
    } else {
        Recording::Redacted
    };
    match File::create(path) {
        Ok(file) => Ok(Some((recording, LineWriter::new(file)))),
        Err(error) => Err(Trouble::misuse(format!(
            "cannot record in {}: {error}",
            path.display()
        ))),
    }
}
