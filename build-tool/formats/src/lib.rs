//! Byte formats of a release: archives, checksums, stamps, Mach-O signatures. Knows nothing of releases.
//!
//! What is written is decided here to the last bit: the same input gives the same bytes
//! whatever the host, the clock or the number of threads. What is read is hostile until
//! checked: malformed bytes are errors, and sizes have limits.

pub mod archive;
mod big_endian;
pub mod binary;
pub mod bom;
pub mod checksums;
pub mod compress;
mod cpio;
pub mod dmg;
pub mod hfsplus;
pub mod macho;
mod name;
pub mod payload;
pub mod pkg;
pub mod read_archive;
mod source;
pub mod stamp;
pub mod udif;
pub mod unix;
pub mod xar;
mod xml;

pub use source::SourceError;
