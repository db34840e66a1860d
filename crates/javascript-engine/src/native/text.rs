//! Text as bytes and back: what TextEncoder and TextDecoder are made of.

use rquickjs::{Ctx, Exception, Function, IntoJs, Object, Result, String as JsString, TypedArray, Value};

use crate::{bytes, strings};

pub(super) fn install<'js>(ctx: &Ctx<'js>, native: &Object<'js>) -> Result<()> {
    native.set("encode", Function::new(ctx.clone(), encode)?)?;
    native.set("decode", Function::new(ctx.clone(), decode)?)
}

/// The UTF-8 of a string.
fn encode<'js>(ctx: Ctx<'js>, text: JsString<'js>) -> Result<Value<'js>> {
    TypedArray::<u8>::new(ctx.clone(), strings::text(&text).into_bytes())?.into_js(&ctx)
}

/// The string of bytes in an encoding; with `fatal` an error for what is none, otherwise U+FFFD.
fn decode<'js>(ctx: Ctx<'js>, data: TypedArray<'js, u8>, encoding: String, fatal: bool) -> Result<JsString<'js>> {
    let data = bytes::copy(&data);
    let (text, sound) = match encoding.as_str() {
        "utf-16le" => {
            let units: Vec<u16> = data.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
            let sound = data.len().is_multiple_of(2) && String::from_utf16(&units).is_ok();
            (String::from_utf16_lossy(&units), sound)
        }
        "latin1" => (data.iter().copied().map(char::from).collect(), true),
        _ => {
            let text = String::from_utf8_lossy(&data);
            let sound = matches!(text, std::borrow::Cow::Borrowed(_));
            (text.into_owned(), sound)
        }
    };
    if fatal && !sound {
        return Err(Exception::throw_type(&ctx, &format!("The encoded data was not valid for encoding {encoding}")));
    }
    JsString::from_str(ctx, &text)
}
