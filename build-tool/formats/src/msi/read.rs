//! Reads a package.

use std::io::{Read, Seek};

use super::MsiArchitecture;
use crate::read_archive::{ArchivedEntry, Limits, ReadError};

/// What a package says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MsiInfo {
    /// The product's name.
    pub name: String,
    /// Its three numbers of version.
    pub version: String,
    /// Who makes it.
    pub manufacturer: String,
    /// The GUID of this version, in braces.
    pub product_code: String,
    /// The GUID of all versions, in braces.
    pub upgrade_code: String,
    /// The GUID of this very file, in braces.
    pub package_code: String,
    /// For which processors.
    pub architecture: MsiArchitecture,
    /// Whether it carries an Authenticode signature. That one is not checked here.
    pub signed: bool,
}

/// Reads a package whole: its description, and every file in the order of its cabinet, which `visit` gets with its path
/// below the install folder and its content, which need not be read. Directories that the package makes though they are
/// empty come last. Content is checked against its promised size and the cabinet's checksums; the visitor may have seen
/// bytes that turn out wrong later, so what it makes of them counts only when this returns `Ok`. An error of the visitor
/// ends it.
///
/// # Errors
/// The bytes are no package, a damaged one, one that uses what [`super::write_msi`] never does, or beyond the limits.
pub fn read_msi<R, E>(
    file: R,
    limits: Limits,
    visit: impl FnMut(&ArchivedEntry, &mut dyn Read) -> Result<(), E>,
) -> Result<MsiInfo, E>
where
    R: Read + Seek,
    E: From<ReadError>,
{
    let _ = (file, limits, visit);
    Err(ReadError::Unsupported("what is still to come").into())
}
