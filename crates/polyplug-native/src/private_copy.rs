//! A library's private copy: under its own name, in a fresh folder, with what lies beside the library.

use std::path::{Path, PathBuf};
use std::{fs, io};

use tempfile::TempDir;

/// A copy of a file. Dropping it removes it.
#[derive(Debug)]
pub(crate) struct PrivateCopy {
    file: PathBuf,
    _folder: TempDir,
}

impl PrivateCopy {
    pub(crate) fn of(file: &Path) -> io::Result<Self> {
        let name = file.file_name().ok_or_else(|| io::Error::other("it has no name"))?;
        let beside = file.parent().ok_or_else(|| io::Error::other("it is in no folder"))?;
        // Only its owner may enter it: what is loaded from there is what was copied.
        let mut builder = tempfile::Builder::new();
        builder.prefix(".polyplug-");
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
        let temporary = std::env::temp_dir();
        let folder = if runs_nothing(&temporary) { builder.tempdir_in(beside) } else { builder.tempdir_in(temporary) }?;
        let copy = folder.path().join(name);
        fs::copy(file, &copy)?;
        for entry in fs::read_dir(beside)? {
            let entry = entry?;
            // Whether the library needs it, the system finds out; what cannot be linked may not be needed.
            if entry.file_name() != name && entry.path() != folder.path() {
                let _ = link(&entry.path(), &folder.path().join(entry.file_name()));
            }
        }
        Ok(Self { file: copy, _folder: folder })
    }

    pub(crate) fn file(&self) -> &Path {
        &self.file
    }
}

/// Whether a folder is on a file system from which nothing may be run: no library can be opened there. The bundle's own
/// is not on one.
#[cfg(target_os = "linux")]
fn runs_nothing(folder: &Path) -> bool {
    use rustix::fs::StatVfsMountFlags;
    rustix::fs::statvfs(folder).is_ok_and(|system| system.f_flag.contains(StatVfsMountFlags::NOEXEC))
}

#[cfg(not(target_os = "linux"))]
fn runs_nothing(_: &Path) -> bool {
    false
}

#[cfg(unix)]
fn link(original: &Path, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(original, link)
}

/// Links to files ask for a privilege, and names of one file for one volume: else libraries are copied, too.
#[cfg(windows)]
fn link(original: &Path, link: &Path) -> io::Result<()> {
    if original.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("dll")) {
        fs::hard_link(original, link).or_else(|_| fs::copy(original, link).map(drop))?;
    }
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn it_has_the_name_and_the_neighbours_of_the_file_and_only_its_owner_may_enter() {
        use std::os::unix::fs::PermissionsExt as _;
        let bundle = tempfile::tempdir().unwrap();
        let file = bundle.path().join("libx.so");
        fs::write(&file, "code").unwrap();
        fs::write(bundle.path().join("libdep.so"), "dep").unwrap();
        let copy = PrivateCopy::of(&file).unwrap();
        assert_ne!(copy.file(), file);
        assert_eq!(copy.file().file_name(), file.file_name());
        fs::write(&file, "changed").unwrap();
        assert_eq!(fs::read_to_string(copy.file()).unwrap(), "code");
        let folder = copy.file().parent().unwrap().to_owned();
        assert_eq!(fs::read_to_string(folder.join("libdep.so")).unwrap(), "dep");
        assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o077, 0);
        drop(copy);
        assert!(!folder.exists());
        assert_eq!(fs::read_to_string(bundle.path().join("libdep.so")).unwrap(), "dep");
    }
}
