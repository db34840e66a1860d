//! Puts a new program into the old one's place. At every moment there is a whole program under the
//! program's name: a rename replaces it at once, and everything else is prepared beside it first. On
//! Windows, where a running program can be moved and not replaced, two renames do it; between them the
//! program is there under the old one's name only.
//!
//! The old one stays as `rust-bun.previous` until the new one has ended a command well. It can be put
//! back by either of the two: `rust-bun upgrade --rollback`, `rust-bun.previous upgrade --rollback`.

use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::Error;

/// What the old program's name ends in, before `.exe`.
const PREVIOUS: &str = ".previous";
/// What an upgrade works with, in its folder. Nothing else is ever removed from there.
const LOCK: &str = "lock";
const ARCHIVE: &str = "archive";
const NEW: &str = "new";
const LINK: &str = "old";
const ASIDE: &str = "aside";

/// The program that is replaced, and the names of what lies beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    program: PathBuf,
    /// Whether the one that runs is the one that is kept.
    is_kept: bool,
}

impl Place {
    /// The place of the program that runs, whether as itself or as the one that is kept.
    ///
    /// # Errors
    ///
    /// Where the system does not say which program runs.
    pub fn own() -> io::Result<Self> {
        Ok(Self::of(std::env::current_exe()?.canonicalize()?))
    }

    /// The place of this program, or of the one that it was kept from.
    #[must_use]
    pub fn of(running: PathBuf) -> Self {
        let kept = running.file_stem().map(Path::new).filter(|_| is_exe(&running)).unwrap_or(&running);
        let own = kept.to_str().and_then(|name| name.strip_suffix(PREVIOUS)).map(|stem| match is_exe(&running) {
            true => running.with_file_name(format!("{stem}.exe")),
            false => PathBuf::from(stem),
        });
        Self { is_kept: own.is_some(), program: own.unwrap_or(running) }
    }

    /// The program.
    #[must_use]
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// Whether it is not the program that runs, but the one that was kept.
    pub(super) fn is_kept(&self) -> bool {
        self.is_kept
    }

    /// The one that the last upgrade replaced, where it is still kept.
    #[must_use]
    pub fn previous(&self) -> PathBuf {
        let mut name: OsString =
            if is_exe(&self.program) { self.program.file_stem() } else { self.program.file_name() }
                .unwrap_or_default()
                .to_owned();
        name.push(PREVIOUS);
        if is_exe(&self.program) {
            name.push(".exe");
        }
        self.program.with_file_name(name)
    }

    fn work_folder(&self) -> PathBuf {
        let mut name = OsString::from(".");
        name.push(self.program.file_name().unwrap_or_default());
        name.push(".upgrade");
        self.program.with_file_name(name)
    }

    /// Called when a command has ended well: what an upgrade kept or left there can go. It may fail
    /// quietly, since not everybody who may run a program may write in its folder.
    pub fn started(&self) {
        if self.is_kept {
            return;
        }
        let kept = fs::remove_file(self.previous()).is_ok();
        if kept || self.work_folder().symlink_metadata().is_ok() {
            // It clears when it begins, and when it ends.
            drop(Work::begin(self));
        }
    }
}

fn is_exe(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("exe"))
}

/// The folder beside the program that an upgrade works in, locked against others. What one that was killed
/// left there goes.
#[derive(Debug)]
pub(super) struct Work {
    place: Place,
    folder: PathBuf,
    lock: Option<File>,
}

