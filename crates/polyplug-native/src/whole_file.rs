//! Whether a library's file is all there. The system maps what the file's headers say and looks no further: where the file
//! is cut short, as a copy that was interrupted is, opening it kills the process.
//!
//! Formats: System V ABI (gABI), chapters 4 and 5: the ELF header and the program header table.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

/// Where fields lie that are as wide as an address, in files for the processor that this runs on.
struct Layout {
    /// `e_phoff`, `e_phentsize`, `e_phnum` of the header.
    table: usize,
    entry_size: usize,
    entries: usize,
    /// `p_offset`, `p_filesz` of an entry.
    offset: usize,
    size: usize,
}

const WIDTH: usize = size_of::<usize>();
const LAYOUT: Layout = if WIDTH == 8 {
    Layout { table: 32, entry_size: 54, entries: 56, offset: 8, size: 32 }
} else {
    Layout { table: 28, entry_size: 42, entries: 44, offset: 4, size: 16 }
};
const CLASS: u8 = if WIDTH == 8 { 2 } else { 1 };
const ENCODING: u8 = if cfg!(target_endian = "little") { 1 } else { 2 };
const PT_LOAD: u32 = 1;

/// An error if what is to be mapped of a library reaches beyond the end of its file. What is no library of this kind, the
/// system itself refuses.
pub(crate) fn check(path: &Path) -> io::Result<()> {
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    let mut header = [0; 64];
    if file.read_exact_at(&mut header, 0).is_err() || header[..6] != [0x7f, b'E', b'L', b'F', CLASS, ENCODING] {
        return Ok(());
    }
    let entry_size = usize::from(u16::from_ne_bytes(bytes(&header, LAYOUT.entry_size)));
    let entries = usize::from(u16::from_ne_bytes(bytes(&header, LAYOUT.entries)));
    let mut table = vec![0; entry_size * entries];
    if entry_size < LAYOUT.size + WIDTH || file.read_exact_at(&mut table, word(&header, LAYOUT.table)).is_err() {
        return Ok(());
    }
    let end = |entry: &[u8]| word(entry, LAYOUT.offset).saturating_add(word(entry, LAYOUT.size));
    let loaded = table.chunks_exact(entry_size).filter(|entry| u32::from_ne_bytes(bytes(entry, 0)) == PT_LOAD);
    match loaded.map(end).max() {
        Some(needed) if needed > length => Err(io::Error::other(format!(
            "it is cut short: it has {length} bytes, and its headers speak of {needed}; copy it again"
        ))),
        _ => Ok(()),
    }
}

fn bytes<const COUNT: usize>(from: &[u8], place: usize) -> [u8; COUNT] {
    std::array::from_fn(|index| from[place + index])
}

fn word(from: &[u8], place: usize) -> u64 {
    usize::from_ne_bytes(bytes(from, place)) as u64
}
