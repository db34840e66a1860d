//! Writes a bill as `mkbom` lays it out: full pages, records that end in eight zeros.

use super::{BomEntry, DIRECTORY, FILE, FULL_RECORD, HEADER_SIZE, LINK, MAGIC, PAGE, SMALL_PAGE, TREE_MAGIC, VERSION};
use crate::big_endian::{put16, put32, put64};
use crate::unix::{TYPE_DIRECTORY, TYPE_LINK, TYPE_MASK};
use std::collections::HashMap;
use std::io;

/// Pairs of a page. 510 would fit; Apple's pages are half full, since theirs are split when they are.
const PAIRS: usize = 256;

/// The bytes of a bill. The entries come parents first; the first is the root, with an empty path.
pub(crate) fn write_bom(entries: &[BomEntry]) -> io::Result<Vec<u8>> {
    let mut store = Store::default();
    let info = store.add(info(entries))?;
    let mut large = Vec::new();
    let mut pairs = paths(&mut store, entries, &mut large)?;
    pairs.sort_by(|one, other| one.order.cmp(&other.order));
    let pairs: Vec<(u32, u32)> = pairs.into_iter().map(|pair| (pair.value, pair.key)).collect();
    let paths = tree(&mut store, &pairs, PAGE)?;
    let hard_links = tree(&mut store, &[], PAGE)?;
    let virtual_paths = tree(&mut store, &[], SMALL_PAGE)?;
    let mut index = Vec::new();
    put32(&mut index, &[VERSION, virtual_paths, 0]);
    index.push(0);
    let index = store.add(index)?;
    let sizes = tree(&mut store, &large, PAGE)?;
    let names = [("BomInfo", info), ("Paths", paths), ("HLIndex", hard_links), ("VIndex", index), ("Size64", sizes)];
    store.finish(&names)
}

/// The number of paths (and, as `mkbom` counts, one more), and the bytes that are for no processor in particular.
fn info(entries: &[BomEntry]) -> Vec<u8> {
    let total = entries.iter().map(|entry| entry.size).fold(0, u64::wrapping_add);
    let mut info = Vec::new();
    put32(&mut info, &[VERSION, entries.len() as u32 + 1, 1, 0, 0, total as u32, 0]);
    info
}

struct Pair<'a> {
    /// What the tree is sorted by: the parent's number, then the name's bytes.
    order: (u32, &'a str),
    value: u32,
    key: u32,
}

/// The blocks of every path, and for the tree of large sizes those that 32 bits do not hold.
fn paths<'a>(store: &mut Store, entries: &'a [BomEntry], large: &mut Vec<(u32, u32)>) -> io::Result<Vec<Pair<'a>>> {
    let mut numbers: HashMap<&str, u32> = HashMap::new();
    let mut pairs = Vec::with_capacity(entries.len());
    for (number, entry) in (1..).zip(entries) {
        let (parent, name) = match entry.path.rsplit_once('/') {
            _ if entry.path.is_empty() => (None, "."),
            None => (Some(""), entry.path.as_str()),
            Some((parent, name)) => (Some(parent), name),
        };
        let parent = match parent {
            None => 0,
            Some(parent) => *numbers
                .get(parent)
                .ok_or_else(|| io::Error::other(format!("{:?} comes before its directory", entry.path)))?,
        };
        numbers.insert(&entry.path, number);
        let record = store.add(record(entry))?;
        if entry.size > u64::from(u32::MAX) {
            let (mut size, mut of) = (Vec::new(), Vec::new());
            put64(&mut size, &[entry.size]);
            put32(&mut of, &[record]);
            large.push((store.add(size)?, store.add(of)?));
        }
        let mut value = Vec::new();
        put32(&mut value, &[number, record]);
        let mut key = Vec::new();
        put32(&mut key, &[parent]);
        key.extend_from_slice(name.as_bytes());
        key.push(0);
        pairs.push(Pair { order: (parent, name), value: store.add(value)?, key: store.add(key)? });
    }
    Ok(pairs)
}

