//! Compound files (\[MS-CFB\]): what a package is on the outside. Sectors, chained by a table (FAT), hold streams that a
//! directory names; streams of less than 4096 bytes share a stream of small sectors, chained by a table of their own.

mod read;
mod write;

pub(super) use self::read::Compound;
pub(super) use self::write::CompoundWriter;

const SIGNATURE: [u8; 8] = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];
const HEADER: u64 = 512;
/// Bytes of a sector of version 3, the only one that can be signed.
const SECTOR: u64 = 512;
const SMALL_SECTOR: u64 = 64;
/// Streams from this size on have sectors of their own.
const CUTOFF: u64 = 4096;
/// Sectors of the table that the header names itself; others are named by a chain of DIFAT sectors.
const HEADER_DIFAT: usize = 109;
const DIRECTORY_ENTRY: usize = 128;

const DIFAT_SECTOR: u32 = 0xFFFF_FFFC;
const FAT_SECTOR: u32 = 0xFFFF_FFFD;
const END_OF_CHAIN: u32 = 0xFFFF_FFFE;
const FREE: u32 = 0xFFFF_FFFF;
/// No entry of the directory.
const NONE: u32 = 0xFFFF_FFFF;

/// Kinds of directory entries.
const STREAM: u8 = 2;
const ROOT: u8 = 5;

/// {000C1084-0000-0000-C000-000000000046}, the class of installation packages, in its mixed byte order.
pub(super) const PACKAGE_CLASS: [u8; 16] = [0x84, 0x10, 0x0C, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46];
