//! The only place that prints: results go to standard output, narration and errors to standard error.

use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;

use miette::{GraphicalReportHandler, GraphicalTheme};

use crate::commands::{Error, Outcome};
use crate::write::State;

/// Everything was done.
pub const DONE: u8 = 0;
/// Files differ, or could not be written.
pub const FAILED: u8 = 1;
/// Bad usage, or what was read is wrong.
pub const USAGE: u8 = 2;

/// The exit code that an error ends the program with.
#[must_use]
pub fn code(error: &Error) -> u8 {
    match error {
        Error::Input(_) => USAGE,
        Error::Write(_) | Error::Stale { .. } => FAILED,
    }
}

/// Tells what came of it.
pub fn outcome(outcome: &Outcome, quiet: bool) -> ExitCode {
    let (mut results, mut narration) = (String::new(), String::new());
    match outcome {
        Outcome::Written(files) => {
            for (path, state) in files {
                let done = match state {
                    State::New => "wrote",
                    State::Changed => "rewrote",
                    State::Same => "unchanged",
                };
                narration += &format!("{done} {}\n", path.display());
                results += &format!("{}\n", path.display());
            }
        }
        Outcome::Shown(files) => {
            for (path, file, state) in files {
                let would = match state {
                    State::New => "would write",
                    State::Changed => "would rewrite",
                    State::Same => "is unchanged:",
                };
                narration += &format!("{would} {}\n", path.display());
                results += &file.text;
            }
        }
        Outcome::Fresh(files) => {
            files.iter().for_each(|path| narration += &format!("up to date: {}\n", path.display()));
        }
        Outcome::Valid(files) => {
            files.iter().for_each(|(path, what)| results += &format!("{}: {what}\n", path.display()));
        }
    }
    if !quiet {
        let _nobody_to_tell = io::stderr().write_all(narration.as_bytes());
    }
    match io::stdout().write_all(results.as_bytes()).and_then(|()| io::stdout().flush()) {
        Ok(()) => ExitCode::from(DONE),
        // Whoever reads has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::from(DONE),
        Err(_) => ExitCode::from(FAILED),
    }
}

/// Tells an error.
pub fn error(error: &Error) -> ExitCode {
    let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let theme = match io::stderr().is_terminal() && !no_color {
        true => GraphicalTheme::unicode(),
        false => GraphicalTheme::unicode_nocolor(),
    };
    let mut text = String::new();
    let handler = GraphicalReportHandler::new_themed(theme).with_width(100).with_links(false);
    if handler.render_report(&mut text, error).is_err() {
        text = format!("error: {error}\n");
    }
    let _nobody_to_tell = io::stderr().write_all(text.as_bytes());
    ExitCode::from(code(error))
}
