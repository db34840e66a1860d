//! Commands of packages in a folder for PATH: symbolic links, and `.cmd` files on Windows.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{Error, folder};
use crate::context::Context;

/// Whether `name` can be a command of the package that `package` links to: nothing there, or that package's already.
pub(super) fn check_free(bin: &Path, name: &str, package: &Path) -> Result<(), Error> {
    let path = entry(bin, name);
    if path.symlink_metadata().is_err() || leads_into(&path, package) {
        return Ok(());
    }
    // What leads nowhere is nobody's.
    if folder::is_link(&path) && !path.exists() { Ok(()) } else { Err(Error::InTheWay { path }) }
}

/// Makes the command `name` in the folder `bin`: a link to `target`, which is `file` as seen from `bin`.
pub(super) fn make(context: &Context, bin: &Path, name: &str, target: &Path, file: &Path) -> Result<(), Error> {
    let path = entry(bin, name);
    let not_made = |source| Error::Write { path: path.clone(), done: "made", source };
    fs::create_dir_all(bin).map_err(not_made)?;
    match path.symlink_metadata() {
        Ok(meta) if meta.is_dir() => return Err(Error::InTheWay { path }),
        Ok(_) => fs::remove_file(&path).map_err(not_made)?,
        Err(_nothing) => {}
    }
    put(target, file, &path).map_err(not_made)?;
    match allow_running(file) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            context
                .report
                .warn(format_args!("{} is not there yet: does the package have to be built?", file.display()));
        }
        Err(error) => {
            context.report.warn(format_args!("{} cannot be made executable: {error}", file.display()));
        }
    }
    Ok(())
}

/// Takes away the commands in `bin` that lead into the package at `package`; gives their paths.
pub(crate) fn remove(bin: &Path, package: &Path, dry_run: bool) -> Result<Vec<PathBuf>, Error> {
    let Ok(entries) = fs::read_dir(bin) else { return Ok(Vec::new()) };
    let mut paths: Vec<_> =
        entries.flatten().map(|entry| entry.path()).filter(|path| leads_into(path, package)).collect();
    paths.sort();
    for path in paths.iter().filter(|_| !dry_run) {
        fs::remove_file(path).map_err(|source| Error::Write { path: path.clone(), done: "removed", source })?;
    }
    Ok(paths)
}

/// By its own words, not by where it ends up: the target may be gone, and the package is a link itself.
fn leads_into(path: &Path, package: &Path) -> bool {
    let target = target_of(path);
    let target = target.and_then(|target| Some(path.parent()?.join(target)));
    target.is_some_and(|target| plain(&target).starts_with(plain(package)))
}

#[cfg(not(windows))]
fn target_of(path: &Path) -> Option<PathBuf> {
    fs::read_link(path).ok()
}

#[cfg(windows)]
fn target_of(path: &Path) -> Option<PathBuf> {
    super::shim::target_of(&fs::read_to_string(path).ok()?)
}

/// Without `..`, by its words.
fn plain(path: &Path) -> PathBuf {
    path.components().fold(PathBuf::new(), |mut plain, part| {
        match part {
            std::path::Component::ParentDir => drop(plain.pop()),
            part => plain.push(part),
        }
        plain
    })
}

fn entry(bin: &Path, name: &str) -> PathBuf {
    if cfg!(windows) { bin.join(format!("{name}.cmd")) } else { bin.join(name) }
}

#[cfg(unix)]
fn put(target: &Path, _file: &Path, path: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, path)
}

#[cfg(windows)]
fn put(target: &Path, file: &Path, path: &Path) -> io::Result<()> {
    fs::write(path, super::shim::text(target, super::shim::interpreter_of(file).as_ref()))
}

/// Packages are published without the bit that npm sets when it installs them. Whoever may read may run.
#[cfg(unix)]
fn allow_running(file: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mut permissions = fs::metadata(file)?.permissions();
    let mode = permissions.mode();
    let wanted = mode | (mode & 0o444) >> 2;
    if wanted == mode {
        return Ok(());
    }
    permissions.set_mode(wanted);
    fs::set_permissions(file, permissions)
}

#[cfg(windows)]
fn allow_running(file: &Path) -> io::Result<()> {
    fs::metadata(file).map(drop)
}
