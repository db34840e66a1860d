//! Reads a disk image that came from outside: the image's checksums first, then the volume in it.

pub use crate::hfsplus::VolumeContents as DmgContents;
use crate::hfsplus::read_volume;
use crate::read_archive::{Limits, ReadError};
use crate::udif::Udif;
use crate::unix::UnixEntry;
use std::io::{Read, Seek};

/// Hands every file, directory and link to `visit`, sorted by path, with its content, which need not be read.
/// The image's checksums and the volume's structure have then been checked; volumes have no checksums of files.
///
/// # Errors
/// It is not an image with one volume of HFS Plus, is damaged, contradicts itself or goes over the limits; or an
/// error of `visit`.
pub fn read_dmg<R, E>(
    file: R,
    limits: Limits,
    visit: impl FnMut(&UnixEntry, &mut dyn Read) -> Result<(), E>,
) -> Result<DmgContents, E>
where
    R: Read + Seek,
    E: From<ReadError>,
{
    read_volume(Udif::open(file, limits)?, limits, visit)
}
