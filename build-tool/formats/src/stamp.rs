//! Finds, reads and writes the slot that `build_info!` reserves in a linked file. The slot's
//! own bytes are `build-info`'s business: this module only knows where linkers put it.

use crate::macho::{MAX_SLICES, universal_slices};
use build_info::{Field, FieldTooLong, Fields, Malformed, SLOT_SIZE};
use object::read::{File, FileKind, Object, ObjectSection, ReadCache, ReadRef};
use serde::{Deserialize, Serialize};
use std::fs::OpenOptions;
use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};
use std::path::Path;

/// A section that holds one slot is 1 KiB, plus padding. What is far larger was not made by us.
const MAX_SECTION_SIZE: u64 = 64 * 1024;
/// From the start of the PE signature to the CheckSum field of the optional header
/// (PE format, "Optional Header Windows-Specific Fields"; the same for PE32 and PE32+).
const PE_CHECKSUM: u64 = 4 + 20 + 64;

/// Where the slot lies in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Bytes from the start of the file to the slot's magic.
    pub offset: u64,
    format: Format,
}

/// The object format, which decides the section's name and what else a patch touches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Elf,
    MachO,
    Pe,
}

/// Why a file cannot be stamped or its stamp not be read.
#[derive(Debug, thiserror::Error)]
pub enum StampError {
    /// Not one of the formats that have a slot.
    #[error("not an ELF, Mach-O or PE file")]
    NotABinary,
    /// The parser of the object format gave up.
    #[error("the file is damaged: {0}")]
    Damaged(object::read::Error),
    /// A universal file: its slices are stamped before they are fused.
    #[error("a universal Mach-O file has a slot for each slice: stamp the slices")]
    Universal,
    /// More slices than there are architectures.
    #[error("the universal file has {0} slices, more than {MAX_SLICES}")]
    TooManySlices(usize),
    /// The slot's section is far too large.
    #[error("the build-info section has {0} bytes, more than {MAX_SECTION_SIZE}")]
    SectionTooLarge(u64),
    /// `build_info!` was used twice in this program.
    #[error("the file has more than one build-info slot; build_info!() may be used once")]
    TwoSlots,
    /// There is no slot to write to.
    #[error("the file has no build-info slot")]
    NoSlot,
    /// The slot's content is not what `build-info` defines.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// A value does not fit.
    #[error(transparent)]
    FieldTooLong(#[from] FieldTooLong),
    /// The file could not be read or written.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl From<object::read::Error> for StampError {
    fn from(error: object::read::Error) -> Self {
        StampError::Damaged(error)
    }
}

/// The values of a slot; the members are those of `build_info::BuildInfo`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stamp {
    /// The package's version; at most 128 bytes.
    pub version: String,
    /// The commit; at most 64 bytes.
    pub git_hash: String,
    /// The branch; at most 256 bytes.
    pub git_branch: String,
    /// Whether a tracked file differed from the commit.
    pub git_dirty: bool,
    /// The commit's time, RFC 3339 in UTC; at most 64 bytes.
    pub build_time: String,
    /// The profile's name; at most 64 bytes.
    pub build_profile: String,
    /// The target triple; at most 128 bytes.
    pub build_target: String,
    /// The compiler's version line; at most 128 bytes.
    pub rust_version: String,
}

impl Stamp {
    fn fields(&self) -> Fields<'_> {
        Field::ALL.map(|field| match field {
            Field::Version => self.version.as_str(),
            Field::GitHash => &self.git_hash,
            Field::GitBranch => &self.git_branch,
            Field::GitDirty if self.git_dirty => "true",
            Field::GitDirty => "false",
            Field::BuildTime => &self.build_time,
            Field::BuildProfile => &self.build_profile,
            Field::BuildTarget => &self.build_target,
            Field::RustVersion => &self.rust_version,
        })
    }

    fn from_fields(fields: Fields<'_>) -> Self {
        let mut stamp = Stamp::default();
        for (field, text) in Field::ALL.into_iter().zip(fields) {
            let member = match field {
                Field::GitDirty => {
                    stamp.git_dirty = text == "true";
                    continue;
                }
                Field::Version => &mut stamp.version,
                Field::GitHash => &mut stamp.git_hash,
                Field::GitBranch => &mut stamp.git_branch,
                Field::BuildTime => &mut stamp.build_time,
                Field::BuildProfile => &mut stamp.build_profile,
                Field::BuildTarget => &mut stamp.build_target,
                Field::RustVersion => &mut stamp.rust_version,
            };
            text.clone_into(member);
        }
        stamp
    }

    /// Whether every value fits its field: what [`write_stamp`] would say, without a file.
    pub fn check(&self) -> Result<(), FieldTooLong> {
        build_info::encode(&self.fields()).map(drop)
    }
}

/// The slot of a thin file; `None` if its program does not use `build_info!`.
pub fn find_slot(file: &[u8]) -> Result<Option<Slot>, StampError> {
    find_slot_in(&ReadCache::new(Cursor::new(file)))
}

