//! What the host knows of a file.
use crate::abi::{self, UNKNOWN};
use crate::backend::wasm::clock;
use crate::io::{self, ErrorKind};
use crate::time::SystemTime;

/// The bits that let somebody write.
const WRITABLE: u32 = 0o222;

#[derive(Clone, Debug)]
pub(crate) struct Metadata(pub(super) abi::Metadata);

impl Metadata {
    pub(crate) fn len(&self) -> u64 {
        self.0.length
    }

    pub(crate) fn file_type(&self) -> FileType {
        FileType(self.0.kind)
    }

    pub(crate) fn permissions(&self) -> Permissions {
        Permissions(self.0.mode)
    }

    pub(crate) fn modified(&self) -> io::Result<SystemTime> {
        time(self.0.modified)
    }

    pub(crate) fn accessed(&self) -> io::Result<SystemTime> {
        time(self.0.accessed)
    }

    pub(crate) fn created(&self) -> io::Result<SystemTime> {
        time(self.0.created)
    }
}

fn time(nanoseconds: i64) -> io::Result<SystemTime> {
    if nanoseconds == UNKNOWN {
        return Err(io::Error::message(ErrorKind::Unsupported, "the host does not know this time"));
    }
    let (seconds, nanoseconds) = clock::parts(nanoseconds);
    Ok(SystemTime::from_parts(seconds, nanoseconds))
}

/// A time as the host gets it.
pub(super) fn nanoseconds(time: Option<SystemTime>) -> i64 {
    time.map_or(UNKNOWN, |time| clock::joined(time.parts()))
}

/// [`abi::Metadata::kind`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FileType(pub(super) u32);

impl FileType {
    pub(crate) fn is_file(&self) -> bool {
        self.0 == 1
    }

    pub(crate) fn is_dir(&self) -> bool {
        self.0 == 2
    }

    pub(crate) fn is_symlink(&self) -> bool {
        self.0 == 3
    }
}

/// Unix's bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Permissions(pub(super) u32);

impl Permissions {
    pub(crate) fn readonly(&self) -> bool {
        self.0 & WRITABLE == 0
    }

    pub(crate) fn set_readonly(&mut self, readonly: bool) {
        if readonly {
            self.0 &= !WRITABLE;
        } else {
            self.0 |= WRITABLE;
        }
    }
}
