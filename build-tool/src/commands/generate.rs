//! `generate`: completions, man pages, the manifests' schema, a workflow. From
//! the same types that the program runs on, so they cannot disagree with it.
//! And repositories, of finished releases.

mod apt_repo;
mod ci;
mod repository;
mod signer;
mod yum_repo;

use std::fs;
use std::path::Path;

pub use repository::RepositoryError;

use clap::{Command, CommandFactory};

use super::{Error, Surroundings, UsageError, init};
use crate::cli::{Cli, Generate};
use crate::exit;
use crate::manifest;
use crate::report::Reporter;
use crate::tool::Launcher;
use crate::workspace::Access;

/// Writes what was asked for.
pub(super) fn run(folder: &Path, what: &Generate, dry_run: bool, reporter: &Reporter) -> Result<u8, Error> {
    match what {
        Generate::Completions { shell } => {
            let mut text = Vec::new();
            clap_complete::generate(*shell, &mut Cli::command(), "build-tool", &mut text);
            reporter.document(&String::from_utf8_lossy(&text));
        }
        Generate::Man { folder: pages, check } => {
            let pages = folder.join(pages);
            let mut command = Cli::command();
            command.build();
            for (name, text) in man_pages(&command, "build-tool")? {
                put(&pages.join(name), &text, Mode::of(*check, dry_run), reporter)?;
            }
        }
        Generate::Ci(flags) => {
            let surroundings = Surroundings::read(&Launcher::new(), folder, Access::default())?;
            let text = ci::workflow(&surroundings, flags)?;
            let repository = surroundings.git.root.as_ref().unwrap_or(&surroundings.workspace.root);
            let usual = || repository.join(".github/workflows/release.yml");
            let path = flags.file.as_ref().map_or_else(usual, |file| folder.join(file));
            put(&path, &text, Mode::of(flags.check, dry_run), reporter)?;
        }
        Generate::AptRepo(flags) => {
            apt_repo::run(folder, flags, Mode::of(flags.repository.check, dry_run), reporter)?;
        }
        Generate::YumRepo(flags) => yum_repo::run(folder, flags, Mode::of(flags.check, dry_run), reporter)?,
        Generate::Schema { output, check } => {
            let text = format!("{:#}\n", manifest::schema());
            match output {
                Some(path) => put(&folder.join(path), &text, Mode::of(*check, dry_run), reporter)?,
                None => reporter.document(&text),
            }
        }
    }
    Ok(exit::DONE)
}

/// A page for a command and each of its verbs: (file name, text).
fn man_pages(command: &Command, name: &str) -> Result<Vec<(String, String)>, Error> {
    let mut page = Vec::new();
    let file = format!("{name}.1");
    clap_mangen::Man::new(command.clone().name(name.to_owned()))
        .date("")
        .render(&mut page)
        .map_err(|source| Error::File { action: "write", path: file.clone().into(), source })?;
    let mut pages = vec![(file, String::from_utf8_lossy(&page).into_owned())];
    // `help VERB` shows what `VERB --help` does.
    for verb in command.get_subcommands().filter(|verb| !verb.is_hide_set() && verb.get_name() != "help") {
        pages.extend(man_pages(verb, &format!("{name}-{}", verb.get_name()))?);
    }
    Ok(pages)
}

/// What to do with a file that is generated.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Write,
    Check,
    Tell,
}

impl Mode {
    fn of(check: bool, dry_run: bool) -> Self {
        match (check, dry_run) {
            (true, _) => Self::Check,
            (false, true) => Self::Tell,
            (false, false) => Self::Write,
        }
    }
}

/// Writes a file, only compares it, or only tells of it.
fn put(path: &Path, text: &str, mode: Mode, reporter: &Reporter) -> Result<(), Error> {
    if mode == Mode::Check {
        let difference = match fs::read_to_string(path) {
            Ok(there) if there == text => return Ok(()),
            Ok(there) => difference(&there, text),
            Err(error) => error.to_string(),
        };
        return Err(UsageError::Drift { path: path.to_owned(), difference }.into());
    }
    if mode == Mode::Write {
        init::write(path, text)?;
    }
    reporter.result(&format!("{}\n", path.display()));
    Ok(())
}

/// Where two texts begin to differ.
fn difference(there: &str, generated: &str) -> String {
    let (there, generated): (Vec<&str>, Vec<&str>) = (there.lines().collect(), generated.lines().collect());
    let same = there.iter().zip(&generated).take_while(|(a, b)| a == b).count();
    let shown = |lines: &[&str]| lines.get(same).map_or_else(|| "nothing".to_owned(), |line| format!("`{line}`"));
    if there.len() == same && generated.len() == same {
        return "its line ends are others".to_owned();
    }
    format!("line {} is {}, and should be {}", same + 1, shown(&there), shown(&generated))
}
