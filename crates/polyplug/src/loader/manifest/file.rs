//! Manifests on the disk, and the files that they name.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::error::ManifestError;

/// What a manifest is called.
pub const MANIFEST_FILE: &str = "manifest.toml";
/// How many bytes a manifest may have.
pub const MANIFEST_LIMIT: u64 = 1 << 20;

/// The text of the manifest in `folder`, and the folder with links resolved.
pub(super) fn read(folder: &Path) -> Result<(String, PathBuf), ManifestError> {
    let file = folder.join(MANIFEST_FILE);
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
            ManifestError::Missing { file: folder.join(MANIFEST_FILE) }
        }
        _ => ManifestError::Unreadable { file: folder.join(MANIFEST_FILE), error },
    };
    let folder = folder.canonicalize().map_err(failed)?;
    // Asked before it is opened: a pipe would be waited for.
    if !file.metadata().map_err(failed)?.is_file() {
        return Err(ManifestError::NotAFile { file });
    }
    let mut bytes = Vec::new();
    File::open(&file).and_then(|file| file.take(MANIFEST_LIMIT + 1).read_to_end(&mut bytes)).map_err(failed)?;
    if bytes.len() as u64 > MANIFEST_LIMIT {
        return Err(ManifestError::TooLarge { file, limit: MANIFEST_LIMIT });
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok((text, folder)),
        Err(error) => {
            let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            let line = good.iter().filter(|byte| **byte == b'\n').count() + 1;
            Err(ManifestError::NotUtf8 { file, line })
        }
    }
}

/// The file `named` by the manifest in `folder`, with links resolved: a regular file that lies in the folder.
pub(super) fn resolve(folder: &Path, named: &Path) -> Result<PathBuf, ManifestError> {
    let unreadable = |error| ManifestError::Unreadable { file: folder.join(named), error };
    let inside = folder.canonicalize().map_err(unreadable)?;
    let target = inside.join(named).canonicalize().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
            ManifestError::FileMissing { folder: folder.to_owned(), named: named.display().to_string() }
        }
        _ => unreadable(error),
    })?;
    if !target.starts_with(&inside) {
        let (folder, named) = (folder.to_owned(), named.display().to_string());
        return Err(ManifestError::FileOutside { folder, named, target });
    }
    if !target.metadata().map_err(unreadable)?.is_file() {
        return Err(ManifestError::NotAFile { file: target });
    }
    Ok(target)
}
