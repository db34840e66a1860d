//! Reads a package that came from outside and checks all that it promises: each gzip member to its last byte, the
//! signature over the second, the hash of the third, safe paths and every file's checksum.

use super::{ApkScripts, VerifyingKey};
use crate::packaged::{PackagedEntry, PackagedKind, Seen, Stop, UnsafeEntry};
use crate::read_archive::tar::{CUT, TarEntry, WHOLE, read_tar};
use crate::read_archive::{Budget, Limits, ReadError, only_zeros};
use crate::sums::{Hashing, from_hexadecimal, hexadecimal};
use flate2::bufread::GzDecoder;
use sha1::{Digest, Sha1};
use sha2::Sha256;
use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read};

/// The name of the signature's file, before the key's.
const SIGNATURE: &str = ".SIGN.RSA.";

/// What a package says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Apk {
    /// The lines of `.PKGINFO` in their order.
    pub info: Vec<(String, String)>,
    /// Its scripts.
    pub scripts: ApkScripts,
    /// The file name of the key that it is signed with; `None` for an unsigned one.
    pub key_name: Option<String>,
}

impl Apk {
    /// The value of a field, the first of several.
    pub fn get(&self, field: &str) -> Option<&str> {
        self.info.iter().find(|(name, _)| name == field).map(|(_, value)| value.as_str())
    }

    /// Every value of a field.
    pub fn all(&self, field: &str) -> impl Iterator<Item = &str> {
        self.info.iter().filter(move |(name, _)| name == field).map(|(_, value)| value.as_str())
    }
}

