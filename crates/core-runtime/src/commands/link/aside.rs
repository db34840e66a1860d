//! Where an installed copy of a package waits while a link has its place.

use std::fs;
use std::path::{Path, PathBuf};

use super::Error;

/// The place for one package: in `node_modules`, so that moving is renaming, with a dot, so that nobody takes it for a package.
pub(crate) struct Aside(PathBuf);

impl Aside {
    pub(crate) fn of(modules: &Path, package: &str) -> Self {
        Self(modules.join(".replaced-by-links").join(package))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Moves what is at `from` here.
    pub(crate) fn put(&self, from: &Path) -> Result<(), Error> {
        if self.0.symlink_metadata().is_ok() {
            return Err(Error::InTheWay { path: self.0.clone() });
        }
        let not_moved = |source| Error::Write { path: from.to_owned(), done: "moved", source };
        fs::create_dir_all(self.0.parent().unwrap_or(&self.0)).map_err(not_moved)?;
        fs::rename(from, &self.0).map_err(not_moved)
    }

    /// Moves it back to `to`; says whether something was here.
    pub(crate) fn take_back(&self, to: &Path) -> Result<bool, Error> {
        if self.0.symlink_metadata().is_err() {
            return Ok(false);
        }
        let not_moved = |source| Error::Write { path: self.0.clone(), done: "moved", source };
        // A scope's folder went with the link.
        fs::create_dir_all(to.parent().unwrap_or(to)).map_err(not_moved)?;
        fs::rename(&self.0, to).map_err(not_moved)?;
        // The folders above, as far as nothing else is in them.
        for folder in self.0.ancestors().skip(1).take_while(|folder| !folder.ends_with("node_modules")) {
            if fs::remove_dir(folder).is_err() {
                break;
            }
        }
        Ok(true)
    }
}
