//! mingw-w64's own library, which zig carries as source: C that was written for
//! mingw, and sees its headers, may call functions that neither Windows nor the
//! start-up library has (`gettimeofday`, `pthread_create`, `opendir`). Compiling
//! it takes zig a minute, so that is done only for links that want it.

use std::path::{Path, PathBuf};

use super::{Kit, MsvcError, at, exports, kit};
use crate::tool::Launcher;

/// The name that it has in the kit.
pub(super) const LIBRARY: &str = "mingw-w64.lib";

/// Whether a source of mingw-w64's names one of `symbols` as a function.
pub(super) fn may_define(zig_library: &Path, symbols: &[String]) -> bool {
    let calls: Vec<String> = symbols.iter().map(|symbol| symbol.trim_start_matches("__imp_").to_owned()).collect();
    !calls.is_empty() && mentions(&exports::folder(zig_library), &calls, 0)
}

fn mentions(folder: &Path, symbols: &[String], depth: usize) -> bool {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.into_iter().any(|entry| {
        let path = entry.path();
        if path.is_dir() {
            return depth < 4 && mentions(&path, symbols, depth + 1);
        }
        if !path.extension().is_some_and(|extension| ["c", "h", "S"].iter().any(|source| extension == *source)) {
            return false;
        }
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        symbols.iter().any(|symbol| is_word_of(&text, symbol))
    })
}

fn is_word_of(text: &str, word: &str) -> bool {
    let part_of_a_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    text.match_indices(word).any(|(at, _)| {
        let (before, after) = (text[..at].chars().next_back(), text[at + word.len()..].chars().next());
        !part_of_a_word(before) && !part_of_a_word(after)
    })
}

impl Kit {
    /// Has zig compile the library, and puts it into the kit; `false` where this zig does not say where it is.
    ///
    /// # Errors
    /// zig fails, or the kit cannot be written.
    pub(super) fn make_mingw(&self, launcher: &Launcher) -> Result<bool, MsvcError> {
        let place = self.libraries.join(LIBRARY);
        if place.is_file() {
            return Ok(true);
        }
        let work = tempfile::tempdir().map_err(at("create a folder in", &std::env::temp_dir()))?;
        let source = work.path().join("empty.c");
        std::fs::write(&source, "").map_err(at("write", &source))?;
        // zig compiles it for whoever links against its C library, and shows where it is on the link line.
        let call = exports::zig_call(&self.zig, "compile mingw-w64's library")
            .args(["build-lib", "-dynamic", "-target", &self.arch.zig_target(), "-lc", "empty.c"])
            .args(["-femit-bin=empty.dll", "--verbose-link"])
            .cwd(work.path());
        let said = launcher.output(&call)?;
        let said = String::from_utf8_lossy(&said.stderr).into_owned();
        let Some(made) = named_on(&said).map(|path| work.path().join(path)) else { return Ok(false) };
        let mut bytes = std::fs::read(&made).map_err(at("read", &made))?;
        without_debug_sections(&mut bytes);
        kit::write_whole(&place, &bytes)?;
        Ok(true)
    }
}

/// The library's path, on the line that links.
fn named_on(said: &str) -> Option<PathBuf> {
    let line = said.lines().find(|line| line.starts_with("lld-link"))?;
    line.split_whitespace().map(PathBuf::from).find(|path| {
        path.extension().is_some_and(|extension| extension == "lib")
            && path.file_stem().is_some_and(|stem| stem == "mingw32" || stem == "libmingw32")
    })
}

/// Marks the debug sections of every object of an archive as not to be linked: they name folders of zig's cache,
/// which are others on every machine (PE format, "COFF Section Header Characteristics": IMAGE_SCN_LNK_REMOVE).
fn without_debug_sections(archive: &mut [u8]) {
    const MEMBER_HEADER: usize = 60;
    let mut at = 8; // "!<arch>\n"
    while let Some(header) = archive.get(at..at + MEMBER_HEADER) {
        let size = std::str::from_utf8(&header[48..58]).ok().and_then(|size| size.trim().parse::<usize>().ok());
        let start = at + MEMBER_HEADER;
        let Some(member) = size.and_then(|size| archive.get_mut(start..start.checked_add(size)?)) else { return };
        remove_debug_sections(member);
        let size = member.len();
        at = start + size + size % 2;
    }
}

fn remove_debug_sections(object: &mut [u8]) {
    const SECTION_HEADER: usize = 40;
    const REMOVE: u8 = 0x08; // the second byte of 0x0000_0800
    let is_coff = matches!(object, [0x64, 0x86, ..] | [0x64, 0xaa, ..]);
    let Some(header) = object.get(..20).filter(|_| is_coff) else { return };
    let count = usize::from(u16::from_le_bytes([header[2], header[3]]));
    let optional = usize::from(u16::from_le_bytes([header[16], header[17]]));
    let Some(sections) = object.get_mut(20 + optional..) else { return };
    for section in sections.chunks_exact_mut(SECTION_HEADER).take(count) {
        if section.starts_with(b".debug$") {
            section[37] |= REMOVE;
        }
    }
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
        let wants = |symbol: &str| may_define(library.path(), &[symbol.to_owned()]);
        assert!(wants("gettimeofday") && wants("__imp_gettimeofday"));
        assert!(!wants("timeofday") && !wants("my_function"));
        assert!(!may_define(library.path(), &[]));
    }

    #[test]
    fn the_library_is_found_on_the_line_that_links() {
        let said =
            "ar rcs o/1/libmingw32.lib o/2/a.obj\nlld-link -DLL o/3/dllcrt2.obj o/1/libmingw32.lib o/4/zigc.lib\n";
        assert_eq!(named_on(said), Some(PathBuf::from("o/1/libmingw32.lib")));
        assert_eq!(named_on("ar rcs o/1/libmingw32.lib\n"), None);
    }

    #[test]
    fn debug_sections_are_marked_and_cut_archives_do_not_matter() {
        let mut object = vec![0; 20 + 80];
        object[..4].copy_from_slice(&[0x64, 0x86, 2, 0]);
        object[20..28].copy_from_slice(b".debug$S");
        object[60..65].copy_from_slice(b".text");
        let mut archive = b"!<arch>\n".to_vec();
        archive.extend(format!("{:48}{:<10}`\n", "a.obj/", object.len()).bytes());
        archive.extend(&object);
        let whole = archive.clone();
        without_debug_sections(&mut archive);
        let changed: Vec<_> = (0..whole.len()).filter(|&at| whole[at] != archive[at]).collect();
        assert_eq!(changed, [8 + 60 + 20 + 37]);
        for length in 0..whole.len() {
            without_debug_sections(&mut whole[..length].to_vec());
        }
    }
}
