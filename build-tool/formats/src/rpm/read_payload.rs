//! The payload of a package from outside, held against what its header says of it.

use super::cpio::{self, Found, HeaderError};
use super::read::{Opened, RpmPackage, RpmReadError};
use super::read_files::RpmEntry;
use crate::checksums::Sha256Sum;
use crate::packaged::PackagedKind;
use crate::read_archive::{self, Budget, ReadError};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::io::{self, BufReader, Read};
use untrusted_archive::{Content, MAX_NAME, readable};

/// Reads and checks the payload, at whose beginning `file` stands.
pub(super) fn read<R: Read, E: From<RpmReadError>>(
    file: &mut R,
    opened: Opened,
    visit: &mut impl FnMut(&RpmEntry, &mut dyn Read) -> Result<(), E>,
) -> Result<RpmPackage, E> {
    let Opened { package, mut budget, payload_size, payload_sum, archive_sum, .. } = opened;
    let mut payload = Hashed::new(file.take(payload_size));
    let decoder = read_archive::decoder(BufReader::with_capacity(BUFFER, &mut payload), package.codec);
    let mut archive = Hashed::new(decoder.map_err(RpmReadError::Io)?);
    read_entries(&mut archive, &package.entries, &mut budget, visit)?;
    let (decoder, sum, size) = archive.finish();
    // Nothing may follow but the end of the compressed stream, whose own checksum is there.
    read_archive::end(decoder, &mut budget).map_err(RpmReadError::from)?;
    if size != package.archive_size || archive_sum.is_some_and(|expected| expected != sum) {
        return Err(RpmReadError::WrongSum("archive").into());
    }
    if payload.finish().1 != payload_sum {
        return Err(RpmReadError::WrongSum("payload").into());
    }
    Ok(package)
}

const BUFFER: usize = 128 * 1024;

fn read_entries<R: Read, E: From<RpmReadError>>(
    archive: &mut Hashed<R>,
    entries: &[RpmEntry],
    budget: &mut Budget,
    visit: &mut impl FnMut(&RpmEntry, &mut dyn Read) -> Result<(), E>,
) -> Result<(), E> {
    let places = entries.iter().enumerate().filter(|(_, entry)| !entry.ghost);
    // What is left to come, by name.
    let mut left: BTreeMap<&str, usize> = places.map(|(at, entry)| (entry.entry.path.as_str(), at)).collect();
    while let Some(entry) = next(archive, entries, &mut left, budget)? {
        let size = entry.archived_size();
        budget.unpacked(size).map_err(RpmReadError::from)?;
        match &entry.entry.kind {
            PackagedKind::Symlink(target) => {
                let mut found = vec![0; target.len()];
                archive.read_exact(&mut found).map_err(RpmReadError::Io)?;
                if found != target.as_bytes() {
                    return Err(wrong(entry).into());
                }
                visit(entry, &mut io::empty())?;
            }
            _ => {
                let mut content = Hashed::new(Content::new(archive, size));
                visit(entry, &mut content)?;
                io::copy(&mut content, &mut io::sink()).map_err(RpmReadError::Io)?;
                if entry.sha256.is_some_and(|expected| expected != content.finish().1) {
                    return Err(wrong(entry).into());
                }
            }
        }
        cpio::skip_padding(archive, size).map_err(RpmReadError::from)?;
    }
    match left.into_keys().next() {
        None => Ok(()),
        Some(missing) => Err(RpmReadError::WrongFile(missing.to_owned()).into()),
    }
}

/// The next entry of the archive, as the header has it; `None` at the archive's end.
fn next<'a>(
    archive: &mut impl Read,
    entries: &'a [RpmEntry],
    left: &mut BTreeMap<&str, usize>,
    budget: &mut Budget,
) -> Result<Option<&'a RpmEntry>, RpmReadError> {
    let (found, taken) = cpio::read_header(archive, MAX_NAME + "./".len() + 1)?;
    budget.unpacked(taken)?;
    let (name, mode_and_size) = match found {
        Found::Trailer => return Ok(None),
        Found::Stripped { index } => {
            let entry = usize::try_from(index).ok().and_then(|index| entries.get(index));
            let entry = entry.ok_or(RpmReadError::Damaged("a number of a file that there is not"))?;
            (entry.entry.path.clone(), None)
        }
        Found::Named { name, mode, links, size } => {
            let name = readable(name.strip_prefix(b"./").unwrap_or(&name));
            if links > 1 && mode & u32::from(super::tags::TYPE_MASK) == u32::from(super::tags::TYPE_FILE) {
                return Err(RpmReadError::Unsupported("hard links"));
            }
            (name, Some((mode, size)))
        }
    };
    let place = left.remove(name.as_str());
    let Some(entry) = place.and_then(|place| entries.get(place)) else { return Err(RpmReadError::WrongFile(name)) };
    if mode_and_size.is_some_and(|found| found != (entry.full_mode(), entry.archived_size())) {
        return Err(wrong(entry));
    }
    Ok(Some(entry))
}

fn wrong(entry: &RpmEntry) -> RpmReadError {
    RpmReadError::WrongFile(entry.entry.path.clone())
}

impl From<HeaderError> for RpmReadError {
    fn from(error: HeaderError) -> Self {
        match error {
            HeaderError::Io(error) => Self::Archive(ReadError::Io(error)),
            HeaderError::Damaged => Self::Damaged("an entry of its archive"),
        }
    }
}

/// Passes on what is read from it, and hashes it.
struct Hashed<R> {
    inner: R,
    hash: Sha256,
    size: u64,
}

impl<R> Hashed<R> {
    fn new(inner: R) -> Self {
        Self { inner, hash: Sha256::new(), size: 0 }
    }

    fn finish(self) -> (R, Sha256Sum, u64) {
        (self.inner, Sha256Sum(self.hash.finalize().into()), self.size)
    }
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.hash.update(&buffer[..read]);
        self.size += read as u64;
        Ok(read)
    }
}
