//! Writes a package.

use std::io::{Seek, Write};

use super::identity::Identity;
use super::{Msi, MsiError, product_version};
use crate::payload::Payload;

/// Writes a package to `out`, which must be empty and at its beginning, and gives it back.
///
/// # Errors
/// The description or the payload does not fit the format, a source cannot be read, or `out` does not take it.
pub fn write_msi<W: Write + Seek>(out: W, msi: &Msi, payload: &Payload) -> Result<W, MsiError> {
    product_version(&msi.version)?;
    Identity::new(msi)?;
    let _ = (out, payload);
    Err(MsiError::TooLarge("the writer is still to come"))
}
