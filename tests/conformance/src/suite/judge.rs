//! What came of a scenario, from the checks that the suite wrote down.
//!
//! The suite lets a required scenario pass with warnings, with nothing checked at all, and with a client that failed
//! or hung. Here a scenario passes only if no check failed, none warns, and at least one succeeded; and if it is a
//! client's, the client came to its end well.

use serde::Deserialize;
use serde_json::Value;

use crate::plan::Standing;

/// A check, as the suite writes it into `checks.json`.
#[derive(Deserialize, Debug)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Check {
    id: String,
    status: Status,
    #[serde(default)]
    description: String,
    error_message: Option<String>,
    #[serde(default)]
    details: Value,
}

/// Another word than these is an error: the suite has changed.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Status {
    Success,
    Failure,
    Warning,
    Skipped,
    Info,
}

/// Why the suite itself has a scenario fail.
#[derive(PartialEq, Eq, Debug)]
pub(crate) enum Complaint {
    /// For a check that failed, or warns.
    Checks,
    /// For the client, which hung or failed: in the suite's words.
    Client(String),
}

/// What a scenario showed.
#[derive(PartialEq, Eq, Debug)]
pub(crate) enum Finding {
    Good,
    /// What is wrong, in the suite's words.
    Bad(Vec<String>),
    /// Nothing was checked.
    Silent,
    /// The scenario was not played to its end, for this reason.
    Lost(String),
}

/// What a finding means.
#[derive(PartialEq, Eq, Debug)]
pub(crate) enum Verdict {
    Passed,
    /// The suite checked nothing, and this was to be expected.
    Skipped,
    /// It fails, as is known.
    KnownFailure,
    /// It fails, and nobody minds.
    Unheld,
    /// With everything that is wrong.
    Failed(Vec<String>),
}

/// What the checks show, and that the suite has it fail, if it does.
pub(crate) fn find(checks: &[Check], complaint: Option<Complaint>) -> Finding {
    let is_bad = |check: &&Check| matches!(check.status, Status::Failure | Status::Warning);
    let mut faults: Vec<_> = checks.iter().filter(is_bad).map(Check::fault).collect();
    match complaint {
        Some(Complaint::Client(words)) => faults.push(words),
        Some(Complaint::Checks) if faults.is_empty() => {
            faults.push("the suite says that it failed, though none of its checks did".to_owned());
        }
        Some(Complaint::Checks) | None => {}
    }
    if !faults.is_empty() {
        Finding::Bad(faults)
    } else if checks.iter().any(|check| check.status == Status::Success) {
        Finding::Good
    } else {
        Finding::Silent
    }
}

/// What a finding means for a scenario of this standing.
pub(crate) fn judge(standing: &Standing, finding: Finding) -> Verdict {
    let failed = |reason: &str| Verdict::Failed(vec![reason.to_owned()]);
    match (standing, finding) {
        (_, Finding::Lost(reason)) => failed(&reason),
        (Standing::KnownFailure(reason), Finding::Good) => failed(&format!(
            "it is listed as a known failure ({reason}), but passes: take it out of the list"
        )),
        (Standing::KnownFailure(_), _) => Verdict::KnownFailure,
        (Standing::Mute, Finding::Good) => {
            failed("the suite is said to check nothing here, but does: hold us to it")
        }
        (Standing::Mute | Standing::Reported(_), Finding::Silent) => Verdict::Skipped,
        (Standing::Required | Standing::Held, Finding::Silent) => {
            failed("none of its checks succeeded, as the suite skipped them all")
        }
        (Standing::Reported(_), Finding::Bad(_)) => Verdict::Unheld,
        (Standing::Required | Standing::Held | Standing::Reported(_), Finding::Good) => {
            Verdict::Passed
        }
        (Standing::Required | Standing::Held | Standing::Mute, Finding::Bad(faults)) => {
            Verdict::Failed(faults)
        }
    }
}

