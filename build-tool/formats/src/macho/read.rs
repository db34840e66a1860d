//! A strict reader of a thin little-endian Mach-O file: header, load commands, and of those what
//! signing and fusing need. Everything is checked against the file's length as it is read.

use std::io::{self, Read, Seek, SeekFrom};

const MAGIC_64: u32 = 0xFEED_FACF;
const MAGIC_32: u32 = 0xFEED_FACE;
pub(super) const LC_SEGMENT: u32 = 0x1;
pub(super) const LC_SEGMENT_64: u32 = 0x19;
const LC_UUID: u32 = 0x1B;
pub(super) const LC_CODE_SIGNATURE: u32 = 0x1D;
const LC_BUILD_VERSION: u32 = 0x32;
const LC_VERSION_MIN_MACOSX: u32 = 0x24;
const PLATFORM_MACOS: u32 = 1;

/// Real programs have a few kilobytes of load commands; a library that links hundreds of others, some tens.
const MAX_COMMANDS_SIZE: u32 = 1 << 20;

/// Why a file is not a Mach-O file that can be worked on.
#[derive(Debug, thiserror::Error)]
pub enum MachOError {
    /// Another format, or another byte order.
    #[error("not a thin little-endian Mach-O file: it begins with {found:02x?}")]
    WrongMagic {
        /// The first bytes.
        found: [u8; 4],
    },
    /// A universal file where a slice is wanted.
    #[error("a universal Mach-O file: its slices are worked on one by one, before they are fused")]
    Universal,
    /// The file ends before what it announces.
    #[error("the file is truncated: {what} ends at {end}, the file has {length} bytes")]
    Truncated {
        /// What goes beyond the end.
        what: String,
        /// Where it ends, in bytes.
        end: u64,
        /// The file's length in bytes.
        length: u64,
    },
    /// Something that no linker writes.
    #[error("the file is damaged: {0}")]
    Damaged(String),
    /// The file could not be read or written.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// `LC_SEGMENT_64` (or its 32-bit form).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Such as `__TEXT`.
    pub name: String,
    /// Where its load command lies in the file.
    pub command: u64,
    /// Its address in memory.
    pub address: u64,
    /// Where it lies in the file.
    pub offset: u64,
    /// How many bytes of the file it maps.
    pub size: u64,
    /// Its sections.
    pub sections: Vec<Section>,
}

/// A section of a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Such as `__text`.
    pub name: String,
    /// Where its bytes lie in the file; 0 where it has none.
    pub offset: u64,
    /// Its size in bytes.
    pub size: u64,
    /// Its alignment as a power of two.
    pub alignment: u32,
    /// Whether it takes no bytes of the file (`S_ZEROFILL` and its kin).
    pub zero_fill: bool,
}

/// `LC_CODE_SIGNATURE`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signature {
    /// Where its load command lies in the file.
    pub command: u64,
    /// Where the signature lies in the file.
    pub offset: u64,
    /// Its size in bytes.
    pub size: u64,
}

/// `LC_BUILD_VERSION`, or the older `LC_VERSION_MIN_MACOSX`. Versions are `xxxx.yy.zz` in nibbles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BuildVersion {
    /// 1 is macOS.
    pub platform: u32,
    /// The oldest system that it runs on.
    pub minimum_os: u32,
    /// The SDK that it was made with.
    pub sdk: u32,
}

/// What was read of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MachO {
    /// `cputype`.
    pub cpu_type: u32,
    /// `cpusubtype`, its capability bits included.
    pub cpu_subtype: u32,
    /// `filetype`, such as [`super::FILE_EXECUTE`].
    pub file_type: u32,
    /// Whether it is of 64 bits.
    pub is_64: bool,
    /// The file's length in bytes.
    pub length: u64,
    /// How many load commands there are.
    pub command_count: u32,
    /// Header and load commands, as they lie in the file.
    pub header: Vec<u8>,
    /// The segments, in the file's order.
    pub segments: Vec<Segment>,
    /// Where the 16 bytes of `LC_UUID` lie.
    pub uuid: Option<u64>,
    /// Where the signature lies.
    pub signature: Option<Signature>,
    /// The system that it is made for.
    pub build_version: Option<BuildVersion>,
}

/// The load commands as bytes, with checked access.
struct Commands<'bytes>(&'bytes [u8]);