/// Why a package is refused.
#[derive(Debug, thiserror::Error)]
pub enum ApkReadError {
    /// One of its tars is refused, or it cannot be read.
    #[error(transparent)]
    Archive(#[from] ReadError),
    /// One of its entries is.
    #[error(transparent)]
    Entry(#[from] UnsafeEntry),
    /// It has not the parts of a package in their order.
    #[error("not an Alpine package, or a damaged one: {0}")]
    Frame(String),
    /// Signed by none, or not by the key that was given.
    #[error("the package is not signed with the key that was given")]
    Signature,
    /// The data are not those that were signed.
    #[error("the package's data have not the SHA-256 that the package gives")]
    DataHash,
    /// A file that differs from its checksum, or has none.
    #[error("the entry {0:?} of the package has not the SHA-1 that the package gives, or no such checksum")]
    Checksum(String),
}

impl From<io::Error> for ApkReadError {
    fn from(error: io::Error) -> Self {
        Self::Archive(ReadError::Io(error))
    }
}

/// Reads a package and hands each installed entry to `visit` with its content, which need not be read. The
/// visitor may have seen bytes that turn out wrong, so what it makes of them counts only when this returns `Ok`.
/// With a key, the package must be signed with it; without one, a signature is not looked into.
///
/// # Errors
/// Whatever is not as the format says, over the limits, unsafe to unpack, or other than its hashes; or the visitor's.
pub fn read_apk<R: Read, E: From<ApkReadError>>(
    file: R,
    limits: Limits,
    key: Option<&VerifyingKey>,
    mut visit: impl FnMut(&PackagedEntry, &mut dyn Read) -> Result<(), E>,
) -> Result<Apk, E> {
    let mut raw = Hashing::<_, Sha1>::new(BufReader::new(file));
    let mut budget = Budget::new(limits);
    let (apk, hash) = read_metadata(&mut raw, &mut budget, key)?;
    let mut raw = Hashing::<_, Sha256>::new(raw.inner);
    read_data(&mut raw, &mut budget, &mut visit).map_err(Stop::into_visitors)?;
    if hash != raw.sum() {
        return Err(ApkReadError::DataHash.into());
    }
    if raw.fill_buf().map_err(ApkReadError::from)?.is_empty() {
        Ok(apk)
    } else {
        Err(ApkReadError::Archive(ReadError::TrailingData).into())
    }
}

/// The members before the data, with the hash that the data must have.
fn read_metadata<R: BufRead>(
    raw: &mut Hashing<R, Sha1>,
    budget: &mut Budget,
    key: Option<&VerifyingKey>,
) -> Result<(Apk, Vec<u8>), ApkReadError> {
    let mut apk = Apk::default();
    let mut members = read_small(raw, budget)?;
    let signed = members.keys().next().and_then(|name| name.strip_prefix(SIGNATURE)).map(str::to_owned);
    if let Some(name) = signed {
        let signature = members.remove(&format!("{SIGNATURE}{name}")).unwrap_or_default();
        if let Some(other) = members.keys().next() {
            return Err(ApkReadError::Frame(format!("{other:?} stands beside the signature")));
        }
        raw.sum();
        members = read_small(raw, budget)?;
        let sha1 = raw.sum();
        if key.is_some_and(|key| !key.verifies(&sha1, &signature)) {
            return Err(ApkReadError::Signature);
        }
        apk.key_name = Some(name);
    } else if key.is_some() {
        return Err(ApkReadError::Signature);
    }
    let info = members.remove(".PKGINFO").ok_or_else(|| ApkReadError::Frame("it has no .PKGINFO".to_owned()))?;
    let info = String::from_utf8(info).map_err(|_| ApkReadError::Frame(".PKGINFO is not UTF-8".to_owned()))?;
    for line in info.lines().filter(|line| !line.starts_with('#')) {
        let (field, value) = line
            .split_once(" = ")
            .ok_or_else(|| ApkReadError::Frame(format!("{line:?} in .PKGINFO is no `field = value`")))?;
        apk.info.push((field.to_owned(), value.to_owned()));
    }
    for (name, content) in members {
        match apk.scripts.place(&name) {
            Some(place) => *place = Some(content),
            None => return Err(ApkReadError::Frame(format!("{name:?} is not known in its metadata"))),
        }
    }
    let hash = apk.get("datahash").and_then(|hash| from_hexadecimal::<32>(hash.as_bytes()));
    let hash = hash.ok_or_else(|| ApkReadError::Frame("it has no datahash".to_owned()))?;
    Ok((apk, hash.to_vec()))
}

/// One gzip member with a tar of a few files, all held.
fn read_small(raw: &mut impl BufRead, budget: &mut Budget) -> Result<BTreeMap<String, Vec<u8>>, ApkReadError> {
    let mut members = BTreeMap::new();
    let mut stream = GzDecoder::new(raw);
    read_tar(&mut stream, CUT, budget, &mut |budget, entry: &TarEntry, content| {
        budget.packaged(&entry.name)?;
        budget.metadata(entry.size)?;
        let entry = PackagedEntry::new(entry)?;
        if entry.kind != PackagedKind::File || entry.path.contains('/') {
            return Err(ApkReadError::Frame(format!("{:?} in its metadata is no plain file", entry.path)));
        }
        let mut bytes = Vec::new();
        content.read_to_end(&mut bytes)?;
        match members.insert(entry.path.clone(), bytes) {
            None => Ok(()),
            Some(_) => Err(UnsafeEntry::Duplicate(entry.path).into()),
        }
    })?;
    Ok(members)
}

fn read_data<E>(
    raw: &mut impl BufRead,
    budget: &mut Budget,
    visit: &mut impl FnMut(&PackagedEntry, &mut dyn Read) -> Result<(), E>,
) -> Result<(), Stop<ApkReadError, E>> {
    let mut seen = Seen::default();
    let mut stream = GzDecoder::new(raw);
    read_tar(&mut stream, WHOLE, budget, &mut |budget, entry: &TarEntry, content| {
        let package = |error: ApkReadError| Stop::Package(error);
        budget.packaged(&entry.name)?;
        let checksum = entry.checksum.as_deref();
        let entry = PackagedEntry::new(entry).map_err(|error| package(error.into()))?;
        seen.take(&entry.path, &entry.kind).map_err(|error| package(error.into()))?;
        let mut content = Hashing::<_, Sha1>::new(content);
        visit(&entry, &mut content).map_err(Stop::Visitor)?;
        io::copy(&mut content, &mut io::sink()).map_err(|error| package(error.into()))?;
        let actual = match &entry.kind {
            PackagedKind::File => content.sum(),
            PackagedKind::Symlink(target) => Sha1::digest(target).to_vec(),
            PackagedKind::Directory => return Ok(()),
        };
        if checksum.is_some_and(|checksum| checksum.eq_ignore_ascii_case(hexadecimal(&actual).as_bytes())) {
            Ok(())
        } else {
            Err(package(ApkReadError::Checksum(entry.path)))
        }
    })?;
    // Then the end of the gzip member, which has its checksum.
    Ok(only_zeros(&mut stream, budget)?)
}
