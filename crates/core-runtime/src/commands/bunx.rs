//! `bunx`: the command of a package that is installed or linked, whatever the command is called.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use miette::Diagnostic;

use super::link::{self, places::Places};
use super::run::{Target, launch, target};
use crate::cli::{BunxOptions, EngineOptions};
use crate::context::Context;
use crate::error::Result;
use crate::exit::{self, Ending};
use crate::package::folders::{self, PACKAGE_JSON};
use crate::package::{Bin, PackageJson, name};
use crate::process::LookUp;
use crate::providers::Task;

/// There is no such command to run.
#[derive(Debug, thiserror::Error, Diagnostic)]
pub enum Error {
    /// It is not there, and was not to be fetched
    #[error("{package} is neither installed nor linked")]
    #[diagnostic(help("install it with your package manager, or link it: `rust-bun link` in its folder"))]
    NotInstalled {
        /// The package, with its version where one was asked for
        package: String,
    },
    /// The package is there, and the command is not in it
    #[error("{package} has no command named `{command}`")]
    #[diagnostic(help("{}", if commands.is_empty() { "it has none at all: its package.json has no \"bin\"".to_owned() } else { format!("it has {}: name one of them with `rust-bun bunx --package {package} COMMAND`", commands.join(", ")) }))]
    NoSuchCommand {
        /// The package
        package: String,
        /// The command
        command: String,
        /// Those that it has
        commands: Vec<String>,
    },
}

impl Error {
    /// The exit code for it.
    #[must_use]
    pub fn exit_code(&self) -> i32 {
        match self {
            Self::NotInstalled { .. } | Self::NoSuchCommand { .. } => exit::NOT_FOUND,
        }
    }
}

/// Runs the command: from the project's packages, then from this user's linked ones; what is in neither is for a package
/// manager.
///
/// # Errors
///
/// No such command (127), a file without the run bit (126), a link whose target is gone.
pub fn run(context: &Context, options: &BunxOptions) -> Result<Ending> {
    let (word, args) = options.command.split_first().expect("the command line needs one");
    let lossy = word.to_string_lossy();
    let wanted = options.package.as_deref().unwrap_or(&lossy);
    if let Some(target) = find(context, options, word, wanted)? {
        return launch(context, &target, args, &EngineOptions::default());
    }
    if options.no_install {
        return Err(Error::NotInstalled { package: wanted.to_owned() }.into());
    }
    let (package, _) = name::split_version(wanted);
    let command = if options.package.is_some() { word } else { OsStr::new(name::without_scope(package)) };
    context.providers.perform(context, Task::RunPackage { package: wanted, command, args })
}

fn find(context: &Context, options: &BunxOptions, word: &OsStr, wanted: &str) -> Result<Option<Target>> {
    let cwd = &context.environment.cwd;
    // Without a home there are no links of this user; what the project has runs all the same.
    let places = Places::of(context).ok();
    let (package, version) = name::split_version(wanted);
    if options.package.is_none() && version.is_none() && Path::new(word).components().count() == 1 {
        let bins: Vec<PathBuf> =
            folders::bin_folders(cwd).into_iter().chain(places.iter().map(|places| places.bin.clone())).collect();
        match target::command(word, &bins)? {
            Ok(target) => return Ok(Some(target)),
            Err(LookUp::NotExecutable(path)) => return Err(target::no_run_bit(path).into()),
            Err(LookUp::NotFound) => {}
        }
    }
    name::check(package)?;
    let linked = places.map(|places| places.modules.join(package)).filter(|folder| folder.symlink_metadata().is_ok());
    let Some(folder) = folders::installed(cwd, package).or(linked) else { return Ok(None) };
    let Some(json) = PackageJson::read_if_there(&folder.join(PACKAGE_JSON))? else {
        return match std::fs::read_link(&folder) {
            Ok(target) => Err(link::Error::Dangling { link: folder, target }.into()),
            // What an interrupted installation leaves.
            Err(_) => Ok(None),
        };
    };
    if !version.is_none_or(|version| fits(version, json.version().ok().flatten())) {
        return Ok(None);
    }
    let bins = json.bins()?;
    let command = match &options.package {
        Some(_) => word.to_string_lossy().into_owned(),
        None => name::without_scope(package).to_owned(),
    };
    match choose(&bins, &command, options.package.is_some()) {
        Some(bin) => Ok(Some(target::bin_file(&folder.join(&bin.file))?)),
        None => {
            let commands = bins.into_iter().map(|bin| bin.name).collect();
            Err(Error::NoSuchCommand { package: package.to_owned(), command, commands }.into())
        }
    }
}

/// The command of that name; a package's only one needs no name.
fn choose<'a>(bins: &'a [Bin], command: &str, named: bool) -> Option<&'a Bin> {
    let only = if let ([bin], false) = (bins, named) { Some(bin) } else { None };
    bins.iter().find(|bin| bin.name == command).or(only)
}

/// Whether what is installed is what was asked for. A tag (`latest`) can only be asked of a registry.
fn fits(wanted: &str, installed: Option<&str>) -> bool {
    let Some(Ok(installed)) = installed.map(semver::Version::parse) else { return false };
    match semver::Version::parse(wanted) {
        Ok(exact) => exact == installed,
        // A bare 1 or 1.2 is any of those, as `^` has it for 1 and `~` for 1.2.
        Err(_) => semver::VersionReq::parse(&range(wanted)).is_ok_and(|range| range.matches(&installed)),
    }
}

/// As the semver crate reads it: npm's 1.2 is ~1.2, and its spaces are commas.
fn range(wanted: &str) -> String {
    let words = wanted.split_whitespace().map(|word| {
        if word.starts_with(|first: char| first.is_ascii_digit()) { format!("~{word}") } else { word.to_owned() }
    });
    words.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_fits_what_it_means() {
        for (wanted, installed, expected) in [
            ("1.2.3", "1.2.3", true),
            ("1.2.3", "1.2.4", false),
            ("1", "1.9.0", true),
            ("1.2", "1.3.0", false),
            ("^1.2", "1.9.9", true),
            (">=1 <2", "1.5.0", true),
            ("latest", "1.0.0", false),
            ("1", "x", false),
        ] {
            assert_eq!(fits(wanted, Some(installed)), expected, "{wanted} {installed}");
        }
        assert!(!fits("1", None));
    }

    #[test]
    fn a_packages_only_command_needs_no_name() {
        let bin = |name: &str| Bin { name: name.to_owned(), file: "x".into() };
        assert_eq!(choose(&[bin("tsc")], "typescript", false), Some(&bin("tsc")));
        assert_eq!(choose(&[bin("tsc")], "typescript", true), None);
        assert_eq!(choose(&[bin("a"), bin("b")], "b", false), Some(&bin("b")));
        assert_eq!(choose(&[bin("a"), bin("b")], "c", false), None);
    }
}
