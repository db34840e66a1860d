//! Writes a B-tree file (TN1150, "B-Trees"): a header node, the leaves in the order of the keys, then level by
//! level the index nodes, the root last.

use crate::big_endian::{put16, put32};

/// A node's descriptor at its beginning, and the offset of each record, two bytes at its end.
pub(super) const DESCRIPTOR: usize = 14;
const OFFSET: usize = 2;

pub(super) const LEAF_NODE: i8 = -1;
pub(super) const INDEX_NODE: i8 = 0;
pub(super) const HEADER_NODE: i8 = 1;

/// Bytes of the header node's first two records; the third is a bitmap of the nodes and takes the rest.
pub(super) const HEADER_RECORD: usize = 106;
const USER_RECORD: usize = 128;

/// Keys have lengths of two bytes; in index nodes they have only as many bytes as they need.
pub(super) const BIG_KEYS: u32 = 2;
pub(super) const VARIABLE_INDEX_KEYS: u32 = 4;

/// A fresh volume's trees have room to grow; no program has seen one without.
const FEWEST_NODES: u32 = 4;

/// What a tree is like.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    pub(super) node_size: usize,
    pub(super) maximum_key: u16,
    pub(super) attributes: u32,
    /// `keyCompareType`: 0xCF for names without regard to case.
    pub(super) compare: u8,
}

/// A record as it lies in a leaf.
pub(super) trait Record {
    /// The key, its length of two bytes included.
    fn key(&self) -> &[u8];
    /// Bytes of what follows the key: an even number.
    fn data_size(&self) -> usize;
    /// Appends what follows the key.
    fn put_data(&self, out: &mut Vec<u8>);
}

/// Which records are in which node.
pub(super) struct Plan {
    shape: Shape,
    /// The leaves first, the root last.
    levels: Vec<Vec<Node>>,
    /// All nodes, the header and the unused ones included.
    pub(super) nodes: u32,
}

struct Node {
    /// The first child and one past the last: of the level below, or records.
    children: (usize, usize),
    /// The record whose key is the node's.
    first_record: usize,
}

impl Plan {
    /// Places the records, which are sorted. `None` if there are more nodes than the header node's bitmap holds.
    pub(super) fn new<R: Record>(shape: Shape, records: &[R]) -> Option<Self> {
        let leaf_sizes: Vec<usize> = records.iter().map(|record| record.key().len() + record.data_size()).collect();
        let mut levels: Vec<Vec<Node>> = Vec::new();
        let leaves = groups(shape, &leaf_sizes).map(|children| Node { children, first_record: children.0 });
        let mut level: Vec<Node> = leaves.collect();
        while level.len() > 1 {
            let sizes: Vec<usize> = level.iter().map(|node| records[node.first_record].key().len() + 4).collect();
            let above = groups(shape, &sizes);
            let above = above.map(|children| Node { children, first_record: level[children.0].first_record }).collect();
            levels.push(level);
            level = above;
        }
        if !level.is_empty() {
            levels.push(level);
        }
        let used = 1 + levels.iter().map(Vec::len).sum::<usize>();
        let nodes = u32::try_from(used).ok().filter(|_| used <= bitmap_size(shape) * 8)?;
        Some(Self { shape, levels, nodes: nodes.max(FEWEST_NODES) })
    }

    pub(super) fn size(&self) -> u64 {
        u64::from(self.nodes) * self.shape.node_size as u64
    }

    /// The file's bytes, for the records that the plan was made for.
    pub(super) fn write<R: Record>(&self, records: &[R]) -> Vec<u8> {
        let mut out = self.header_node(records.len());
        let mut below = 0;
        let mut first = 1;
        for (height, level) in (1_u8..).zip(&self.levels) {
            for (at, node) in level.iter().enumerate() {
                let number = first + at as u32;
                let next = if at + 1 < level.len() { number + 1 } else { 0 };
                let previous = if at > 0 { number - 1 } else { 0 };
                let mut bytes = descriptor(next, previous, if height == 1 { LEAF_NODE } else { INDEX_NODE }, height);
                let mut offsets = Vec::new();
                for child in node.children.0..node.children.1 {
                    offsets.push(bytes.len());
                    if height == 1 {
                        bytes.extend_from_slice(records[child].key());
                        records[child].put_data(&mut bytes);
                    } else {
                        let children = &self.levels[usize::from(height) - 2];
                        bytes.extend_from_slice(records[children[child].first_record].key());
                        put32(&mut bytes, &[below + child as u32]);
                    }
                }
                self.close(&mut out, bytes, offsets);
            }
            (below, first) = (first, first + level.len() as u32);
        }
        out.resize(self.size() as usize, 0);
        out
    }

