//! The catalog of a volume: a record and a thread for every file and folder (TN1150, "Catalog File").

use super::btree::{BIG_KEYS, Record, Shape, VARIABLE_INDEX_KEYS};
use super::names::{fold, to_volume};
use super::write::VolumeError;
use super::{
    BLOCK, FILE_RECORD, FILE_THREAD, FIRST_FREE, FOLDER_RECORD, FOLDER_THREAD, LINK_TYPE, ROOT_FOLDER, ROOT_PARENT,
};
use crate::big_endian::{put16, put32, put64};
use crate::payload::{Node, NodeKind, Payload};
use crate::unix::{PARENT_MODE, TYPE_DIRECTORY, full_mode, owner_numbers};
use std::collections::{BTreeMap, HashMap};

pub(super) const SHAPE: Shape =
    Shape { node_size: 8192, maximum_key: 516, attributes: BIG_KEYS | VARIABLE_INDEX_KEYS, compare: 0xCF };

pub(super) const FOLDER_SIZE: usize = 88;
pub(super) const FILE_SIZE: usize = 248;

/// What a catalog is made of.
pub(super) struct Catalog<'a> {
    /// Sorted as the tree is.
    pub(super) records: Vec<CatalogRecord>,
    /// The contents in the order in which they lie on the volume.
    pub(super) files: Vec<(&'a Node, u64)>,
    pub(super) folders: u32,
    pub(super) next_number: u32,
    /// Blocks that the files take together.
    pub(super) blocks: u64,
}

/// A record with its key.
pub(super) struct CatalogRecord {
    key: Vec<u8>,
    kind: Kind,
    time: u32,
}

enum Kind {
    Folder { number: u32, valence: u32, owners: Owners },
    File { number: u32, owners: Owners, link: bool, size: u64, start: u64, base: u64 },
    Thread { of: u16, parent: u32, name: Vec<u16> },
}

#[derive(Clone, Copy)]
struct Owners {
    uid: u32,
    gid: u32,
    mode: u32,
}

/// Collects records, and sees which names are the same.
struct Collector {
    time: u32,
    /// By the parent's number and the folded name: the tree's order. A thread has no name.
    records: BTreeMap<(u32, Vec<u16>), (String, CatalogRecord)>,
}

impl<'a> Catalog<'a> {
    /// The catalog of a payload on a volume of this name. `time` is in the volume's own count.
    pub(super) fn new(volume: &str, payload: &'a Payload, time: u32) -> Result<Self, VolumeError> {
        let all = payload.with_parents();
        let mut children: HashMap<&str, u32> = HashMap::new();
        for path in all.keys() {
            *children.entry(split(path).0).or_default() += 1;
        }
        let valence = |path: &str| children.get(path).copied().unwrap_or(0);
        let mut collector = Collector { time, records: BTreeMap::new() };
        let parent_owners = Owners { uid: 0, gid: 0, mode: TYPE_DIRECTORY | PARENT_MODE };
        let root = Kind::Folder { number: ROOT_FOLDER, valence: valence(""), owners: parent_owners };
        collector.add("", ROOT_PARENT, volume, ROOT_FOLDER, root)?;
        let mut numbers: HashMap<&str, u32> = HashMap::from([("", ROOT_FOLDER)]);
        let (mut files, mut start, mut folders) = (Vec::new(), 0, 0);
        for (number, (path, node)) in (FIRST_FREE..).zip(&all) {
            let (parent, name) = split(path);
            let owners = match node {
                None => parent_owners,
                Some(node) => {
                    let (uid, gid) = owner_numbers(node)?;
                    Owners { uid, gid, mode: full_mode(node) }
                }
            };
            let content = match node {
                Some(node) => match &node.kind {
                    NodeKind::Directory => None,
                    NodeKind::File(content) => Some((*node, content.size()?, false)),
                    NodeKind::Symlink(target) => Some((*node, target.len() as u64, true)),
                },
                None => None,
            };
            let kind = match content {
                None => {
                    folders += 1;
                    numbers.insert(path, number);
                    Kind::Folder { number, valence: valence(path), owners }
                }
                Some((node, size, link)) => {
                    let kind = Kind::File { number, owners, link, size, start, base: 0 };
                    start += size.div_ceil(BLOCK);
                    files.push((node, size));
                    kind
                }
            };
            // Parents come first in a payload.
            let parent = numbers.get(parent).copied().unwrap_or(ROOT_FOLDER);
            collector.add(path, parent, name, number, kind)?;
        }
        let next_number = u32::try_from(all.len()).ok().and_then(|count| count.checked_add(FIRST_FREE));
        let next_number = next_number.ok_or(VolumeError::TooLarge)?;
        let records = collector.records.into_values().map(|(_, record)| record).collect();
        Ok(Self { records, files, folders, next_number, blocks: start })
    }

