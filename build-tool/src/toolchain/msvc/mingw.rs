//! Whether a symbol is a function of mingw-w64's own library. C that sees its
//! headers may take itself for a program of mingw and call what neither Windows
//! nor the start-up library has (`gettimeofday`, `pthread_create`, `opendir`).
//! zig carries that library as source; it is not linked, since it has a start-up
//! code of its own and leans on zig's and on compiler-rt, which Rust has, too.

use std::path::Path;

use super::exports;

/// Whether a source of mingw-w64's names the symbol.
pub(super) fn may_define(zig_library: &Path, symbol: &str) -> bool {
    let symbol = symbol.trim_start_matches("__imp_");
    let is_name = !symbol.is_empty() && symbol.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    is_name && mentions(&exports::folder(zig_library), symbol, 0)
}

fn mentions(folder: &Path, symbol: &str, depth: usize) -> bool {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.into_iter().any(|entry| {
        let path = entry.path();
        if path.is_dir() {
            return depth < 4 && mentions(&path, symbol, depth + 1);
        }
        if !path.extension().is_some_and(|extension| ["c", "h", "S"].iter().any(|source| extension == *source)) {
            return false;
        }
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        is_word_of(&text, symbol)
    })
}

fn is_word_of(text: &str, word: &str) -> bool {
    let part_of_a_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    text.match_indices(word).any(|(at, _)| {
        let (before, after) = (text[..at].chars().next_back(), text[at + word.len()..].chars().next());
        !part_of_a_word(before) && !part_of_a_word(after)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_symbol_is_looked_for_as_a_word_in_the_sources() {
        let library = tempfile::tempdir().unwrap();
        let folder = library.path().join("libc/mingw/misc");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("time.c"), "int gettimeofday(void *p) { return mine(p); }\n").unwrap();
        let wants = |symbol: &str| may_define(library.path(), symbol);
        assert!(wants("gettimeofday") && wants("__imp_gettimeofday"));
        assert!(!wants("timeofday") && !wants("my_function"));
        assert!(!wants("") && !wants("std::mine"));
    }
}
