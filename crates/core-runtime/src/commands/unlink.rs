//! `unlink`: undoes what `link` did.

use std::fs;

use super::link::{Aside, Error, bins, folder, make_bins, places::Places};
use crate::cli::UnlinkOptions;
use crate::context::Context;
use crate::error::Result;
use crate::exit::Ending;
use crate::nearest::nearest;
use crate::package::edit::Edit;
use crate::package::folders::{self, NODE_MODULES, PACKAGE_JSON};
use crate::package::key::Key;
use crate::package::{DEPENDENCIES, PackageJson, name};

/// Takes this package out of the user's folder of links, or linked packages out of this project. An installed copy that a
/// link replaced comes back; an entry `link:…` in package.json goes.
///
/// # Errors
///
/// There is no such link, or it cannot be removed.
pub fn run(context: &Context, options: &UnlinkOptions) -> Result<Ending> {
    let project = folders::project(&context.environment.cwd)?;
    if options.packages.is_empty() {
        withdraw(context, options, &project)?;
        return Ok(Ending::SUCCESS);
    }
    let modules = project.folder().join(NODE_MODULES);
    // All are looked at before one is touched.
    for package in &options.packages {
        name::check(package)?;
        let path = modules.join(package);
        if !folder::is_link(&path) {
            return Err(Error::NotALink { there: path.symlink_metadata().is_ok(), path }.into());
        }
    }
    let mut edit = Edit::of(&project);
    let mut changed = false;
    for package in &options.packages {
        leave(context, options, &project, package)?;
        for kind in DEPENDENCIES {
            let entry = project.root().get(kind).and_then(|list| list.get(package)?.as_str());
            if entry.is_some_and(|text| text.starts_with("link:")) {
                context.report.note(format_args!("{kind}: without {package}"));
                changed |= edit.delete(&Key::entry(kind, package));
            }
        }
    }
    if changed && !options.dry_run {
        edit.save()?;
    }
    Ok(Ending::SUCCESS)
}

/// Takes this package out of the user's links.
fn withdraw(context: &Context, options: &UnlinkOptions, project: &PackageJson) -> Result<()> {
    let places = Places::of(context)?;
    let package = project.checked_name()?;
    let link = places.modules.join(package);
    if !folder::is_link(&link) {
        let all = folders::packages_in(&places.modules)?.unwrap_or_default();
        let nearest = nearest(package, all.iter().map(String::as_str)).into_iter().map(str::to_owned).collect();
        return Err(Error::NotLinked { name: package.to_owned(), nearest }.into());
    }
    let real = |path| fs::canonicalize(path).ok();
    // A link whose target is gone can only be an old one of this package.
    if let (Some(there), Some(here)) = (real(link.as_path()), real(project.folder()))
        && there != here
    {
        return Err(Error::Elsewhere { link, target: there }.into());
    }
    for path in bins::remove(&places.bin, &link, options.dry_run)? {
        context.report.note(format_args!("without {}", path.display()));
    }
    context.report.note(format_args!("without {}", link.display()));
    if !options.dry_run {
        folder::remove(&link)?;
    }
    Ok(())
}

/// Takes a linked package out of this project.
fn leave(context: &Context, options: &UnlinkOptions, project: &PackageJson, package: &str) -> Result<()> {
    let modules = project.folder().join(NODE_MODULES);
    let link = modules.join(package);
    for path in bins::remove(&modules.join(".bin"), &link, options.dry_run)? {
        context.report.note(format_args!("without {}", path.display()));
    }
    context.report.note(format_args!("without {}", link.display()));
    if options.dry_run {
        return Ok(());
    }
    folder::remove(&link)?;
    if Aside::of(&modules, package).take_back(&link)? {
        context.report.note(format_args!("{} is the installed copy again", link.display()));
        let bins = PackageJson::read_if_there(&link.join(PACKAGE_JSON))?.map(|package| package.bins()).transpose()?;
        make_bins(context, &modules, package, &bins.unwrap_or_default())?;
    }
    Ok(())
}
