//! Signatures within a package, as debsigs makes and debsig-verify(1) checks them: a further member whose name begins
//! with `_gpg`, a detached OpenPGP signature of the contents of the three members before it, one after another.

use super::{DebReadError, ar};
use std::io::{self, Read, Seek, SeekFrom, Write};

/// The member with the signature of whoever makes the package.
pub(super) const ORIGIN: &str = "_gpgorigin";

/// What members with signatures are called.
pub(super) const PREFIX: &str = "_gpg";

/// No signature is larger.
pub(super) const MAX_SIGNATURE: u64 = 64 << 10;

/// Writes what a signature is of to `out`.
///
/// # Errors
/// It is no package, or it cannot be read or written.
pub fn deb_signed_part<R: Read + Seek, W: Write>(mut file: R, mut out: W) -> Result<W, DebReadError> {
    file.rewind()?;
    let mut magic = [0; ar::MAGIC.len()];
    file.read_exact(&mut magic)?;
    if magic != *ar::MAGIC {
        return Err(DebReadError::Frame("it is no ar archive".to_owned()));
    }
    while let Some((name, size)) = ar::next_member(&mut file)? {
        if name.starts_with(PREFIX) {
            break;
        }
        if io::copy(&mut (&mut file).take(size), &mut out)? != size {
            return Err(DebReadError::Frame(format!("it ends within {name:?}")));
        }
        if size % 2 == 1 {
            file.seek(SeekFrom::Current(1))?;
        }
    }
    Ok(out)
}

/// Puts the maker's signature behind the other members. The signature is a binary detached one of
/// [`deb_signed_part`], and not verified here. `mtime` is in seconds since 1970.
///
/// # Errors
/// It is empty or larger than any, or the file cannot be written.
pub fn append_deb_signature<F: Write + Seek>(mut file: F, signature: &[u8], mtime: u64) -> io::Result<F> {
    if signature.is_empty() || signature.len() as u64 > MAX_SIGNATURE {
        return Err(io::Error::other("this is no OpenPGP signature"));
    }
    file.seek(SeekFrom::End(0))?;
    ar::member(&mut file, ORIGIN, mtime, signature)?;
    Ok(file)
}
