//! OpenPGP signatures through gpg, whose agent keeps the key and asks for its passphrase. No stage of its own.

use std::fs;
use std::path::Path;

use super::{Session, StageError, Tool};

/// A detached signature, in binary, of these bytes by the key that gpg knows by this name.
pub(crate) fn detached(key: &str, bytes: &[u8], session: &Session<'_>) -> Result<Vec<u8>, StageError> {
    let folder = tempfile::tempdir().map_err(StageError::file("create a temporary folder in", std::env::temp_dir()))?;
    let signed = folder.path().join("signed");
    fs::write(&signed, bytes).map_err(StageError::file("write", &signed))?;
    detached_of_file(key, &signed, session)
}

/// The same, of a file.
pub(crate) fn detached_of_file(key: &str, file: &Path, session: &Session<'_>) -> Result<Vec<u8>, StageError> {
    let call = session.toolchain.program(Tool::Gpg, "sign a package");
    let call = call.args(["--batch", "--no-armor", "--digest-algo", "SHA256", "--local-user", key]);
    Ok(session.read(&call.args(["--detach-sign", "--output", "-"]).arg(file))?)
}
