//! The files of a package from outside, as its header lists them.

use super::read::RpmReadError;
use super::read_header::RawHeader;
use super::tags::{self, FLAG_CONFIG, FLAG_DOC, FLAG_GHOST, FLAG_LICENSE, FLAG_NO_REPLACE};
use crate::checksums::Sha256Sum;
use crate::packaged::{PackagedEntry, PackagedKind, Seen};
use crate::payload::Mark;
use crate::read_archive::Budget;
use untrusted_archive::MAX_NAME;

/// A file, directory or link of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RpmEntry {
    /// What it is and where.
    pub entry: PackagedEntry,
    /// What rpm treats apart.
    pub mark: Mark,
    /// The sum of a file's content. None for what is no file, and for a `%ghost`.
    pub sha256: Option<Sha256Sum>,
    /// Listed, but made on the system only (`%ghost`).
    pub ghost: bool,
}

impl RpmEntry {
    /// The mode with the type, as the header has it.
    pub(super) fn full_mode(&self) -> u32 {
        let kind = match self.entry.kind {
            PackagedKind::File => tags::TYPE_FILE,
            PackagedKind::Directory => tags::TYPE_DIRECTORY,
            PackagedKind::Symlink(_) => tags::TYPE_LINK,
        };
        u32::from(kind) | self.entry.mode
    }

    /// Bytes in the archive.
    pub(super) fn archived_size(&self) -> u64 {
        match &self.entry.kind {
            PackagedKind::Symlink(target) => target.len() as u64,
            _ => self.entry.size,
        }
    }
}

/// `limit` is how many there may be.
pub(super) fn entries(header: &RawHeader, limit: u64, budget: &mut Budget) -> Result<Vec<RpmEntry>, RpmReadError> {
    let table = Table::read(header, limit)?;
    let mut seen = Seen::default();
    let mut entries = Vec::new();
    for at in 0..table.base_names.len() {
        let entry = table.entry(at, budget)?;
        seen.take(&entry.entry.path, &entry.entry.kind)?;
        entries.push(entry);
    }
    Ok(entries)
}

/// The lists of the header; all are of the same length, but for the directories.
struct Table<'a> {
    base_names: Vec<&'a str>,
    directories: Vec<&'a str>,
    directory_indexes: Vec<u64>,
    sizes: Vec<u64>,
    modes: Vec<u64>,
    times: Vec<u64>,
    flags: Vec<u64>,
    digests: Vec<&'a str>,
    links: Vec<&'a str>,
    owners: Vec<&'a str>,
    groups: Vec<&'a str>,
}

impl<'a> Table<'a> {
    fn read(header: &'a RawHeader, limit: u64) -> Result<Self, RpmReadError> {
        let base_names = header.texts(tags::BASE_NAMES, limit)?;
        let count = base_names.len();
        let texts = |tag| same_length(header.texts(tag, limit)?, count);
        let numbers = |tag| same_length(header.numbers(tag, limit)?, count);
        let algorithm = header.number(tags::FILE_DIGEST_ALGORITHM)?;
        if count > 0 && algorithm != Some(u64::from(tags::SHA256)) {
            return Err(RpmReadError::Unsupported("sums of its files that are not SHA-256"));
        }
        let long = header.has(tags::LONG_FILE_SIZES);
        Ok(Self {
            directories: header.texts(tags::DIR_NAMES, limit)?,
            directory_indexes: numbers(tags::DIR_INDEXES)?,
            sizes: numbers(if long { tags::LONG_FILE_SIZES } else { tags::FILE_SIZES })?,
            modes: numbers(tags::FILE_MODES)?,
            times: numbers(tags::FILE_MTIMES)?,
            flags: numbers(tags::FILE_FLAGS)?,
            digests: texts(tags::FILE_DIGESTS)?,
            links: texts(tags::FILE_LINK_TOS)?,
            owners: texts(tags::FILE_USER_NAME)?,
            groups: texts(tags::FILE_GROUP_NAME)?,
            base_names,
        })
    }

    fn entry(&self, at: usize, budget: &mut Budget) -> Result<RpmEntry, RpmReadError> {
        let flags = self.flags[at] as u32;
        let ghost = flags & FLAG_GHOST != 0;
        let kind = match self.modes[at] as u16 & tags::TYPE_MASK {
            tags::TYPE_FILE => PackagedKind::File,
            tags::TYPE_DIRECTORY => PackagedKind::Directory,
            tags::TYPE_LINK => PackagedKind::Symlink(self.links[at].to_owned()),
            _ => return Err(RpmReadError::Unsupported("devices, pipes or sockets")),
        };
        let is_file = kind == PackagedKind::File;
        let digest = Some(self.digests[at]).filter(|_| is_file && !ghost);
        let digest = digest.map(|text| text.parse().map_err(|_| RpmReadError::Damaged("a sum that is no SHA-256")));
        let entry = PackagedEntry {
            path: self.path(at, budget)?,
            kind,
            size: if is_file { self.sizes[at] } else { 0 },
            mode: self.modes[at] as u32 & 0o7777,
            owner: self.owners[at].to_owned(),
            group: self.groups[at].to_owned(),
            mtime: self.times[at],
        };
        Ok(RpmEntry { entry, mark: mark(flags), sha256: digest.transpose()?, ghost })
    }

    /// The path without its leading slash. Few long directories may be those of many files: what they take together
    /// counts.
    fn path(&self, at: usize, budget: &mut Budget) -> Result<String, RpmReadError> {
        const DAMAGED: RpmReadError = RpmReadError::Damaged("the name of a file");
        let index = usize::try_from(self.directory_indexes[at]).map_err(|_| DAMAGED)?;
        let directory = self.directories.get(index).ok_or(DAMAGED)?;
        let inside =
            directory.strip_prefix('/').filter(|rest| rest.is_empty() || rest.ends_with('/')).ok_or(DAMAGED)?;
        let base = self.base_names[at];
        if base.contains('/') || inside.len() + base.len() > MAX_NAME {
            return Err(DAMAGED);
        }
        budget.count()?;
        let texts = [self.links[at], self.owners[at], self.groups[at], inside, base];
        budget.metadata(texts.iter().map(|text| text.len() as u64).sum())?;
        Ok([inside, base].concat())
    }
}

fn same_length<T>(list: Vec<T>, count: usize) -> Result<Vec<T>, RpmReadError> {
    if list.len() == count { Ok(list) } else { Err(RpmReadError::Damaged("lists of files that do not fit together")) }
}

fn mark(flags: u32) -> Mark {
    if flags & FLAG_CONFIG != 0 {
        if flags & FLAG_NO_REPLACE != 0 { Mark::ConfigNoReplace } else { Mark::Config }
    } else if flags & FLAG_LICENSE != 0 {
        Mark::Licence
    } else if flags & FLAG_DOC != 0 {
        Mark::Documentation
    } else {
        Mark::None
    }
}
