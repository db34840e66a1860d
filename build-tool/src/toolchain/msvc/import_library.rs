//! An import library from an export list, in Microsoft's short form, the same
//! bytes for the same list.

use std::io::Cursor;

use implib::{Flavor, ImportLibrary, MachineType};

use super::Arch;

/// Which implib makes them; its other versions may make other bytes. A test holds it against `Cargo.lock`.
pub(super) const MAKER: &str = "implib 0.6.0";

/// The bytes of the import library for `exports` (see [`super::exports`]).
///
/// # Errors
/// What is wrong with the list.
pub(super) fn bytes(exports: &str, arch: Arch) -> Result<Vec<u8>, String> {
    let machine = match arch {
        Arch::X86_64 => MachineType::AMD64,
        Arch::Aarch64 => MachineType::ARM64,
    };
    let library = ImportLibrary::new(exports, machine, Flavor::Msvc).map_err(|error| error.to_string())?;
    let mut bytes = Cursor::new(Vec::new());
    library.write_to(&mut bytes).map_err(|error| error.to_string())?;
    Ok(bytes.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "LIBRARY \"a.dll\"\nEXPORTS\n  one\n  two == _two\n  three DATA\n  four @4 NONAME\n";

    #[test]
    fn a_list_makes_the_same_library_every_time() {
        for arch in [Arch::X86_64, Arch::Aarch64] {
            assert_eq!(bytes(LIST, arch).unwrap(), bytes(LIST, arch).unwrap());
        }
        assert_ne!(bytes(LIST, Arch::X86_64).unwrap(), bytes(LIST, Arch::Aarch64).unwrap());
    }

    #[test]
    fn the_maker_is_the_one_that_is_locked() {
        let lock = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.lock")).unwrap();
        let (name, version) = MAKER.split_once(' ').unwrap();
        assert!(lock.contains(&format!("name = \"{name}\"\nversion = \"{version}\"\n")), "MAKER is not what is locked");
    }
}
