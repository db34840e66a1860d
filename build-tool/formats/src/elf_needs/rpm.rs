//! What an ELF file needs and gives, in the words that RPM's dependency generator (`elfdeps`) uses and the
//! packages of its distributions provide.

use super::{ElfClass, ElfNeeds};
use std::collections::BTreeSet;

/// The `Requires` of a file: `libc.so.6()(64bit)`, `libc.so.6(GLIBC_2.34)(64bit)`, `rtld(GNU_HASH)`.
pub fn requires(needs: &ElfNeeds) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for library in needs.libraries.keys() {
        all.insert(capability(library, "", needs.class));
        all.extend(needs.versions(library).map(|version| capability(library, version, needs.class)));
    }
    if needs.gnu_hash_only && !needs.libraries.is_empty() {
        all.insert("rtld(GNU_HASH)".to_owned());
    }
    all
}

/// The `Provides` of a library; a program has none.
pub fn provides(needs: &ElfNeeds) -> Option<String> {
    needs.soname.as_deref().map(|soname| capability(soname, "", needs.class))
}

/// 64-bit ones are marked, so that both can be installed side by side; 32-bit ones keep their old, bare form.
fn capability(library: &str, version: &str, class: ElfClass) -> String {
    match (version, class) {
        (version, ElfClass::Elf64) => format!("{library}({version})(64bit)"),
        ("", ElfClass::Elf32) => library.to_owned(),
        (version, ElfClass::Elf32) => format!("{library}({version})"),
    }
}
