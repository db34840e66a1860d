//! Files are written whole or not at all, and only if they change.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// A file could not be read or written.
#[derive(Debug, thiserror::Error)]
#[error("cannot {verb} {}: {error}", path.display())]
pub struct WriteError {
    verb: &'static str,
    path: PathBuf,
    error: io::Error,
}

/// What a file on disk is, compared to what it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It is not there.
    New,
    /// It is there, and different.
    Changed,
    /// It is as it should be.
    Same,
}

/// Compares the file at `path` with `text`.
///
/// # Errors
///
/// It is there and cannot be read.
pub fn state(path: &Path, text: &str) -> Result<State, WriteError> {
    match std::fs::read(path) {
        Ok(bytes) if bytes == text.as_bytes() => Ok(State::Same),
        Ok(_) => Ok(State::Changed),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(State::New),
        Err(error) => Err(WriteError { verb: "read", path: path.to_owned(), error }),
    }
}

/// Writes the file: into a temporary one beside it first, which then takes its name.
///
/// # Errors
///
/// The system does not let it.
pub fn write(path: &Path, text: &str) -> Result<(), WriteError> {
    let failed = |error| WriteError { verb: "write", path: path.to_owned(), error };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(failed)?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(".polyplugc-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // As a file that was created plainly; the process's mask takes from it what it takes from those.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(folder).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}
