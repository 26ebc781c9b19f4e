//! How the program ends: a code for scripts, a line for people.

use std::process::ExitCode;

use crate::terminal::complain;

/// The exit codes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Exit {
    /// What was asked for was done.
    Success,
    /// The server could not or would not do it, or a promise of the demo broke.
    Failure,
    /// The command line asks for something that cannot be done.
    Misuse,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Success => 0,
            Exit::Failure => 1,
            Exit::Misuse => 2,
        })
    }
}

/// Why a command ended early: what happened, and what to do.
#[derive(Debug)]
pub(crate) struct Trouble {
    exit: Exit,
    text: String,
}

impl Trouble {
    /// The server or the machine is to blame.
    pub(crate) const fn failure(text: String) -> Self {
        Self {
            exit: Exit::Failure,
            text,
        }
    }

    /// The command line is to blame.
    pub(crate) const fn misuse(text: String) -> Self {
        Self {
            exit: Exit::Misuse,
            text,
        }
    }

    /// Tells it on stderr and gives the code.
    pub(crate) fn tell(self) -> Exit {
        complain(&format!("error: {}", self.text));
        self.exit
    }
}
