//! The command line of a child: one string, which the child takes apart by the rules of the C runtime, and a batch
//! file by those of cmd.exe.
use alloc::vec::Vec;

use crate::backend::windows::wide;
use crate::ffi::{OsStr, OsString};
use crate::io;

const QUOTE: u16 = b'"' as u16;
const BACKSLASH: u16 = b'\\' as u16;
const SPACE: u16 = b' ' as u16;
const TAB: u16 = b'\t' as u16;

/// The command line of an ordinary program, with a zero at its end.
pub(super) fn ordinary(program: &OsStr, arguments: &[OsString]) -> io::Result<Vec<u16>> {
    // The name is always quoted: it holds no quotes, and then nothing of it is taken for an argument.
    let mut line = [&[QUOTE][..], &units(program)?, &[QUOTE]].concat();
    for argument in arguments {
        line.push(SPACE);
        append(&mut line, &units(argument)?);
    }
    line.push(0);
    Ok(line)
}

fn units(string: &OsStr) -> io::Result<Vec<u16>> {
    let mut units = wide::units(string)?;
    units.pop();
    Ok(units)
}

/// Quotes where it must be. Backslashes have a meaning only before a quote.
fn append(line: &mut Vec<u16>, argument: &[u16]) {
    let quoted = argument.is_empty() || argument.iter().any(|&unit| unit == SPACE || unit == TAB);
    if quoted {
        line.push(QUOTE);
    }
    let mut backslashes = 0;
    for &unit in argument {
        match unit {
            BACKSLASH => backslashes += 1,
            QUOTE => {
                // Twice as many, and one for the quote.
                line.extend(core::iter::repeat_n(BACKSLASH, backslashes + 1));
                backslashes = 0;
            }
            _ => backslashes = 0,
        }
        line.push(unit);
    }
    if quoted {
        line.extend(core::iter::repeat_n(BACKSLASH, backslashes));
        line.push(QUOTE);
    }
}

/// Whether the file of this name is run by cmd.exe.
pub(super) fn is_batch(path: &[u16]) -> bool {
    let path = path.strip_suffix(&[0]).unwrap_or(path);
    let ends_with = |end: &str| {
        path.len() >= end.len()
            && path[path.len() - end.len()..]
                .iter()
                .zip(end.bytes())
                .all(|(&unit, byte)| u8::try_from(unit).is_ok_and(|unit| unit.eq_ignore_ascii_case(&byte)))
    };
    ends_with(".bat") || ends_with(".cmd")
}

/// The command line that lets cmd.exe run a batch file, with a zero at its end. Arguments are quoted so that no
/// program is started, no variable put in and nothing redirected by what they hold; what cannot be quoted so is refused.
pub(super) fn batch(script: &[u16], arguments: &[OsString]) -> io::Result<Vec<u16>> {
    let refuse = |text| io::Error::message(io::ErrorKind::InvalidInput, text);
    let script = script.strip_suffix(&[0]).unwrap_or(script);
    if script.contains(&QUOTE) || script.last() == Some(&BACKSLASH) {
        return Err(refuse("Windows file names may not contain `\"` or end with `\\`"));
    }
    // With the extensions on, which the trick for `%` needs, without `!`, without what runs at every start; the outer
    // quotes are those that /c takes away.
    let mut line: Vec<u16> = "cmd.exe /e:ON /v:OFF /d /c \"\"".encode_utf16().collect();
    line.extend_from_slice(script);
    line.push(QUOTE);
    for argument in arguments {
        let argument = units(argument)?;
        if argument.iter().any(|&unit| unit == u16::from(b'\r') || unit == u16::from(b'\n')) {
            return Err(refuse("batch file arguments are invalid"));
        }
        line.push(SPACE);
        append_batch(&mut line, &argument);
    }
    line.extend([QUOTE, 0]);
    Ok(line)
}

