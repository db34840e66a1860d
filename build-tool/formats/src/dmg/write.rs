//! Writes a disk image. The volume's layout is computed first; then the volume is written once, through the image.

use crate::compress::Codec;
use crate::hfsplus::Volume;
pub use crate::hfsplus::VolumeError as DmgError;
use crate::payload::Payload;
use crate::udif::UdifWriter;
use std::io::Write;

/// How an image is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DmgOptions {
    /// What the volume is called when it is mounted.
    pub volume_name: String,
    /// The time of every file, in seconds since 1970.
    pub mtime: u64,
    /// The level of zlib, 1 to 9; `None` for 9.
    pub level: Option<u32>,
    /// How many threads may compress. The bytes do not depend on it.
    pub threads: usize,
}

/// Writes the image to `out` and gives it back.
///
/// # Errors
/// A name does not fit the volume or is there twice but for its case, an owner has no number on macOS, a file
/// cannot be read or changes meanwhile, or `out` cannot be written.
pub fn write_dmg<W: Write>(out: W, payload: &Payload, options: &DmgOptions) -> Result<W, DmgError> {
    let level = options.level.unwrap_or(Codec::Gzip.default_level());
    Codec::Gzip.check_level(level)?;
    let volume = Volume::new(&options.volume_name, payload, options.mtime)?;
    let mut image = UdifWriter::new(out, level, options.threads)?;
    volume.write(&mut image)?;
    Ok(image.finish()?)
}
