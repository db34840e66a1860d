//! A run from its first step to its exit code.

use std::any::Any;
use std::ffi::OsString;
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::{env, io};

use build_info::BuildInfo;

use crate::build_environment::BuildEnvironment;
use crate::cli::{Cli, Command, HelpOptions, VersionOptions, answers};
use crate::commands::{self, upgrade};
use crate::context::Context;
use crate::dotenv::{self, Sources};
use crate::environment::{self, Environment, Variables};
use crate::error::{Error, Result};
use crate::exit::{self, Ending};
use crate::feature_flags::FeatureFlags;
use crate::logging::{self, Usual};
use crate::memory;
use crate::providers::Providers;
use crate::report::Report;

/// Runs the program with the words of its command line, and says how it ended. Whatever went wrong has been said on
/// standard error by then; a panic has, too, and everything that was to be cleaned up is.
pub fn main(info: BuildInfo, providers: Providers) -> Ending {
    guarded(|| run(env::args_os(), info, providers))
}

/// The seven steps.
///
/// # Errors
///
/// Whatever keeps the command from being done. [`Error::exit_code`] is the exit code for it.
pub fn run(words: impl IntoIterator<Item = OsString>, info: BuildInfo, providers: Providers) -> Result<Ending> {
    // 1. Parse the command line. The question that other programs ask again and again is answered before the grammar of
    // all commands is built, which takes longer than the rest of the answer.
    let words: Vec<OsString> = words.into_iter().collect();
    if matches!(&words[..], [_, only] if only == "--version" || only == "-V") {
        return answers::version(Report::default(), info, &VersionOptions::default()).inspect(started_well);
    }
    let cli = Cli::read(words).map_err(|error| Error::Usage(Box::new(error)))?;
    let report = Report { silent: cli.global.silent, verbose: cli.global.verbose };
    if cli.version || cli.revision {
        // What this program is can be told wherever it is started, whatever lies there.
        return answers::version(report, info, &VersionOptions { revision: cli.revision }).inspect(started_well);
    }

    // 2. Log as the environment says.
    let process = Variables::of_process();
    let build = BuildEnvironment::of(info)?;
    let logs = FeatureFlags::read(&build, &process, &cli.global.feature)?.enable_logs;
    logging::begin(&process, Usual { silent: report.silent, verbose: report.verbose, logs })?;

    // 3. Load the variables, and look around.
    let folder = working_folder(cli.global.cwd.as_deref())?;
    let mut variables = dotenv::load(Sources {
        process: &process,
        overrides: &cli.variables,
        files: &cli.global.env_file,
        usual: !cli.global.no_env_file,
        folder: &folder,
    })?;
    if cfg!(unix) && cli.global.cwd.is_some() {
        // Shells trust it where it leads to the folder that they are in.
        variables.set("PWD", &folder);
    }
    let environment = Environment::detect(&variables, folder);
    let flags = FeatureFlags::read(&build, &variables, &cli.global.feature)?;

    // 4. Determine the command.
    let command = cli.command.unwrap_or(Command::Help(HelpOptions::default()));

    // 5. Initialise the allocator: what it is was decided when the program was built, not what happens where it has
    // nothing more to give.
    memory::exit_when_out_of_memory()?;

    // 6. Execute the command.
    let context = Context { environment, variables, flags, build, providers, report };
    log::debug!("{command:?}");
    let ended = commands::perform(&context, &command);
    if cli.global.heap_report {
        report.aside(memory::heap_report());
    }
    let ending = ended?;
    // `upgrade` itself decides about the program that it replaces.
    if !matches!(command, Command::Upgrade(_)) {
        started_well(&ending);
    }
    Ok(ending)

    // 7. Errors and exit codes: `guarded`, for whoever calls `main`.
}

/// Lets go of the program that an upgrade replaced, once a command of the new one has ended well.
fn started_well(ending: &Ending) {
    if ending.is_success()
        && let Ok(place) = upgrade::Place::own()
    {
        place.started();
    }
}

/// The folder to work in, absolute. The process goes there, since that is what relative paths on the command line mean.
fn working_folder(asked: Option<&Path>) -> Result<std::path::PathBuf, environment::Error> {
    if let Some(path) = asked {
        let fails = |source: io::Error| environment::Error::NoSuchFolder { path: path.to_owned(), source };
        env::set_current_dir(path).map_err(fails)?;
    }
    env::current_dir().map_err(environment::Error::WorkingFolder)
}

/// Runs it, and turns what comes of it into an ending: an error is said, and so is a panic, which ends the work but not
/// the cleaning up.
fn guarded(work: impl FnOnce() -> Result<Ending>) -> Ending {
    panic::set_hook(Box::new(|about| {
        let place = about.location().map(|place| format!(" ({}:{})", place.file(), place.line())).unwrap_or_default();
        Report::default().bug(format_args!("{}{place}", said(about.payload())));
        if cfg!(panic = "abort") {
            // There is nothing to clean up with, but the exit code can be told.
            std::process::exit(exit::FAILURE);
        }
    }));
    match panic::catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(ending)) => ending,
        Ok(Err(error)) => {
            let printed = Report::default().error(&error);
            if printed.is_err() { Ending::Code(exit::FAILURE) } else { Ending::Code(error.exit_code()) }
        }
        Err(_said_by_the_hook) => Ending::Code(exit::FAILURE),
    }
}

fn said(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("no reason was given")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_exit_code_1_and_everything_is_cleaned_up() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_owned();
        let ending = guarded(move || {
            let _open = folder;
            panic!("on purpose");
        });
        let _ = panic::take_hook();
        assert_eq!(ending, Ending::Code(exit::FAILURE));
        assert!(!path.exists());
    }
}
