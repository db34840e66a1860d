//! The link line as rustc writes it for link.exe: arguments, or a file of them,
//! and which libraries it names.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::{MsvcError, at};

/// Reads `@file` arguments, which rustc writes for lines that are too long.
///
/// # Errors
/// Such a file cannot be read.
pub(super) fn expand(arguments: Vec<OsString>) -> Result<Vec<OsString>, MsvcError> {
    let mut expanded = Vec::new();
    for argument in arguments {
        let path = argument.to_str().and_then(|text| text.strip_prefix('@')).map(PathBuf::from);
        match path {
            Some(path) => {
                let bytes = std::fs::read(&path).map_err(at("read", &path))?;
                expanded.extend(response(&bytes).into_iter().map(OsString::from));
            }
            None => expanded.push(argument),
        }
    }
    Ok(expanded)
}

/// The words of a response file: UTF-16 behind a byte order mark, else UTF-8.
fn response(bytes: &[u8]) -> Vec<String> {
    let text = match bytes {
        [0xff, 0xfe, rest @ ..] => {
            let units: Vec<u16> = rest.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
            String::from_utf16_lossy(&units)
        }
        _ => String::from_utf8_lossy(bytes).into_owned(),
    };
    words(&text)
}

/// Words between blanks; in quotes, blanks belong to the word. Backslashes stand for themselves but before a
/// quote, where two stand for one ("Parsing C command-line arguments", Microsoft C).
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let (mut word, mut quoted, mut started) = (String::new(), false, false);
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\\' => {
                let mut count = 1;
                while rest.next_if_eq(&'\\').is_some() {
                    count += 1;
                }
                let before_quote = rest.peek() == Some(&'"');
                word.extend(std::iter::repeat_n('\\', if before_quote { count / 2 } else { count }));
                if before_quote && count % 2 == 1 {
                    word.extend(rest.next());
                }
                started = true;
            }
            '"' => (quoted, started) = (!quoted, true),
            c if c.is_whitespace() && !quoted => {
                if started {
                    words.push(std::mem::take(&mut word));
                }
                started = false;
            }
            c => {
                word.push(c);
                started = true;
            }
        }
    }
    if started {
        words.push(word);
    }
    words
}

/// The same words as one response file, which lld reads as UTF-8.
pub(super) fn response_file(arguments: &[OsString]) -> Vec<u8> {
    let mut text = String::new();
    for argument in arguments {
        let argument = argument.to_string_lossy();
        let mut backslashes = 0;
        text.push('"');
        for c in argument.chars() {
            if c == '"' {
                // Those before a quote are doubled, and the quote has one of its own.
                text.extend(std::iter::repeat_n('\\', backslashes + 1));
            }
            backslashes = if c == '\\' { backslashes + 1 } else { 0 };
            text.push(c);
        }
        text.extend(std::iter::repeat_n('\\', backslashes));
        text += "\"\n";
    }
    text.into_bytes()
}

/// What a line names.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Named {
    /// Libraries without a folder, without their ending.
    pub libraries: BTreeSet<String>,
    /// Where libraries are looked for.
    pub folders: Vec<PathBuf>,
    /// The output.
    pub output: Option<PathBuf>,
}

/// Reads what matters of an expanded line.
pub(super) fn named(arguments: &[OsString]) -> Named {
    let mut named = Named::default();
    let mut without = BTreeSet::new();
    for argument in arguments {
        let text = argument.to_string_lossy();
        match option(&text) {
            Some(("libpath", folder)) => named.folders.push(PathBuf::from(folder)),
            Some(("defaultlib", library)) => drop(named.libraries.insert(without_ending(library).to_owned())),
            Some(("nodefaultlib", library)) => drop(without.insert(without_ending(library).to_owned())),
            Some(("out", path)) => named.output = Some(PathBuf::from(path)),
            Some(_) => {}
            None if is_library(&text) => drop(named.libraries.insert(without_ending(&text).to_owned())),
            None => {}
        }
    }
    named.libraries.retain(|library| !without.contains(library));
    named
}

/// `/NAME:VALUE` or `-NAME:VALUE`, of the names that matter; a path that begins with a slash is none.
fn option(text: &str) -> Option<(&'static str, &str)> {
    let (name, value) = text.strip_prefix(['/', '-'])?.split_once(':')?;
    let known = ["libpath", "defaultlib", "nodefaultlib", "out"];
    known.into_iter().find(|known| name.eq_ignore_ascii_case(known)).map(|known| (known, value))
}

/// A library that the linker is to look for, and not a file that is given.
fn is_library(text: &str) -> bool {
    text.len() > 4 && ends_with_lib(text) && !text.contains(['/', '\\'])
}

fn ends_with_lib(text: &str) -> bool {
    text.get(text.len().wrapping_sub(4)..).is_some_and(|end| end.eq_ignore_ascii_case(".lib"))
}

fn without_ending(library: &str) -> &str {
    if ends_with_lib(library) { &library[..library.len() - 4] } else { library }
}

impl Named {
    /// The libraries that nobody provides: neither in one of the folders, nor where we run.
    pub(super) fn missing(&self) -> Vec<&str> {
        let there = |library: &str| {
            let file = format!("{library}.lib");
            Path::new(&file).is_file() || self.folders.iter().any(|folder| folder.join(&file).is_file())
        };
        self.libraries.iter().map(String::as_str).filter(|library| !there(library)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn response_files_are_read_in_both_encodings_and_come_back_the_same() {
        let text = "\"/OUT:C:\\\\a b\\\\x.exe\"\n/NOLOGO\nplain\\path\n\"with \\\"quotes\\\"\"\n\"\"\n";
        let expected = ["/OUT:C:\\\\a b\\\\x.exe", "/NOLOGO", "plain\\path", "with \"quotes\"", ""];
        assert_eq!(response(text.as_bytes()), expected);
        let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
        assert_eq!(response(&utf16), expected);
        let again = ["a b", "c\\", "d\\\"e", "", "\"", "\\\\f g\\\\"];
        assert_eq!(response(&response_file(&again.map(OsString::from))), again);
    }

    #[test]
    fn libraries_are_named_by_options_and_by_file_names_without_a_folder() {
        let line = ["/NOLOGO", "kernel32.lib", "/defaultlib:msvcrt", "/LIBPATH:/kit", "-libpath:other", "/tmp/own.lib"];
        let more =
            ["WS2_32.LIB", "/DEFAULTLIB:oldnames.lib", "/NODEFAULTLIB:oldnames", "/OUT:a.exe", "main.o", "a.rlib"];
        let line: Vec<OsString> = line.iter().chain(&more).map(OsString::from).collect();
        let named = named(&line);
        assert_eq!(named.libraries.iter().collect::<Vec<_>>(), ["WS2_32", "kernel32", "msvcrt"]);
        assert_eq!(named.folders, [PathBuf::from("/kit"), PathBuf::from("other")]);
        assert_eq!(named.output, Some(PathBuf::from("a.exe")));
    }
}
