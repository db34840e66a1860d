//! What every reader of archives from outside needs, whatever it reads them for: which names are safe, tar with
//! bounded memory, compressed streams that end where they should, and limits. All of it takes the bytes for hostile.
//!
//! It neither unpacks nor decides what a whole archive may hold: that is for its users, who know the purpose.

mod budget;
mod content;
mod decoder;
mod name;
pub mod tar;
mod tree;

use std::io;

pub use budget::{Budget, Limits};
pub use content::Content;
pub use decoder::{Decoder, only_zeros};
pub use name::{MAX_NAME, NameError, check_name, check_name_for_windows, readable};
pub use tree::{Conflict, Tree};

/// Why an archive is refused. Its users say it in their own words, beside what else they refuse.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file or its compressed stream.
    #[error("it cannot be read: {0}")]
    Io(#[from] io::Error),
    /// The entry of this name is a device, a pipe, a hard link or the like.
    #[error("its entry {0:?} is neither a file nor a directory nor a symbolic link")]
    Special(String),
    /// The bytes contradict the format.
    #[error("it is damaged: {0}")]
    Damaged(&'static str),
    /// Something of the format that is not read.
    #[error("it uses {0}, which is not supported")]
    Unsupported(&'static str),
    /// Bytes behind the end, where something could hide.
    #[error("it goes on behind its end")]
    TrailingData,
    /// More entries than this.
    #[error("it has more than {0} entries")]
    TooManyEntries(u64),
    /// More unpacked bytes than this.
    #[error("it unpacks to more than {0} bytes")]
    TooLarge(u64),
    /// More bytes to hold in memory than this.
    #[error("its names take more than {0} bytes")]
    NamesTooLong(u64),
}
