//! The bundles that come with a release. An upgrade puts them into a folder of their version,
//! `lib/rust-bun/bundles-VERSION`, which only the program of that version looks into: so the one rename that
//! exchanges the program exchanges them, too, and the old program finds its own where they were.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use semver::Version;

use super::Error;
use super::release::APP;
use super::replace::{Place, sync_folder};
use crate::archive::{Entry, Kind};

/// What a folder of one version is called, before the version.
const PREFIX: &str = "bundles-";
/// What is being unpacked, and what the same version had before.
const UNFINISHED: &str = "bundles.new";
const REPLACED: &str = "bundles.old";

/// What belongs to a program besides itself, `lib/rust-bun`. Installed, the program is in `bin` and `lib` beside that;
/// in an unpacked archive, `lib` is beside the program itself.
#[must_use]
pub fn library_folders(program: &Path) -> Vec<PathBuf> {
    let Some(folder) = program.parent() else { return Vec::new() };
    folder.parent().into_iter().chain([folder]).map(|above| above.join("lib").join(APP)).collect()
}

/// The folder in one of [`library_folders`] that holds the bundles which an upgrade to this version brought.
#[must_use]
pub fn folder_of(version: &Version) -> String {
    format!("{PREFIX}{version}")
}

/// The path within the folder of bundles that an archive's entry has.
pub(super) fn within(entry: &Entry) -> Option<&Path> {
    let path = Path::new(std::str::from_utf8(&entry.path).ok()?);
    let bundles = Path::new("lib").join(APP).join("bundles");
    let below_top = || path.components().next().and_then(|top| path.strip_prefix(top).ok());
    let within = path.strip_prefix(&bundles).ok().or_else(|| below_top()?.strip_prefix(&bundles).ok());
    within.filter(|path| !path.as_os_str().is_empty())
}

/// Lets go of those of other versions, once a program of this one has worked. It may fail quietly: where files of one
/// are in use, the next upgrade takes them away.
pub(super) fn only_of(program: &Path, versions: &[&Version]) {
    for library in library_folders(program) {
        for entry in fs::read_dir(library).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let version = name.to_str().and_then(|name| name.strip_prefix(PREFIX)?.parse::<Version>().ok());
            if version.is_some_and(|version| !versions.contains(&&version)) {
                let _ = fs::remove_dir_all(entry.path());
            }
        }
    }
}

/// The bundles of a release on their way into their folder. Until [`stay`](Self::stay) they go again.
#[derive(Debug)]
pub(super) struct Bundles {
    program: PathBuf,
    library: PathBuf,
    folder: PathBuf,
    is_put: bool,
    stays: bool,
}

impl Bundles {
    /// For this version. What one that was killed left there goes.
    pub(super) fn begin(place: &Place, version: &Version) -> Self {
        let program = place.program().to_owned();
        let folders = library_folders(&program);
        let in_bin = program.parent().is_some_and(|folder| folder.ends_with("bin"));
        let usual = if in_bin { folders.first() } else { folders.last() };
        let library = folders.iter().find(|folder| folder.is_dir()).or(usual).cloned().unwrap_or_default();
        let bundles = Self { folder: library.join(folder_of(version)), program, library, is_put: false, stays: false };
        bundles.clear();
        bundles
    }

    fn unfinished(&self) -> PathBuf {
        self.library.join(UNFINISHED)
    }

    fn replaced(&self) -> PathBuf {
        self.library.join(REPLACED)
    }

    fn clear(&self) {
        for folder in [self.unfinished(), self.replaced()] {
            let _ = fs::remove_dir_all(folder);
        }
    }

    /// Unpacks one entry, to the disk itself; whether it is of a kind that bundles are made of.
    pub(super) fn take(&self, path: &Path, kind: &Kind, content: &mut dyn Read) -> Result<bool, Error> {
        let to = self.unfinished().join(path);
        let executable = match kind {
            Kind::File { executable, .. } => *executable,
            Kind::Folder => return Ok(true), // made for what is in it
            Kind::Link { .. } => return Ok(false),
        };
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder).map_err(Error::files("make the folder", folder))?;
        }
        let mut file = create(&to, executable).map_err(Error::files("make", &to))?;
        io::copy(content, &mut file).map_err(Error::files("unpack", &to))?;
        file.sync_all().map_err(Error::files("write", &to))?;
        Ok(true)
    }

    /// Puts them into their folder, if the release has any.
    pub(super) fn put(&mut self) -> Result<(), Error> {
        let (new, folder) = (self.unfinished(), &self.folder);
        if !new.is_dir() {
            return Ok(());
        }
        // The same version once more, by force: what it had was whole, too.
        match fs::rename(folder, self.replaced()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(Error::files("move aside", folder)(error));
            }
            _ => {}
        }
        self.is_put = true;
        fs::rename(&new, folder).map_err(Error::files("make the folder", folder))?;
        sync_folder(folder);
        Ok(())
    }

    /// The program that looks for them is in its place; the one before it may come back.
    pub(super) fn stay(mut self, own: &Version, new: &Version) {
        self.stays = true;
        only_of(&self.program, &[own, new]);
    }
}

impl Drop for Bundles {
    fn drop(&mut self) {
        if self.is_put && !self.stays {
            let _ = fs::remove_dir_all(&self.folder);
            let _ = fs::rename(self.replaced(), &self.folder);
        }
        self.clear();
    }
}

fn create(path: &Path, executable: bool) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, if executable { 0o755 } else { 0o644 });
    #[cfg(not(unix))]
    let _ = executable;
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bundles_lie_below_the_archives_top_or_at_it() {
        let of = |path: &str| {
            let entry = Entry { path: path.as_bytes().to_vec(), kind: Kind::Folder };
            within(&entry).map(|path| path.to_str().unwrap().to_owned())
        };
        assert_eq!(of("rust-bun-1.0.0-x/lib/rust-bun/bundles/engine/a.so").as_deref(), Some("engine/a.so"));
        assert_eq!(of("lib/rust-bun/bundles/engine").as_deref(), Some("engine"));
        for other in ["lib/rust-bun/bundles", "a/b/lib/rust-bun/bundles/c", "lib/rust-bun/bundles2/c", "a/rust-bun"] {
            assert_eq!(of(other), None, "{other}");
        }
    }
}
