//! The symbols of a link: which its objects want, and which they bring along.
//! Reads objects, archives (rlibs too), libraries and stubs, and of them only
//! the symbol tables. What is no Mach-O, bitcode for one, says nothing here.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use object::read::archive::ArchiveFile;
use object::read::macho::{FatArch, MachOFatFile32, MachOFatFile64};
use object::read::{Object, ObjectSymbol, ReadCache, ReadCacheRange, ReadRef};
use object::{Architecture, FileKind};

use super::tbd;

/// How large a stub may be: a real SDK's largest has a few megabytes.
const MAX_STUB: u64 = 64 << 20;

/// The symbols of one link.
#[derive(Debug, Default)]
pub(super) struct Symbols {
    undefined: BTreeMap<String, PathBuf>,
    defined: BTreeSet<String>,
}

impl Symbols {
    /// Adds what a file says, as far as it can be read: what is wrong with it, the linker says better.
    ///
    /// # Errors
    /// The file cannot be opened.
    pub(super) fn add(&mut self, file: &Path, architecture: Architecture) -> io::Result<()> {
        if file.extension().is_some_and(|ending| ending == "tbd") {
            return self.add_stub(file);
        }
        let cache = ReadCache::new(File::open(file)?);
        if let Ok(FileKind::Archive) = FileKind::parse(&cache) {
            let _the_linker_says_why = self.add_archive(file, &cache, architecture);
        } else {
            let whole = cache.range(0, ReadRef::len(&cache).unwrap_or_default());
            let _the_linker_says_why = self.add_object(file, whole, architecture);
        }
        Ok(())
    }

    /// Adds the names in a stub as defined.
    ///
    /// # Errors
    /// The file cannot be read.
    pub(super) fn add_stub(&mut self, file: &Path) -> io::Result<()> {
        let mut text = Vec::new();
        File::open(file)?.take(MAX_STUB).read_to_end(&mut text)?;
        self.defined.extend(tbd::names(&String::from_utf8_lossy(&text)));
        Ok(())
    }

    fn add_archive(&mut self, file: &Path, cache: &ReadCache<File>, wanted: Architecture) -> object::read::Result<()> {
        let archive = ArchiveFile::parse(cache)?;
        for member in archive.members() {
            let (offset, size) = member?.file_range();
            let _bitcode_or_metadata = self.add_object(file, cache.range(offset, size), wanted);
        }
        Ok(())
    }

    fn add_object(
        &mut self,
        file: &Path,
        data: ReadCacheRange<'_, File>,
        wanted: Architecture,
    ) -> object::read::Result<()> {
        match FileKind::parse(data)? {
            FileKind::MachOFat32 => {
                for slice in MachOFatFile32::parse(data)?.arches() {
                    self.add_slice(file, data, slice, wanted)?;
                }
            }
            FileKind::MachOFat64 => {
                for slice in MachOFatFile64::parse(data)?.arches() {
                    self.add_slice(file, data, slice, wanted)?;
                }
            }
            FileKind::MachO64 => self.add_symbols(file, &object::File::parse(data)?),
            _ => {}
        }
        Ok(())
    }

    fn add_slice<Slice: FatArch>(
        &mut self,
        file: &Path,
        data: ReadCacheRange<'_, File>,
        slice: &Slice,
        wanted: Architecture,
    ) -> object::read::Result<()> {
        if slice.architecture() != wanted {
            return Ok(());
        }
        let own = slice.data(data)?;
        match FileKind::parse(own)? {
            FileKind::MachO64 => self.add_symbols(file, &object::File::parse(own)?),
            FileKind::Archive => {
                for member in ArchiveFile::parse(own)?.members() {
                    if let Ok(object) = object::File::parse(member?.data(own)?) {
                        self.add_symbols(file, &object);
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn add_symbols<'data, R: ReadRef<'data>>(&mut self, file: &Path, object: &object::File<'data, R>) {
        for symbol in object.symbols().filter(|symbol| symbol.is_global()) {
            let Ok(name) = symbol.name() else { continue };
            if is_mangled(name) {
                continue;
            }
            if !symbol.is_undefined() {
                self.defined.insert(name.to_owned());
            } else if !self.undefined.contains_key(name) {
                self.undefined.insert(name.to_owned(), file.to_owned());
            }
        }
    }

    /// What objects want and nobody brings: each symbol with the first file that wants it.
    pub(super) fn wanted(&self) -> impl Iterator<Item = (&str, &Path)> {
        let missing = self.undefined.iter().filter(|(name, _)| !self.defined.contains(*name));
        missing.map(|(name, file)| (name.as_str(), file.as_path()))
    }
}

/// Rust's own symbols, by far the most: no library of Apple's has one.
fn is_mangled(name: &str) -> bool {
    name.starts_with("__ZN") || name.starts_with("__R")
}
