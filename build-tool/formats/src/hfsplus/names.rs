//! Names as the catalog has them: UTF-16, decomposed, at most 255 units, with `/` and `:` exchanged, and sorted
//! without regard to case.

use unicode_normalization::char::{canonical_combining_class, decompose_canonical};

/// TN1150, "HFS Plus Names".
pub(super) const MAX_UNITS: usize = 255;

/// A name for the catalog; `None` if it is too long.
pub(super) fn to_volume(name: &str) -> Option<Vec<u16>> {
    let mut characters = Vec::with_capacity(name.len());
    for c in name.chars() {
        match c {
            // On the volume `/` is a letter and `:` separates; the system exchanges them.
            ':' => characters.push('/'),
            _ if is_decomposed(c) => decompose_canonical(c, |part| characters.push(part)),
            _ => characters.push(c),
        }
    }
    // Marks on one letter go in the order of their classes; the sort is stable.
    for marks in characters.chunk_by_mut(|_, next| canonical_combining_class(*next) != 0) {
        marks.sort_by_key(|mark| canonical_combining_class(*mark));
    }
    let units: Vec<u16> = characters.into_iter().collect::<String>().encode_utf16().collect();
    (units.len() <= MAX_UNITS).then_some(units)
}

/// A name from the catalog; `None` if it is no UTF-16 or none that a system could have.
pub(super) fn from_volume(units: &[u16]) -> Option<String> {
    let mut name = String::with_capacity(units.len());
    for c in char::decode_utf16(units.iter().copied()) {
        match c.ok()? {
            '/' => name.push(':'),
            ':' | '\0' => return None,
            c => name.push(c),
        }
    }
    (!name.is_empty()).then_some(name)
}

/// Whether macOS decomposes the character: as Unicode 3.2 does, but for symbols and compatibility ideographs
/// (TN1150, "Unicode Subtleties"; `vfs_utfconv.c` of its kernel), and nothing beyond 16 bits. Of the blocks that
/// are newer than 3.2 only Balinese has characters that decompose.
fn is_decomposed(c: char) -> bool {
    !matches!(c, '\u{1B00}'..='\u{1B7F}' | '\u{2000}'..='\u{2FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{10000}'..)
}

/// What the catalog is sorted by: units that are the same but for their case are one (TN1150, "Case-Insensitive
/// String Comparison Algorithm", `FastUnicodeCompare`). It compares unit by unit, as these vectors do.
pub(super) fn fold(name: &[u16]) -> Vec<u16> {
    name.iter().copied().filter(|unit| !IGNORED.contains(unit)).map(fold_unit).collect()
}

/// Direction marks and the like (TN1150's table has 0 for them).
const IGNORED: [u16; 16] = [
    0x200C, 0x200D, 0x200E, 0x200F, 0x202A, 0x202B, 0x202C, 0x202D, 0x202E, 0x206A, 0x206B, 0x206C, 0x206D, 0x206E,
    0x206F, 0xFEFF,
];

fn fold_unit(unit: u16) -> u16 {
    if unit == 0 {
        // So that a NUL sorts behind everything.
        return 0xFFFF;
    }
    let run = LOWER.partition_point(|(first, ..)| *first <= unit).checked_sub(1).map(|at| LOWER[at]);
    match run {
        Some((first, last, step, up)) if unit <= last && (unit - first).is_multiple_of(step) => unit + up,
        _ => unit,
    }
}

