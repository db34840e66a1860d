//! Messages for those who look for the reason of something. They go to standard error, and `RUST_BUN_LOG` says which:
//! a level (`off`, `error`, `warn`, `info`, `debug`, `trace`), or levels by module as in `core_runtime::dotenv=debug`.

use std::io::{self, Write};

use env_filter::{Builder, Filter};
use log::{LevelFilter, Log, Metadata, Record};
use miette::Diagnostic;

use crate::environment::Variables;

/// The variable that says what is logged.
pub const VARIABLE: &str = "RUST_BUN_LOG";

/// `RUST_BUN_LOG` cannot be meant.
#[derive(Debug, thiserror::Error, Diagnostic)]
#[error("{VARIABLE}={value} says nothing about what to log: {reason}")]
#[diagnostic(help(
    "a level: off, error, warn, info, debug or trace; or levels by module: warn,core_runtime::dotenv=debug"
))]
pub struct Error {
    value: String,
    reason: String,
}

/// How much is logged where the variable does not say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usual {
    /// `--silent`: errors only.
    pub silent: bool,
    /// `--verbose`: what is done, too.
    pub verbose: bool,
    /// The switch `logs`: and how.
    pub logs: bool,
}

/// Begins to log. Where a program has a logger already, it keeps that.
///
/// # Errors
///
/// A `RUST_BUN_LOG` that cannot be meant.
pub fn begin(variables: &Variables, usual: Usual) -> Result<(), Error> {
    let logger = Logger(filter(variables, usual)?);
    let most = logger.0.filter();
    if log::set_boxed_logger(Box::new(logger)).is_ok() {
        log::set_max_level(most);
    }
    Ok(())
}

fn filter(variables: &Variables, usual: Usual) -> Result<Filter, Error> {
    let mut builder = Builder::new();
    match variables.get(VARIABLE).filter(|value| !value.is_empty()) {
        Some(value) => {
            let text = value.to_string_lossy();
            let wrong = |reason: String| Error { value: text.clone().into_owned(), reason };
            builder.try_parse(&text).map_err(|error| wrong(error.to_string()))?;
        }
        None => {
            builder.filter_level(usual.level(variables));
        }
    }
    Ok(builder.build())
}

impl Usual {
    fn level(self, variables: &Variables) -> LevelFilter {
        // What Bun calls it: for whoever set it for both.
        let quiet = variables.get("BUN_DEBUG_QUIET_LOGS").is_some_and(|value| value == "1");
        match self {
            _ if quiet => LevelFilter::Off,
            Self { logs: true, .. } => LevelFilter::Debug,
            Self { silent: true, .. } => LevelFilter::Error,
            Self { verbose: true, .. } => LevelFilter::Info,
            _ => LevelFilter::Warn,
        }
    }
}

#[derive(Debug)]
struct Logger(Filter);

impl Log for Logger {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        self.0.enabled(metadata)
    }

    fn log(&self, record: &Record<'_>) {
        if self.0.matches(record) {
            let level = record.level().as_str().to_ascii_lowercase();
            let level = if level == "warn" { "warning" } else { &level };
            // Nobody can be told that standard error is closed.
            let _ = writeln!(io::stderr().lock(), "{level}: {}", record.args());
        }
    }

    fn flush(&self) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(variables: &[(&str, &str)], usual: Usual) -> LevelFilter {
        filter(&variables.iter().copied().collect(), usual).unwrap().filter()
    }

    #[test]
    fn the_variable_wins_over_flags_and_these_over_the_usual() {
        let verbose = Usual { verbose: true, ..Usual::default() };
        let silent = Usual { silent: true, ..Usual::default() };
        let logs = Usual { logs: true, silent: true, ..Usual::default() };
        for (variables, usual, expected) in [
            (&[][..], Usual::default(), LevelFilter::Warn),
            (&[], verbose, LevelFilter::Info),
            (&[], silent, LevelFilter::Error),
            (&[], logs, LevelFilter::Debug),
            (&[("BUN_DEBUG_QUIET_LOGS", "1")], logs, LevelFilter::Off),
            (&[(VARIABLE, "trace")], silent, LevelFilter::Trace),
            (&[(VARIABLE, "")], verbose, LevelFilter::Info),
            (&[(VARIABLE, "off,core_runtime=info")], Usual::default(), LevelFilter::Info),
        ] {
            assert_eq!(level(variables, usual), expected, "{variables:?} {usual:?}");
        }
    }

    #[test]
    fn a_level_that_is_none_is_an_error_that_names_the_levels() {
        let error = filter(&[(VARIABLE, "core_runtime=loud")].into_iter().collect(), Usual::default()).unwrap_err();
        assert!(error.to_string().starts_with("RUST_BUN_LOG=core_runtime=loud says nothing"), "{error}");
    }
}
