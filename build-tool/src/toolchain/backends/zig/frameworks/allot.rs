//! Gives each symbol that a link wants to one of the libraries that its line
//! names, so that every import of the program says where it comes from
//! (Mach-O's two-level namespace). What fits none is left for the linker.

use std::collections::BTreeSet;

use super::known::{self, Known};
use super::owners::owners;

/// A library of Apple's that a link line names, and what the link wants from it.
#[derive(Debug)]
pub(super) struct Named {
    /// A framework's name, or `libNAME`.
    pub(super) name: String,
    /// What is known of it.
    pub(super) known: Known,
    /// The symbols that were allotted to it.
    pub(super) symbols: BTreeSet<String>,
}

/// Allots a symbol; whether there was a library for it.
pub(super) fn allot(symbol: &str, named: &mut [Named]) -> bool {
    for owner in owners(symbol) {
        let same = |library: &Named| library.name == owner || is_same_file(&library.known, owner);
        let place = named
            .iter()
            .position(same)
            .or_else(|| named.iter().position(|library| known::hands_on(&library.name, owner)));
        if let Some(place) = place {
            named[place].symbols.insert(symbol.to_owned());
            return true;
        }
    }
    false
}

/// Some libraries of `/usr/lib` go by several names: `-lcurses` and `-lncurses`.
fn is_same_file(named: &Known, owner: &str) -> bool {
    let own = owner.strip_prefix("lib").and_then(known::library);
    own.is_some_and(|own| own.install_name == named.install_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where the symbols go on a line that names these libraries.
    fn allotted(line: &[&str], symbols: &[&str]) -> Vec<String> {
        let known = |name: &str| match name.strip_prefix("lib") {
            Some(library) => known::library(library).unwrap(),
            None => known::framework(name).unwrap(),
        };
        let mut named: Vec<Named> = line
            .iter()
            .map(|&name| Named { name: name.to_owned(), known: known(name), symbols: BTreeSet::new() })
            .collect();
        for symbol in symbols {
            allot(symbol, &mut named);
        }
        named.iter().map(|library| library.symbols.iter().cloned().collect::<Vec<_>>().join(" ")).collect()
    }

    #[test]
    fn each_symbol_goes_to_its_own_library() {
        let line = ["Security", "CoreFoundation", "libobjc"];
        let found = allotted(&line, &["_SecItemAdd", "_CFRelease", "_objc_msgSend", "_frob", "_IOServiceMatching"]);
        assert_eq!(found, ["_SecItemAdd", "_CFRelease", "_objc_msgSend"]);
    }

    #[test]
    fn what_is_handed_on_comes_through_the_one_that_hands_it_on() {
        assert_eq!(
            allotted(&["IOKit", "Foundation"], &["_objc_msgSend", "_CFRelease"]),
            ["", "_CFRelease _objc_msgSend"]
        );
        assert_eq!(allotted(&["Carbon"], &["_UCKeyTranslate", "_TISCopyCurrentKeyboardInputSource"])[0].len(), 50);
        assert_eq!(allotted(&["libcurses"], &["_initscr"]), ["_initscr"]);
    }

    #[test]
    fn appkit_gets_what_foundation_need_not_have() {
        let symbols = ["_NSZoneMalloc", "_OBJC_CLASS_$_NSString", "_OBJC_CLASS_$_NSWindow"];
        assert_eq!(allotted(&["Foundation"], &symbols), ["_NSZoneMalloc _OBJC_CLASS_$_NSString"]);
        assert_eq!(allotted(&["AppKit"], &symbols), ["_NSZoneMalloc _OBJC_CLASS_$_NSString _OBJC_CLASS_$_NSWindow"]);
        let both = allotted(&["Foundation", "AppKit"], &symbols);
        assert_eq!(both, ["_OBJC_CLASS_$_NSString", "_NSZoneMalloc _OBJC_CLASS_$_NSWindow"]);
    }
}
