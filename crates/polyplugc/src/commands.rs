//! What the verbs do.

mod validate;

use std::path::PathBuf;

use crate::api::read_api;
use crate::bundle::read_bundle;
use crate::cli::{Cli, Command, GenerateArgs};
use crate::error::Errors;
use crate::generate::{OutputFile, Side, generate};
use crate::input::read;
use crate::write::{self, State, WriteError};

/// Why a verb failed.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum Error {
    /// What was read is wrong.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Input(#[from] Errors),
    /// What was generated could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// `--check`: files are not what would be written.
    #[error("{} not what would be generated: {}", if paths.len() == 1 { "a file is" } else { "files are" }, list(paths))]
    #[diagnostic(help("run the same command without --check"))]
    Stale {
        /// Which.
        paths: Vec<PathBuf>,
    },
}

fn list(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
}

/// What came of it.
#[derive(Debug)]
pub enum Outcome {
    /// Files, and whether each was written.
    Written(Vec<(PathBuf, State)>),
    /// `--dry-run`: what would be written where, and whether that would be a change.
    Shown(Vec<(PathBuf, OutputFile, State)>),
    /// `--check`: all files are what would be written.
    Fresh(Vec<PathBuf>),
    /// What was checked, and what each is.
    Valid(Vec<(PathBuf, String)>),
}

/// Does what the command line says.
///
/// # Errors
///
/// See [`Error`].
pub fn run(cli: &Cli) -> Result<Outcome, Error> {
    match &cli.command {
        Command::Generate(args) => run_generate(args),
        Command::Validate { paths } => Ok(Outcome::Valid(validate::validate(paths)?)),
    }
}

/// The files that the arguments ask for.
///
/// # Errors
///
/// What is wrong with the API or the bundle.
pub fn files(args: &GenerateArgs) -> Result<Vec<OutputFile>, Errors> {
    let language = args.lang.language();
    match (&args.from.api, &args.from.bundle) {
        (Some(api), _) => Ok(generate(Side::Host(&read_api(&read(api)?)?), language)),
        (None, Some(bundle)) => Ok(generate(Side::Guest(&read_bundle(&read(bundle)?)?), language)),
        (None, None) => Ok(Vec::new()),
    }
}

fn run_generate(args: &GenerateArgs) -> Result<Outcome, Error> {
    let mut states = Vec::new();
    for file in files(args)? {
        let path = args.out.join(file.name);
        let state = write::state(&path, &file.text)?;
        states.push((path, file, state));
    }
    if args.dry_run {
        return Ok(Outcome::Shown(states));
    }
    if args.check {
        let stale: Vec<PathBuf> =
            states.iter().filter(|(.., state)| *state != State::Same).map(|(path, ..)| path.clone()).collect();
        if !stale.is_empty() {
            return Err(Error::Stale { paths: stale });
        }
        return Ok(Outcome::Fresh(states.into_iter().map(|(path, ..)| path).collect()));
    }
    for (path, file, state) in &states {
        if *state != State::Same {
            write::write(path, &file.text)?;
        }
    }
    Ok(Outcome::Written(states.into_iter().map(|(path, _, state)| (path, state)).collect()))
}