fn record(entry: &BomEntry) -> Vec<u8> {
    let kind = match entry.mode & TYPE_MASK {
        TYPE_DIRECTORY => DIRECTORY,
        TYPE_LINK => LINK,
        _ => FILE,
    };
    let mut record = vec![kind, 1];
    put16(&mut record, &[FULL_RECORD, entry.mode as u16]);
    // The size's lower half; the whole is in `Size64`.
    put32(&mut record, &[entry.uid, entry.gid, entry.mtime, entry.size as u32]);
    record.push(1);
    if kind != DIRECTORY {
        put32(&mut record, &[entry.checksum]);
    }
    if let Some(target) = &entry.target {
        put32(&mut record, &[target.len() as u32 + 1]);
        record.extend_from_slice(target.as_bytes());
        record.push(0);
    }
    record.extend_from_slice(&[0; 8]);
    record
}

/// Adds a tree over (value, key) pairs in the order of their keys; gives the block of its head.
fn tree(store: &mut Store, pairs: &[(u32, u32)], page: u32) -> io::Result<u32> {
    let mut level = pages(store, pairs, page, true)?;
    while level.len() > 1 {
        level = pages(store, &level, page, false)?;
    }
    let mut head = TREE_MAGIC.to_vec();
    put32(&mut head, &[VERSION, level[0].0, page, pairs.len() as u32]);
    head.push(0);
    store.add(head)
}

/// One level: its pages, each known by its block and by the last key in it.
fn pages(store: &mut Store, pairs: &[(u32, u32)], size: u32, leaf: bool) -> io::Result<Vec<(u32, u32)>> {
    let first = store.next();
    let count = pairs.len().div_ceil(PAIRS).max(1) as u32;
    let mut made = Vec::new();
    for at in 0..count {
        let here = &pairs[(at as usize * PAIRS).min(pairs.len())..];
        let here = &here[..here.len().min(PAIRS)];
        let mut page = Vec::new();
        put16(&mut page, &[u16::from(leaf), here.len() as u16]);
        let following = if at + 1 < count { first + at + 1 } else { 0 };
        let previous = if at > 0 { first + at - 1 } else { 0 };
        put32(&mut page, &[following, previous]);
        here.iter().for_each(|(value, key)| put32(&mut page, &[*value, *key]));
        page.resize(size as usize, 0);
        made.push((store.add(page)?, here.last().map_or(0, |pair| pair.1)));
    }
    Ok(made)
}

/// The blocks, one behind the other.
#[derive(Default)]
struct Store {
    bytes: Vec<u8>,
    places: Vec<(u32, u32)>,
}

impl Store {
    /// The number that the next block will have. Block 0 is none.
    fn next(&self) -> u32 {
        self.places.len() as u32 + 1
    }

    fn add(&mut self, block: Vec<u8>) -> io::Result<u32> {
        let number = self.next();
        let at = HEADER_SIZE + self.bytes.len();
        // 32-bit offsets; the index behind the blocks needs room, too.
        let at = u32::try_from(at).ok().filter(|at| *at < u32::MAX / 2);
        let at = at.ok_or_else(|| io::Error::other("a Bill of Materials cannot hold that many paths"))?;
        self.places.push((at, block.len() as u32));
        self.bytes.extend_from_slice(&block);
        Ok(number)
    }

    /// Header, blocks, names, index of the blocks, list of free ones (two empty places, as `mkbom` leaves them).
    fn finish(self, names: &[(&str, u32)]) -> io::Result<Vec<u8>> {
        let mut variables = Vec::new();
        put32(&mut variables, &[names.len() as u32]);
        for (name, block) in names {
            put32(&mut variables, &[*block]);
            variables.push(name.len() as u8);
            variables.extend_from_slice(name.as_bytes());
        }
        let mut index = Vec::new();
        put32(&mut index, &[self.places.len() as u32 + 1, 0, 0]);
        self.places.iter().for_each(|(at, length)| put32(&mut index, &[*at, *length]));
        put32(&mut index, &[0; 5]);
        let variables_at = (HEADER_SIZE + self.bytes.len()) as u32;
        let index_at = variables_at + variables.len() as u32;
        let mut file = MAGIC.to_vec();
        put32(&mut file, &[VERSION, self.places.len() as u32]);
        put32(&mut file, &[index_at, index.len() as u32, variables_at, variables.len() as u32]);
        file.resize(HEADER_SIZE, 0);
        file.extend_from_slice(&self.bytes);
        file.extend_from_slice(&variables);
        file.extend_from_slice(&index);
        Ok(file)
    }
}