/// The values in the slot of a thin file; `None` if there is no slot.
pub fn read_stamp(file: &[u8]) -> Result<Option<Stamp>, StampError> {
    read_stamp_in(&ReadCache::new(Cursor::new(file)))
}

/// The values of each slice of a universal file, in the file's order; of a thin file, its own.
/// Reads only the parts of the file that it needs.
pub fn read_stamps<R: Read + Seek>(file: R) -> Result<Vec<Option<Stamp>>, StampError> {
    let cache = ReadCache::new(file);
    let slices = universal_slices(&cache)?;
    match slices.len() {
        0 => Ok(vec![read_stamp_in(&cache)?]),
        1..=MAX_SLICES => {
            slices.into_iter().map(|slice| read_stamp_in(cache.range(slice.offset, slice.size))).collect()
        }
        count => Err(StampError::TooManySlices(count)),
    }
}

/// Writes the values over the slot of a thin file, in place. All that is read of the file is
/// its headers and tables. A PE checksum is set to 0, "none": it would be wrong otherwise.
pub fn write_stamp<F: Read + Write + Seek>(file: &mut F, stamp: &Stamp) -> Result<(), StampError> {
    let slot_bytes = build_info::encode(&stamp.fields())?;
    let cache = ReadCache::new(&mut *file);
    let slot = find_slot_in(&cache)?.ok_or(StampError::NoSlot)?;
    drop(cache);
    file.seek(SeekFrom::Start(slot.offset))?;
    file.write_all(&slot_bytes)?;
    if slot.format == Format::Pe {
        let mut header = [0; 4];
        file.seek(SeekFrom::Start(0x3C))?;
        file.read_exact(&mut header)?;
        let checksum = u64::from(u32::from_le_bytes(header)) + PE_CHECKSUM;
        file.seek(SeekFrom::Start(checksum))?;
        file.write_all(&[0; 4])?;
    }
    file.flush()?;
    Ok(())
}

/// [`write_stamp`] on the file of that name.
pub fn write_stamp_to(path: &Path, stamp: &Stamp) -> Result<(), StampError> {
    write_stamp(&mut OpenOptions::new().read(true).write(true).open(path)?, stamp)
}

fn read_stamp_in<'data, R: ReadRef<'data>>(data: R) -> Result<Option<Stamp>, StampError> {
    let Some(slot) = find_slot_in(data)? else {
        return Ok(None);
    };
    let bytes = data.read_bytes_at(slot.offset, SLOT_SIZE as u64).map_err(|()| Malformed::Truncated)?;
    Ok(Some(Stamp::from_fields(build_info::decode(bytes)?)))
}

fn find_slot_in<'data, R: ReadRef<'data>>(data: R) -> Result<Option<Slot>, StampError> {
    let format = match FileKind::parse(data).map_err(|_| StampError::NotABinary)? {
        FileKind::Elf32 | FileKind::Elf64 => Format::Elf,
        FileKind::MachO32 | FileKind::MachO64 => Format::MachO,
        FileKind::Pe32 | FileKind::Pe64 => Format::Pe,
        FileKind::MachOFat32 | FileKind::MachOFat64 => return Err(StampError::Universal),
        _ => return Err(StampError::NotABinary),
    };
    let mut found = None;
    for section in File::parse(data)?.sections() {
        // A name that cannot be read is not our name; other sections may be odd.
        let segment = section.segment_name().ok().flatten();
        let ours = match (format, section.name()) {
            (Format::Elf, Ok(name)) => name == build_info::ELF_SECTION,
            (Format::Pe, Ok(name)) => name == build_info::PE_SECTION,
            (Format::MachO, Ok(name)) => {
                name == build_info::MACH_O_SECTION && segment == Some(build_info::MACH_O_SEGMENT)
            }
            (_, Err(_)) => false,
        };
        let Some((start, size)) = section.file_range().filter(|_| ours) else {
            continue;
        };
        if size > MAX_SECTION_SIZE {
            return Err(StampError::SectionTooLarge(size));
        }
        let bytes = data.read_bytes_at(start, size).map_err(|()| Malformed::Truncated)?;
        for at in slots_within(bytes)? {
            if found.replace(Slot { offset: start + at as u64, format }).is_some() {
                return Err(StampError::TwoSlots);
            }
        }
    }
    Ok(found)
}

/// Offsets of the slots in a section. The magic within a slot's payload is not another slot.
fn slots_within(section: &[u8]) -> Result<Vec<usize>, Malformed> {
    let mut slots = Vec::new();
    let mut at = 0;
    while let Some(rest) = section.get(at..) {
        if rest.len() < build_info::MAGIC.len() {
            break;
        }
        if !rest.starts_with(&build_info::MAGIC) {
            at += 1;
        } else if rest.len() < SLOT_SIZE {
            return Err(Malformed::Truncated);
        } else {
            slots.push(at);
            at += SLOT_SIZE;
        }
    }
    Ok(slots)
}
