//! Reads a bill that came from outside: every offset within the file, every page once, every path safe and unique.

use super::{BomEntry, DIRECTORY, FILE, FULL_RECORD, LINK, MAGIC, TREE_MAGIC, VERSION};
use crate::big_endian::{slice_at, u16_at, u32_at, u64_at};
use crate::read_archive::{Budget, Limits, ReadError};
use crate::unix::{TYPE_DIRECTORY, TYPE_FILE, TYPE_LINK, TYPE_MASK};
use std::collections::{BTreeMap, HashSet};
use untrusted_archive::MAX_NAME;

/// The paths of a bill, sorted; the first is the root, with an empty path.
///
/// # Errors
/// It is no bill, contradicts itself, or goes over the limits.
pub fn read_bom(bytes: &[u8], limits: Limits) -> Result<Vec<BomEntry>, ReadError> {
    let mut budget = Budget::new(limits);
    budget.metadata(bytes.len() as u64)?;
    let store = Store::open(bytes).ok_or(damaged())?;
    let large = store.large_sizes(limits)?;
    let mut nodes = BTreeMap::new();
    for (value, key) in store.tree("Paths", limits)? {
        budget.count()?;
        let (number, node) = store.node(value, key, &large).ok_or(damaged())?;
        if nodes.insert(number, node).is_some() {
            return Err(ReadError::Damaged("a number in the Bill of Materials that two paths have"));
        }
    }
    let info = store.named("BomInfo").ok_or(damaged())?;
    // `mkbom` counts one more than there are.
    if u32_at(info, 0) != Some(VERSION) || u32_at(info, 4).map(u64::from) != Some(nodes.len() as u64 + 1) {
        return Err(ReadError::Damaged("the number of paths in the Bill of Materials"));
    }
    let mut entries = Vec::with_capacity(nodes.len());
    // The limits hold for the whole paths, too: they are longer than the names that they are made of.
    let mut budget = Budget::new(limits);
    for number in nodes.keys() {
        let entry = entry(&nodes, *number)?;
        if entry.path.is_empty() {
            budget.count()?;
        } else {
            budget.named(entry.path.as_bytes())?;
        }
        entries.push(entry);
    }
    entries.sort_by(|one: &BomEntry, other| one.path.cmp(&other.path));
    Ok(entries)
}

fn damaged() -> ReadError {
    ReadError::Damaged("the Bill of Materials")
}

struct Node<'a> {
    parent: u32,
    name: &'a str,
    record: Record<'a>,
}

#[derive(Clone)]
struct Record<'a> {
    mode: u32,
    uid: u32,
    gid: u32,
    mtime: u32,
    size: u64,
    checksum: u32,
    target: Option<&'a str>,
}

/// A node with its whole path.
fn entry(nodes: &BTreeMap<u32, Node<'_>>, number: u32) -> Result<BomEntry, ReadError> {
    let node = &nodes[&number];
    let mut parts = vec![node.name];
    let mut length = node.name.len();
    let mut parent = node.parent;
    while parent != 0 {
        let above = nodes.get(&parent).ok_or(damaged())?;
        if above.record.mode & TYPE_MASK != TYPE_DIRECTORY {
            return Err(ReadError::Damaged("a path in the Bill of Materials below something that is no directory"));
        }
        parts.push(above.name);
        // Each part takes a byte at least, so this ends where parents go round in a circle, too.
        length += above.name.len() + 1;
        if length > MAX_NAME + 2 {
            return Err(ReadError::Damaged("a path in the Bill of Materials that is too long"));
        }
        parent = above.parent;
    }
    if parts.pop() != Some(".") {
        return Err(ReadError::Damaged("a path in the Bill of Materials that is not below its root"));
    }
    parts.reverse();
    let Record { mode, uid, gid, mtime, size, checksum, target } = node.record.clone();
    let (path, target) = (parts.join("/"), target.map(str::to_owned));
    Ok(BomEntry { path, mode, uid, gid, mtime, size, checksum, target })
}

struct Store<'a> {
    bytes: &'a [u8],
    index: &'a [u8],
    names: Vec<(&'a [u8], u32)>,
}

impl<'a> Store<'a> {
    fn open(bytes: &'a [u8]) -> Option<Self> {
        if !bytes.starts_with(MAGIC) || u32_at(bytes, 8)? != VERSION {
            return None;
        }
        let part = |at: usize| slice_at(bytes, u32_at(bytes, at)? as usize, u32_at(bytes, at + 4)? as usize);
        let index = part(16)?;
        let count = u32_at(index, 0)? as usize;
        let index = slice_at(index, 4, count.checked_mul(8)?)?;
        let variables = part(24)?;
        let (mut names, mut at) = (Vec::new(), 4_usize);
        for _ in 0..u32_at(variables, 0)? {
            let length = usize::from(*variables.get(at.checked_add(4)?)?);
            names.push((slice_at(variables, at + 5, length)?, u32_at(variables, at)?));
            at += 5 + length;
        }
        Some(Self { bytes, index, names })
    }

