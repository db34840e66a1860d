//! Byte formats of a release: archives, installers, checksums, stamps, Mach-O signatures. Knows nothing of releases.
//!
//! What is written is decided here to the last bit: the same input gives the same bytes
//! whatever the host, the clock or the number of threads. What is read is hostile until
//! checked: malformed bytes are errors, and sizes have limits.

pub mod apk;
pub mod apt_repository;
pub mod archive;
mod big_endian;
pub mod binary;
pub mod bom;
pub mod checksums;
pub mod compress;
mod cpio;
pub mod deb;
pub mod dmg;
mod dos_time;
pub mod elf_needs;
pub mod hfsplus;
pub mod macho;
pub mod msi;
pub mod packaged;
pub mod payload;
pub mod pkg;
pub mod read_archive;
pub mod rpm;
mod source;
pub mod stamp;
mod sums;
pub mod udif;
pub mod unix;
pub mod xar;
mod xml;
pub mod yum;

pub use source::SourceError;
