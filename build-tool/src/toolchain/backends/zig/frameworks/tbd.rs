//! Writes a text-based stub of a library: what a linker has to know to bind
//! symbols to it, without the library. The format is TAPI's, version 4, as the
//! `.tbd` files of Apple's SDKs have it; LLVM reads it in `TextStub.cpp` and
//! describes it in `llvm/docs/TextAPI`-related sources, zig in `MachO/Dylib`.

use std::collections::BTreeSet;

/// What a stub says.
#[derive(Debug)]
pub(super) struct Stub<'a> {
    /// The path that programs load it by.
    pub(super) install_name: &'a str,
    /// The version that it is, as `1.2.3`.
    pub(super) current_version: &'a str,
    /// The oldest version whose programs it serves.
    pub(super) compatibility_version: &'a str,
    /// Its symbols, as they stand in an object: with the leading underscore.
    pub(super) symbols: &'a BTreeSet<String>,
}

/// The stub as text. It speaks for both architectures: which of them a link is for changes nothing in it.
pub(super) fn text(stub: &Stub<'_>) -> String {
    const TARGETS: &str = "[ x86_64-macos, arm64-macos ]";
    let mut text = format!(
        "--- !tapi-tbd\ntbd-version: 4\ntargets: {TARGETS}\ninstall-name: {}\ncurrent-version: {}\n\
         compatibility-version: {}\n",
        quoted(stub.install_name),
        stub.current_version,
        stub.compatibility_version
    );
    if !stub.symbols.is_empty() {
        let symbols: Vec<String> = stub.symbols.iter().map(|symbol| quoted(symbol)).collect();
        text += &format!("exports:\n  - targets: {TARGETS}\n    symbols: [ {} ]\n", symbols.join(",\n      "));
    }
    text + "...\n"
}

/// A YAML string in single quotes, in which only the quote itself needs care.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// The names in a stub that somebody else wrote: every word of it, which is more than its symbols, and with the
/// symbols of the classes that it lists by their bare names.
pub(super) fn names(text: &str) -> impl Iterator<Item = String> {
    let words = text.split(|c: char| c.is_whitespace() || ",[]'\"".contains(c)).filter(|word| !word.is_empty());
    words.flat_map(|word| {
        let classes = (!word.starts_with('_'))
            .then(|| ["_OBJC_CLASS_$_", "_OBJC_METACLASS_$_", "_OBJC_EHTYPE_$_"].map(|kind| format!("{kind}{word}")));
        std::iter::once(word.to_owned()).chain(classes.into_iter().flatten())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stub_names_its_library_and_its_symbols() {
        let symbols = ["_CFRelease", "_OBJC_CLASS_$_It's"].map(str::to_owned).into();
        let stub = Stub {
            install_name: "/usr/lib/libx.1.dylib",
            current_version: "1.2",
            compatibility_version: "1",
            symbols: &symbols,
        };
        insta::assert_snapshot!(text(&stub), @r"
        --- !tapi-tbd
        tbd-version: 4
        targets: [ x86_64-macos, arm64-macos ]
        install-name: '/usr/lib/libx.1.dylib'
        current-version: 1.2
        compatibility-version: 1
        exports:
          - targets: [ x86_64-macos, arm64-macos ]
            symbols: [ '_CFRelease',
              '_OBJC_CLASS_$_It''s' ]
        ...
        ");
    }

    #[test]
    fn the_names_of_another_stub_are_found() {
        let found: BTreeSet<String> = names("symbols: [ _close, 'R$_x' ]\nobjc-classes: [ OS_object ]").collect();
        assert!(["_close", "R$_x", "_OBJC_CLASS_$_OS_object"].iter().all(|name| found.contains(*name)), "{found:?}");
    }
}
