//! `pm hash`: the SHA-256 of the lockfile's bytes, in hexadecimal. Two trees with the same hash have the same lockfile.
//! (Bun hashes what its lockfile means, in a way of its own: the values differ from `bun pm hash`.)

use std::fs::File;
use std::io::{self, ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::Error;
use crate::context::Context;
use crate::error::Result;
use crate::exit::Ending;
use crate::package::folders;

/// Those that are looked for, in this order, in the project's folder and up the tree (a workspace's is in its root).
pub(super) const LOCKFILES: [&str; 4] = ["bun.lock", "bun.lockb", "package-lock.json", "npm-shrinkwrap.json"];

pub(super) fn run(context: &Context) -> Result<Ending> {
    let project = folders::project(&context.environment.cwd)?;
    let (file, path) = open(project.folder())?;
    context.report.note(format_args!("SHA-256 of {}", path.display()));
    context.report.result(hash(file).map_err(|source| Error::Read { path, source })?)?;
    Ok(Ending::SUCCESS)
}

fn open(folder: &Path) -> Result<(File, PathBuf), Error> {
    for folder in folder.ancestors() {
        for name in LOCKFILES {
            let path = folder.join(name);
            // What waits for a writer is no lockfile.
            if !path.is_file() && path.symlink_metadata().is_err() {
                continue;
            }
            return match File::open(&path) {
                Ok(file) if path.is_file() => Ok((file, path)),
                Ok(_) => Err(Error::Read { path, source: ErrorKind::IsADirectory.into() }),
                Err(source) => Err(Error::Read { path, source }),
            };
        }
    }
    Err(Error::NoLockfile { folder: folder.to_owned() })
}

fn hash(mut file: File) -> io::Result<String> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => hash.update(&buffer[..count]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}
