//! What an ELF file needs of the system that it is installed on: libraries, the versions of their symbols, the
//! loader. Read from the dynamic segment as the loader does, not from the section table. What package managers
//! make of it is in [`debian`] and [`rpm`].

pub mod debian;
pub mod rpm;

use object::elf;
use object::endian::Endianness;
use object::read::elf::{Dyn, FileHeader, ProgramHeader};
use object::read::{FileKind, ReadCache, ReadRef, StringTable};
use std::collections::BTreeMap;
use std::io::{Read, Seek};

/// More libraries than this are not taken for true. The largest programs need some hundreds.
const MAX_LIBRARIES: usize = 1000;
/// More versions than this of all libraries together neither.
const MAX_VERSIONS: usize = 10_000;
/// More entries than this of the dynamic segment neither; a usual one has thirty.
const MAX_DYNAMIC: u64 = 16_384;
/// Names of more bytes together neither.
const MAX_NAMES: usize = 1 << 20;

/// Whether addresses have 32 or 64 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ElfClass {
    /// `ELFCLASS32`.
    Elf32,
    /// `ELFCLASS64`.
    Elf64,
}

/// What an ELF file needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ElfNeeds {
    /// 32 or 64 bits.
    pub class: ElfClass,
    /// The path of the loader; `None` for a static program and for a library.
    pub interpreter: Option<String>,
    /// The name by which others need it; `None` for a program.
    pub soname: Option<String>,
    /// The libraries that it needs, with the versions of the symbols that it takes from each. Those of weak
    /// symbols alone, without which it starts all the same, have `false`.
    pub libraries: BTreeMap<String, BTreeMap<String, bool>>,
    /// It has a symbol table by the GNU hash only, which loaders before 2006 cannot read.
    pub gnu_hash_only: bool,
}

impl ElfNeeds {
    /// The versions of a library without which the loader refuses to start.
    fn versions(&self, library: &str) -> impl Iterator<Item = &str> {
        let versions = self.libraries.get(library).into_iter().flatten();
        versions.filter(|(_, strong)| **strong).map(|(version, _)| version.as_str())
    }
}

