//! Thin files → one universal file, byte for byte what `llvm-lipo -create` makes of them: which slices
//! may be together, in which order, at which alignment (LLVM, `MachOUniversalWriter.cpp`, `llvm-lipo.cpp`).

use super::read::{MachO, MachOError};
use super::universal::{MAX_SLICES, Slice, Window};
use super::{CPU_ARM64, CPU_X86_64, FILE_OBJECT, architecture_name};
use object::read::ReadCache;
use object::read::archive::ArchiveFile;
use std::io::{self, Read, Seek, SeekFrom, Write};

const MAGIC: u32 = 0xCAFE_BABE;
/// `sizeof(struct fat_header)` and `sizeof(struct fat_arch)`.
const HEADER_SIZE: u64 = 8;
const ARCH_SIZE: u64 = 20;
/// `MachOUniversalBinary::MaxSectionAlignment`: no slice is aligned to more than 2^15.
const MAX_ALIGNMENT: u32 = 15;
/// The capability bits of a `cpusubtype`.
const CAPABILITIES: u32 = 0xFF00_0000;

/// Why files cannot be fused. Files count from 1, in the order that they were given.
#[derive(Debug, thiserror::Error)]
pub enum FuseError {
    /// There is nothing to fuse.
    #[error("a universal file needs at least one slice")]
    NoSlices,
    /// More files than there are architectures.
    #[error("{0} slices are more than {MAX_SLICES}")]
    TooManySlices(usize),
    /// A file is no thin Mach-O file.
    #[error("file {number} cannot be a slice: {source}")]
    BadSlice {
        /// Which.
        number: usize,
        /// What is wrong with it.
        source: MachOError,
    },
    /// Two files of one architecture.
    #[error("files {first} and {second} are both for {architecture}; a universal file has one slice for each")]
    Duplicate {
        /// The first of them.
        first: usize,
        /// The second.
        second: usize,
        /// Theirs.
        architecture: String,
    },
    /// A program and a library, say.
    #[error("files {first} and {second} are of different kinds (Mach-O file types {kinds:?}; 0 is a static library)")]
    DifferentKinds {
        /// The first of them.
        first: usize,
        /// The second.
        second: usize,
        /// Their file types.
        kinds: (u32, u32),
    },
    /// The offsets of a universal file have 32 bits.
    #[error("the universal file would have {0} bytes, and its offsets can say up to 4 GiB")]
    TooLarge(u64),
    /// The result could not be written, or a file not be read a second time.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// What a file is as a slice.
struct Part {
    number: usize,
    /// 0 for a static library.
    file_type: u32,
    slice: Slice,
}

/// Writes the universal file of these thin files, which may also be static libraries of thin objects;
/// returns its slices in their order. Nothing but the headers is kept in memory.
///
/// # Errors
/// They cannot be fused, or not be read or written; then what was written is not to be used.
pub fn fuse<R: Read + Seek, W: Write>(files: &mut [R], output: &mut W) -> Result<Vec<Slice>, FuseError> {
    match files.len() {
        0 => return Err(FuseError::NoSlices),
        1..=MAX_SLICES => {}
        count => return Err(FuseError::TooManySlices(count)),
    }
    let mut parts = Vec::with_capacity(files.len());
    for (index, file) in files.iter_mut().enumerate() {
        let number = index + 1;
        let (file_type, slice) = probe(file).map_err(|source| FuseError::BadSlice { number, source })?;
        parts.push(Part { number, file_type, slice });
    }
    check(&parts)?;
    put_in_order(&mut parts);
    let mut end = HEADER_SIZE + ARCH_SIZE * parts.len() as u64;
    for part in &mut parts {
        part.slice.offset = end.next_multiple_of(1 << part.slice.alignment);
        end = part.slice.offset.saturating_add(part.slice.size);
        if u32::try_from(end).is_err() {
            return Err(FuseError::TooLarge(end));
        }
    }
    let mut header = Vec::new();
    let mut push = |word: u32| header.extend_from_slice(&word.to_be_bytes());
    push(MAGIC);
    push(parts.len() as u32);
    for Slice { cpu_type, cpu_subtype, offset, size, alignment } in parts.iter().map(|part| part.slice) {
        [cpu_type, cpu_subtype, offset as u32, size as u32, alignment].into_iter().for_each(&mut push);
    }
    output.write_all(&header)?;
    let mut at = header.len() as u64;
    for part in &parts {
        io::copy(&mut io::repeat(0).take(part.slice.offset - at), output)?;
        let file = &mut files[part.number - 1];
        file.seek(SeekFrom::Start(0))?;
        let copied = io::copy(&mut file.take(part.slice.size), output)?;
        if copied != part.slice.size {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
        }
        at = part.slice.offset + copied;
    }
    output.flush()?;
    Ok(parts.into_iter().map(|part| part.slice).collect())
}

fn check(parts: &[Part]) -> Result<(), FuseError> {
    for (index, second) in parts.iter().enumerate() {
        for first in &parts[..index] {
            let key = |part: &Part| (part.slice.cpu_type, part.slice.cpu_subtype & !CAPABILITIES);
            let (first, second, kinds) = (first.number, second.number, (first.file_type, second.file_type));
            if key(&parts[first - 1]) == key(&parts[second - 1]) {
                let architecture = architecture_name(key(&parts[second - 1]).0, key(&parts[second - 1]).1);
                return Err(FuseError::Duplicate { first, second, architecture });
            }
            if kinds.0 != kinds.1 {
                return Err(FuseError::DifferentKinds { first, second, kinds });
            }
        }
    }
    Ok(())
}

/// By insertion, since "before" is not a total order: slices of different types and the same alignment stay
/// as they were given, and those of one type go by subtype. With the handful that there are, that is
/// what LLVM's stable sort makes of it, too.
fn put_in_order(parts: &mut [Part]) {
    for end in 1..parts.len() {
        let at = (0..end).rev().take_while(|&at| goes_before(&parts[end].slice, &parts[at].slice)).last();
        if let Some(at) = at {
            parts[at..=end].rotate_right(1);
        }
    }
}

/// arm64 is last whatever its alignment, as `lipo` and old loaders want it; others go by alignment, which
/// wastes the least.
fn goes_before(one: &Slice, other: &Slice) -> bool {
    match (one.cpu_type, other.cpu_type) {
        (a, b) if a == b => one.cpu_subtype < other.cpu_subtype,
        (CPU_ARM64, _) => false,
        (_, CPU_ARM64) => true,
        _ => one.alignment < other.alignment,
    }
}

/// The file's type, and what its slice would be, at no offset yet.
fn probe<R: Read + Seek>(file: &mut R) -> Result<(u32, Slice), MachOError> {
    let size = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(0))?;
    let mut magic = Vec::new();
    file.take(8).read_to_end(&mut magic)?;
    let (object, file_type, alignment) = if magic == *b"!<arch>\n" {
        let object = archived_object(file)?;
        let alignment = if object.is_64 { 3 } else { 2 };
        (object, 0, alignment)
    } else {
        let object = MachO::read(file)?;
        let (file_type, alignment) = (object.file_type, alignment(&object));
        (object, file_type, alignment)
    };
    let (cpu_type, cpu_subtype) = (object.cpu_type, object.cpu_subtype);
    Ok((file_type, Slice { cpu_type, cpu_subtype, offset: 0, size, alignment }))
}