impl Work {
    pub(super) fn begin(place: &Place) -> Result<Self, Error> {
        let folder = place.work_folder();
        match fs::create_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            other => other.map_err(Error::files("make the folder", &folder))?,
        }
        let path = folder.join(LOCK);
        let lock = File::options().create(true).truncate(false).write(true).open(&path);
        let lock = lock.map_err(Error::files("make", &path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Error::Busy { path: place.program.clone() }),
            Err(TryLockError::Error(reason)) => return Err(Error::Files { doing: "lock", path, reason }),
        }
        let work = Self { place: place.clone(), folder, lock: Some(lock) };
        work.clear();
        Ok(work)
    }

    /// Where the archive goes.
    pub(super) fn archive(&self) -> PathBuf {
        self.folder.join(ARCHIVE)
    }

    /// Where the new program goes. Windows starts only what is called so.
    pub(super) fn new_program(&self) -> PathBuf {
        self.folder.join(if is_exe(&self.place.program) { format!("{NEW}.exe") } else { NEW.to_owned() })
    }

    fn clear(&self) {
        for file in [self.archive(), self.new_program(), self.folder.join(LINK), self.folder.join(ASIDE)] {
            let _ = fs::remove_file(file);
        }
    }

    /// Gives the new program what the old one has: whoever may run that may run this.
    pub(super) fn permit(&self) -> Result<(), Error> {
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let (old, new) = (&self.place.program, self.new_program());
            let mode = old.metadata().map_err(Error::files("look at", old))?.permissions().mode();
            // Never more than that: what runs as its owner is not exchanged by anybody else.
            fs::set_permissions(&new, fs::Permissions::from_mode(mode & 0o777))
                .map_err(Error::files("set the permissions of", new))?;
        }
        Ok(())
    }

    /// Puts the new program into the old one's place, and keeps the old one.
    pub(super) fn replace(&self) -> Result<(), Error> {
        let (program, previous, new) = (&self.place.program, self.place.previous(), self.new_program());
        if cfg!(windows) {
            return self.exchange(&new, &previous);
        }
        let link = self.folder.join(LINK);
        keep(program, &link).map_err(Error::files("keep a copy of", program))?;
        fs::rename(&link, &previous).map_err(Error::files("keep a copy as", &previous))?;
        let renamed = fs::rename(&new, program).map_err(Error::files("replace", program));
        if renamed.is_err() {
            let _ = fs::remove_file(previous);
        }
        renamed?;
        sync_folder(program);
        Ok(())
    }

    /// Puts the old program back.
    pub(super) fn roll_back(&self) -> Result<(), Error> {
        let (program, previous) = (&self.place.program, self.place.previous());
        if !previous.is_file() {
            return Err(Error::NoPrevious { path: previous });
        }
        if cfg!(windows) && program.exists() {
            return self.exchange(&previous, &self.folder.join(ASIDE));
        }
        fs::rename(&previous, program).map_err(Error::files("replace", program))?;
        sync_folder(program);
        Ok(())
    }

    /// Moves the program to `aside` and `new` into its place; and the other way round if that fails.
    fn exchange(&self, new: &Path, aside: &Path) -> Result<(), Error> {
        let program = &self.place.program;
        match fs::remove_file(aside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(Error::files("remove", aside)(error));
            }
            _ => {}
        }
        fs::rename(program, aside).map_err(Error::files("move aside", program))?;
        let renamed = fs::rename(new, program).map_err(Error::files("replace", program));
        if renamed.is_err() {
            let _ = fs::rename(aside, program);
        }
        renamed
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        self.clear();
        if cfg!(windows) {
            // There an open file's name stays until it is closed.
            self.lock = None;
        }
        let _ = fs::remove_file(self.folder.join(LOCK));
        // Not where something is in it that is not ours.
        let _ = fs::remove_dir(&self.folder);
    }
}

/// A second name for the program, or a copy where the file system has no second names.
fn keep(program: &Path, link: &Path) -> io::Result<()> {
    if fs::hard_link(program, link).is_ok() {
        return Ok(());
    }
    fs::copy(program, link)?;
    File::open(link)?.sync_all()
}

/// So that a power cut does not undo the rename. Not all file systems can, and what was renamed is whole either way.
pub(super) fn sync_folder(renamed: &Path) {
    if let Some(folder) = renamed.parent()
        && let Ok(folder) = File::open(folder)
    {
        let _ = folder.sync_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn either_program_knows_the_other() {
        for (running, program, previous) in [
            ("/bin/rust-bun", "/bin/rust-bun", "/bin/rust-bun.previous"),
            ("/bin/rust-bun.previous", "/bin/rust-bun", "/bin/rust-bun.previous"),
            ("/b.previous/x.exe", "/b.previous/x.exe", "/b.previous/x.previous.exe"),
            ("/bin/x.previous.exe", "/bin/x.exe", "/bin/x.previous.exe"),
        ] {
            let place = Place::of(PathBuf::from(running));
            assert_eq!(
                (place.program(), place.previous().as_path()),
                (Path::new(program), Path::new(previous)),
                "{running}"
            );
        }
    }
}