/// Why it cannot be told what a file needs.
#[derive(Debug, thiserror::Error)]
pub enum ElfNeedsError {
    /// Another format of executable, or none.
    #[error("not an ELF file")]
    NotElf,
    /// The parser of the format gave up.
    #[error("the ELF file is damaged: {0}")]
    Damaged(#[from] object::read::Error),
    /// The tables contradict each other.
    #[error("the ELF file is damaged: {0}")]
    Inconsistent(&'static str),
    /// A name with odd characters, which no library has.
    #[error("the ELF file is damaged: {0:?} is no name of a library or of a version")]
    OddName(String),
    /// More than any program has.
    #[error("the ELF file needs more than {MAX_LIBRARIES} libraries or {MAX_VERSIONS} versions")]
    TooMany,
}

/// Reads what a file needs. A static program needs nothing.
///
/// # Errors
/// It is no ELF file, or a damaged one.
pub fn elf_needs<R: Read + Seek>(file: R) -> Result<ElfNeeds, ElfNeedsError> {
    let cache = ReadCache::new(file);
    match FileKind::parse(&cache).map_err(|_| ElfNeedsError::NotElf)? {
        FileKind::Elf32 => Reader::<elf::FileHeader32<Endianness>, _>::new(&cache)?.needs(ElfClass::Elf32),
        FileKind::Elf64 => Reader::<elf::FileHeader64<Endianness>, _>::new(&cache)?.needs(ElfClass::Elf64),
        _ => Err(ElfNeedsError::NotElf),
    }
}

/// A file with its table of segments.
struct Reader<'data, Elf: FileHeader, R: ReadRef<'data>> {
    data: R,
    endian: Endianness,
    segments: &'data [Elf::ProgramHeader],
    strings: StringTable<'data, R>,
    /// Bytes of names that may still be read.
    names_left: usize,
}

impl<'data, Elf, R> Reader<'data, Elf, R>
where
    Elf: FileHeader<Endian = Endianness>,
    R: ReadRef<'data>,
{
    fn new(data: R) -> Result<Self, ElfNeedsError> {
        let header = Elf::parse(data)?;
        let endian = header.endian()?;
        let segments = header.program_headers(endian, data)?;
        Ok(Self { data, endian, segments, strings: StringTable::default(), names_left: MAX_NAMES })
    }

    fn needs(mut self, class: ElfClass) -> Result<ElfNeeds, ElfNeedsError> {
        let endian = self.endian;
        let mut needs =
            ElfNeeds { class, interpreter: None, soname: None, libraries: BTreeMap::new(), gnu_hash_only: false };
        if let Some(header) = self.segment(elf::PT_INTERP) {
            needs.interpreter = header.interpreter(endian, self.data)?.map(|path| self.name(path)).transpose()?;
        }
        let Some(header) = self.segment(elf::PT_DYNAMIC) else { return Ok(needs) };
        if header.p_filesz(endian).into() > MAX_DYNAMIC * size_of::<Elf::Dyn>() as u64 {
            return Err(ElfNeedsError::TooMany);
        }
        let entries = header.dynamic(endian, self.data)?.unwrap_or_default();
        let end = entries.iter().position(|entry| entry.tag(endian) == elf::DT_NULL).unwrap_or(entries.len());
        let entries = &entries[..end];
        let value = |tag| entries.iter().find(|entry| entry.tag(endian) == tag).map(|entry| entry.val(endian));
        if let (Some(address), Some(size)) = (value(elf::DT_STRTAB), value(elf::DT_STRSZ)) {
            let start = self.offset(address)?;
            let end = start.checked_add(size).ok_or(ElfNeedsError::Inconsistent("the size of its strings"))?;
            self.strings = StringTable::new(self.data, start, end);
        }
        for entry in entries {
            match entry.tag(endian) {
                elf::DT_NEEDED => {
                    let library = self.name(entry.string(endian, self.strings)?)?;
                    needs.libraries.entry(library).or_default();
                    if needs.libraries.len() > MAX_LIBRARIES {
                        return Err(ElfNeedsError::TooMany);
                    }
                }
                elf::DT_SONAME => needs.soname = Some(self.name(entry.string(endian, self.strings)?)?),
                _ => {}
            }
        }
        needs.gnu_hash_only = value(elf::DT_GNU_HASH).is_some() && value(elf::DT_HASH).is_none();
        if let Some(address) = value(elf::DT_VERNEED) {
            let count =
                value(elf::DT_VERNEEDNUM).ok_or(ElfNeedsError::Inconsistent("versions without their number"))?;
            let at = self.offset(address)?;
            self.read_versions(at, count, &mut needs.libraries)?;
        }
        Ok(needs)
    }

    fn segment(&self, kind: elf::ProgramType) -> Option<&'data Elf::ProgramHeader> {
        self.segments.iter().find(|header| header.p_type(self.endian) == kind)
    }

    /// Where in the file an address is: what is not in the file is of no use to the loader either.
    fn offset(&self, address: u64) -> Result<u64, ElfNeedsError> {
        let endian = self.endian;
        for header in self.segments.iter().filter(|header| header.p_type(endian) == elf::PT_LOAD) {
            let (start, size) = (header.p_vaddr(endian).into(), header.p_filesz(endian).into());
            if let Some(within) = address.checked_sub(start).filter(|within| *within < size)
                && let Some(offset) = header.p_offset(endian).into().checked_add(within)
            {
                return Ok(offset);
            }
        }
        Err(ElfNeedsError::Inconsistent("a table that lies in no segment"))
    }

    /// The `Verneed` records (Linux Standard Base, Core, "Symbol Versioning"): lists within a list, each linked by
    /// offsets from the record before.
    fn read_versions(
        &mut self,
        mut at: u64,
        count: u64,
        libraries: &mut BTreeMap<String, BTreeMap<String, bool>>,
    ) -> Result<(), ElfNeedsError> {
        const OUTSIDE: ElfNeedsError = ElfNeedsError::Inconsistent("versions that lie outside of the file");
        let (endian, strings) = (self.endian, self.strings);
        if count > MAX_LIBRARIES as u64 {
            return Err(ElfNeedsError::TooMany);
        }
        let mut seen = 0;
        for _ in 0..count {
            let library: &elf::Verneed<Endianness> = self.data.read_at(at).map_err(|()| OUTSIDE)?;
            let versions = libraries.entry(self.name(library.file(endian, strings)?)?).or_default();
            let mut version_at = at.saturating_add(library.vn_aux.get(endian).into());
            for _ in 0..library.vn_cnt.get(endian) {
                seen += 1;
                if seen > MAX_VERSIONS {
                    return Err(ElfNeedsError::TooMany);
                }
                let version: &elf::Vernaux<Endianness> = self.data.read_at(version_at).map_err(|()| OUTSIDE)?;
                let weak = version.vna_flags.get(endian) & elf::VER_FLG_WEAK == elf::VER_FLG_WEAK;
                *versions.entry(self.name(version.name(endian, strings)?)?).or_default() |= !weak;
                version_at = version_at.saturating_add(version.vna_next.get(endian).into());
            }
            at = at.saturating_add(library.vn_next.get(endian).into());
        }
        Ok(())
    }

    /// Names reach control files, where a line feed or a parenthesis would say something else.
    fn name(&mut self, bytes: &[u8]) -> Result<String, ElfNeedsError> {
        self.names_left = self.names_left.checked_sub(bytes.len()).ok_or(ElfNeedsError::TooMany)?;
        let plain = |byte: &u8| byte.is_ascii_graphic() && !b"()<>,|\"'\\".contains(byte);
        match std::str::from_utf8(bytes) {
            Ok(name) if !name.is_empty() && bytes.iter().all(plain) => Ok(name.to_owned()),
            _ => Err(ElfNeedsError::OddName(String::from_utf8_lossy(bytes).into_owned())),
        }
    }
}