/// The first object of a static library; all others must be for the same architecture.
fn archived_object<R: Read + Seek>(file: &mut R) -> Result<MachO, MachOError> {
    let damaged = |error: object::read::Error| MachOError::Damaged(error.to_string());
    let cache = ReadCache::new(&mut *file);
    let mut ranges = Vec::new();
    for member in ArchiveFile::parse(&cache).map_err(damaged)?.members() {
        let member = member.map_err(damaged)?;
        ranges.push((String::from_utf8_lossy(member.name()).into_owned(), member.file_range()));
    }
    drop(cache);
    let mut first: Option<MachO> = None;
    for (name, (offset, size)) in ranges {
        let member = MachO::read(&mut Window::new(file, offset, size)?)
            .map_err(|error| MachOError::Damaged(format!("its member {name}: {error}")))?;
        match &first {
            None => first = Some(member),
            Some(first) if (first.cpu_type, first.cpu_subtype) != (member.cpu_type, member.cpu_subtype) => {
                let problem = format!("its member {name} is for another architecture than those before it");
                return Err(MachOError::Damaged(problem));
            }
            Some(_) => {}
        }
    }
    first.ok_or_else(|| MachOError::Damaged("the static library is empty".to_owned()))
}

/// As a power of two: the page size where it is known, else as far as the file itself is aligned.
fn alignment(file: &MachO) -> u32 {
    const I386: u32 = 7;
    const POWERPC: [u32; 2] = [18, 0x0100_0012];
    const ARM: [u32; 2] = [12, 0x0200_000C];
    match file.cpu_type {
        CPU_X86_64 | I386 => 12,
        cpu if POWERPC.contains(&cpu) => 12,
        CPU_ARM64 => 14,
        cpu if ARM.contains(&cpu) => 14,
        _ => {
            let of_segment = |segment: &super::Segment| match (file.file_type, segment.sections.as_slice()) {
                (FILE_OBJECT, []) => MAX_ALIGNMENT,
                (FILE_OBJECT, sections) => sections.iter().map(|section| section.alignment).max().unwrap_or(2).max(2),
                _ => segment.address.trailing_zeros().min(if file.is_64 { 64 } else { 32 }),
            };
            file.segments.iter().map(of_segment).min().unwrap_or(MAX_ALIGNMENT).clamp(2, MAX_ALIGNMENT)
        }
    }
}
