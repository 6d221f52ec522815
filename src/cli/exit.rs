//! How a command ends: the exit codes of the contract.

use std::process::ExitCode;

/// Why a command did not do what it was asked for.
#[derive(Debug)]
pub(super) enum Stopped {
    /// Options that do not go together: 2.
    Usage(String),
    /// Files that are wrong or cannot be opened, every problem of theirs: 64.
    Input(Vec<String>),
    /// While running: 1.
    Failed(anyhow::Error),
    /// In order, by a signal: 130 or 143.
    Signal(u8),
}

/// The exit code, after every reason has been told.
pub(super) fn code(done: Result<(), Stopped>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Stopped::Usage(what)) => {
            eprintln!("cordon: {what}");
            ExitCode::from(2)
        }
        Err(Stopped::Input(problems)) => {
            for problem in &problems {
                eprintln!("{problem}");
            }
            let count = problems.len();
            eprintln!(
                "cordon: {count} problem{}; nothing was done",
                if count == 1 { "" } else { "s" }
            );
            ExitCode::from(64)
        }
        Err(Stopped::Signal(code)) => ExitCode::from(code),
        Err(Stopped::Failed(error)) => {
            eprintln!("cordon: {error:#}");
            ExitCode::FAILURE
        }
    }
}

impl From<anyhow::Error> for Stopped {
    fn from(error: anyhow::Error) -> Self {
        Self::Failed(error)
    }
}
