//! Byte formats of a release: archives, checksums, stamps, Mach-O signatures. Knows nothing of releases.
//!
//! What is written is decided here to the last bit: the same input gives the same bytes
//! whatever the host, the clock or the number of threads. What is read is hostile until
//! checked: malformed bytes are errors, and sizes have limits.

pub mod archive;
pub mod binary;
pub mod checksums;
pub mod compress;
pub mod macho;
mod name;
pub mod packaged;
pub mod payload;
pub mod read_archive;
pub mod rpm;
mod source;
pub mod stamp;
pub mod yum;

pub use source::SourceError;
