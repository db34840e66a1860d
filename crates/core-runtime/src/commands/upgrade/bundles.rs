//! The bundles that come with a release. An upgrade puts them into a folder of their version,
//! `lib/rust-bun/bundles-VERSION`, which only the program of that version looks into: so the one rename that
//! exchanges the program exchanges them, too, and the old program finds its own where they were.

use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use semver::Version;

use super::Error;
use super::release::APP;
use super::replace::{Place, sync_folder};
use crate::archive::{Entry, Kind};

/// What a folder of one version is called, before the version.
const PREFIX: &str = "bundles-";
/// What is being unpacked.
const UNFINISHED: &str = "bundles.new";

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

/// The bundles of a release on their way into their folder. If they do not [`stay`](Self::stay), that goes again.
#[derive(Debug)]
pub(super) struct Bundles {
    program: PathBuf,
    library: PathBuf,
    folder: PathBuf,
    is_new: bool,
}

impl Bundles {
    /// For this version. What one that was killed left there goes.
    pub(super) fn begin(place: &Place, version: &Version) -> Self {
        let program = place.program().to_owned();
        let folders = library_folders(&program);
        let in_bin = program.parent().is_some_and(|folder| folder.ends_with("bin"));
        let usual = if in_bin { folders.first() } else { folders.last() };
        let library = folders.iter().find(|folder| folder.is_dir()).or(usual).cloned().unwrap_or_default();
        let bundles = Self { folder: library.join(folder_of(version)), program, library, is_new: false };
        bundles.clear();
        bundles
    }

    fn unfinished(&self) -> PathBuf {
        self.library.join(UNFINISHED)
    }

    fn clear(&self) {
        let _ = fs::remove_dir_all(self.unfinished());
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
            make(folder)?;
        }
        let mut file = File::create_new(&to).map_err(Error::files("make", &to))?;
        io::copy(content, &mut file).map_err(Error::files("unpack", &to))?;
        for_everybody(&to, executable)?;
        file.sync_all().map_err(Error::files("write", &to))?;
        Ok(true)
    }

    /// Puts them into their folder, which is made where the release has none, too: the program then looks nowhere else.
    pub(super) fn put(&mut self) -> Result<(), Error> {
        let new = self.unfinished();
        make(&new)?;
        if self.folder.is_dir() {
            // The same version once more: either program uses them. What is not as it was is mended file by file.
            return self.mend(&new, &self.folder);
        }
        fs::rename(&new, &self.folder).map_err(Error::files("make the folder", &self.folder))?;
        self.is_new = true;
        sync_folder(&self.folder);
        Ok(())
    }

    fn mend(&self, new: &Path, old: &Path) -> Result<(), Error> {
        make(old)?;
        for entry in fs::read_dir(new).map_err(Error::files("read", new))? {
            let entry = entry.map_err(Error::files("read", new))?;
            let (from, to) = (entry.path(), old.join(entry.file_name()));
            if from.is_dir() {
                self.mend(&from, &to)?;
            } else if !is_same(&from, &to).map_err(Error::files("compare", &to))? {
                fs::rename(&from, &to).map_err(Error::files("replace", &to))?;
            }
        }
        Ok(())
    }

    /// The program that looks for them is in its place. Those of versions other than this and `replaced`, which may come
    /// back, go; where files of one are in use, the next upgrade takes them away.
    pub(super) fn stay(mut self, replaced: Option<&Version>) {
        self.is_new = false;
        let Some(replaced) = replaced else { return };
        let kept = [folder_of(replaced).into(), self.folder.file_name().unwrap_or_default().to_owned()];
        for library in library_folders(&self.program) {
            for entry in fs::read_dir(library).into_iter().flatten().flatten() {
                let name = entry.file_name();
                let version = name.to_str().and_then(|name| name.strip_prefix(PREFIX)?.parse::<Version>().ok());
                if version.is_some() && !kept.contains(&name) {
                    let _ = fs::remove_dir_all(entry.path());
                }
            }
        }
    }
}

impl Drop for Bundles {
    fn drop(&mut self) {
        if self.is_new {
            let _ = fs::remove_dir_all(&self.folder);
        }
        self.clear();
    }
}

/// Makes a folder and those above it. Whoever may run the program is to read what belongs to it, whatever the mask of the
/// one who upgrades.
fn make(folder: &Path) -> Result<(), Error> {
    if folder.is_dir() {
        return Ok(());
    }
    if let Some(above) = folder.parent() {
        make(above)?;
    }
    fs::create_dir(folder).map_err(Error::files("make the folder", folder))?;
    for_everybody(folder, true)
}

#[cfg(unix)]
fn for_everybody(path: &Path, executable: bool) -> Result<(), Error> {
    use std::os::unix::fs::PermissionsExt;
    let mode = if executable { 0o755 } else { 0o644 };
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).map_err(Error::files("set the permissions of", path))
}

#[cfg(not(unix))]
fn for_everybody(_: &Path, _: bool) -> Result<(), Error> {
    Ok(())
}

fn is_same(one: &Path, other: &Path) -> io::Result<bool> {
    let (one, other) = match (File::open(one)?, File::open(other)) {
        (one, Ok(other)) => (one, other),
        (_, Err(error)) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        (_, Err(error)) => return Err(error),
    };
    if one.metadata()?.len() != other.metadata()?.len() {
        return Ok(false);
    }
    let (mut one, mut other) = (BufReader::new(one).bytes(), BufReader::new(other).bytes());
    loop {
        match (one.next().transpose()?, other.next().transpose()?) {
            (None, None) => return Ok(true),
            (left, right) if left == right => {}
            _ => return Ok(false),
        }
    }
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
