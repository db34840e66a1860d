//! Links to folders: symbolic links, and junctions on Windows, which need no special right.

use std::fs;
use std::io;
use std::path::Path;

use super::Error;

/// Whether something is a link, whatever its target.
pub(crate) fn is_link(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|meta| meta.file_type().is_symlink())
}

/// Makes a link to the absolute folder `target`, in place of a link that is there.
pub(crate) fn link(target: &Path, link: &Path) -> Result<(), Error> {
    let not_made = |source| Error::Write { path: link.to_owned(), done: "made", source };
    if is_link(link) {
        remove(link)?;
    }
    if let Some(parent) = link.parent() {
        fs::create_dir_all(parent).map_err(not_made)?;
    }
    make(target, link).map_err(not_made)
}

/// Takes a link away; its target stays. So does a scope's folder that others are in.
pub(crate) fn remove(link: &Path) -> Result<(), Error> {
    let removed = if cfg!(windows) { fs::remove_dir(link) } else { fs::remove_file(link) };
    removed.map_err(|source| Error::Write { path: link.to_owned(), done: "removed", source })?;
    if let Some(scope) = link.parent().filter(|parent| named_as_scope(parent)) {
        // Not empty: somebody else's.
        let _ = fs::remove_dir(scope);
    }
    Ok(())
}

fn named_as_scope(folder: &Path) -> bool {
    folder.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"@"))
}

#[cfg(unix)]
fn make(target: &Path, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, link)
}

#[cfg(windows)]
fn make(target: &Path, link: &Path) -> io::Result<()> {
    junction::create(target, link)
}
