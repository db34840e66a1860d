//! `generate`: completions, man pages, the manifests' schema. From the same
//! types that the program runs on, so they cannot disagree with it.

use std::fs;
use std::path::Path;

use clap::{Command, CommandFactory};

use super::{Error, UsageError, init};
use crate::cli::{Cli, Generate};
use crate::exit;
use crate::manifest;
use crate::report::Reporter;

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
    for verb in command.get_subcommands().filter(|verb| !verb.is_hide_set()) {
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
        let same = fs::read_to_string(path).is_ok_and(|there| there == text);
        return if same { Ok(()) } else { Err(UsageError::Drift { path: path.to_owned() }.into()) };
    }
    if mode == Mode::Write {
        init::write(path, text)?;
    }
    reporter.result(&format!("{}\n", path.display()));
    Ok(())
}
