//! HFS Plus, the file system within a disk image: Apple's Technical Note TN1150.
//!
//! What is written is a volume that is full and never mounted for writing: every file in one piece, in the order
//! of the paths, no journal, no attributes. Blocks: the volume header, the allocation bitmap, the extents tree
//! (empty), the catalog, the files, what is free, and the header once more.

mod btree;
mod catalog;
mod names;
mod read;
mod read_catalog;
mod volume;
mod write;

pub use self::read::{VolumeContents, read_volume};
pub(crate) use self::write::Volume;
pub use self::write::VolumeError;

/// Bytes of an allocation block, as every volume of some size has them.
const BLOCK: u64 = 4096;

/// The catalog's numbers of folders that are always the same (`kHFSRootParentID`, …).
const ROOT_PARENT: u32 = 1;
const ROOT_FOLDER: u32 = 2;
const FIRST_FREE: u32 = 16;

/// What a record of the catalog is of.
const FOLDER_RECORD: u16 = 1;
const FILE_RECORD: u16 = 2;
const FOLDER_THREAD: u16 = 3;
const FILE_THREAD: u16 = 4;

/// A link is a file of this type and this creator.
const LINK_TYPE: &[u8; 8] = b"slnkrhap";

/// Seconds from 1904, where the volume's times begin, to 1970.
const EPOCH: u64 = 2_082_844_800;
