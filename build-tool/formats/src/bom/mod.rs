//! The Bill of Materials of a macOS package: every path with its mode, owner, size and checksum. macOS keeps it
//! as the receipt of what it installed. Apple documents the program (`lsbom`, `mkbom`), not the format; it is
//! as its own files have it, which other projects (bomutils, apple-bom) describe.
//!
//! A file is a store of numbered blocks. Some have names: `BomInfo`, `Paths`, `HLIndex`, `VIndex`, `Size64`.
//! `Paths` is a tree whose pages hold pairs of a value (the number of a path and where its record is) and
//! a key (the parent's number and the name), sorted by key.

mod cksum;
mod read;
mod write;

pub(crate) use self::cksum::Cksum;
pub use self::read::read_bom;
pub(crate) use self::write::write_bom;

const MAGIC: &[u8; 8] = b"BOMStore";
const TREE_MAGIC: &[u8; 4] = b"tree";
const VERSION: u32 = 1;
const HEADER_SIZE: usize = 512;
/// Bytes of a page of a tree; of the small tree within `VIndex`.
const PAGE: u32 = 4096;
const SMALL_PAGE: u32 = 128;

/// What kind of thing a record is of.
const FILE: u8 = 1;
const DIRECTORY: u8 = 2;
const LINK: u8 = 3;
/// The record has all its fields. (`mkbom -s` leaves all but the kind away.)
const FULL_RECORD: u16 = 0x000F;

/// A path of the bill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BomEntry {
    /// Relative to where the package is installed, `/` between the parts; empty for that place itself.
    pub path: String,
    /// Type and permissions.
    pub mode: u32,
    /// The owner.
    pub uid: u32,
    /// The group.
    pub gid: u32,
    /// The time of the last change, in seconds since 1970.
    pub mtime: u32,
    /// Bytes of a file's content or of a link's target; 0 for directories.
    pub size: u64,
    /// As POSIX's `cksum` computes it, of the content or of the target; 0 for directories.
    pub checksum: u32,
    /// A link's target.
    pub target: Option<String>,
}
