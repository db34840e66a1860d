//! Says what a linked file is (format, architecture, operating system, C library, kind) and
//! whether it is of the Rust triple that it claims. Reads headers and tables only.

mod triple;

pub use object::Architecture;
pub use triple::{Mismatch, matches_target};

use crate::macho::{MAX_SLICES, universal_slices};
use object::elf;
use object::endian::{Endianness, LittleEndian as LE};
use object::macho;
use object::read::archive::ArchiveFile;
use object::read::elf::{Dyn, ElfFile, FileHeader, ProgramHeader};
use object::read::macho::{LoadCommandVariant, MachHeader, MachOFile};
use object::read::{File, FileKind, Object, ObjectKind, ReadCache, ReadRef};
use std::io::{Read, Seek};

/// Members of a static library that are looked at before giving up on finding an object.
const MAX_MEMBERS: usize = 1000;

/// What a file says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BinaryIdentity {
    /// The object format.
    pub format: BinaryFormat,
    /// What the file is for.
    pub kind: BinaryKind,
    /// One architecture; several for a universal file, in its order.
    pub architectures: Vec<Architecture>,
    /// Byte order.
    pub little_endian: bool,
    /// The operating system, where the file tells. Most ELF files do not.
    pub os: Option<Os>,
    /// The C library, by the ELF interpreter; `None` for a static file and for other formats.
    pub libc: Option<Libc>,
    /// 32-bit Arm: whether floats are passed in registers, where the file tells.
    pub hard_float: Option<bool>,
}

/// An object format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryFormat {
    /// Linux, the BSDs.
    Elf,
    /// Apple's systems.
    MachO,
    /// Windows and UEFI; COFF too, for static libraries.
    Pe,
}

/// What a file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryKind {
    /// A program.
    Executable,
    /// `.so`, `.dylib`, `.dll`, a bundle.
    DynamicLibrary,
    /// `.a`, `.lib`, `.rlib`.
    StaticArchive,
    /// A relocatable object, a core dump or the like.
    Other,
}

/// An operating system that a file can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Os {
    /// By its interpreter.
    Linux,
    /// By its interpreter.
    Android,
    /// By the ELF OS ABI.
    FreeBsd,
    /// By the Mach-O platform.
    MacOs,
    /// Another platform of Apple's: its number in `LC_BUILD_VERSION`.
    Apple(u32),
    /// A PE file that is not of UEFI.
    Windows,
    /// By the PE subsystem.
    Uefi,
}

/// A C library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Libc {
    /// The GNU C library.
    Gnu,
    /// musl.
    Musl,
    /// Android's.
    Bionic,
}

/// Why a file cannot be identified.
#[derive(Debug, thiserror::Error)]
pub enum IdentifyError {
    /// Not a format that is known here.
    #[error("not an ELF, Mach-O or PE file, nor a library of them")]
    Unknown,
    /// The parser of the object format gave up.
    #[error("the file is damaged: {0}")]
    Damaged(object::read::Error),
    /// A library without a single object.
    #[error("the static library holds no object file")]
    EmptyArchive,
    /// A universal file without slices, with too many, or one whose slices are of different kinds.
    #[error("the universal file's slices do not belong together")]
    OddSlices,
}

impl From<object::read::Error> for IdentifyError {
    fn from(error: object::read::Error) -> Self {
        IdentifyError::Damaged(error)
    }
}

/// Identifies a file by its content.
pub fn identify<R: Read + Seek>(file: R) -> Result<BinaryIdentity, IdentifyError> {
    let cache = ReadCache::new(file);
    let data = &cache;
    match FileKind::parse(data).map_err(|_| IdentifyError::Unknown)? {
        FileKind::Archive => identify_archive(data),
        FileKind::MachOFat32 | FileKind::MachOFat64 => {
            let mut whole: Option<BinaryIdentity> = None;
            let slices = universal_slices(data)?;
            if slices.len() > MAX_SLICES {
                return Err(IdentifyError::OddSlices);
            }
            for slice in slices {
                let part = cache.range(slice.offset, slice.size);
                let slice = match FileKind::parse(part) {
                    Ok(FileKind::Archive) => identify_archive(part)?,
                    _ => identify_thin(part)?,
                };
                match &mut whole {
                    None => whole = Some(slice),
                    Some(whole) if whole.kind == slice.kind && whole.os == slice.os => {
                        whole.architectures.extend(slice.architectures);
                    }
                    Some(_) => return Err(IdentifyError::OddSlices),
                }
            }
            whole.ok_or(IdentifyError::OddSlices)
        }
        _ => identify_thin(data),
    }
}

/// A library is what its first object is; symbol tables and metadata are passed over.
fn identify_archive<'data, R: ReadRef<'data>>(data: R) -> Result<BinaryIdentity, IdentifyError> {
    for member in ArchiveFile::parse(data)?.members().take(MAX_MEMBERS) {
        // A thin archive's members lie elsewhere; `lib.rmeta` may be an object of no
        // architecture. Neither says what the library is.
        let Ok(bytes) = member?.data(data) else {
            continue;
        };
        if let Ok(object) = identify_thin(bytes)
            && object.architectures != [Architecture::Unknown]
        {
            return Ok(BinaryIdentity { kind: BinaryKind::StaticArchive, ..object });
        }
    }
    Err(IdentifyError::EmptyArchive)
}

