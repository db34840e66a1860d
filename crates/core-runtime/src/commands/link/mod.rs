//! `link`: makes this package available to others on this machine, or takes one that is.

mod aside;
pub(crate) mod bins;
mod error;
pub(crate) mod folder;
pub(crate) mod places;
#[cfg(any(windows, test))]
pub(crate) mod shim;

use std::path::{Path, PathBuf};

use crate::cli::LinkOptions;
use crate::context::Context;
use crate::error::Result;
use crate::exit::Ending;
use crate::nearest::nearest;
use crate::package::document::Value;
use crate::package::edit::Edit;
use crate::package::folders::{self, NODE_MODULES, PACKAGE_JSON};
use crate::package::key::Key;
use crate::package::{Bin, DEPENDENCIES, PackageJson, name};

pub(super) use aside::Aside;
pub use error::Error;
use places::Places;

/// Links this package into the user's folder of links, or packages from there into this project.
///
/// Files that are no links are never removed: an installed copy of a package is put aside, and comes back with `unlink`.
///
/// # Errors
///
/// No such link, a link whose target is gone, a file in the way, a folder that cannot be written.
pub fn run(context: &Context, options: &LinkOptions) -> Result<Ending> {
    let places = Places::of(context)?;
    let project = folders::project(&context.environment.cwd)?;
    if options.packages.is_empty() {
        offer(context, options, &places, &project)?;
        return Ok(Ending::SUCCESS);
    }
    // All are looked at before one is touched.
    let sources = options.packages.iter().map(|name| source(&places, name)).collect::<Result<Vec<_>>>()?;
    for source in &sources {
        take(context, options, &project, source)?;
    }
    if options.save {
        save(context, options, &project)?;
    }
    Ok(Ending::SUCCESS)
}

/// A package that was linked before.
struct Source {
    name: String,
    folder: PathBuf,
    bins: Vec<Bin>,
}

fn offer(context: &Context, options: &LinkOptions, places: &Places, project: &PackageJson) -> Result<()> {
    let name = project.checked_name()?;
    let bins = project.bins()?;
    let link = places.modules.join(name);
    if link.symlink_metadata().is_ok() && !folder::is_link(&link) {
        return Err(Error::InTheWay { path: link }.into());
    }
    for bin in &bins {
        bins::check_free(&places.bin, &bin.name, &link)?;
    }
    context.report.note(format_args!("{} -> {}", link.display(), project.folder().display()));
    if !options.dry_run {
        folder::link(project.folder(), &link)?;
    }
    for bin in &bins {
        let file = link.join(&bin.file);
        context.report.note(format_args!("{} -> {}", places.bin.join(&bin.name).display(), file.display()));
        if !options.dry_run {
            bins::make(context, &places.bin, &bin.name, &file, &file)?;
        }
    }
    if !bins.is_empty() && !context.variables.path().contains(&places.bin) {
        context.report.note(format_args!("to use its commands everywhere, put {} on PATH", places.bin.display()));
    }
    context.report.note(format_args!("take it into a project with `rust-bun link {name}`"));
    Ok(())
}

fn source(places: &Places, package: &str) -> Result<Source> {
    name::check(package)?;
    let link = places.modules.join(package);
    if link.symlink_metadata().is_err() {
        let all = folders::packages_in(&places.modules)?.unwrap_or_default();
        let nearest = nearest(package, all.iter().map(String::as_str)).into_iter().map(str::to_owned).collect();
        return Err(Error::NotLinked { name: package.to_owned(), nearest }.into());
    }
    let folder = std::fs::read_link(&link).unwrap_or_else(|_| link.clone());
    if !folder.is_dir() {
        return Err(Error::Dangling { link, target: folder }.into());
    }
    let bins = PackageJson::read(&folder.join(PACKAGE_JSON))?.bins()?;
    Ok(Source { name: package.to_owned(), folder, bins })
}

fn take(context: &Context, options: &LinkOptions, project: &PackageJson, source: &Source) -> Result<()> {
    let modules = project.folder().join(NODE_MODULES);
    let link = modules.join(&source.name);
    context.report.note(format_args!("{} -> {}", link.display(), source.folder.display()));
    if options.dry_run {
        return Ok(());
    }
    if link.symlink_metadata().is_ok() && !folder::is_link(&link) {
        let aside = Aside::of(&modules, &source.name);
        aside.put(&link)?;
        context.report.note(format_args!("the installed copy waits in {}", aside.path().display()));
    }
    folder::link(&source.folder, &link)?;
    make_bins(context, &modules, &source.name, &source.bins)
}

/// The commands of a package in a project's `node_modules`: they follow it should the project move.
pub(super) fn make_bins(context: &Context, modules: &Path, package: &str, all: &[Bin]) -> Result<()> {
    for bin in all {
        let target = Path::new("..").join(package).join(&bin.file);
        bins::make(context, &modules.join(".bin"), &bin.name, &target, &modules.join(package).join(&bin.file))?;
    }
    Ok(())
}

/// Where a package is named already, it is named there; otherwise among the dependencies.
fn save(context: &Context, options: &LinkOptions, project: &PackageJson) -> Result<()> {
    let mut edit = Edit::of(project);
    for package in &options.packages {
        let named = |kind: &&&str| project.root().get(kind).is_some_and(|list| list.get(package).is_some());
        let kind = DEPENDENCIES.iter().take(3).find(named).unwrap_or(&DEPENDENCIES[0]);
        edit.set(&Key::entry(kind, package), &Value::String(format!("link:{package}")))?;
        context.report.note(format_args!("{kind}: {package} = link:{package}"));
    }
    if options.dry_run { Ok(()) } else { Ok(edit.save()?) }
}
