//! Signatures: what is to be signed, and where a signature goes. Who makes it is none of this crate's business; gpg
//! does (`gpg --detach-sign`), and rpm verifies it (`rpm --checksig`).
//!
//! The header is signed. It holds the payload's SHA-256, so rpm from 4.14 on takes the payload as signed, too.

use super::header::{HeaderWriter, Value};
use super::read::{self, RpmReadError, SIGNATURES};
use super::tags;
use super::write::{LEAD, RpmError};
use crate::read_archive::Limits;
use std::io::{self, Read, Seek, SeekFrom, Write};

/// Why a package cannot be signed.
#[derive(Debug, thiserror::Error)]
pub enum RpmSignError {
    /// The package itself is refused.
    #[error(transparent)]
    Package(#[from] RpmReadError),
    /// What was given is no signature of this kind.
    #[error("the signature is no OpenPGP signature that rpm takes: {0}")]
    Signature(&'static str),
    /// The signed package cannot be written.
    #[error("cannot write the signed rpm: {0}")]
    Write(#[from] io::Error),
}

/// The bytes of a package that a signature is of: its header.
///
/// # Errors
/// It cannot be read, is damaged, or goes over the limits.
pub fn rpm_signed_part<R: Read + Seek>(mut file: R, limits: Limits) -> Result<Vec<u8>, RpmReadError> {
    Ok(read::open(&mut file, limits)?.header.bytes().to_vec())
}

/// Copies a package to `out` with this signature in the place of those that it had. The signature is a binary
/// detached one of [`rpm_signed_part`], and not verified here.
///
/// # Errors
/// The package cannot be read or is damaged, what was given is no signature, or `out` does not take it.
pub fn insert_rpm_signature<R: Read + Seek, W: Write>(
    mut file: R,
    limits: Limits,
    signature: &[u8],
    mut out: W,
) -> Result<W, RpmSignError> {
    let tag = tag_of(signature)?;
    let opened = read::open(&mut file, limits)?;
    let mut header = HeaderWriter::default();
    for value in opened.signature.values() {
        if !SIGNATURES.contains(&value.tag) && value.tag != tags::SIG_RESERVED_SPACE {
            let raw = Value::Raw { kind: value.kind, count: value.count, bytes: value.bytes.to_vec() };
            header.put(value.tag, raw);
        }
    }
    header.put(tag, Value::Bytes(signature.to_vec()));
    let header = header.finish_signature().map_err(|error| match error {
        RpmError::Write(error) => error,
        other => io::Error::other(other.to_string()),
    })?;

    let read_error = |error| RpmSignError::Package(RpmReadError::Io(error));
    let mut lead = [0; LEAD];
    file.seek(SeekFrom::Start(0)).and_then(|_| file.read_exact(&mut lead)).map_err(read_error)?;
    out.write_all(&lead)?;
    out.write_all(&header)?;
    file.seek(SeekFrom::Start(opened.package.header.start)).map_err(read_error)?;
    let mut buffer = vec![0; 128 * 1024];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(out),
            Ok(read) => out.write_all(&buffer[..read])?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(read_error(error)),
        }
    }
}

/// The tag for a signature, which follows from its key: one for RSA, the other for all that came after it (rpm's
/// `rpmgensig.c`). The packet is as RFC 9580, 4.2 and 5.2 say.
fn tag_of(signature: &[u8]) -> Result<u32, RpmSignError> {
    if signature.starts_with(b"-----BEGIN") {
        return Err(RpmSignError::Signature("it is armored text; gpg makes a binary one with --no-armor"));
    }
    let body = body(signature).ok_or(RpmSignError::Signature("it is not exactly one signature packet"))?;
    let (kind, algorithm) = match body {
        [3, 5, kind, rest @ ..] => (*kind, rest.get(12).copied()),
        [4 | 6, kind, algorithm, ..] => (*kind, Some(*algorithm)),
        _ => return Err(RpmSignError::Signature("its version is neither 3, 4 nor 6")),
    };
    match (kind, algorithm) {
        (0, Some(1 | 3)) => Ok(tags::SIG_RSA),
        (0, Some(17 | 19 | 22 | 25 | 27 | 28)) => Ok(tags::SIG_DSA),
        (0, _) => Err(RpmSignError::Signature("its key is neither RSA, DSA, ECDSA nor EdDSA")),
        _ => Err(RpmSignError::Signature("it is not one of a binary document")),
    }
}

/// The body of a signature packet, if that is all there is.
fn body(packet: &[u8]) -> Option<&[u8]> {
    let (first, rest) = packet.split_first()?;
    let is_new = first & 0xC0 == 0xC0;
    let (length, rest) = match (is_new, first) {
        (true, 0xC2) => match rest {
            [short @ 0..=191, rest @ ..] => (usize::from(*short), rest),
            [high @ 192..=223, low, rest @ ..] => ((usize::from(*high) - 192) * 256 + usize::from(*low) + 192, rest),
            [255, a, b, c, d, rest @ ..] => (u32::from_be_bytes([*a, *b, *c, *d]) as usize, rest),
            _ => return None,
        },
        (false, 0x88) => (usize::from(*rest.first()?), &rest[1..]),
        (false, 0x89) => (usize::from(u16::from_be_bytes(*rest.first_chunk()?)), &rest[2..]),
        (false, 0x8A) => (u32::from_be_bytes(*rest.first_chunk()?) as usize, &rest[4..]),
        _ => return None,
    };
    (rest.len() == length).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tag_follows_from_the_key() {
        assert_eq!(tag_of(&[0x88, 4, 4, 0, 1, 8]).unwrap(), tags::SIG_RSA);
        assert_eq!(tag_of(&[0x89, 0, 4, 4, 0, 22, 8]).unwrap(), tags::SIG_DSA);
        assert_eq!(tag_of(&[0xC2, 4, 6, 0, 27, 8]).unwrap(), tags::SIG_DSA);
        let version_3 = [&[0xC2, 16, 3, 5, 0][..], &[1; 12], &[17]].concat();
        assert_eq!(tag_of(&version_3).unwrap(), tags::SIG_DSA);
    }

    #[test]
    fn what_is_no_signature_is_refused() {
        for bad in [
            &b"-----BEGIN PGP SIGNATURE-----"[..],
            b"",
            &[0x88],
            &[0x88, 5, 4, 0, 1, 8],
            &[0x88, 3, 4, 0, 1, 8],
            &[0x99, 4, 4, 0, 1, 8],
            &[0x88, 4, 5, 0, 1, 8],
            &[0x88, 4, 4, 1, 1, 8],
            &[0x88, 4, 4, 0, 16, 8],
        ] {
            assert!(matches!(tag_of(bad), Err(RpmSignError::Signature(_))), "{bad:?}");
        }
    }
}