    /// Says where the first file lies.
    pub(super) fn place(&mut self, first_block: u64) {
        for record in &mut self.records {
            if let Kind::File { base, .. } = &mut record.kind {
                *base = first_block;
            }
        }
    }
}

/// The folder and the name.
fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

impl Collector {
    /// A record, and the thread that leads back to it.
    fn add(&mut self, path: &str, parent: u32, name: &str, number: u32, kind: Kind) -> Result<(), VolumeError> {
        let units = to_volume(name).ok_or_else(|| VolumeError::LongName(path.to_owned()))?;
        let of = if matches!(kind, Kind::Folder { .. }) { FOLDER_THREAD } else { FILE_THREAD };
        let thread = Kind::Thread { of, parent, name: units.clone() };
        let thread = CatalogRecord { key: key(number, &[]), kind: thread, time: self.time };
        self.records.insert((number, Vec::new()), (path.to_owned(), thread));
        let folded = fold(&units);
        if folded.is_empty() {
            return Err(VolumeError::EmptyName(path.to_owned()));
        }
        let record = CatalogRecord { key: key(parent, &units), kind, time: self.time };
        match self.records.insert((parent, folded), (path.to_owned(), record)) {
            None => Ok(()),
            Some((other, _)) => Err(VolumeError::SameName { one: other, other: path.to_owned() }),
        }
    }
}

/// Length, the parent's number, the name.
fn key(parent: u32, name: &[u16]) -> Vec<u8> {
    let mut key = Vec::with_capacity(8 + 2 * name.len());
    put16(&mut key, &[6 + 2 * name.len() as u16]);
    put32(&mut key, &[parent]);
    put16(&mut key, &[name.len() as u16]);
    put16(&mut key, name);
    key
}

impl Record for CatalogRecord {
    fn key(&self) -> &[u8] {
        &self.key
    }

    fn data_size(&self) -> usize {
        match &self.kind {
            Kind::Folder { .. } => FOLDER_SIZE,
            Kind::File { .. } => FILE_SIZE,
            Kind::Thread { name, .. } => 10 + 2 * name.len(),
        }
    }

    fn put_data(&self, out: &mut Vec<u8>) {
        match &self.kind {
            Kind::Folder { number, valence, owners } => {
                put16(out, &[FOLDER_RECORD, 0]);
                put32(out, &[*valence, *number]);
                self.put_common(out, *owners, &[0; 8]);
            }
            Kind::File { number, owners, link, size, start, base } => {
                // The flag says that there is a thread.
                put16(out, &[FILE_RECORD, 2]);
                put32(out, &[0, *number]);
                self.put_common(out, *owners, if *link { LINK_TYPE } else { &[0; 8] });
                let blocks = size.div_ceil(BLOCK) as u32;
                put_fork(out, *size, 0, if blocks == 0 { 0 } else { (base + start) as u32 }, blocks);
                put_fork(out, 0, 0, 0, 0);
            }
            Kind::Thread { of, parent, name } => {
                put16(out, &[*of, 0]);
                put32(out, &[*parent]);
                put16(out, &[name.len() as u16]);
                put16(out, name);
            }
        }
    }
}

impl CatalogRecord {
    /// What folders and files have alike: times (created, changed, changed in its attributes, read, saved),
    /// owners, what the Finder knows, and the encoding's hint.
    fn put_common(&self, out: &mut Vec<u8>, owners: Owners, kind: &[u8; 8]) {
        let Owners { uid, gid, mode } = owners;
        put32(out, &[self.time, self.time, self.time, self.time, 0]);
        put32(out, &[uid, gid]);
        // Flags, none, before the mode; behind it the number of links.
        put16(out, &[0, mode as u16]);
        put32(out, &[1]);
        out.extend_from_slice(kind);
        out.extend_from_slice(&[0; 24]);
        put32(out, &[0, 0]);
    }
}

/// TN1150, "Fork Data Structure": one extent of eight.
pub(super) fn put_fork(out: &mut Vec<u8>, size: u64, clump: u32, start: u32, blocks: u32) {
    put64(out, &[size]);
    put32(out, &[clump, blocks, start, blocks]);
    out.extend_from_slice(&[0; 56]);
}
