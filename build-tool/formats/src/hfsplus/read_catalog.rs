//! Reads a volume's catalog from its bytes: every node once, keys in order, the index over the leaves as it must be.

use super::btree::{DESCRIPTOR, HEADER_NODE, HEADER_RECORD, INDEX_NODE, LEAF_NODE};
use super::catalog::{FILE_SIZE, FOLDER_SIZE};
use super::names::{MAX_UNITS, fold};
use super::volume::Fork;
use super::{FILE_RECORD, FILE_THREAD, FOLDER_RECORD, FOLDER_THREAD, LINK_TYPE};
use crate::big_endian::{slice_at, u16_at, u32_at};
use crate::read_archive::{Budget, ReadError};

/// Deeper trees have more nodes than a volume has blocks.
const MAX_HEIGHT: u16 = 16;

/// The parent's number, and the name.
pub(super) type Key = (u32, Vec<u16>);

/// A leaf's record.
pub(super) enum Record {
    Folder(Entry),
    File(Entry),
    Thread { file: bool, back: Key },
}

/// What is known of a file or a folder.
pub(super) struct Entry {
    pub(super) number: u32,
    /// How many things are in a folder.
    pub(super) valence: u32,
    pub(super) changed: u32,
    pub(super) uid: u32,
    pub(super) gid: u32,
    pub(super) mode: u32,
    pub(super) link: bool,
    pub(super) fork: Fork,
}

fn damaged() -> ReadError {
    ReadError::Damaged("the volume's catalog")
}

struct Tree<'a> {
    bytes: &'a [u8],
    node_size: usize,
    seen: Vec<bool>,
    /// The last leaf, which the next one must name.
    last_leaf: u32,
    /// Where the last leaf said that the next one is.
    next_leaf: u32,
    last_key: Option<Key>,
    records: Vec<(Key, Record)>,
}

/// The records of the catalog in order.
pub(super) fn read_catalog(bytes: &[u8], budget: &mut Budget) -> Result<Vec<(Key, Record)>, ReadError> {
    let head = slice_at(bytes, DESCRIPTOR, HEADER_RECORD).ok_or(damaged())?;
    let number = |at| u32_at(head, at).ok_or(damaged());
    let small = |at| u16_at(head, at).ok_or(damaged());
    let (height, root, count, first, last) = (small(0)?, number(2)?, number(6)?, number(10)?, number(14)?);
    let (node_size, nodes) = (usize::from(small(18)?), number(22)?);
    if bytes.get(8).map(|kind| kind.cast_signed()) != Some(HEADER_NODE)
        || !node_size.is_power_of_two()
        || node_size < 512
        || bytes.len() != (nodes as usize).saturating_mul(node_size)
        || height > MAX_HEIGHT
    {
        return Err(damaged());
    }
    let (seen, records) = (vec![false; nodes as usize], Vec::new());
    let mut tree = Tree { bytes, node_size, seen, last_leaf: 0, next_leaf: first, last_key: None, records };
    tree.node(root, height, budget)?;
    if tree.records.len() != count as usize || tree.last_leaf != last || tree.next_leaf != 0 {
        return Err(damaged());
    }
    Ok(tree.records)
}