impl Check {
    /// Not every failure has a message: some have it in their details, some mean their description.
    fn fault(&self) -> String {
        let word = match self.status {
            Status::Warning => "warning",
            _ => "failure",
        };
        let message = self.error_message.as_deref();
        let message = message.or_else(|| self.details["message"].as_str());
        let message = message.unwrap_or(&self.description);
        format!("{word} of {}: {message}", self.id)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{from_value, json};

    use super::*;

    fn checks(statuses: &[&str]) -> Vec<Check> {
        let check = |status: &&str| json!({"id": "a-check", "name": "ACheck", "description": "it holds", "status": status});
        let all: Vec<_> = statuses.iter().map(check).collect();
        from_value(json!(all)).expect("they are checks")
    }

    fn finding(statuses: &[&str]) -> Finding {
        find(&checks(statuses), None)
    }

    fn failed(verdict: &Verdict) -> &[String] {
        match verdict {
            Verdict::Failed(faults) => faults,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn one_success_is_enough_and_needed() {
        assert_eq!(finding(&["INFO", "SKIPPED", "SUCCESS"]), Finding::Good);
        assert_eq!(finding(&["INFO", "SKIPPED"]), Finding::Silent);
        assert_eq!(finding(&[]), Finding::Silent);
    }

    #[test]
    fn one_failure_or_warning_is_too_much() {
        assert!(matches!(finding(&["SUCCESS", "FAILURE"]), Finding::Bad(_)));
        assert!(matches!(finding(&["SUCCESS", "WARNING"]), Finding::Bad(_)));
    }

    #[test]
    fn a_complaint_counts_though_all_checks_succeed() {
        let words = "CLIENT TIMED OUT".to_owned();
        let found = find(
            &checks(&["SUCCESS"]),
            Some(Complaint::Client(words.clone())),
        );
        assert_eq!(found, Finding::Bad(vec![words]));
        let found = find(&checks(&["SUCCESS"]), Some(Complaint::Checks));
        assert!(matches!(found, Finding::Bad(_)));
    }

    #[test]
    fn a_fault_is_told_once() {
        let found = find(&checks(&["FAILURE"]), Some(Complaint::Checks));
        assert_eq!(
            found,
            Finding::Bad(vec!["failure of a-check: it holds".to_owned()])
        );
    }

    #[test]
    fn a_fault_has_the_best_message_there_is() {
        let fault = |extra: Value| {
            let mut check = json!({"id": "x", "description": "it holds", "status": "FAILURE"});
            check
                .as_object_mut()
                .expect("it is one")
                .extend(extra.as_object().expect("it is one").clone());
            let Finding::Bad(faults) = find(&[from_value(check).expect("it is a check")], None)
            else {
                panic!("a failure is bad");
            };
            faults[0].clone()
        };
        assert_eq!(fault(json!({})), "failure of x: it holds");
        assert_eq!(
            fault(json!({"details": {"message": "not called"}})),
            "failure of x: not called"
        );
        let both = json!({"errorMessage": "too early", "details": {"message": "not called"}});
        assert_eq!(fault(both), "failure of x: too early");
    }

    #[test]
    fn an_unknown_status_is_no_check() {
        let unknown = json!([{"id": "x", "description": "", "status": "MAYBE"}]);
        assert!(from_value::<Vec<Check>>(unknown).is_err());
    }

    #[test]
    fn what_is_required_passes_or_fails() {
        for standing in [Standing::Required, Standing::Held] {
            assert_eq!(judge(&standing, Finding::Good), Verdict::Passed);
            let faults = vec!["x".to_owned()];
            let verdict = judge(&standing, Finding::Bad(faults.clone()));
            assert_eq!(failed(&verdict), faults);
            assert_eq!(failed(&judge(&standing, Finding::Silent)).len(), 1);
        }
    }

    #[test]
    fn a_known_failure_must_fail() {
        let standing = Standing::KnownFailure("not implemented".to_owned());
        let bad = Finding::Bad(vec!["x".to_owned()]);
        assert_eq!(judge(&standing, bad), Verdict::KnownFailure);
        assert_eq!(judge(&standing, Finding::Silent), Verdict::KnownFailure);
        let verdict = judge(&standing, Finding::Good);
        assert!(failed(&verdict)[0].contains("take it out"));
    }

    #[test]
    fn what_the_suite_skips_is_not_passed() {
        assert_eq!(judge(&Standing::Mute, Finding::Silent), Verdict::Skipped);
        failed(&judge(&Standing::Mute, Finding::Good));
        failed(&judge(&Standing::Mute, Finding::Bad(vec!["x".to_owned()])));
    }

    #[test]
    fn what_is_only_reported_never_fails() {
        let standing = Standing::Reported("extension".to_owned());
        assert_eq!(judge(&standing, Finding::Good), Verdict::Passed);
        assert_eq!(judge(&standing, Finding::Silent), Verdict::Skipped);
        let bad = Finding::Bad(vec!["x".to_owned()]);
        assert_eq!(judge(&standing, bad), Verdict::Unheld);
    }

    #[test]
    fn what_was_not_played_fails_whatever_it_is() {
        let reason = "it hung".to_owned();
        for standing in [
            Standing::Required,
            Standing::KnownFailure(String::new()),
            Standing::Held,
            Standing::Mute,
            Standing::Reported(String::new()),
        ] {
            let verdict = judge(&standing, Finding::Lost(reason.clone()));
            assert_eq!(failed(&verdict).join(""), reason);
        }
    }
}
