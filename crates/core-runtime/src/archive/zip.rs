//! Zip, by its central directory.

use std::io::{Read, Seek, SeekFrom};

use untrusted_archive::{Content, MAX_NAME, readable};
use zip::ZipArchive;
use zip::result::ZipError;

use super::{Budget, Entry, Error, Kind};

/// What the end record takes without its comment (APPNOTE 4.3.16), and how long a comment can be.
const END: u64 = 22;
const COMMENT: u64 = 0xFFFF;
/// A link's target is a path.
const MAX_TARGET: u64 = MAX_NAME as u64;
const LINK: u32 = 0o120_000;
const FORMAT: u32 = 0o170_000;

pub(super) fn read<R: Read + Seek, E: From<Error>>(
    mut file: R,
    mut budget: Budget,
    visit: &mut impl FnMut(&Entry, &mut dyn Read) -> Result<(), E>,
) -> Result<(), E> {
    // The library holds the whole directory, so its size is looked at first.
    let (count, directory) = announced(&mut file)?;
    let most = budget.amounts.limits().entries;
    if count > most {
        return Err(Error::TooMany(most).into());
    }
    budget.amounts.names(directory).map_err(Error::from)?;
    let mut archive = ZipArchive::new(file).map_err(zip_error)?;
    if archive.len() as u64 != count || archive.has_duplicate_names() {
        return Err(Error::Damaged("its directory does not have the entries that it should".to_owned()).into());
    }
    for index in 0..archive.len() {
        let mut packed = archive.by_index(index).map_err(zip_error)?;
        let name = packed.name_raw().to_vec();
        let (size, mode) = (packed.size(), packed.unix_mode().unwrap_or(0));
        budget.amounts.unpacked(size).map_err(Error::from)?;
        let kind = match (name.last(), mode & FORMAT) {
            (Some(b'/'), _) if size == 0 => Kind::Folder,
            (_, LINK) if size <= MAX_TARGET => Kind::Link { target: whole(&mut packed, size, &name)? },
            (_, 0 | 0o100_000) => Kind::File { size, executable: mode & 0o111 != 0 },
            _ => return Err(Error::Special(readable(&name)).into()),
        };
        let path = name.strip_suffix(b"/").filter(|_| kind == Kind::Folder).unwrap_or(&name);
        let entry = Entry { path: path.to_vec(), kind };
        budget.entry(&entry)?;
        if !matches!(entry.kind, Kind::File { .. }) {
            visit(&entry, &mut std::io::empty())?;
            continue;
        }
        let mut content = Content::new(&mut packed, size);
        visit(&entry, &mut content)?;
        content.drain().map_err(Error::Io)?;
        at_end(&mut packed, &name)?;
    }
    Ok(())
}

/// Entries and bytes of the directory, by the end record.
fn announced(file: &mut (impl Read + Seek)) -> Result<(u64, u64), Error> {
    let length = file.seek(SeekFrom::End(0))?;
    let tail_at = length.saturating_sub(END + COMMENT);
    file.seek(SeekFrom::Start(tail_at))?;
    let mut tail = Vec::new();
    file.by_ref().take(END + COMMENT).read_to_end(&mut tail)?;
    file.seek(SeekFrom::Start(0))?;
    let fits = |&at: &usize| {
        let comment = u16::from_le_bytes([tail[at + 20], tail[at + 21]]);
        tail[at..].starts_with(b"PK\x05\x06") && at + END as usize + usize::from(comment) == tail.len()
    };
    let last = tail.len().checked_sub(END as usize).ok_or_else(|| Error::Damaged("too short for a zip".to_owned()))?;
    let at = (0..=last).rev().find(fits).ok_or_else(|| Error::Damaged("it does not end as a zip does".to_owned()))?;
    let count = u16::from_le_bytes([tail[at + 10], tail[at + 11]]);
    let size = u32::from_le_bytes([tail[at + 12], tail[at + 13], tail[at + 14], tail[at + 15]]);
    if count == u16::MAX || size == u32::MAX {
        return Err(Error::Unsupported("the 64-bit directory of a very large zip"));
    }
    Ok((count.into(), size.into()))
}

/// A link's target.
fn whole(packed: &mut impl Read, size: u64, name: &[u8]) -> Result<Vec<u8>, Error> {
    let mut target = Vec::new();
    Content::new(packed, size).read_to_end(&mut target)?;
    at_end(packed, name)?;
    Ok(target)
}

/// It is the read at the end that compares the checksum.
fn at_end(packed: &mut impl Read, name: &[u8]) -> Result<(), Error> {
    match packed.read(&mut [0])? {
        0 => Ok(()),
        _ => Err(Error::Damaged(format!("{:?} is longer than promised", readable(name)))),
    }
}

fn zip_error(error: ZipError) -> Error {
    match error {
        ZipError::Io(error) => Error::Io(error),
        ZipError::UnsupportedArchive(what) => Error::Unsupported(what),
        other => Error::Damaged(other.to_string()),
    }
}
