//! Reads a volume that came from outside, and checks what `fsck` would: every block has one owner and is in the
//! bitmap, every thread leads back, every count is right. Files in more than eight pieces are not supported:
//! a volume that is written in one go has none.

use super::names::from_volume;
use super::read_catalog::{Entry, Key, Record, read_catalog};
use super::volume::{Fork, HEADER_AT, HEADER_SIZE, Header};
use super::{BLOCK, EPOCH, ROOT_FOLDER, ROOT_PARENT};
use crate::payload::stays_inside;
use crate::read_archive::{Budget, Limits, ReadError};
use crate::unix::{TYPE_DIRECTORY, TYPE_FILE, TYPE_LINK, TYPE_MASK, UnixEntry, UnixKind};
use std::collections::BTreeMap;
use std::io::{self, Read, Seek, SeekFrom};
use untrusted_archive::{Content, MAX_NAME, readable};

/// What a volume says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VolumeContents {
    /// Its name.
    pub volume_name: String,
    /// Files and links.
    pub files: u32,
    /// Folders without the root.
    pub folders: u32,
}

/// Checks the volume and hands every file, directory and link to `visit`, sorted by path, with its content.
///
/// # Errors
/// It is no volume of HFS Plus, is damaged, contradicts itself or goes over the limits; or an error of `visit`.
pub fn read_volume<R, E>(
    mut volume: R,
    limits: Limits,
    mut visit: impl FnMut(&UnixEntry, &mut dyn Read) -> Result<(), E>,
) -> Result<VolumeContents, E>
where
    R: Read + Seek,
    E: From<ReadError>,
{
    let mut budget = Budget::new(limits);
    let header = header(&mut volume)?;
    budget.metadata(header.catalog.size)?;
    let catalog = fork_bytes(&mut volume, &header, &header.catalog)?;
    let records = read_catalog(&catalog, &mut budget)?;
    drop(catalog);
    let tree = Tree::new(records)?;
    tree.agree(&header)?;
    blocks_agree(&mut volume, &header, &tree, &mut budget)?;
    let mut entries = BTreeMap::new();
    for (number, (key, entry)) in &tree.entries {
        if *number == ROOT_FOLDER {
            continue;
        }
        let path = tree.path(key)?;
        budget.named(path.as_bytes())?;
        budget.unpacked(entry.fork.size)?;
        entries.insert(path, entry);
    }
    for (path, entry) in entries {
        visit_entry(&mut volume, &header, path, entry, &mut visit)?;
    }
    let ((_, name), _) = &tree.entries[&ROOT_FOLDER];
    let volume_name = from_volume(name).ok_or(damaged())?;
    Ok(VolumeContents { volume_name, files: header.files, folders: header.folders })
}

fn damaged() -> ReadError {
    ReadError::Damaged("the volume")
}

/// The header, which is the same at both places.
fn header<R: Read + Seek>(volume: &mut R) -> Result<Header, ReadError> {
    let end = volume.seek(SeekFrom::End(0))?;
    let mut read = |at: u64| -> Result<[u8; HEADER_SIZE], ReadError> {
        let mut bytes = [0; HEADER_SIZE];
        volume.seek(SeekFrom::Start(at))?;
        volume.read_exact(&mut bytes)?;
        Ok(bytes)
    };
    let bytes = read(HEADER_AT)?;
    if end < 2 * HEADER_AT || read(end - HEADER_AT)? != bytes {
        return Err(ReadError::Damaged("the volume's header and its copy"));
    }
    let header = Header::read(&bytes).ok_or(damaged())?;
    if u64::from(header.block_size) != BLOCK {
        return Err(ReadError::Unsupported("volumes with other blocks than of 4096 bytes"));
    }
    if u64::from(header.blocks) * BLOCK != end {
        return Err(ReadError::Damaged("the volume's size"));
    }
    Ok(header)
}

