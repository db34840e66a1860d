//! A licence's plain text as RTF, the one form in which Windows Installer shows long texts.

use std::fmt::Write;

/// The text as RTF 1.5 in ASCII: paragraphs end where lines end.
pub(super) fn rtf(text: &str) -> String {
    let mut rtf = String::from("{\\rtf1\\ansi\\ansicpg1252\\deff0{\\fonttbl{\\f0\\fswiss Tahoma;}}\\f0\\fs16\r\n");
    for line in text.lines() {
        for character in line.chars() {
            match character {
                '\\' => rtf.push_str("\\\\"),
                // By number: a bracket might be taken for the name of a property.
                '{' | '}' | '[' | ']' => {
                    let _ = write!(rtf, "\\'{:02x}", u32::from(character));
                }
                '\t' => rtf.push_str("\\tab "),
                ' '..='~' => rtf.push(character),
                _ if character.is_control() => {}
                _ => {
                    // A signed number for each UTF-16 unit, and what is shown by who cannot read it.
                    for unit in character.encode_utf16(&mut [0; 2]) {
                        let _ = write!(rtf, "\\u{}?", unit.cast_signed());
                    }
                }
            }
        }
        rtf.push_str("\\par\r\n");
    }
    rtf.push('}');
    rtf
}

#[cfg(test)]
mod tests {
    use super::rtf;

    #[test]
    fn what_means_something_in_rtf_is_escaped() {
        let rtf = rtf("a {b} [c] \\d\r\n\té 漢\u{1F600}\u{c}");
        let (_, body) = rtf.split_once("\\fs16\r\n").unwrap();
        let expected = "a \\'7bb\\'7d \\'5bc\\'5d \\\\d\\par\r\n\\tab \\u233? \\u28450?\\u-10179?\\u-8704?\\par\r\n}";
        assert_eq!(body, expected);
    }
}
