//! Universal files: which slices they hold, and a view of one of them. Making one is in `fuse`.

use object::macho;
use object::read::macho::{FatArch, MachOFatFile};
use object::read::{FileKind, ReadCache, ReadRef};
use std::io::{self, Read, Seek, SeekFrom};

/// A universal file has a slice per architecture; there are not more of those.
pub(crate) const MAX_SLICES: usize = 16;

/// One architecture's part of a universal file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slice {
    /// `cputype`.
    pub cpu_type: u32,
    /// `cpusubtype`, its capability bits included.
    pub cpu_subtype: u32,
    /// Where it begins, in bytes.
    pub offset: u64,
    /// Its size in bytes.
    pub size: u64,
    /// Its alignment as a power of two.
    pub alignment: u32,
}

/// The slices of a universal file; none for a file that is not universal.
///
/// # Errors
/// The table of slices is damaged.
pub fn slices<R: Read + Seek>(file: R) -> object::read::Result<Vec<Slice>> {
    universal_slices(&ReadCache::new(file))
}

pub(crate) fn universal_slices<'data, R: ReadRef<'data>>(data: R) -> object::read::Result<Vec<Slice>> {
    fn all<F: FatArch>(arches: &[F]) -> Vec<Slice> {
        let slice = |arch: &F| {
            let (offset, size) = arch.file_range();
            let (cpu_type, cpu_subtype) = (arch.cputype().0, arch.cpusubtype().0);
            Slice { cpu_type, cpu_subtype, offset, size, alignment: arch.align() }
        };
        arches.iter().map(slice).collect()
    }
    Ok(match FileKind::parse(data) {
        Ok(FileKind::MachOFat32) => all(MachOFatFile::<macho::FatArch32>::parse(data)?.arches()),
        Ok(FileKind::MachOFat64) => all(MachOFatFile::<macho::FatArch64>::parse(data)?.arches()),
        _ => Vec::new(),
    })
}

/// A part of a file, as if it were a file of its own.
pub(super) struct Window<'file, R> {
    file: &'file mut R,
    start: u64,
    length: u64,
    at: u64,
}

impl<'file, R: Seek> Window<'file, R> {
    /// Cut off at the file's end.
    pub(super) fn new(file: &'file mut R, start: u64, length: u64) -> io::Result<Self> {
        let end = file.seek(SeekFrom::End(0))?;
        let start = start.min(end);
        Ok(Self { file, start, length: length.min(end - start), at: 0 })
    }
}

impl<R: Read + Seek> Read for Window<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.file.seek(SeekFrom::Start(self.start + self.at))?;
        let count = self.file.take(self.length.saturating_sub(self.at)).read(buffer)?;
        self.at += count as u64;
        Ok(count)
    }
}

impl<R> Seek for Window<'_, R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.length.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        // Beyond the end is allowed, as with files: nothing can be read there.
        self.at = at.filter(|&at| at <= u64::MAX / 2).ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}
