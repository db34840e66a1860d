//! Reads the bytes of a `.env` file, and nothing that is none: never waits for the other end of a pipe, and never
//! takes more into memory than the limit.

use std::fs::{File, FileType, OpenOptions};
use std::io::{self, Read};
use std::path::Path;

/// The most bytes of a file, and of all values of a file: 16 MiB. No system hands a program more variables than that.
pub const LIMIT: usize = 16 << 20;

/// Why there are no bytes.
#[derive(Debug)]
pub(super) enum Refusal {
    /// It is a folder, a pipe, …
    NotAFile(&'static str),
    /// More than [`LIMIT`]
    TooLong,
    /// What the system said
    Io(io::Error),
}

/// The file's bytes.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, Refusal> {
    let file = open(path).map_err(|error| match error.kind() {
        io::ErrorKind::IsADirectory => Refusal::NotAFile("a folder"),
        // How Windows answers who opens a folder.
        io::ErrorKind::PermissionDenied if path.is_dir() => Refusal::NotAFile("a folder"),
        _ => Refusal::Io(error),
    })?;
    let metadata = file.metadata().map_err(Refusal::Io)?;
    if !metadata.is_file() {
        return Err(Refusal::NotAFile(kind(metadata.file_type())));
    }
    if metadata.len() > LIMIT as u64 {
        return Err(Refusal::TooLong);
    }
    let mut bytes = Vec::with_capacity(metadata.len() as usize + 1);
    // A file may grow, and some of /proc have no length.
    file.take(LIMIT as u64 + 1).read_to_end(&mut bytes).map_err(Refusal::Io)?;
    if bytes.len() > LIMIT { Err(Refusal::TooLong) } else { Ok(bytes) }
}

#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    // Else to open a pipe is to wait until somebody writes into it.
    let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
    OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(path)
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).open(path)
}

#[cfg(unix)]
fn kind(kind: FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    if kind.is_dir() {
        "a folder"
    } else if kind.is_fifo() {
        "a named pipe"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

#[cfg(not(unix))]
fn kind(kind: FileType) -> &'static str {
    if kind.is_dir() { "a folder" } else { "a device" }
}