fn fork_bytes<R: Read + Seek>(volume: &mut R, header: &Header, fork: &Fork) -> Result<Vec<u8>, ReadError> {
    let mut bytes = Vec::new();
    Pieces::new(volume, header, fork)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Everything by its number.
struct Tree {
    entries: BTreeMap<u32, (Key, Entry)>,
    folders: u32,
}

impl Tree {
    /// Each entry has one number and a thread that leads back to it.
    fn new(records: Vec<(Key, Record)>) -> Result<Self, ReadError> {
        let (mut entries, mut threads, mut folders) = (BTreeMap::new(), BTreeMap::new(), 0_u32);
        for (key, record) in records {
            let (entry, file) = match record {
                Record::Thread { file, back } => {
                    threads.insert(key.0, (file, back));
                    continue;
                }
                Record::Folder(entry) => (entry, false),
                Record::File(entry) => (entry, true),
            };
            let kind = match entry.mode & TYPE_MASK {
                TYPE_DIRECTORY => !file,
                TYPE_LINK => file && entry.link,
                TYPE_FILE => file && !entry.link,
                _ => return Err(ReadError::NotPlain(readable(String::from_utf16_lossy(&key.1).as_bytes()))),
            };
            folders += u32::from(!file);
            if !kind || entries.insert(entry.number, (key, entry)).is_some() {
                return Err(damaged());
            }
        }
        for (number, (key, entry)) in &entries {
            let file = entry.mode & TYPE_MASK != TYPE_DIRECTORY;
            if threads.remove(number) != Some((file, key.clone())) {
                return Err(ReadError::Damaged("a thread of the volume's catalog"));
            }
        }
        if threads.is_empty() { Ok(Self { entries, folders }) } else { Err(damaged()) }
    }

    /// The counts of the header and of every folder.
    fn agree(&self, header: &Header) -> Result<(), ReadError> {
        let root = self.entries.get(&ROOT_FOLDER).ok_or(damaged())?;
        let mut valences: BTreeMap<u32, u32> = BTreeMap::new();
        for (key, _) in self.entries.values() {
            *valences.entry(key.0).or_default() += 1;
        }
        let folder = |entry: &Entry| entry.mode & TYPE_MASK == TYPE_DIRECTORY;
        let counted = |(number, (_, entry)): (&u32, &(Key, Entry))| {
            let valence = valences.get(number).copied().unwrap_or(0);
            if folder(entry) { valence == entry.valence } else { valence == 0 }
        };
        let files = self.entries.len() as u32 - self.folders;
        let last = self.entries.keys().next_back().copied().unwrap_or(0);
        if root.0.0 == ROOT_PARENT
            && folder(&root.1)
            && self.entries.iter().all(counted)
            && (header.files, header.folders) == (files, self.folders - 1)
            && last < header.next_number
        {
            Ok(())
        } else {
            Err(ReadError::Damaged("a count of the volume"))
        }
    }

    /// The path of the entry with this key.
    fn path(&self, key: &Key) -> Result<String, ReadError> {
        let mut parts = Vec::new();
        let mut length = 0;
        let mut key = key;
        while key.0 != ROOT_PARENT {
            let name = from_volume(&key.1).ok_or(ReadError::Damaged("a name of the volume"))?;
            // Each part takes a byte at least, so this ends where folders go round in a circle, too.
            length += name.len() + 1;
            if length > MAX_NAME + 1 {
                return Err(ReadError::Damaged("a path of the volume that is too long"));
            }
            parts.push(name);
            key = &self.entries.get(&key.0).ok_or(damaged())?.0;
        }
        parts.reverse();
        Ok(parts.join("/"))
    }
}

/// Every block that is in use has one owner, and the bitmap says so.
fn blocks_agree<R: Read + Seek>(
    volume: &mut R,
    header: &Header,
    tree: &Tree,
    budget: &mut Budget,
) -> Result<(), ReadError> {
    let forks = [&header.allocation, &header.extents, &header.catalog, &header.attributes, &header.startup];
    let forks = forks.into_iter().chain(tree.entries.values().map(|(_, entry)| &entry.fork));
    // The headers' blocks.
    let mut extents = vec![(0, 1), (header.blocks - 1, 1)];
    for fork in forks {
        let blocks: u64 = fork.extents.iter().map(|(_, blocks)| u64::from(*blocks)).sum();
        if blocks < fork.size.div_ceil(BLOCK) {
            return Err(ReadError::Unsupported("files in more than eight pieces"));
        }
        extents.extend(&fork.extents);
    }
    extents.sort_unstable();
    budget.metadata(header.allocation.size)?;
    budget.metadata(u64::from(header.blocks).div_ceil(8))?;
    let bitmap = fork_bytes(volume, header, &header.allocation)?;
    let mut used = vec![0_u8; bitmap.len()];
    let (mut end, mut free) = (0, u64::from(header.blocks));
    for (start, blocks) in extents {
        let (start, next) = (u64::from(start), u64::from(start) + u64::from(blocks));
        if start < end || next > u64::from(header.blocks) {
            return Err(ReadError::Damaged("a block of the volume that two files have"));
        }
        (end, free) = (next, free - u64::from(blocks));
        for block in start..next {
            *used.get_mut((block / 8) as usize).ok_or(damaged())? |= 0x80 >> (block % 8);
        }
    }
    if used == bitmap && free == u64::from(header.free) {
        Ok(())
    } else {
        Err(ReadError::Damaged("the volume's count of blocks in use"))
    }
}

fn visit_entry<R: Read + Seek, E: From<ReadError>>(
    volume: &mut R,
    header: &Header,
    path: String,
    entry: &Entry,
    visit: &mut impl FnMut(&UnixEntry, &mut dyn Read) -> Result<(), E>,
) -> Result<(), E> {
    let size = entry.fork.size;
    let mut content = Pieces::new(volume, header, &entry.fork)?;
    let kind = match entry.mode & TYPE_MASK {
        TYPE_DIRECTORY => UnixKind::Directory,
        TYPE_LINK => {
            if size > MAX_NAME as u64 {
                return Err(ReadError::Damaged("a link of the volume").into());
            }
            let mut target = String::new();
            content.read_to_string(&mut target).map_err(ReadError::Io)?;
            if !stays_inside(&path, &target) {
                return Err(ReadError::Damaged("a link of the volume that leads out of it").into());
            }
            UnixKind::Symlink(target)
        }
        _ => UnixKind::File,
    };
    let mtime = u64::from(entry.changed).saturating_sub(EPOCH);
    let entry = UnixEntry { path, kind, mode: entry.mode & 0o7777, uid: entry.uid, gid: entry.gid, mtime, size };
    visit(&entry, &mut content)?;
    Ok(())
}

/// A fork's content, piece by piece.
struct Pieces<'a, R> {
    volume: &'a mut R,
    extents: std::vec::IntoIter<(u32, u32)>,
    left: u64,
    here: u64,
}

impl<'a, R: Read + Seek> Pieces<'a, R> {
    fn new(volume: &'a mut R, header: &Header, fork: &Fork) -> Result<Self, ReadError> {
        let outside = |(start, blocks): &(u32, u32)| start.checked_add(*blocks).is_none_or(|end| end > header.blocks);
        if fork.extents.iter().any(outside) {
            return Err(ReadError::Damaged("a file that lies outside of its volume"));
        }
        Ok(Self { volume, extents: fork.extents.clone().into_iter(), left: fork.size, here: 0 })
    }
}

impl<R: Read + Seek> Read for Pieces<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 || buffer.is_empty() {
            return Ok(0);
        }
        if self.here == 0 {
            let (start, blocks) = self.extents.next().ok_or(io::ErrorKind::UnexpectedEof)?;
            self.volume.seek(SeekFrom::Start(u64::from(start) * BLOCK))?;
            self.here = u64::from(blocks) * BLOCK;
        }
        let mut piece = Content::new(self.volume, self.here.min(self.left));
        let read = piece.read(buffer)?;
        self.here -= read as u64;
        self.left -= read as u64;
        Ok(read)
    }
}