impl Commands<'_> {
    fn bytes<const N: usize>(&self, at: usize) -> Result<[u8; N], MachOError> {
        at.checked_add(N)
            .and_then(|end| self.0.get(at..end))
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or_else(|| MachOError::Damaged(format!("a load command is too short for its content, at {at}")))
    }

    fn u32(&self, at: usize) -> Result<u32, MachOError> {
        self.bytes(at).map(u32::from_le_bytes)
    }

    /// A word of the file's width.
    fn word(&self, at: usize, wide: bool) -> Result<u64, MachOError> {
        if wide { self.bytes(at).map(u64::from_le_bytes) } else { self.u32(at).map(u64::from) }
    }

    fn name(&self, at: usize) -> Result<String, MachOError> {
        let bytes: [u8; 16] = self.bytes(at)?;
        let end = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
        Ok(String::from_utf8_lossy(&bytes[..end]).into_owned())
    }
}

impl MachO {
    /// Reads the header and the load commands of a file.
    ///
    /// # Errors
    /// It is no thin little-endian Mach-O file, or it is truncated or contradicts itself.
    pub fn read<R: Read + Seek>(file: &mut R) -> Result<Self, MachOError> {
        let length = file.seek(SeekFrom::End(0))?;
        file.seek(SeekFrom::Start(0))?;
        Self::read_from(file, length)
    }

    /// As [`MachO::read`], from where the reader stands, of `length` bytes.
    pub(super) fn read_from<R: Read>(file: &mut R, length: u64) -> Result<Self, MachOError> {
        let mut start = Vec::with_capacity(32);
        file.by_ref().take(32.min(length)).read_to_end(&mut start)?;
        let truncated = |end: u64| MachOError::Truncated { what: "the header".to_owned(), end, length };
        let found: [u8; 4] = start.get(..4).and_then(|magic| magic.try_into().ok()).ok_or_else(|| truncated(4))?;
        let is_64 = match (u32::from_le_bytes(found), u32::from_be_bytes(found)) {
            (MAGIC_64, _) => true,
            (MAGIC_32, _) => false,
            (_, 0xCAFE_BABE | 0xCAFE_BABF) => return Err(MachOError::Universal),
            _ => return Err(MachOError::WrongMagic { found }),
        };
        let header_size: usize = if is_64 { 32 } else { 28 };
        if start.len() < header_size {
            return Err(truncated(header_size as u64));
        }
        let field = |at: usize| Commands(&start).u32(at);
        let (command_count, commands_size) = (field(16)?, field(20)?);
        if commands_size > MAX_COMMANDS_SIZE {
            let problem = format!("{commands_size} bytes of load commands, more than {MAX_COMMANDS_SIZE}");
            return Err(MachOError::Damaged(problem));
        }
        let end = header_size + commands_size as usize;
        if end as u64 > length {
            return Err(MachOError::Truncated { what: "the load commands".to_owned(), end: end as u64, length });
        }
        let (cpu_type, cpu_subtype, file_type) = (field(4)?, field(8)?, field(12)?);
        let already = start.len().min(end);
        start.truncate(already);
        file.by_ref().take((end - already) as u64).read_to_end(&mut start)?;
        if start.len() != end {
            return Err(MachOError::Truncated { what: "the load commands".to_owned(), end: end as u64, length });
        }
        let mut read = Self {
            cpu_type,
            cpu_subtype,
            file_type,
            is_64,
            length,
            command_count,
            header: Vec::new(),
            segments: Vec::new(),
            uuid: None,
            signature: None,
            build_version: None,
        };
        read.read_commands(&Commands(&start), header_size)?;
        read.header = start;
        Ok(read)
    }

    fn read_commands(&mut self, commands: &Commands<'_>, header_size: usize) -> Result<(), MachOError> {
        let mut at = header_size;
        for number in 0..self.command_count {
            let (kind, size) = (commands.u32(at)?, commands.u32(at + 4)? as usize);
            let room = commands.0.len() - at;
            if size < 8 || size % if self.is_64 { 8 } else { 4 } != 0 || size > room {
                return Err(MachOError::Damaged(format!("load command {number} has {size} bytes of {room}")));
            }
            self.read_command(kind, at, &Commands(&commands.0[..at + size]))?;
            at += size;
        }
        if at != commands.0.len() {
            let (found, said) = (at - header_size, commands.0.len() - header_size);
            return Err(MachOError::Damaged(format!("the load commands take {found} bytes, the header says {said}")));
        }
        Ok(())
    }

