//! Where a project is made before it is moved to its destination at once.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::Error;
use crate::signals::{self, Listener};

/// A folder that is not there yet, or an empty one.
#[derive(Debug)]
pub(super) struct Destination {
    path: PathBuf,
    exists: bool,
}

impl Destination {
    pub(super) fn check(path: PathBuf) -> Result<Self, Error> {
        let meta = match path.symlink_metadata() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if path.file_name().is_none() {
                    return Err(Error::Destination { path, reason: "it has no name" });
                }
                return Ok(Self { path, exists: false });
            }
            other => other.map_err(Error::files("look at", &path))?,
        };
        let taken = |more: &str| Error::Taken { path: path.clone(), more: more.to_owned() };
        if !meta.is_dir() {
            return Err(taken(if meta.is_symlink() { ", as a link" } else { ", and no folder" }));
        }
        let first = fs::read_dir(&path).and_then(|mut entries| entries.next().transpose());
        if let Some(first) = first.map_err(Error::files("read", &path))? {
            return Err(taken(&format!(", with {} in it", first.file_name().display())));
        }
        // `.` has a name only when it is spelled out.
        let path = path.canonicalize().map_err(Error::files("find", &path))?;
        Ok(Self { path, exists: true })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

/// The folder where it is made. Goes with all that is in it unless it is placed.
#[derive(Debug)]
pub(super) struct Staging {
    folder: TempDir,
    parents: Vec<PathBuf>,
    /// Keeps a signal from ending us before what was made is removed.
    _signals: Listener,
}

impl Staging {
    /// On the destination's file system, so that placing it is one rename: beside it, or in it where it is there
    /// already, since somebody's shell may stand in it.
    pub(super) fn beside(destination: &Destination) -> Result<Self, Error> {
        let signals = Listener::new().map_err(Error::files("listen for signals for", &destination.path))?;
        let mut parents = Vec::new();
        let parent = if destination.exists {
            destination.path.clone()
        } else {
            let parent = destination.path.parent().unwrap_or(Path::new(".")).to_owned();
            missing(&parent, &mut parents)?;
            parent
        };
        let mut builder = tempfile::Builder::new();
        builder.prefix(".rust-bun-create-");
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o777)); // less the umask
        match builder.tempdir_in(&parent) {
            Ok(folder) => Ok(Self { folder, parents, _signals: signals }),
            Err(reason) => {
                remove(&parents);
                Err(Error::Files { doing: "make a folder in", path: parent, reason })
            }
        }
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Fails once a signal has come that means the end.
    #[allow(clippy::unused_self)] // it is this folder that keeps the signal from ending us at once
    pub(super) fn go_on(&self) -> Result<(), Error> {
        match signals::ending() {
            Some(signal) => Err(Error::Interrupted { signal }),
            None => Ok(()),
        }
    }

    /// Moves what was made to the destination. What somebody put there meanwhile is left alone.
    pub(super) fn place(mut self, destination: &Destination) -> Result<(), Error> {
        self.go_on()?;
        if destination.exists {
            return self.place_within(destination);
        }
        fs::rename(self.folder.path(), &destination.path).map_err(Error::files("make", &destination.path))?;
        self.folder.disable_cleanup(true);
        self.parents.clear();
        Ok(())
    }

    fn place_within(&self, destination: &Destination) -> Result<(), Error> {
        let mut placed: Vec<(PathBuf, PathBuf)> = Vec::new();
        let result = fs::read_dir(self.path()).map_err(Error::files("read", self.path())).and_then(|entries| {
            for entry in entries {
                let entry = entry.map_err(Error::files("read", self.path()))?;
                let (from, to) = (entry.path(), destination.path.join(entry.file_name()));
                if to.symlink_metadata().is_ok() {
                    return Err(Error::Taken { path: to, more: " now".to_owned() });
                }
                fs::rename(&from, &to).map_err(Error::files("make", &to))?;
                placed.push((from, to));
            }
            Ok(())
        });
        if result.is_err() {
            for (from, to) in placed {
                let _ = fs::rename(to, from);
            }
        }
        result
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        if !self.parents.is_empty() {
            let folder = self.folder.path();
            let _ = fs::remove_dir_all(folder);
            remove(&self.parents);
        }
    }
}

/// Makes the folders above the destination that are missing, and notes which.
fn missing(parent: &Path, made: &mut Vec<PathBuf>) -> Result<(), Error> {
    let mut above: Vec<&Path> = parent.ancestors().take_while(|folder| folder.symlink_metadata().is_err()).collect();
    above.retain(|folder| !folder.as_os_str().is_empty());
    for folder in above.into_iter().rev() {
        if let Err(reason) = fs::create_dir(folder) {
            remove(made);
            return Err(Error::Files { doing: "make", path: folder.to_owned(), reason });
        }
        made.push(folder.to_owned());
    }
    Ok(())
}

/// Only where they are empty.
fn remove(made: &[PathBuf]) {
    for folder in made.iter().rev() {
        let _ = fs::remove_dir(folder);
    }
}
