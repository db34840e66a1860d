//! Tar within one compressed stream, as the writers of releases and packages make it.

use super::{ArchivedEntry, Budget, EntryKind, ReadError, decoder, end};
use crate::compress::Codec;
use std::io::{BufRead, Read};
use untrusted_archive::readable;
pub(crate) use untrusted_archive::tar::Kind as TarKind;
use untrusted_archive::tar::{Dialect, Entry, Reader};

pub(super) fn read<R: BufRead, E: From<ReadError>>(
    file: R,
    codec: Codec,
    mut budget: Budget,
    visit: &mut impl FnMut(&ArchivedEntry, &mut dyn Read) -> Result<(), E>,
) -> Result<(), E> {
    let mut stream = decoder(file, codec).map_err(ReadError::Io)?;
    read_tar(&mut stream, WHOLE, &mut budget, &mut |budget: &mut Budget, entry: &TarEntry, content| {
        let kind = match entry.kind {
            TarKind::File => EntryKind::File,
            TarKind::Directory => EntryKind::Directory,
            TarKind::Symlink(_) => return Err(ReadError::NotPlain(readable(&entry.name)).into()),
        };
        let entry = ArchivedEntry { name: entry.name.clone(), kind, size: entry.size, mode: Some(entry.mode) };
        budget.entry(&entry)?;
        visit(&entry, content)
    })?;
    Ok(end(stream, &mut budget)?)
}

/// An entry of a tar with all that its headers say. Its name is not checked yet.
#[derive(Debug)]
pub(crate) struct TarEntry {
    pub(crate) name: Vec<u8>,
    pub(crate) kind: TarKind,
    pub(crate) size: u64,
    pub(crate) mode: u32,
    pub(crate) owner: Vec<u8>,
    pub(crate) group: Vec<u8>,
    pub(crate) mtime: u64,
    /// The record [`CHECKSUM`] of its extended header.
    pub(crate) checksum: Option<Vec<u8>>,
}

impl TarEntry {
    fn new(found: Entry) -> Result<Self, ReadError> {
        Ok(Self {
            mode: found.mode()?,
            mtime: found.mtime()?,
            owner: found.owner().to_vec(),
            group: found.group().to_vec(),
            name: found.name,
            kind: found.kind,
            size: found.size,
            checksum: found.record,
        })
    }
}

/// The record with which apk-tools marks each file: the SHA-1 of its content in hexadecimal.
pub(crate) const CHECKSUM: &str = "APK-TOOLS.checksum.SHA1";

/// A tar that ends at an empty block, as all do.
pub(crate) const WHOLE: Dialect = Dialect { record: Some(CHECKSUM), ..Dialect::STRICT };

/// A tar that may end with its stream: it is the beginning of one that goes on elsewhere.
pub(crate) const CUT: Dialect = Dialect { may_be_cut: true, ..WHOLE };

/// Reads every entry up to the end of the tar; what follows in the stream is the caller's matter.
pub(crate) fn read_tar<E: From<ReadError>>(
    stream: &mut impl Read,
    dialect: Dialect,
    budget: &mut Budget,
    visit: &mut impl FnMut(&mut Budget, &TarEntry, &mut dyn Read) -> Result<(), E>,
) -> Result<(), E> {
    let mut tar = Reader::new(stream, dialect);
    while let Some(found) = tar.next_entry(&mut budget.amounts).map_err(ReadError::from)? {
        let entry = TarEntry::new(found)?;
        // Without a name: `./`, as Debian's tars begin, the folder that is unpacked into.
        if !entry.name.is_empty() {
            visit(budget, &entry, &mut tar)?;
        }
    }
    Ok(())
}
