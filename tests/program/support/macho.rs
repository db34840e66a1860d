//! A look at a program for macOS: what it loads, from where it imports, for
//! which macOS it is.

use std::collections::BTreeSet;

use object::macho;
use object::read::macho::{LoadCommandVariant, MachHeader, MachOFile64};
use object::{Endianness, Object};

/// What a program says of itself: what it loads (a weak one in brackets), and the oldest macOS that it runs on.
pub(crate) fn loads(program: &[u8]) -> (Vec<String>, String) {
    let file = MachOFile64::<Endianness>::parse(program).unwrap();
    let (endian, mut libraries, mut oldest) = (file.endian(), Vec::new(), None);
    let mut commands = file.macho_header().load_commands(endian, program, 0).unwrap();
    while let Some(command) = commands.next().unwrap() {
        match command.variant().unwrap() {
            LoadCommandVariant::Dylib(library) => {
                let path = String::from_utf8(command.string(endian, library.dylib.name).unwrap().to_vec()).unwrap();
                let is_weak = command.cmd() == macho::LC_LOAD_WEAK_DYLIB;
                libraries.push(if is_weak { format!("[{path}]") } else { path });
            }
            LoadCommandVariant::BuildVersion(version, _) => oldest = Some(version.minos.get(endian)),
            LoadCommandVariant::VersionMin(version) => oldest = Some(version.version.get(endian)),
            _ => {}
        }
    }
    let oldest = oldest.unwrap();
    (libraries, format!("{}.{}", oldest.major(), oldest.minor()))
}

/// The imports that are not the system's own, as `library: symbol`.
pub(crate) fn imports(program: &[u8]) -> BTreeSet<String> {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let file = object::File::parse(program).unwrap();
    let imports = file.imports().unwrap().map(Result::unwrap);
    let named = imports.map(|import| (text(import.library()), text(import.name().into_name().unwrap())));
    let foreign = named.filter(|(library, _)| library != "/usr/lib/libSystem.B.dylib");
    foreign.map(|(library, symbol)| format!("{}: {symbol}", library.rsplit('/').next().unwrap())).collect()
}