    fn block(&self, number: u32) -> Option<&'a [u8]> {
        let at = (number as usize).checked_mul(8)?;
        slice_at(self.bytes, u32_at(self.index, at)? as usize, u32_at(self.index, at.checked_add(4)?)? as usize)
    }

    fn named(&self, name: &str) -> Option<&'a [u8]> {
        let (_, block) = self.names.iter().find(|(known, _)| *known == name.as_bytes())?;
        self.block(*block)
    }

    /// The (value, key) blocks of a tree's leaves, in order.
    fn tree(&self, name: &str, limits: Limits) -> Result<Vec<(u32, u32)>, ReadError> {
        let head = self.named(name).ok_or(damaged())?;
        let (Some(root), Some(count)) = (u32_at(head, 8), u32_at(head, 16)) else { return Err(damaged()) };
        if !head.starts_with(TREE_MAGIC) {
            return Err(damaged());
        }
        // Pages may overlap in the file, so its length bounds nothing.
        if u64::from(count) > limits.entries {
            return Err(ReadError::TooManyEntries(limits.entries));
        }
        let (mut pairs, mut seen, mut waiting) = (Vec::new(), HashSet::new(), vec![root]);
        while let Some(number) = waiting.pop() {
            if !seen.insert(number) {
                return Err(ReadError::Damaged("a page in the Bill of Materials that is there twice"));
            }
            let page = self.block(number).ok_or(damaged())?;
            let (Some(leaf), Some(here)) = (u16_at(page, 0), u16_at(page, 2)) else { return Err(damaged()) };
            let here = slice_at(page, 12, usize::from(here) * 8).ok_or(damaged())?;
            let pair = |pair: &[u8]| Some((u32_at(pair, 0)?, u32_at(pair, 4)?));
            let here = here.chunks_exact(8).map(pair).collect::<Option<Vec<_>>>().ok_or(damaged())?;
            if leaf != 0 {
                pairs.extend(here);
            } else {
                waiting.extend(here.iter().rev().map(|(child, _)| child));
            }
            if pairs.len() > count as usize || waiting.len() > count as usize + 1 {
                return Err(ReadError::Damaged("the number of paths in the Bill of Materials"));
            }
        }
        if pairs.len() == count as usize {
            Ok(pairs)
        } else {
            Err(ReadError::Damaged("the number of paths in the Bill of Materials"))
        }
    }

    /// The sizes that 32 bits do not hold, by the block of their record.
    fn large_sizes(&self, limits: Limits) -> Result<BTreeMap<u32, u64>, ReadError> {
        let pairs = self.tree("Size64", limits)?;
        let size = |(value, key): &(u32, u32)| Some((u32_at(self.block(*key)?, 0)?, u64_at(self.block(*value)?, 0)?));
        pairs.iter().map(size).collect::<Option<_>>().ok_or(damaged())
    }

    fn node(&self, value: u32, key: u32, large: &BTreeMap<u32, u64>) -> Option<(u32, Node<'a>)> {
        let (value, key) = (self.block(value)?, self.block(key)?);
        let name = key.get(4..)?.strip_suffix(b"\0")?;
        let name = std::str::from_utf8(name).ok().filter(|name| !name.is_empty() && !name.contains('/'))?;
        let place = u32_at(value, 4)?;
        let mut record = record(self.block(place)?)?;
        if let Some(size) = large.get(&place) {
            record.size = *size;
        }
        let number = u32_at(value, 0).filter(|number| *number != 0)?;
        Some((number, Node { parent: u32_at(key, 0)?, name, record }))
    }
}

fn record(bytes: &[u8]) -> Option<Record<'_>> {
    let mode = u32::from(u16_at(bytes, 4)?);
    let kind = *bytes.first()?;
    let fits = match mode & TYPE_MASK {
        TYPE_FILE => kind == FILE,
        TYPE_DIRECTORY => kind == DIRECTORY,
        TYPE_LINK => kind == LINK,
        _ => false,
    };
    // The upper bits say how many processors a program is for.
    if !fits || u16_at(bytes, 2)? & FULL_RECORD != FULL_RECORD {
        return None;
    }
    let checksum = if kind == DIRECTORY { 0 } else { u32_at(bytes, 23)? };
    let target = if kind == LINK {
        let target = slice_at(bytes, 31, u32_at(bytes, 27)? as usize)?.strip_suffix(b"\0")?;
        Some(std::str::from_utf8(target).ok()?)
    } else {
        None
    };
    let size = if kind == DIRECTORY { 0 } else { u64::from(u32_at(bytes, 18)?) };
    Some(Record {
        mode,
        uid: u32_at(bytes, 6)?,
        gid: u32_at(bytes, 10)?,
        mtime: u32_at(bytes, 14)?,
        size,
        checksum,
        target,
    })
}
