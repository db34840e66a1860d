//! `init`: starts a project in a folder. Overwrites nothing: what is there stays as it is, and if not
//! all can be made, what was made is removed again.

mod files;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::cli::InitOptions;
use crate::commands::project_name;
use crate::context::Context;
use crate::exit::Ending;
use crate::package::name;
use crate::report::Report;
use files::{Choices, File};

/// Why no project was started.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum Error {
    /// The folder is something else
    #[error("{} is not a folder", path.display())]
    #[diagnostic(help("name another folder: rust-bun init FOLDER"))]
    NotAFolder {
        /// What it is.
        path: PathBuf,
    },
    /// Nobody answers
    #[error("no answer; nothing was made")]
    #[diagnostic(help("to be asked nothing: rust-bun init --yes"))]
    NoAnswer,
    /// The file system
    #[error("cannot {doing} {}: {reason}", path.display())]
    #[diagnostic(help("what had been made was removed again"))]
    Files {
        /// What was being done.
        doing: &'static str,
        /// With what.
        path: PathBuf,
        /// Why not.
        #[source]
        reason: io::Error,
    },
}

impl Error {
    fn files(doing: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |reason| Self::Files { doing, path, reason }
    }
}

/// Starts a project.
///
/// # Errors
///
/// Whatever keeps it from being whole. The folder is then as it was.
pub fn run(context: &Context, options: &InitOptions) -> crate::error::Result<Ending> {
    let folder = match &options.folder {
        Some(folder) => context.environment.cwd.join(folder),
        None => context.environment.cwd.clone(),
    };
    match folder.metadata() {
        Ok(meta) if !meta.is_dir() => return Err(Error::NotAFolder { path: folder }.into()),
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(Error::files("look at", &folder)(error).into());
        }
        _ => {}
    }
    let choices = choices(context.report, options, &folder)?;
    let (new, kept): (Vec<File>, Vec<File>) =
        files::of(&choices, options.minimal).into_iter().partition(|file| !is_there(&folder, file.name()));
    // With a package.json the project has its entry already, whatever it is called.
    let has_package = kept.iter().any(|file| file.name() == files::PACKAGE_JSON);
    let new: Vec<File> = new.into_iter().filter(|file| !(has_package && file.name() == choices.entry)).collect();
    if options.dry_run {
        for file in &new {
            let path = folder.join(file.name());
            context.report.result(shown(context, &path)).map_err(Error::files("print", path))?;
        }
        context.report.note("nothing was made: this was a dry run");
        return Ok(Ending::SUCCESS);
    }
    Made::default().all(&folder, &new)?;
    tell(context, &folder, &choices, &new, &kept);
    Ok(Ending::SUCCESS)
}

/// Asks where somebody can answer, and takes the defaults elsewhere.
fn choices(report: Report, options: &InitOptions, folder: &Path) -> Result<Choices, Error> {
    let mut choices = Choices { name: project_name::of_folder(folder), entry: files::ENTRY.to_owned() };
    let asks = !options.yes && !options.dry_run && Report::can_ask();
    if asks && !is_there(folder, files::PACKAGE_JSON) {
        choices.name = report.ask("package name", &choices.name, name::flaw).ok_or(Error::NoAnswer)?;
        choices.entry = report.ask("entry file", &choices.entry, files::flaw_of_entry).ok_or(Error::NoAnswer)?;
    }
    Ok(choices)
}

/// Whether there is such a thing: a link that leads nowhere counts. A readme may be spelled in any way.
fn is_there(folder: &Path, name: &str) -> bool {
    if name != files::README {
        return folder.join(name).symlink_metadata().is_ok();
    }
    let Ok(entries) = fs::read_dir(folder) else { return false };
    entries.flatten().any(|entry| {
        let own = entry.file_name().to_string_lossy().to_ascii_lowercase();
        own.split('.').next() == Some("readme")
    })
}

/// What was made so far, so that it can be taken back.
#[derive(Default)]
struct Made {
    folders: Vec<PathBuf>,
    files: Vec<PathBuf>,
}

impl Made {
    fn all(mut self, folder: &Path, files: &[File]) -> Result<(), Error> {
        let result = self.folder(folder).and_then(|()| {
            files.iter().try_for_each(|file| {
                let path = folder.join(file.name());
                path.parent().map_or(Ok(()), |parent| self.folder(parent))?;
                self.file(&path, file.content())
            })
        });
        if result.is_err() {
            for file in &self.files {
                let _ = fs::remove_file(file);
            }
            for folder in self.folders.iter().rev() {
                let _ = fs::remove_dir(folder);
            }
        }
        result
    }

    fn folder(&mut self, folder: &Path) -> Result<(), Error> {
        let mut missing: Vec<&Path> = folder.ancestors().take_while(|folder| !folder.exists()).collect();
        missing.retain(|folder| !folder.as_os_str().is_empty());
        for folder in missing.into_iter().rev() {
            fs::create_dir(folder).map_err(Error::files("make the folder", folder))?;
            self.folders.push(folder.to_owned());
        }
        Ok(())
    }

    fn file(&mut self, path: &Path, content: &str) -> Result<(), Error> {
        let mut file = fs::File::create_new(path).map_err(Error::files("make", path))?;
        self.files.push(path.to_owned());
        file.write_all(content.as_bytes()).map_err(Error::files("write", path))
    }
}

fn shown(context: &Context, path: &Path) -> String {
    path.strip_prefix(&context.environment.cwd).unwrap_or(path).display().to_string()
}

fn tell(context: &Context, folder: &Path, choices: &Choices, new: &[File], kept: &[File]) {
    let report = context.report;
    for (said, files) in [("made", new), ("kept", kept)] {
        for file in files {
            report.note(format_args!("{said} {}", shown(context, &folder.join(file.name()))));
        }
    }
    if new.is_empty() {
        report.note("everything was there already");
        return;
    }
    report.note("next:");
    let place = shown(context, folder);
    if !place.is_empty() {
        report.note(format_args!("  cd {place}"));
    }
    if new.iter().any(|file| file.name() == choices.entry) {
        report.note(format_args!("  rust-bun run {}", choices.entry));
    } else {
        report.note("  rust-bun run");
    }
}
