//! Strings between JavaScript and the system. JavaScript's are 16-bit units; a path or an argument of any bytes becomes a
//! string in which each byte that is no UTF-8 is a lone surrogate (U+DC80 to U+DCFF), and comes back as those bytes.
#![allow(unsafe_code)] // QuickJS's strings of 16-bit units have no safe wrapper.

use std::ffi::{OsStr, OsString};
use std::mem::MaybeUninit;

use rquickjs::{Ctx, Result, String as JsString, Value, qjs};

/// The units of a string.
fn units(string: &JsString<'_>) -> Vec<u16> {
    let ctx = string.ctx().as_raw().as_ptr();
    let mut len = MaybeUninit::uninit();
    // SAFETY: the context and the value belong together, since the value was made in it.
    let start = unsafe { qjs::JS_ToCStringLenUTF16(ctx, len.as_mut_ptr(), string.as_raw()) };
    if start.is_null() {
        string.ctx().catch();
        return Vec::new();
    }
    // SAFETY: it is not null, so the length was written, and that many units are there until they are given back.
    let units = unsafe { std::slice::from_raw_parts(start, usize::try_from(len.assume_init()).unwrap_or(0)) }.to_vec();
    // SAFETY: it came from `JS_ToCStringLenUTF16` of the same context, and is not used again.
    unsafe { qjs::JS_FreeCStringUTF16(ctx, start) };
    units
}

/// The text of a string; what is no Unicode becomes U+FFFD.
pub(crate) fn text(string: &JsString<'_>) -> String {
    string.to_string().unwrap_or_else(|_| String::from_utf16_lossy(&units(string)))
}

/// The path or argument that a string stands for.
pub(crate) fn os_string(string: &JsString<'_>) -> OsString {
    match string.to_string() {
        Ok(text) => text.into(),
        Err(_) => from_units(&units(string)),
    }
}

/// The string that stands for a path or an argument.
pub(crate) fn to_js<'js>(ctx: &Ctx<'js>, text: &OsStr) -> Result<Value<'js>> {
    if let Some(text) = text.to_str() {
        return Ok(JsString::from_str(ctx.clone(), text)?.into_value());
    }
    let units = to_units(text);
    // SAFETY: the units are there for the call, which copies them; the value is the context's own and ours to keep.
    let value = unsafe {
        let value = qjs::JS_NewStringUTF16(ctx.as_raw().as_ptr(), units.as_ptr(), units.len() as _);
        Value::from_raw(ctx.clone(), value)
    };
    if ctx.has_exception() { Err(rquickjs::Error::Exception) } else { Ok(value) }
}

#[cfg(unix)]
fn to_units(text: &OsStr) -> Vec<u16> {
    use std::os::unix::ffi::OsStrExt;
    let mut units = Vec::new();
    for chunk in text.as_bytes().utf8_chunks() {
        units.extend(chunk.valid().encode_utf16());
        units.extend(chunk.invalid().iter().map(|byte| 0xDC00 | u16::from(*byte)));
    }
    units
}

#[cfg(windows)]
fn to_units(text: &OsStr) -> Vec<u16> {
    std::os::windows::ffi::OsStrExt::encode_wide(text).collect()
}

#[cfg(unix)]
fn from_units(units: &[u16]) -> OsString {
    use std::os::unix::ffi::OsStringExt;
    let mut bytes = Vec::new();
    for letter in char::decode_utf16(units.iter().copied()) {
        match letter {
            Ok(letter) => bytes.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes()),
            Err(lone) => match lone.unpaired_surrogate() {
                byte @ 0xDC80..=0xDCFF => bytes.push((byte & 0xFF) as u8),
                _ => bytes.extend_from_slice("\u{FFFD}".as_bytes()),
            },
        }
    }
    OsString::from_vec(bytes)
}

#[cfg(windows)]
fn from_units(units: &[u16]) -> OsString {
    std::os::windows::ffi::OsStringExt::from_wide(units)
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::ffi::OsStrExt;

    use rquickjs::{Context, Runtime};

    use super::*;

    #[test]
    fn any_bytes_come_back_from_javascript_as_they_were() {
        let runtime = Runtime::new().unwrap();
        Context::full(&runtime).unwrap().with(|ctx| {
            for bytes in [&b"plain"[..], "gr\u{fc}\u{1F600}n".as_bytes(), b"a\xff\xfeb", b"\x80", b"\xed\xa0\x80", b""]
            {
                let string = to_js(&ctx, OsStr::from_bytes(bytes)).unwrap().into_string().unwrap();
                assert_eq!(os_string(&string).as_bytes(), bytes);
            }
        });
    }

    #[test]
    fn a_lone_surrogate_is_printed_as_a_replacement() {
        let runtime = Runtime::new().unwrap();
        Context::full(&runtime).unwrap().with(|ctx| {
            let string: JsString<'_> = ctx.eval(r"'a\ud800b'").unwrap();
            assert_eq!(text(&string), "a\u{FFFD}b");
        });
    }
}
