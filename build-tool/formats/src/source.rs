//! A file of this machine on its way into an archive or an installer: it is streamed, and
//! what is written is exactly as long as the header before it has promised.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// Why a source cannot be taken in.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// A directory, a device or the like.
    #[error("{0} is not a regular file")]
    NotAFile(PathBuf),
    /// It cannot be read.
    #[error("cannot read {path}: {error}")]
    Unreadable {
        /// The source.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// It became shorter or longer while it was read.
    #[error("{0} changed while it was read")]
    Changed(PathBuf),
    /// What it was copied to does not take it.
    #[error("cannot write: {0}")]
    Write(#[from] io::Error),
}

/// An open source, with the size that is promised in the header.
#[derive(Debug)]
pub(crate) struct Source {
    path: PathBuf,
    file: File,
    pub(crate) size: u64,
}

impl Source {
    pub(crate) fn open(path: &Path) -> Result<Self, SourceError> {
        let opened = File::open(path).and_then(|file| Ok((file.metadata()?, file)));
        let (metadata, file) = opened.map_err(|error| SourceError::Unreadable { path: path.to_owned(), error })?;
        if !metadata.is_file() {
            return Err(SourceError::NotAFile(path.to_owned()));
        }
        Ok(Self { path: path.to_owned(), file, size: metadata.len() })
    }

    /// Copies exactly the promised size; neither a shorter nor a longer file fits the header.
    pub(crate) fn copy_to(&mut self, out: &mut (impl Write + ?Sized)) -> Result<(), SourceError> {
        let mut buffer = vec![0; 128 * 1024];
        let mut copied = 0;
        loop {
            let read = match self.file.read(&mut buffer) {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(SourceError::Unreadable { path: self.path.clone(), error }),
            };
            copied += read as u64;
            if copied > self.size {
                break;
            }
            out.write_all(&buffer[..read])?;
        }
        if copied == self.size { Ok(()) } else { Err(SourceError::Changed(self.path.clone())) }
    }
}
