//! Signatures of a repository, through gpg, whose agent keeps the key and asks for its passphrase.

use std::fs;
use std::path::Path;

use super::Mode;
use super::repository::{Content, RepositoryError, file};
use crate::commands::Error;
use crate::execute::read_text_file;
use crate::tool::Launcher;
use crate::toolchain::gpg;

/// How a signature is kept.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// In a file of its own.
    Detached,
    /// Around the text.
    Clear,
}

/// A key, and who asks gpg.
pub(super) struct Signer {
    launcher: Launcher,
    fingerprint: String,
}

impl Signer {
    /// Finds the one secret key that gpg knows by this name.
    pub(super) fn new(key: &str) -> Result<Self, Error> {
        let launcher = Launcher::guarded();
        let call = gpg("find the key of the repository").args(["--batch", "--with-colons", "--list-secret-keys", "--"]);
        let listed = launcher.read(&call.arg(key))?;
        let listed = String::from_utf8_lossy(&listed);
        // "sec" begins a key; the first "fpr" after it is its own, further ones are those of subkeys (doc/DETAILS of
        // GnuPG).
        let mut lines = listed.lines();
        let mut fingerprints = Vec::new();
        while lines.by_ref().any(|line| line.starts_with("sec:")) {
            let line = lines.by_ref().find(|line| line.starts_with("fpr:")).unwrap_or_default();
            fingerprints.push(line.split(':').nth(9).unwrap_or_default().to_owned());
        }
        match <[String; 1]>::try_from(fingerprints) {
            Ok([fingerprint]) if !fingerprint.is_empty() => Ok(Self { launcher, fingerprint }),
            Ok(_) => Err(RepositoryError::Key { key: key.to_owned(), found: Vec::new() }.into()),
            Err(found) => Err(RepositoryError::Key { key: key.to_owned(), found }.into()),
        }
    }

    /// The public key, as apt and dnf take it.
    pub(super) fn public_key(&self) -> Result<Content, Error> {
        let call = gpg("export the public key of the repository").args(["--batch", "--armor", "--export-options"]);
        let call = call.args(["export-minimal", "--export", &self.fingerprint]);
        Ok(Content::Bytes(self.launcher.read(&call)?))
    }

    /// The signature of `text`: the one that is at `there`, if it holds, so that what has not changed stays as it is;
    /// else a new one, if this is a run that writes.
    pub(super) fn signature(&self, form: Form, text: &[u8], there: &Path, mode: Mode) -> Result<Content, Error> {
        let folder = tempfile::tempdir().map_err(file("create a folder in", &std::env::temp_dir()))?;
        let signed = folder.path().join("signed");
        fs::write(&signed, text).map_err(file("write", &signed))?;
        if let Ok(signature) = read_text_file(there)
            && self.holds(form, there, &signed, text)?
        {
            return Ok(Content::Bytes(signature));
        }
        if mode != Mode::Write {
            return Ok(Content::Unmade);
        }
        let how = if form == Form::Clear { "--clear-sign" } else { "--detach-sign" };
        let call = gpg("sign the repository").args(["--batch", "--armor", "--digest-algo", "SHA512", "--local-user"]);
        let call = call.args([&self.fingerprint, "--output", "-", how]).arg(&signed);
        Ok(Content::Bytes(self.launcher.read(&call)?))
    }

    /// Whether the signature at `there` is this key's, and of this text.
    fn holds(&self, form: Form, there: &Path, signed: &Path, text: &[u8]) -> Result<bool, Error> {
        let call = gpg("check the signature of the repository").args(["--batch", "--status-fd", "2"]);
        let call = match form {
            Form::Detached => call.arg("--verify").arg(there).arg(signed),
            Form::Clear => call.args(["--output", "-", "--decrypt"]).arg(there),
        };
        let output = self.launcher.output(&call)?;
        let said = String::from_utf8_lossy(&output.stderr);
        // The last word of the line is the fingerprint of the primary key, whichever subkey signed.
        let ours = |line: &str| line.starts_with("[GNUPG:] VALIDSIG ") && line.ends_with(&self.fingerprint);
        let same_text = form == Form::Detached || output.stdout == text;
        Ok(output.status.success() && said.lines().any(ours) && same_text)
    }
}