fn append_batch(line: &mut Vec<u16>, argument: &[u16]) {
    // A variable of no length: what follows a percent sign is then no name of another.
    const NOTHING: &[u8] = b"%%cd:~,";
    // All ASCII is quoted but what is known to be harmless, and so are controls.
    let harmless = |unit: u16| match u8::try_from(unit) {
        Ok(byte) if byte.is_ascii() => byte.is_ascii_alphanumeric() || br"#$*+-./:?@\_".contains(&byte),
        Ok(byte) => byte >= 0xA0,
        Err(_) => true,
    };
    // A backslash at the end would escape a quote that the batch file puts behind it.
    let quoted = matches!(argument, [] | [.., BACKSLASH]) || argument.iter().any(|&unit| !harmless(unit));
    if quoted {
        line.push(QUOTE);
    }
    let mut backslashes = 0;
    for &unit in argument {
        match unit {
            BACKSLASH => backslashes += 1,
            QUOTE => {
                line.extend(core::iter::repeat_n(BACKSLASH, backslashes));
                line.push(QUOTE);
                backslashes = 0;
            }
            _ => {
                if unit == u16::from(b'%') {
                    line.extend(NOTHING.iter().copied().map(u16::from));
                }
                backslashes = 0;
            }
        }
        line.push(unit);
    }
    if quoted {
        line.extend(core::iter::repeat_n(BACKSLASH, backslashes));
        line.push(QUOTE);
    }
}

#[cfg(test)]
#[allow(unsafe_code, reason = "asks the system to take command lines apart")]
mod tests {
    use super::*;
    use crate::backend::windows::env::split;
    use proptest::prelude::*;
    use std::string::String;

    #[link(name = "shell32", kind = "raw-dylib")]
    unsafe extern "system" {
        fn CommandLineToArgvW(line: *const u16, count: *mut i32) -> *mut *const u16;
    }

    fn by_the_system(line: &[u16]) -> Vec<OsString> {
        assert_eq!(line.last(), Some(&0));
        let mut count = 0;
        // SAFETY: the line ends with a zero, and so do the strings of the list.
        unsafe {
            let list = CommandLineToArgvW(line.as_ptr(), &raw mut count);
            assert!(!list.is_null());
            let argument = |at| {
                let start = *list.add(at);
                let length = (0..).take_while(|&at| *start.add(at) != 0).count();
                OsString::from_wide(std::slice::from_raw_parts(start, length))
            };
            (0..count as usize).map(argument).collect()
        }
    }

    fn argument() -> impl Strategy<Value = OsString> {
        let unit = prop_oneof![
            4 => prop::sample::select(&br#"ab\\" 	"'^%"#[..]).prop_map(u16::from),
            1 => 1u16..,
        ];
        proptest::collection::vec(unit, 0..12).prop_map(|units| OsString::from_wide(&units))
    }

    proptest! {
        #[test]
        fn the_system_and_we_take_apart_what_we_put_together(arguments in proptest::collection::vec(argument(), 0..6)) {
            let line = ordinary(OsStr::new(r"C:\a b\c.exe"), &arguments).unwrap();
            let mut expected = alloc::vec![OsString::from(r"C:\a b\c.exe")];
            expected.extend(arguments);
            prop_assert_eq!(&by_the_system(&line), &expected);
            prop_assert_eq!(&split(line.strip_suffix(&[0]).unwrap()), &expected);
        }
    }

    fn batch_line(arguments: &[&str]) -> io::Result<String> {
        let script: Vec<u16> = r"C:\run.bat".encode_utf16().chain([0]).collect();
        let arguments: Vec<OsString> = arguments.iter().map(OsString::from).collect();
        let line = batch(&script, &arguments)?;
        Ok(String::from_utf16(line.strip_suffix(&[0]).unwrap()).unwrap())
    }

    #[test]
    fn arguments_of_batch_files_start_nothing_else() {
        let line = batch_line(&["a-b", "", "&calc", "%PATH%", "say \"hi\"", r"end\", "grün"]).unwrap();
        assert_eq!(
            line,
            r#"cmd.exe /e:ON /v:OFF /d /c ""C:\run.bat" a-b "" "&calc" "%%cd:~,%PATH%%cd:~,%" "say ""hi""" "end\\" grün""#
        );
        assert_eq!(batch_line(&["a\nb"]).unwrap_err().kind(), io::ErrorKind::InvalidInput);
    }

    #[test]
    fn batch_files_are_known_by_their_ending_in_any_case() {
        let is = |name: &str| is_batch(&name.encode_utf16().chain([0]).collect::<Vec<_>>());
        assert!(is("a.bat") && is(r"c:\A.CMD") && is(".Bat"));
        assert!(!is("a.bat.exe") && !is("bat") && !is("a.batx") && !is(""));
    }
}