    fn read_command(&mut self, kind: u32, at: usize, commands: &Commands<'_>) -> Result<(), MachOError> {
        let twice = |name: &str| Err(MachOError::Damaged(format!("there are two {name}")));
        match kind {
            LC_SEGMENT_64 | LC_SEGMENT if self.is_64 == (kind == LC_SEGMENT_64) => {
                let segment = self.read_segment(at, commands)?;
                self.segments.push(segment);
            }
            LC_UUID => {
                commands.bytes::<16>(at + 8)?;
                if self.uuid.replace(at as u64 + 8).is_some() {
                    return twice("LC_UUID");
                }
            }
            LC_CODE_SIGNATURE => {
                let (offset, size) = (commands.u32(at + 8)?.into(), commands.u32(at + 12)?.into());
                self.within("the signature", offset, size)?;
                if self.signature.replace(Signature { command: at as u64, offset, size }).is_some() {
                    return twice("LC_CODE_SIGNATURE");
                }
            }
            LC_BUILD_VERSION => {
                let (platform, minimum_os, sdk) =
                    (commands.u32(at + 8)?, commands.u32(at + 12)?, commands.u32(at + 16)?);
                self.build_version = Some(BuildVersion { platform, minimum_os, sdk });
            }
            LC_VERSION_MIN_MACOSX if self.build_version.is_none() => {
                let (minimum_os, sdk) = (commands.u32(at + 8)?, commands.u32(at + 12)?);
                self.build_version = Some(BuildVersion { platform: PLATFORM_MACOS, minimum_os, sdk });
            }
            _ => {}
        }
        Ok(())
    }

    fn read_segment(&self, at: usize, commands: &Commands<'_>) -> Result<Segment, MachOError> {
        let wide = self.is_64;
        // The names first, then words of the file's width, then 32-bit fields.
        let (word, words) = if wide { (8, 24) } else { (4, 24) };
        let name = commands.name(at + 8)?;
        let address = commands.word(at + words, wide)?;
        let offset = commands.word(at + words + 2 * word, wide)?;
        let size = commands.word(at + words + 3 * word, wide)?;
        self.within(&format!("segment {name}"), offset, size)?;
        let count = commands.u32(at + words + 4 * word + 8)? as usize;
        let first = at + words + 4 * word + 16;
        let section_size = if wide { 80 } else { 68 };
        if count.checked_mul(section_size) != Some(commands.0.len() - first.min(commands.0.len())) {
            return Err(MachOError::Damaged(format!("segment {name} has no room for its {count} sections")));
        }
        let mut sections = Vec::with_capacity(count);
        for number in 0..count {
            let at = first + number * section_size;
            let fields = at + 32 + 2 * word;
            let flags = commands.u32(fields + 16)?;
            let section = Section {
                name: commands.name(at)?,
                size: commands.word(at + 32 + word, wide)?,
                offset: commands.u32(fields)?.into(),
                alignment: commands.u32(fields + 4)?,
                // S_ZEROFILL, S_GB_ZEROFILL, S_THREAD_LOCAL_ZEROFILL.
                zero_fill: matches!(flags & 0xFF, 0x1 | 0xC | 0x12),
            };
            // A file of debug information keeps the table of sections, and of their content only its own.
            if !section.zero_fill && section.offset != 0 {
                self.within(&format!("section {},{}", name, section.name), section.offset, section.size)?;
            }
            sections.push(section);
        }
        Ok(Segment { name, command: at as u64, address, offset, size, sections })
    }

    fn within(&self, what: &str, offset: u64, size: u64) -> Result<(), MachOError> {
        match offset.checked_add(size) {
            Some(end) if end <= self.length => Ok(()),
            end => {
                let end = end.unwrap_or(u64::MAX);
                Err(MachOError::Truncated { what: what.to_owned(), end, length: self.length })
            }
        }
    }

    /// The first segment of that name.
    pub fn segment(&self, name: &str) -> Option<&Segment> {
        self.segments.iter().find(|segment| segment.name == name)
    }

    /// A section by its segment's name and its own.
    pub fn section(&self, segment: &str, name: &str) -> Option<&Section> {
        self.segment(segment)?.sections.iter().find(|section| section.name == name)
    }

    /// The bytes of `LC_UUID`.
    pub fn uuid_bytes(&self) -> Option<[u8; 16]> {
        let at = usize::try_from(self.uuid?).ok()?;
        self.header.get(at..at + 16)?.try_into().ok()
    }
}