impl<'a> Tree<'a> {
    /// Reads a node and what is below it; gives its first key.
    fn node(&mut self, number: u32, height: u16, budget: &mut Budget) -> Result<Key, ReadError> {
        let at = (number as usize).saturating_mul(self.node_size);
        let node: &'a [u8] = slice_at(self.bytes, at, self.node_size).ok_or(damaged())?;
        let seen = self.seen.get_mut(number as usize).filter(|seen| !**seen && number != 0).ok_or(damaged())?;
        *seen = true;
        let kind = if height == 1 { LEAF_NODE } else { INDEX_NODE };
        let (next, previous, records) = (u32_at(node, 0), u32_at(node, 4), u16_at(node, 10));
        let (Some(next), Some(previous), Some(records)) = (next, previous, records) else { return Err(damaged()) };
        if node[8].cast_signed() != kind || u16::from(node[9]) != height || records == 0 {
            return Err(damaged());
        }
        if height == 1 {
            if self.next_leaf != number || previous != self.last_leaf {
                return Err(ReadError::Damaged("the chain of the catalog's leaves"));
            }
            (self.last_leaf, self.next_leaf) = (number, next);
        }
        let mut first_key = None;
        for record in 0..usize::from(records) {
            let bytes = record_bytes(node, record).ok_or(damaged())?;
            let (key, folded, data) = key(bytes).ok_or(damaged())?;
            let key_of_child = if height == 1 {
                if self.last_key.as_ref().is_some_and(|last| *last >= folded) {
                    return Err(ReadError::Damaged("the order of the catalog"));
                }
                budget.metadata(64 + 4 * key.1.len() as u64)?;
                let record = self::record(data).ok_or(damaged())?;
                self.last_key = Some(folded.clone());
                self.records.push((key, record));
                folded
            } else {
                let child = u32_at(data, 0).ok_or(damaged())?;
                let first = self.node(child, height - 1, budget)?;
                if first != folded {
                    return Err(ReadError::Damaged("the index of the catalog"));
                }
                first
            };
            first_key.get_or_insert(key_of_child);
        }
        first_key.ok_or(damaged())
    }
}

/// A record of a node, by the offsets at the node's end.
fn record_bytes(node: &[u8], record: usize) -> Option<&[u8]> {
    let offset = |at: usize| u16_at(node, node.len().checked_sub(2 * (at + 1))?).map(usize::from);
    let (start, end) = (offset(record)?, offset(record + 1)?);
    (start >= DESCRIPTOR && end <= node.len()).then(|| node.get(start..end))?
}

/// A key as it is and as it sorts, and what follows it.
fn key(bytes: &[u8]) -> Option<(Key, Key, &[u8])> {
    let length = usize::from(u16_at(bytes, 0)?);
    let parent = u32_at(bytes, 2)?;
    let name = name(bytes.get(6..)?)?;
    let fits = length == 6 + 2 * name.len();
    let folded = fold(&name);
    fits.then(|| Some(((parent, name), (parent, folded), bytes.get(2 + length..)?)))?
}

fn name(bytes: &[u8]) -> Option<Vec<u16>> {
    let count = usize::from(u16_at(bytes, 0)?);
    let units = slice_at(bytes, 2, 2 * count)?;
    (count <= MAX_UNITS).then(|| units.chunks_exact(2).map(|unit| u16::from_be_bytes([unit[0], unit[1]])).collect())
}

fn record(bytes: &[u8]) -> Option<Record> {
    let kind = u16_at(bytes, 0)?;
    match kind {
        FOLDER_RECORD if bytes.len() == FOLDER_SIZE => Some(Record::Folder(entry(bytes, Fork::default())?)),
        FILE_RECORD if bytes.len() == FILE_SIZE => {
            // A second fork would be content that nobody looks at.
            let resources = Fork::read(bytes.get(168..)?)?;
            let fork = Fork::read(bytes.get(88..)?)?;
            (resources == Fork::default()).then(|| entry(bytes, fork).map(Record::File))?
        }
        FOLDER_THREAD | FILE_THREAD => {
            let back = (u32_at(bytes, 4)?, name(bytes.get(8..)?)?);
            (bytes.len() == 10 + 2 * back.1.len()).then_some(Record::Thread { file: kind == FILE_THREAD, back })
        }
        _ => None,
    }
}

fn entry(bytes: &[u8], fork: Fork) -> Option<Entry> {
    Some(Entry {
        valence: u32_at(bytes, 4)?,
        number: u32_at(bytes, 8)?,
        changed: u32_at(bytes, 16)?,
        uid: u32_at(bytes, 32)?,
        gid: u32_at(bytes, 36)?,
        mode: u32::from(u16_at(bytes, 42)?),
        link: bytes.get(48..56)? == LINK_TYPE,
        fork,
    })
}