/// TN1150's table of lower case (`gLowerCaseTable`), as (first, last, every how many, how much to add). It is of
/// Unicode 2.0 and knows no letters that decompose, so Unicode's own tables of today would sort differently.
const LOWER: [(u16, u16, u16, u16); 68] = [
    (0x0041, 0x005A, 1, 32),
    (0x00C6, 0x00C6, 1, 32),
    (0x00D0, 0x00D0, 1, 32),
    (0x00D8, 0x00D8, 1, 32),
    (0x00DE, 0x00DE, 1, 32),
    (0x0110, 0x0110, 1, 1),
    (0x0126, 0x0126, 1, 1),
    (0x0132, 0x0132, 1, 1),
    (0x013F, 0x0141, 2, 1),
    (0x014A, 0x014A, 1, 1),
    (0x0152, 0x0152, 1, 1),
    (0x0166, 0x0166, 1, 1),
    (0x0181, 0x0181, 1, 210),
    (0x0182, 0x0184, 2, 1),
    (0x0186, 0x0186, 1, 206),
    (0x0187, 0x0187, 1, 1),
    (0x0189, 0x018A, 1, 205),
    (0x018B, 0x018B, 1, 1),
    (0x018E, 0x018E, 1, 79),
    (0x018F, 0x018F, 1, 202),
    (0x0190, 0x0190, 1, 203),
    (0x0191, 0x0191, 1, 1),
    (0x0193, 0x0193, 1, 205),
    (0x0194, 0x0194, 1, 207),
    (0x0196, 0x0196, 1, 211),
    (0x0197, 0x0197, 1, 209),
    (0x0198, 0x0198, 1, 1),
    (0x019C, 0x019C, 1, 211),
    (0x019D, 0x019D, 1, 213),
    (0x019F, 0x019F, 1, 214),
    (0x01A2, 0x01A4, 2, 1),
    (0x01A7, 0x01A7, 1, 1),
    (0x01A9, 0x01A9, 1, 218),
    (0x01AC, 0x01AC, 1, 1),
    (0x01AE, 0x01AE, 1, 218),
    (0x01B1, 0x01B2, 1, 217),
    (0x01B3, 0x01B5, 2, 1),
    (0x01B7, 0x01B7, 1, 219),
    (0x01B8, 0x01B8, 1, 1),
    (0x01BC, 0x01BC, 1, 1),
    (0x01C4, 0x01C4, 1, 2),
    (0x01C5, 0x01C5, 1, 1),
    (0x01C7, 0x01C7, 1, 2),
    (0x01C8, 0x01C8, 1, 1),
    (0x01CA, 0x01CA, 1, 2),
    (0x01CB, 0x01CB, 1, 1),
    (0x01E4, 0x01E4, 1, 1),
    (0x01F1, 0x01F1, 1, 2),
    (0x01F2, 0x01F2, 1, 1),
    (0x0391, 0x03A1, 1, 32),
    (0x03A3, 0x03A9, 1, 32),
    (0x03E2, 0x03EE, 2, 1),
    (0x0402, 0x0404, 2, 80),
    (0x0405, 0x0406, 1, 80),
    (0x0408, 0x040B, 1, 80),
    (0x040F, 0x040F, 1, 80),
    (0x0410, 0x0418, 1, 32),
    (0x041A, 0x042F, 1, 32),
    (0x0460, 0x0474, 2, 1),
    (0x0478, 0x0480, 2, 1),
    (0x0490, 0x04BE, 2, 1),
    (0x04C3, 0x04C3, 1, 1),
    (0x04C7, 0x04C7, 1, 1),
    (0x04CB, 0x04CB, 1, 1),
    (0x0531, 0x0556, 1, 48),
    (0x10A0, 0x10C5, 1, 48),
    (0x2160, 0x216F, 1, 16),
    (0xFF21, 0xFF3A, 1, 32),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn units(name: &str) -> Vec<u16> {
        name.encode_utf16().collect()
    }

    #[test]
    fn names_are_decomposed_as_macos_does() {
        for (name, expected) in [
            ("plain.txt", "plain.txt"),
            ("é", "e\u{301}"),
            ("ǖ", "u\u{308}\u{304}"),
            ("가", "\u{1100}\u{1161}"),
            // Marks are sorted: below before above.
            ("a\u{301}\u{323}", "a\u{323}\u{301}"),
            // Symbols and compatibility ideographs stay.
            ("\u{212B}≠\u{F900}", "\u{212B}≠\u{F900}"),
            ("a:b", "a/b"),
            ("𝅗𝅥", "𝅗𝅥"),
        ] {
            assert_eq!(to_volume(name), Some(units(expected)), "{name}");
        }
        assert_eq!(to_volume(&"x".repeat(255)).map(|name| name.len()), Some(255));
        assert_eq!(to_volume(&"é".repeat(128)), None);
    }

    #[test]
    fn names_come_back_decomposed() {
        assert_eq!(from_volume(&units("a/b")).as_deref(), Some("a:b"));
        for bad in [&[0xD800][..], &[0x3A], &[0], &[]] {
            assert_eq!(from_volume(bad), None);
        }
    }

    #[test]
    fn case_is_folded_by_apples_table() {
        for (one, other) in [("ABC", "abc"), ("ÆØÞ", "æøþ"), ("Ωσ", "ωσ"), ("ЖӃ", "жӄ"), ("Ⅷ", "ⅷ"), ("ＡＺ", "ａｚ")]
        {
            assert_eq!(fold(&units(one)), fold(&units(other)), "{one}");
        }
        // Not in the table: it knows no precomposed letters, and has other Georgian than Unicode has today.
        assert_ne!(fold(&units("É")), fold(&units("é")));
        assert_eq!(fold(&units("Ⴀ")), units("ა"));
        assert_eq!(fold(&units("a\u{200D}b\u{FEFF}")), units("ab"));
        assert!(fold(&units("Zebra")) > fold(&units("apple")));
        assert!(fold(&units("a_")) < fold(&units("ab")));
    }
}
