//! The volume header (TN1150, "Volume Header"), which is written and read alike.

use super::catalog::put_fork;
use crate::big_endian::{put16, put32, put64, u16_at, u32_at, u64_at};

/// The header lies 1024 bytes from the beginning, and a copy of it from the end.
pub(super) const HEADER_AT: u64 = 1024;
pub(super) const HEADER_SIZE: usize = 512;

const SIGNATURE: &[u8; 2] = b"H+";
const VERSION: u16 = 4;
/// Bit 8: it was unmounted properly.
const UNMOUNTED: u32 = 1 << 8;
/// Who wrote it last; this is macOS's own word for itself without a journal.
const LAST_MOUNTED: &[u8; 4] = b"10.0";
/// Bytes of a fork in the header, and the number of extents in it.
pub(super) const FORK_SIZE: usize = 80;
pub(super) const FORK_EXTENTS: usize = 8;

/// What a header says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) time: u32,
    pub(super) files: u32,
    pub(super) folders: u32,
    pub(super) block_size: u32,
    pub(super) blocks: u32,
    pub(super) free: u32,
    pub(super) next_allocation: u32,
    pub(super) next_number: u32,
    pub(super) allocation: Fork,
    pub(super) extents: Fork,
    pub(super) catalog: Fork,
    pub(super) attributes: Fork,
    pub(super) startup: Fork,
}

/// A fork: its size in bytes, and (first block, blocks) of its pieces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Fork {
    pub(super) size: u64,
    pub(super) extents: Vec<(u32, u32)>,
}

impl Header {
    pub(super) fn write(&self) -> Vec<u8> {
        let mut out = SIGNATURE.to_vec();
        put16(&mut out, &[VERSION]);
        put32(&mut out, &[UNMOUNTED]);
        out.extend_from_slice(LAST_MOUNTED);
        let Self { time, files, folders, block_size, blocks, free, next_allocation, next_number, .. } = *self;
        // No journal; created, changed, never saved, checked.
        put32(&mut out, &[0, time, time, 0, time, files, folders, block_size, blocks, free, next_allocation]);
        // Clump sizes of both kinds of fork; the number of writes.
        put32(&mut out, &[block_size, block_size, next_number, 1]);
        // Encodings: Roman alone. Nothing for the Finder.
        put64(&mut out, &[1]);
        out.extend_from_slice(&[0; 32]);
        for fork in [&self.allocation, &self.extents, &self.catalog, &self.attributes, &self.startup] {
            let (start, blocks) = fork.extents.first().copied().unwrap_or_default();
            put_fork(&mut out, fork.size, u32::try_from(fork.size).unwrap_or(u32::MAX), start, blocks);
        }
        out
    }

    /// `None` if it is no header of HFS Plus.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        if !bytes.starts_with(SIGNATURE) || u16_at(bytes, 2)? != VERSION {
            return None;
        }
        let number = |at| u32_at(bytes, at);
        let fork = |at: usize| Fork::read(bytes.get(112 + at * FORK_SIZE..)?);
        Some(Self {
            time: number(20)?,
            files: number(32)?,
            folders: number(36)?,
            block_size: number(40)?,
            blocks: number(44)?,
            free: number(48)?,
            next_allocation: number(52)?,
            next_number: number(64)?,
            allocation: fork(0)?,
            extents: fork(1)?,
            catalog: fork(2)?,
            attributes: fork(3)?,
            startup: fork(4)?,
        })
    }
}

impl Fork {
    /// Pieces that the eight do not hold are in the extents tree; then this is `None`.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let (size, total) = (u64_at(bytes, 0)?, u32_at(bytes, 12)?);
        let mut extents = Vec::new();
        for at in 0..FORK_EXTENTS {
            let (start, blocks) = (u32_at(bytes, 16 + at * 8)?, u32_at(bytes, 20 + at * 8)?);
            if blocks > 0 {
                extents.push((start, blocks));
            }
        }
        let sum: u64 = extents.iter().map(|(_, blocks)| u64::from(*blocks)).sum();
        (sum == u64::from(total)).then_some(Self { size, extents })
    }
}