fn identify_thin<'data, R: ReadRef<'data>>(data: R) -> Result<BinaryIdentity, IdentifyError> {
    let file = File::parse(data)?;
    let identity = BinaryIdentity {
        format: BinaryFormat::Elf,
        kind: match file.kind() {
            ObjectKind::Executable => BinaryKind::Executable,
            ObjectKind::Dynamic => BinaryKind::DynamicLibrary,
            _ => BinaryKind::Other,
        },
        architectures: vec![file.architecture()],
        little_endian: file.is_little_endian(),
        os: None,
        libc: None,
        hard_float: None,
    };
    match &file {
        File::Elf32(elf) => identify_elf(elf, identity),
        File::Elf64(elf) => identify_elf(elf, identity),
        File::MachO32(mach_o) => identify_mach_o(mach_o, identity),
        File::MachO64(mach_o) => identify_mach_o(mach_o, identity),
        File::Pe32(pe) => Ok(identify_pe(pe.nt_headers().optional_header.subsystem.get(LE).0, identity)),
        File::Pe64(pe) => Ok(identify_pe(pe.nt_headers().optional_header.subsystem.get(LE).0, identity)),
        File::Coff(_) | File::CoffBig(_) => Ok(identify_pe(0, identity)),
        _ => Err(IdentifyError::Unknown),
    }
}

fn identify_elf<'data, Elf, R>(
    file: &ElfFile<'data, Elf, R>,
    mut identity: BinaryIdentity,
) -> Result<BinaryIdentity, IdentifyError>
where
    Elf: FileHeader<Endian = Endianness>,
    R: ReadRef<'data>,
{
    let (endian, header) = (file.endian(), file.elf_header());
    let mut interpreter = None;
    let mut position_independent_program = false;
    // A file of debug symbols alone keeps the table of segments, and none of their content.
    let has_content = |segment: &&Elf::ProgramHeader| segment.p_filesz(endian).into() != 0;
    for segment in file.elf_program_headers().iter().filter(has_content) {
        interpreter = interpreter.or(segment.interpreter(endian, file.data())?);
        for entry in segment.dynamic(endian, file.data())?.unwrap_or_default() {
            let flags: u64 = entry.d_val(endian).into();
            position_independent_program |= entry.d_tag(endian) == elf::DT_FLAGS_1 && flags & PIE != 0;
        }
    }
    // A position-independent program is ET_DYN like a library. It has an interpreter, or, when
    // it is static, the linker's DF_1_PIE.
    if identity.kind == BinaryKind::DynamicLibrary && (interpreter.is_some() || position_independent_program) {
        identity.kind = BinaryKind::Executable;
    }
    (identity.os, identity.libc) = interpreter.map_or((None, None), interpreter_hints);
    if header.e_ident().os_abi == elf::ELFOSABI_FREEBSD {
        identity.os = Some(Os::FreeBsd);
    }
    if identity.architectures == [Architecture::Arm] {
        let flags = header.e_flags(endian).0;
        identity.hard_float = match (flags & elf::EF_ARM_ABI_FLOAT_HARD, flags & elf::EF_ARM_ABI_FLOAT_SOFT) {
            (0, 0) => None,
            (hard, _) => Some(hard != 0),
        };
    }
    Ok(identity)
}

/// `DF_1_PIE` of `DT_FLAGS_1`.
const PIE: u64 = 0x0800_0000;

/// The dynamic loader's file name tells the C library: `ld-musl-ARCH.so.1`; glibc's are
/// `ld-linux….so.N`, `ld64.so.N` and `ld.so.1`; Android's is `linker` or `linker64`.
fn interpreter_hints(path: &[u8]) -> (Option<Os>, Option<Libc>) {
    let name = path.rsplit(|&byte| byte == b'/').next().unwrap_or(path);
    if name.starts_with(b"ld-musl") {
        (Some(Os::Linux), Some(Libc::Musl))
    } else if name.starts_with(b"ld-linux") || name.starts_with(b"ld64.so") || name == b"ld.so.1" {
        (Some(Os::Linux), Some(Libc::Gnu))
    } else if name.starts_with(b"linker") {
        (Some(Os::Android), Some(Libc::Bionic))
    } else {
        (None, None)
    }
}

fn identify_mach_o<'data, Mach, R>(
    file: &MachOFile<'data, Mach, R>,
    mut identity: BinaryIdentity,
) -> Result<BinaryIdentity, IdentifyError>
where
    Mach: MachHeader<Endian = Endianness>,
    R: ReadRef<'data>,
{
    identity.format = BinaryFormat::MachO;
    let mut commands = file.macho_load_commands()?;
    while let Some(command) = commands.next()? {
        let platform = match command.variant()? {
            LoadCommandVariant::BuildVersion(version, _) => version.platform.get(file.endian()),
            // Older linkers name the system by the command itself.
            LoadCommandVariant::VersionMin(_) if command.cmd() == macho::LC_VERSION_MIN_MACOSX => macho::PLATFORM_MACOS,
            _ => continue,
        };
        identity.os = Some(match platform {
            macho::PLATFORM_MACOS => Os::MacOs,
            other => Os::Apple(other.0),
        });
    }
    Ok(identity)
}

fn identify_pe(subsystem: u16, identity: BinaryIdentity) -> BinaryIdentity {
    // 10 to 13 are the EFI subsystems (PE format, "Windows Subsystem").
    let os = if (10..=13).contains(&subsystem) { Os::Uefi } else { Os::Windows };
    BinaryIdentity { format: BinaryFormat::Pe, os: Some(os), ..identity }
}