    /// TN1150, "Header Record" and "Map Record".
    fn header_node(&self, records: usize) -> Vec<u8> {
        let Shape { node_size, maximum_key, attributes, compare } = self.shape;
        let leaves = self.levels.first().map_or(0, Vec::len) as u32;
        let used = 1 + self.levels.iter().map(Vec::len).sum::<usize>() as u32;
        let root = if leaves == 0 { 0 } else { used - 1 };
        let mut bytes = descriptor(0, 0, HEADER_NODE, 0);
        put16(&mut bytes, &[self.levels.len() as u16]);
        put32(&mut bytes, &[root, records as u32, u32::from(leaves > 0), leaves]);
        put16(&mut bytes, &[node_size as u16, maximum_key]);
        put32(&mut bytes, &[self.nodes, self.nodes - used]);
        put16(&mut bytes, &[0]);
        put32(&mut bytes, &[u32::try_from(self.size()).unwrap_or(u32::MAX)]);
        bytes.extend_from_slice(&[0, compare]);
        put32(&mut bytes, &[attributes]);
        bytes.extend_from_slice(&[0; 64]);
        let user = bytes.len();
        bytes.resize(user + USER_RECORD, 0);
        let map = bytes.len();
        let bitmap = bits(0..u64::from(used), bitmap_size(self.shape));
        bytes.extend_from_slice(&bitmap);
        let mut out = Vec::with_capacity(self.size() as usize);
        self.close(&mut out, bytes, vec![DESCRIPTOR, user, map]);
        out
    }

    /// Fills a node up: the offsets of its records and of what is free stand at its end, the last one first.
    fn close(&self, out: &mut Vec<u8>, mut node: Vec<u8>, mut offsets: Vec<usize>) {
        node[10..12].copy_from_slice(&(offsets.len() as u16).to_be_bytes());
        offsets.push(node.len());
        node.resize(self.shape.node_size - offsets.len() * OFFSET, 0);
        offsets.iter().rev().for_each(|offset| put16(&mut node, &[*offset as u16]));
        out.extend_from_slice(&node);
    }
}

/// Next, previous, kind, height; the number of records is filled in when they are there.
fn descriptor(next: u32, previous: u32, kind: i8, height: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    put32(&mut bytes, &[next, previous]);
    bytes.extend_from_slice(&[kind.cast_unsigned(), height, 0, 0, 0, 0]);
    bytes
}

fn bitmap_size(shape: Shape) -> usize {
    shape.node_size - DESCRIPTOR - HEADER_RECORD - USER_RECORD - 4 * OFFSET
}

/// A bitmap of so many bytes with these bits set, the highest of a byte first.
pub(super) fn bits(set: std::ops::Range<u64>, size: usize) -> Vec<u8> {
    let mut bitmap = vec![0; size];
    for bit in set {
        bitmap[(bit / 8) as usize] |= 0x80 >> (bit % 8);
    }
    bitmap
}

/// Puts records of these sizes into nodes as full as they get: (first, one past the last).
fn groups(shape: Shape, sizes: &[usize]) -> impl Iterator<Item = (usize, usize)> {
    let room = shape.node_size - DESCRIPTOR - OFFSET;
    let (mut groups, mut first, mut used) = (Vec::new(), 0, 0);
    for (at, size) in sizes.iter().enumerate() {
        if used + size + OFFSET > room && at > first {
            groups.push((first, at));
            (first, used) = (at, 0);
        }
        used += size + OFFSET;
    }
    if first < sizes.len() {
        groups.push((first, sizes.len()));
    }
    groups.into_iter()
}
