//! Quoting for cmd.exe: an argument must survive cmd.exe first, and then the C runtime of the program that gets it.
#![cfg_attr(not(windows), allow(dead_code))] // its rules are tested everywhere

use std::ffi::{OsStr, OsString};

use super::Error;

/// What stands on the command line after `cmd.exe`: `/d` without the user's AutoRun, `/s` so that exactly the outer quotes
/// are taken off.
pub(super) fn line(line: &OsStr, args: &[OsString]) -> Result<OsString, Error> {
    let mut all = OsString::from("/d /s /c \"");
    all.push(line);
    for argument in args {
        all.push(" ");
        all.push(quoted(argument)?);
    }
    all.push("\"");
    Ok(all)
}

/// First quoted as programs split their command line (backslashes count only before a quote), then every character that
/// cmd.exe knows gets a caret, the quotes, too: so it never sees itself inside quotes, where a caret would stay.
fn quoted(argument: &OsStr) -> Result<OsString, Error> {
    let bytes = argument.as_encoded_bytes();
    if bytes.iter().any(|byte| matches!(byte, b'\n' | b'\r' | 0)) {
        return Err(Error::Unquotable { argument: argument.to_owned() });
    }
    let mut quoted = Vec::with_capacity(bytes.len() + 2);
    if bytes.is_empty() || bytes.iter().any(|byte| matches!(byte, b' ' | b'\t' | 0x0b | b'"')) {
        quoted.push(b'"');
        let mut backslashes = 0;
        for byte in bytes {
            match byte {
                b'\\' => backslashes += 1,
                b'"' => {
                    // Those before a quote are doubled, and one more makes the quote an ordinary character.
                    quoted.extend(std::iter::repeat_n(b'\\', backslashes + 1));
                    backslashes = 0;
                }
                _ => backslashes = 0,
            }
            quoted.push(*byte);
        }
        quoted.extend(std::iter::repeat_n(b'\\', backslashes));
        quoted.push(b'"');
    } else {
        quoted.extend_from_slice(bytes);
    }
    let mut safe = Vec::with_capacity(quoted.len() * 2);
    for byte in quoted {
        if b"()[]%!^\"`<>&|;, *?\t".contains(&byte) {
            safe.push(b'^');
        }
        safe.push(byte);
    }
    Ok(from_encoded(safe))
}

#[allow(unsafe_code)]
fn from_encoded(bytes: Vec<u8>) -> OsString {
    // SAFETY: these are the encoded bytes of an OsStr into which only ASCII characters were put, each before an ASCII
    // character or at an end, so no multi-byte sequence was cut.
    unsafe { OsString::from_encoded_bytes_unchecked(bytes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(argument: &str) -> String {
        quoted(OsStr::new(argument)).unwrap().into_string().unwrap()
    }

    #[test]
    fn plain_words_stay_as_they_are() {
        for word in ["a", "--flag=x", r"C:\x\y", r"tail\", "ünï", "a'b"] {
            assert_eq!(text(word), word);
        }
    }

    #[test]
    fn what_cmd_knows_gets_a_caret_and_spaces_get_quotes() {
        assert_eq!(text(""), r#"^"^""#);
        assert_eq!(text("a b"), r#"^"a^ b^""#);
        assert_eq!(text("%PATH%"), "^%PATH^%");
        assert_eq!(text("a&calc"), "a^&calc");
        assert_eq!(text(r#"say "hi""#), r#"^"say^ \^"hi\^"^""#);
        assert_eq!(text(r"two words\"), r#"^"two^ words\\^""#);
    }

    #[test]
    fn line_breaks_and_nul_are_refused() {
        for argument in ["a\nb", "a\rb", "a\0b"] {
            assert!(matches!(quoted(OsStr::new(argument)), Err(Error::Unquotable { .. })), "{argument:?}");
        }
    }

    #[test]
    fn the_line_itself_is_not_touched() {
        let line = line(OsStr::new("echo \"a b\" && exit 3"), &["x y".into()]).unwrap();
        assert_eq!(line, OsStr::new(r#"/d /s /c "echo "a b" && exit 3 ^"x^ y^"""#));
    }
}
