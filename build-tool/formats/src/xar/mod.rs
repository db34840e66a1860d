//! xar, the archive around macOS's flat packages: a header, a table of contents (XML, compressed),
//! and the heap with the contents (the wiki of xar, "xarformat").
//!
//! Checksums are SHA-1 throughout. They find damage, they do not prove who made it, and SHA-1 is what
//! `productbuild` writes, what every installer since 10.5 takes, and all that libarchive before 3.7 knows;
//! SHA-256 would need another header and newer readers, for nothing: what proves the origin is the
//! package's signature, or the release's own SHA-256 sums.

mod read;
mod write;

pub use self::read::{Xar, XarEntry};
pub(crate) use self::write::XarWriter;

const MAGIC: &[u8; 4] = b"xar!";
const HEADER_SIZE: u16 = 28;
const VERSION: u16 = 1;
/// The header's number for SHA-1.
const CHECKSUM_SHA1: u32 = 1;
/// Bytes of a SHA-1 sum. The table's own lies at the heap's beginning.
const SHA1_SIZE: u64 = 20;

/// The encodings of contents. The one for deflate is named after gzip, but it is zlib's format (RFC 1950).
const STORED: &str = "application/octet-stream";
const DEFLATED: &str = "application/x-gzip";
