//! Names of files as Windows takes them, and the short ones that Windows Installer wants beside them.

use std::collections::{BTreeMap, BTreeSet};

/// Names that mean devices, with any extension.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];
const NUMBERED_DEVICES: [&str; 2] = ["com", "lpt"];

/// The longest name of a file, in UTF-16 units.
const MAX_NAME: usize = 255;

/// Whether Windows and its installer take this as the name of one file or folder; else why not.
pub(super) fn check(name: &str) -> Result<(), &'static str> {
    if name.is_empty() || name == "." || name == ".." {
        return Err("it has a part that is no name");
    }
    // The last two separate names in Windows Installer's tables, or look as if they did.
    if name.contains(|c: char| c.is_control() || "<>:\"/\\|?*".contains(c)) {
        return Err("Windows takes no name with < > : \" / \\ | ? * or control characters in it");
    }
    if name.ends_with(['.', ' ']) || name.starts_with(' ') {
        return Err("Windows takes no name that begins or ends with a space or ends with a dot");
    }
    if name.encode_utf16().count() > MAX_NAME {
        return Err("it is longer than 255 characters");
    }
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_ascii_lowercase();
    let numbered = NUMBERED_DEVICES.iter().any(|device| {
        stem.strip_prefix(device).is_some_and(|number| {
            let mut digits = number.chars();
            matches!((digits.next(), digits.next()), (Some('0'..='9' | '¹' | '²' | '³'), None))
        })
    });
    if DEVICES.contains(&&*stem) || numbered {
        return Err("it is the name of a device on Windows");
    }
    Ok(())
}

/// How the entries of one folder are written into the tables: `SHORT~1.EXE|short name.exe`, or the name alone where it
/// is short by itself. Short names are unique in their folder, and follow from the names in it alone.
pub(super) fn with_short_names(names: &[&str]) -> Vec<String> {
    let mut taken: BTreeSet<String> = names.iter().map(|name| name.to_ascii_uppercase()).collect();
    let mut all = Vec::new();
    // The last number by what stays of a name beside any number: else many names alike would take for ever.
    let mut numbers: BTreeMap<String, u32> = BTreeMap::new();
    for name in names {
        if is_short(name) {
            all.push((*name).to_owned());
            continue;
        }
        let (stem, extension) = name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).unwrap_or((name, ""));
        let (stem, mut extension) = (short_letters(stem), short_letters(extension));
        extension.truncate(3);
        let number = numbers.entry(format!("{stem:.2}.{extension}")).or_default();
        let short = loop {
            *number += 1;
            let mut short = stem.clone();
            let tail = format!("~{number}");
            short.truncate(8_usize.saturating_sub(tail.len()));
            short += &tail;
            if !extension.is_empty() {
                short = format!("{short}.{extension}");
            }
            if taken.insert(short.clone()) {
                break short;
            }
        };
        all.push(format!("{short}|{name}"));
    }
    all
}

fn is_short(name: &str) -> bool {
    let (stem, extension) = name.split_once('.').unwrap_or((name, "x"));
    let plain = |text: &str, max| (1..=max).contains(&text.len()) && text.bytes().all(is_short_letter);
    plain(stem, 8) && plain(extension, 3)
}

fn is_short_letter(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

fn short_letters(text: &str) -> String {
    let letters = text.bytes().filter(|byte| is_short_letter(*byte)).map(|byte| char::from(byte.to_ascii_uppercase()));
    letters.take(8).collect()
}

/// A text within a "Formatted" cell, where brackets mean something.
pub(super) fn formatted(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        match character {
            '[' | ']' | '{' | '}' => escaped.extend(['[', '\\', character, ']']),
            _ => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_windows_does_not_take_are_refused() {
        for name in
            ["a:b", "a|b", "what?", "a*", "a.", "a ", " a", "", "..", "CON", "nul.txt", "Com1.log", "lpt²", "a\u{7}"]
        {
            assert!(check(name).is_err(), "{name:?}");
        }
        assert!(check(&"x".repeat(256)).is_err());
        for name in ["a", "a b.txt", ".gitignore", "con1", "com", "comet", "[a]{b}", "漢字", "a+b=c;d,e"] {
            assert_eq!(check(name), Ok(()), "{name:?}");
        }
    }

    #[test]
    fn short_names_are_short_and_unique() {
        let names =
            ["tool.exe", "a-long-name.html", "a-long-name-too.htm", ".config", "漢字", "LONGER~1", "README", "a.b.c"];
        let expected = [
            "tool.exe",
            "A-LONG~1.HTM|a-long-name.html",
            "A-LONG~2.HTM|a-long-name-too.htm",
            "CONFIG~1|.config",
            "~1|漢字",
            "LONGER~2|LONGER~1",
            "README",
            "AB~1.C|a.b.c",
        ];
        assert_eq!(with_short_names(&names), expected);
    }

    #[test]
    fn many_names_alike_get_short_names_fast() {
        let names: Vec<String> = (0..20_000).map(|number| format!("some-long-name-{number}.html")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let short: BTreeSet<String> =
            with_short_names(&names).iter().map(|name| name.split_once('|').unwrap().0.to_owned()).collect();
        assert_eq!(short.len(), names.len());
        assert!(short.iter().all(|name| name.len() <= 12));
    }

    #[test]
    fn brackets_are_escaped() {
        assert_eq!(formatted("a[b]{c}"), "a[\\[]b[\\]][\\{]c[\\}]");
    }
}
