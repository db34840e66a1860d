//! `create`: a project from a template. Everything is unpacked beside the destination first and
//! moved there at the end, so that a failure, a Ctrl-C or a full disk leaves nothing half made, and
//! nothing that was there is ever touched.

mod git;
mod staging;
mod template;

use std::io;
use std::path::{Path, PathBuf};

use crate::archive;
use crate::cli::CreateOptions;
use crate::commands::project_name;
use crate::context::Context;
use crate::exit::Ending;
use crate::package::PackageJson;
use crate::package::document::Value;
use crate::package::edit::Edit;
use crate::package::key::Key;
use staging::{Destination, Staging};
use template::{Item, Template};

/// Why no project was made.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum Error {
    /// There is no such template
    #[error("there is no template {}", path.display())]
    #[diagnostic(help(
        "a template is a folder, or an archive (.tar, .tar.gz, .tgz, .tar.xz, .tar.zst, .zip) on this machine"
    ))]
    NoTemplate {
        /// Where it should be.
        path: PathBuf,
    },
    /// Neither a folder nor an archive
    #[error("{} is neither a folder nor an archive that is known", path.display())]
    #[diagnostic(help(
        "archives may be .tar, .tar.gz, .tar.xz, .tar.zst or .zip; it is the content that counts, not the name"
    ))]
    NotATemplate {
        /// The file.
        path: PathBuf,
    },
    /// The archive was refused
    #[error("the template {} was refused: {reason}", path.display())]
    #[diagnostic(help(
        "nothing was written. Take the template from somebody you trust, or pack it anew with plain files"
    ))]
    Refused {
        /// The archive.
        path: PathBuf,
        /// Why.
        #[source]
        reason: archive::Error,
    },
    /// Something in a template's folder that cannot be copied
    #[error("the template has {}, {what}", path.display())]
    #[diagnostic(help("nothing was written. Remove it from the template, or put a file in its place"))]
    NotCopied {
        /// What.
        path: PathBuf,
        /// What it is.
        what: &'static str,
    },
    /// The destination is taken
    #[error("{} is there already{more}", path.display())]
    #[diagnostic(help(
        "nothing was changed. Choose another destination, or an empty folder: create overwrites nothing"
    ))]
    Taken {
        /// The destination.
        path: PathBuf,
        /// What is in the way.
        more: String,
    },
    /// A destination that has no name or lies within the template
    #[error("{} cannot be the destination: {reason}", path.display())]
    #[diagnostic(help("name a folder that is not there yet: rust-bun create TEMPLATE FOLDER"))]
    Destination {
        /// The destination.
        path: PathBuf,
        /// Why not.
        reason: &'static str,
    },
    /// package.json of the template
    #[error("the template's package.json cannot be given a name; nothing was left behind")]
    Manifest {
        /// What is wrong with it, and where.
        #[source]
        #[diagnostic_source]
        reason: crate::package::Error,
    },
    /// The file system
    #[error("cannot {doing} {}: {reason}", path.display())]
    #[diagnostic(help("nothing was left behind"))]
    Files {
        /// What was being done.
        doing: &'static str,
        /// With what.
        path: PathBuf,
        /// Why not.
        #[source]
        reason: io::Error,
    },
    /// Somebody ended it
    #[error("interrupted; nothing was left behind")]
    Interrupted {
        /// By which signal.
        signal: i32,
    },
}

impl Error {
    fn files(doing: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |reason| Self::Files { doing, path, reason }
    }
}

/// Makes a project from a template.
///
/// # Errors
///
/// Whatever keeps it from being whole. The destination is then as it was.
pub fn run(context: &Context, options: &CreateOptions) -> crate::error::Result<Ending> {
    match make(context, options) {
        Err(Error::Interrupted { signal }) => Ok(Ending::Signal(signal)),
        other => Ok(other.map(|()| Ending::SUCCESS)?),
    }
}

fn make(context: &Context, options: &CreateOptions) -> Result<(), Error> {
    let cwd = &context.environment.cwd;
    let template = Template::open(&cwd.join(&options.template))?;
    let named = match &options.destination {
        Some(destination) => cwd.join(destination),
        None => cwd.join(template.stem()?),
    };
    let destination = Destination::check(named)?;
    template.keeps_out(destination.path())?;
    let plan = template.plan()?;
    if options.dry_run {
        for item in &plan.items {
            context.report.result(item.path.display()).map_err(Error::files("print for", destination.path()))?;
        }
        context.report.note(format_args!(
            "would make {} from {}",
            destination.path().display(),
            template.path().display()
        ));
        return Ok(());
    }
    let staging = Staging::beside(&destination)?;
    template.unpack(&plan, &staging)?;
    name_package(staging.path(), &destination)?;
    let git =
        if options.no_git { git::Started::Unwanted } else { git::start(context, staging.path(), destination.path()) };
    staging.place(&destination)?;
    tell(context, destination.path(), &plan.items, git);
    Ok(())
}

/// Gives package.json, where there is one, the destination's name.
fn name_package(folder: &Path, destination: &Destination) -> Result<(), Error> {
    let path = folder.join("package.json");
    // A link could be followed out of the folder that is being made.
    if !path.symlink_metadata().is_ok_and(|meta| meta.is_file()) {
        return Ok(());
    }
    let broken = |reason: crate::package::Error| Error::Manifest { reason };
    let package = PackageJson::read(&path).map_err(broken)?;
    let name = project_name::of_folder(destination.path());
    let mut edit = Edit::of(&package);
    let key = Key::parse("name").map_err(broken)?;
    edit.set(&key, &Value::String(name)).map_err(broken)?;
    edit.save().map_err(broken)
}

fn tell(context: &Context, destination: &Path, items: &[Item], git: git::Started) {
    let files = items.iter().filter(|item| !item.is_folder()).count();
    let place = destination.strip_prefix(&context.environment.cwd).unwrap_or(destination);
    context.report.note(format_args!("made {} ({files} files{})", place.display(), git.said()));
    if let git::Started::Failed(why) = &git {
        context.report.warn(format_args!("no git repository was started: {why}"));
    }
    context.report.note("next:");
    if !place.as_os_str().is_empty() {
        context.report.note(format_args!("  cd {}", place.display()));
    }
    context.report.note("  rust-bun run        the scripts that there are");
}
