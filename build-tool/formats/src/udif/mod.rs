//! UDIF, Apple's disk images (`.dmg`) as `hdiutil create -format UDZO` makes them: the disk in chunks, each
//! deflated on its own; a property list with the table of the chunks; and the trailer, "koly". Apple documents
//! the program, not the format; it is as its own files have it, which 7-Zip, dmg2img and others read.

mod read;
mod write;

pub use self::read::Udif;
pub(crate) use self::write::UdifWriter;

const SECTOR: u64 = 512;
/// Sectors of a chunk: 1 MiB, as `hdiutil` takes it. Part of the format that is written.
const CHUNK_SECTORS: u64 = 2048;

const TRAILER: &[u8; 4] = b"koly";
const TRAILER_SIZE: usize = 512;
const TRAILER_VERSION: u32 = 4;
const TABLE: &[u8; 4] = b"mish";
const TABLE_VERSION: u32 = 1;
/// Bytes of a table before its runs, and of a run.
const TABLE_HEADER: usize = 204;
const RUN_SIZE: usize = 40;

/// What a run is: zeros, bytes as they are, deflated (in zlib's format), the end. There are others, which are not written.
const ZEROS: u32 = 0;
const STORED: u32 = 1;
const IGNORED: u32 = 2;
const DEFLATED: u32 = 0x8000_0005;
const COMMENT: u32 = 0x7FFF_FFFE;
const END: u32 = 0xFFFF_FFFF;

/// A checksum field: its kind, its bits, and room for 128 bytes. CRC-32 is what `hdiutil` writes.
const CRC32: u32 = 2;
const CHECKSUM_FIELD: usize = 136;
