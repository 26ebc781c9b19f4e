//! What the suite requires, in its own words: the output of its command `list --requirements REVISION`.

use anyhow::{Context as _, Result, bail, ensure};

use crate::plan::Leg;

/// The revisions for which the suite has requirements.
pub(crate) const REVISIONS: [&str; 2] = ["2025-11-25", "2026-07-28"];

/// How many scenarios are required of a server and of a client. A suite that requires another number has changed, and
/// what it changed wants to be looked at before these numbers follow.
const EXPECTED: [(&str, usize, usize); 2] = [("2025-11-25", 30, 18), ("2026-07-28", 37, 32)];

/// The scenarios of a revision.
#[derive(Default)]
pub(crate) struct Requirements {
    /// What an implementation must pass.
    pub(crate) required: Vec<(Leg, String)>,
    /// What the suite runs beside it without a score: with the suite's reason.
    pub(crate) unscored: Vec<(Leg, String, String)>,
}

impl Requirements {
    fn count(&self, leg: Leg) -> usize {
        let of_leg = self.required.iter().filter(|(of, _)| *of == leg);
        of_leg.count()
    }
}

/// Reads the list, and compares the numbers.
pub(crate) fn parse(listed: &str, revision: &str) -> Result<Requirements> {
    let found = read(listed)?;
    let expected = EXPECTED.iter().find(|(name, ..)| *name == revision);
    let (_, server, client) = *expected.context("a revision without numbers")?;
    let counts = (found.count(Leg::Server), found.count(Leg::Client));
    ensure!(
        counts == (server, client),
        "at {revision} the suite requires {} scenarios of a server and {} of a client, not {server} and {client} as \
         before: look at what is new or gone, then correct the numbers in {}",
        counts.0,
        counts.1,
        file!()
    );
    Ok(found)
}

/// Every line is understood, or the list has changed.
fn read(listed: &str) -> Result<Requirements> {
    let mut found = Requirements::default();
    let mut section = Section::Head;
    for line in listed.lines().filter(|line| !line.trim().is_empty()) {
        let item = line.trim_start().strip_prefix("- ");
        match (item, &section) {
            (Some(name), Section::Required(leg)) => found.required.push((*leg, name.to_owned())),
            (Some(item), Section::Unscored(reason)) => {
                let (leg, name) = unscored(item)
                    .with_context(|| format!("{item:?} in the suite's list: no `NAME [LEG]`"))?;
                found.unscored.push((leg, name.to_owned(), reason.clone()));
            }
            (Some(_), Section::Head) => bail!("the suite's list begins with an item: {line:?}"),
            (None, _) => {
                section = heading(line, &section)
                    .with_context(|| format!("a line of the suite's list is new: {line:?}"))?;
            }
        }
    }
    Ok(found)
}

enum Section {
    Head,
    Required(Leg),
    /// With the reason, which is empty before the first.
    Unscored(String),
}

fn heading(line: &str, within: &Section) -> Option<Section> {
    if line.starts_with("Required for ") {
        return Some(Section::Head);
    }
    if line.starts_with("Server scenarios") {
        return Some(Section::Required(Leg::Server));
    }
    if line.starts_with("Client scenarios") {
        return Some(Section::Required(Leg::Client));
    }
    if line.starts_with("Run and reported") {
        return Some(Section::Unscored(String::new()));
    }
    // Such as "  extension (6):".
    let (reason, count) = line.trim().split_once(" (")?;
    let is_reason = matches!(within, Section::Unscored(_)) && count.ends_with("):");
    is_reason.then(|| Section::Unscored(reason.to_owned()))
}

/// Such as `auth/dpop [client]`.
fn unscored(item: &str) -> Option<(Leg, &str)> {
    let (name, leg) = item.strip_suffix(']')?.split_once(" [")?;
    let leg = match leg {
        "client" => Leg::Client,
        "server" => Leg::Server,
        _ => return None,
    };
    Some((leg, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTED: &str = "\
Required for 2025-11-25 (3 scenarios, frozen; run at the 2025-11-25 wire):

Server scenarios (test against a server):
  - ping
  - tools-list

Client scenarios (test against a client):
  - auth/basic

Run and reported, but never scored:
  extension (1):
    - auth/dpop [client]
  pending (1):
    - polling [server]
";

    #[test]
    fn the_list_is_understood() {
        let found = read(LISTED).expect("it is a list");
        let required = [
            (Leg::Server, "ping"),
            (Leg::Server, "tools-list"),
            (Leg::Client, "auth/basic"),
        ];
        assert_eq!(
            found.required,
            required.map(|(leg, name)| (leg, name.to_owned()))
        );
        let unscored = [
            (Leg::Client, "auth/dpop", "extension"),
            (Leg::Server, "polling", "pending"),
        ];
        let unscored = unscored.map(|(leg, name, why)| (leg, name.to_owned(), why.to_owned()));
        assert_eq!(found.unscored, unscored);
    }

    #[test]
    fn other_numbers_are_noticed() {
        let error = parse(LISTED, "2025-11-25")
            .err()
            .expect("there are too few");
        assert!(
            error
                .to_string()
                .contains("requires 2 scenarios of a server and 1 of a client")
        );
    }

    #[test]
    fn other_lines_are_noticed() {
        assert!(read("Required for 2025-11-25:\nProxy scenarios:\n  - ping\n").is_err());
        assert!(read("  - ping\n").is_err());
        let without_leg = LISTED.replace(" [server]", "");
        assert!(read(&without_leg).is_err());
    }
}
