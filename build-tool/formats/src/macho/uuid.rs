//! `LC_UUID`: what debuggers and crash reports know a file and its debug information by.

use super::read::{MachO, MachOError};
use std::io::{Read, Seek, SeekFrom, Write};

/// Shapes a hash as a UUID: version 3 ("name-based") and variant of RFC 4122, as LLVM's and Apple's linkers do.
pub(super) fn shaped(hash: &[u8; 32]) -> [u8; 16] {
    let mut uuid = [0; 16];
    uuid.copy_from_slice(&hash[..16]);
    uuid[6] = (uuid[6] & 0x0F) | 0x30;
    uuid[8] = (uuid[8] & 0x3F) | 0x80;
    uuid
}

/// Writes the UUID of a thin file in place: for debug information that belongs to a program which got a
/// new one. A signature in the file does not hold afterwards. Says whether the file has a UUID at all.
///
/// # Errors
/// The file is no thin Mach-O file, or could not be written.
pub fn set_uuid<F: Read + Write + Seek>(file: &mut F, uuid: &[u8; 16]) -> Result<bool, MachOError> {
    let Some(at) = MachO::read(file)?.uuid else { return Ok(false) };
    file.seek(SeekFrom::Start(at))?;
    file.write_all(uuid)?;
    file.flush()?;
    Ok(true)
}
