//! RPM packages (rpm's own documentation, "RPM V4 Package format"): written from a [`Payload`](crate::payload::Payload),
//! signed, and read back.
//!
//! A package is a lead, a signature header, a header and a payload. The header is about the files and holds the
//! SHA-256 of the compressed payload; the signature header holds the header's SHA-256 and signatures. Nothing is
//! written that only rpm before 4.14 reads: neither MD5 nor SHA-1.

mod cpio;
mod dependency;
mod describe;
mod header;
mod metadata;
mod names;
mod plan;
mod read;
mod read_files;
mod read_header;
mod read_metadata;
mod read_payload;
mod relations;
mod sign;
mod tags;
mod write;

pub use self::dependency::{Comparison, Dependency, NotADependency};
pub use self::metadata::{Change, Metadata, MetadataError, Script, Scripts};
pub use self::names::{UnknownArchitecture, rpm_architecture, rpm_version};
pub use self::read::{RpmPackage, RpmReadError, read_rpm, read_rpm_header};
pub use self::read_files::RpmEntry;
pub use self::sign::{RpmSignError, insert_rpm_signature, rpm_signed_part};
pub use self::write::{RpmError, write_rpm};

use crate::compress::Codec;

/// How to write a package. All of it but `threads` is in the bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RpmOptions {
    /// The compression of the payload. rpm reads zstd from 4.14 on, gzip and xz always.
    pub codec: Codec,
    /// Its level; `None` is [`default_level`].
    pub level: Option<u32>,
    /// The time of the build and of every file: seconds since 1970, UTC, less than 2^32.
    pub mtime: u64,
    /// How many threads may compress at once.
    pub threads: usize,
}

impl Default for RpmOptions {
    /// zstd at [`default_level`].
    fn default() -> Self {
        Self { codec: Codec::Zstd, level: None, mtime: 0, threads: 1 }
    }
}

/// The level when none is asked for. zstd's 6 is the highest that is no slower than the gzip that other tools of
/// packaging begin with, at four fifths of its size; Fedora's own packages have 19, which is smaller by a sixth and
/// takes forty times as long. The others have their own.
pub const fn default_level(codec: Codec) -> u32 {
    match codec {
        Codec::Zstd => 6,
        Codec::Gzip | Codec::Xz => codec.default_level(),
    }
}
