//! Byte formats of a release: archives, checksums, stamps, Mach-O signatures. Knows nothing of releases.
//!
//! What is written is decided here to the last bit: the same input gives the same bytes
//! whatever the host, the clock or the number of threads. What is read is hostile until
//! checked: malformed bytes are errors, and sizes have limits.

pub mod archive;
pub mod binary;
pub mod checksums;
pub mod compress;
mod dos_time;
pub mod macho;
pub mod msi;
mod name;
pub mod payload;
pub mod read_archive;
mod source;
pub mod stamp;

pub use source::SourceError;
