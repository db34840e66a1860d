//! What the command line says about itself and about this program: help, version, completions, man pages. From the
//! same types that it is read with, so they cannot disagree with it.

use std::path::{Path, PathBuf};
use std::{fs, io};

use build_info::{BuildInfo, Field};
use clap::error::ErrorKind;
use clap::{Args, CommandFactory};

use super::{Cli, PROGRAM};
use crate::error::{Error, Result};
use crate::exit::Ending;
use crate::nearest::{as_question, nearest};
use crate::report::Report;

/// `rust-bun help`
#[derive(Debug, Default, Args)]
pub struct HelpOptions {
    /// The command, as in `help pm pkg` [default: all of them]
    pub command: Vec<String>,
}

/// `rust-bun version`
#[derive(Debug, Default, Args)]
pub struct VersionOptions {
    /// With the commit that it was built from
    #[arg(long)]
    pub revision: bool,
}

/// `rust-bun completions`
#[derive(Debug, Args)]
pub struct CompletionsOptions {
    /// The shell
    pub shell: clap_complete::Shell,
}

/// `rust-bun man`
#[derive(Debug, Args)]
pub struct ManOptions {
    /// The folder; it must be there
    pub folder: PathBuf,
}

/// Prints the help of a command.
///
/// # Errors
///
/// Where there is no such command, and where it cannot be printed.
pub fn help(report: Report, options: &HelpOptions) -> Result<Ending> {
    let mut found = Cli::command();
    found.build();
    for word in &options.command {
        let names: Vec<String> = found.get_subcommands().flat_map(names_of).collect();
        let Some(next) = found.find_subcommand(word) else {
            let near = as_question(&nearest(word, names.iter().map(String::as_str)));
            let near = near.map(|near| format!(": did you mean {near}?")).unwrap_or_default();
            let message = format!("there is no command `{word}`{near}");
            return Err(Error::Usage(Box::new(Cli::command().error(ErrorKind::InvalidSubcommand, message))));
        };
        found = next.clone();
    }
    // What `--help` prints, from where it is made.
    let words = [PROGRAM].into_iter().chain(options.command.iter().map(String::as_str)).chain(["--help"]);
    match Cli::command().try_get_matches_from(words) {
        Err(help) if !help.use_stderr() => report.styled(&help.render())?,
        Err(error) => return Err(Error::Usage(Box::new(error))),
        Ok(_) => {}
    }
    Ok(Ending::SUCCESS)
}

/// A command's name and its aliases.
fn names_of(command: &clap::Command) -> Vec<String> {
    command.get_name_and_visible_aliases().into_iter().map(str::to_owned).collect()
}

/// The names that the word after `rust-bun` can be, beside scripts, files and other programs.
#[must_use]
pub fn command_names() -> Vec<String> {
    Cli::command().get_subcommands().filter(|command| !command.is_hide_set()).flat_map(names_of).collect()
}

/// Prints the version: a short line, or with `--verbose` all that was stamped, a field a line.
///
/// # Errors
///
/// Where it cannot be printed.
pub fn version(report: Report, info: BuildInfo, options: &VersionOptions) -> Result<Ending> {
    if report.verbose {
        let lines: Vec<String> =
            Field::ALL.iter().zip(info.fields()).map(|(field, value)| format!("{}: {value}", field.name())).collect();
        report.result(lines.join("\n"))?;
    } else if options.revision {
        let hash = info.git_hash.get(..12).unwrap_or(info.git_hash);
        report.result(format_args!("{}+{hash}", info.version))?;
    } else {
        report.result(format_args!("{PROGRAM} {}", info.version))?;
    }
    Ok(Ending::SUCCESS)
}

/// Prints what makes a shell complete our command lines.
///
/// # Errors
///
/// Where it cannot be printed.
pub fn completions(report: Report, options: &CompletionsOptions) -> Result<Ending> {
    let mut text = Vec::new();
    clap_complete::generate(options.shell, &mut Cli::command(), PROGRAM, &mut text);
    report.result(String::from_utf8_lossy(&text).trim_end())?;
    Ok(Ending::SUCCESS)
}

/// Writes a man page for the program and for each of its commands.
///
/// # Errors
///
/// Where the folder takes no file.
pub fn man(cwd: &Path, options: &ManOptions) -> Result<Ending> {
    let folder = cwd.join(&options.folder);
    let mut command = Cli::command();
    command.build();
    write_pages(&command, PROGRAM, &folder)?;
    Ok(Ending::SUCCESS)
}

fn write_pages(command: &clap::Command, name: &str, folder: &Path) -> Result<()> {
    let path = folder.join(format!("{name}.1"));
    let mut page = Vec::new();
    let failed = |source: io::Error| Error::Man { path: path.clone(), source };
    // Without a date: the page is of the program, not of the day.
    clap_mangen::Man::new(command.clone().name(name.to_owned())).date("").render(&mut page).map_err(failed)?;
    fs::write(&path, page).map_err(failed)?;
    for inner in command.get_subcommands().filter(|inner| !inner.is_hide_set()) {
        write_pages(inner, &format!("{name}-{}", inner.get_name()), folder)?;
    }
    Ok(())
}
