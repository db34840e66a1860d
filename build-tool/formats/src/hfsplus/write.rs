//! Writes a volume in one go: where everything lies is computed first, and then each block is written in order.

use super::btree::{BIG_KEYS, Plan, Shape, bits};
use super::catalog::{Catalog, CatalogRecord, SHAPE};
use super::volume::{Fork, HEADER_AT, Header};
use super::{BLOCK, EPOCH};
use crate::payload::{NodeKind, Payload};
use crate::source::SourceError;
use crate::unix::UnknownOwner;
use std::io::{self, Write};

/// As `newfs_hfs` has it for a volume without files in pieces.
const EXTENTS_SHAPE: Shape = Shape { node_size: 4096, maximum_key: 10, attributes: BIG_KEYS, compare: 0 };

/// The smallest volume that `newfs_hfs` makes has half of this.
const FEWEST_BLOCKS: u64 = (1 << 20) / BLOCK;

/// Why a payload cannot lie on a volume.
#[derive(Debug, thiserror::Error)]
pub enum VolumeError {
    /// A name that HFS Plus does not hold.
    #[error("the name of {0:?} is longer than the 255 units of UTF-16 that a volume holds")]
    LongName(String),
    /// Nothing is left of a name when what is ignored is left away.
    #[error("the name of {0:?} has nothing but signs that a volume ignores")]
    EmptyName(String),
    /// Two names in one folder that a Mac does not tell apart.
    #[error("{one:?} and {other:?} differ only in what a volume does not tell apart, such as large and small letters")]
    SameName {
        /// The first.
        one: String,
        /// The second.
        other: String,
    },
    /// More files or bytes than HFS Plus holds.
    #[error("the files are too many or too large for one volume")]
    TooLarge,
    /// A node's owner.
    #[error(transparent)]
    Owner(#[from] UnknownOwner),
    /// A file cannot be taken in.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The output cannot be written.
    #[error("cannot write the volume: {0}")]
    Write(#[from] io::Error),
}

/// A volume whose every block has its place.
pub(crate) struct Volume<'a> {
    header: Header,
    catalog: Catalog<'a>,
    extents_tree: Plan,
    catalog_tree: Plan,
    /// Blocks from the first on that are in use.
    used: u64,
}

impl<'a> Volume<'a> {
    /// Computes where everything lies. `mtime` is every time, in seconds since 1970.
    pub(crate) fn new(name: &str, payload: &'a Payload, mtime: u64) -> Result<Self, VolumeError> {
        // Times end in February 2040.
        let time = u32::try_from(mtime.saturating_add(EPOCH)).unwrap_or(u32::MAX);
        let mut catalog = Catalog::new(name, payload, time)?;
        let extents_tree = Plan::new::<CatalogRecord>(EXTENTS_SHAPE, &[]).ok_or(VolumeError::TooLarge)?;
        let catalog_tree = Plan::new(SHAPE, &catalog.records).ok_or(VolumeError::TooLarge)?;
        let (extents, catalog_blocks) = (extents_tree.size() / BLOCK, catalog_tree.size() / BLOCK);
        // The bitmap is a part of what it describes. The header's own block and the last one are there, too.
        let mut bitmap = 1;
        let (mut used, mut blocks);
        loop {
            used = 1 + bitmap + extents + catalog_blocks + catalog.blocks;
            blocks = (used + 1).max(FEWEST_BLOCKS);
            if blocks <= bitmap * BLOCK * 8 {
                break;
            }
            bitmap += 1;
        }
        let number = |blocks: u64| u32::try_from(blocks).map_err(|_| VolumeError::TooLarge);
        let fork = |start: u64, blocks: u64| -> Result<Fork, VolumeError> {
            Ok(Fork { size: blocks * BLOCK, extents: vec![(number(start)?, number(blocks)?)] })
        };
        catalog.place(1 + bitmap + extents + catalog_blocks);
        let header = Header {
            time,
            files: number(catalog.files.len() as u64)?,
            folders: catalog.folders,
            block_size: BLOCK as u32,
            blocks: number(blocks)?,
            free: number(blocks - used - 1)?,
            next_allocation: number(used)?,
            next_number: catalog.next_number,
            allocation: fork(1, bitmap)?,
            extents: fork(1 + bitmap, extents)?,
            catalog: fork(1 + bitmap + extents, catalog_blocks)?,
            attributes: Fork::default(),
            startup: Fork::default(),
        };
        Ok(Self { header, catalog, extents_tree, catalog_tree, used })
    }

    /// Writes every block.
    pub(crate) fn write(&self, out: &mut impl Write) -> Result<(), VolumeError> {
        let header = self.header.write();
        out.write_all(&[0; HEADER_AT as usize])?;
        out.write_all(&header)?;
        zeros(out, BLOCK - HEADER_AT - header.len() as u64)?;
        let mut bitmap = bits(0..self.used, self.header.allocation.size as usize);
        let last = self.header.blocks as usize - 1;
        bitmap[last / 8] |= 0x80 >> (last % 8);
        out.write_all(&bitmap)?;
        out.write_all(&self.extents_tree.write::<CatalogRecord>(&[]))?;
        out.write_all(&self.catalog_tree.write(&self.catalog.records))?;
        for (node, size) in &self.catalog.files {
            match &node.kind {
                NodeKind::File(content) => content.copy_to(*size, out)?,
                NodeKind::Symlink(target) => out.write_all(target.as_bytes())?,
                NodeKind::Directory => {}
            }
            zeros(out, size.next_multiple_of(BLOCK) - size)?;
        }
        zeros(out, u64::from(self.header.free) * BLOCK + BLOCK - HEADER_AT)?;
        out.write_all(&header)?;
        Ok(zeros(out, HEADER_AT - header.len() as u64)?)
    }
}

fn zeros(out: &mut impl Write, count: u64) -> io::Result<()> {
    io::copy(&mut io::Read::take(io::repeat(0), count), out).map(drop)
}
