//! Single values of JavaScript.
// It makes values and takes them apart through QuickJS's C interface.
#![allow(unsafe_code)]

use std::ptr::{self, NonNull};
use std::slice;

use polyplug_script::marshal::{Machine, Number};
use polyplug_script::signature::Struct;
use rquickjs::qjs;

use crate::error::JsError;
use crate::value::JsValue;

/// Makes values of a context and takes them apart.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Values {
    context: NonNull<qjs::JSContext>,
}

/// The least number of which no `u64` and no `i64` is as large.
const TWO_TO_64: f64 = 18_446_744_073_709_551_616.0;

impl Values {
    /// Of a context.
    ///
    /// # Safety
    ///
    /// The context stays longer than this and all values that it makes, and only the thread that is inside of its
    /// machine's lock uses them.
    pub(crate) unsafe fn new(context: NonNull<qjs::JSContext>) -> Self {
        Self { context }
    }

    pub(crate) fn context(&self) -> *mut qjs::JSContext {
        self.context.as_ptr()
    }

    /// What a function of QuickJS gave back: a value, or the sign that there is an exception.
    #[inline]
    pub(crate) fn checked(&self, raw: qjs::JSValue) -> Result<JsValue, JsError> {
        // SAFETY: it reads the value itself.
        if unsafe { qjs::JS_VALUE_GET_NORM_TAG(raw) } == qjs::JS_TAG_EXCEPTION {
            return Err(self.exception());
        }
        // SAFETY: a reference of this context that was made for us.
        Ok(unsafe { JsValue::owned(self.context, raw) })
    }

    /// The exception that was thrown.
    #[cold]
    pub(crate) fn exception(&self) -> JsError {
        // SAFETY: the context is alive; the reference is ours.
        JsError::Thrown(unsafe { JsValue::owned(self.context, qjs::JS_GetException(self.context())) })
    }

    fn done(&self, code: i32) -> Result<(), JsError> {
        if code < 0 { Err(self.exception()) } else { Ok(()) }
    }

    fn atom(&self, name: &str) -> Result<Atom<'_>, JsError> {
        // SAFETY: the name's bytes are there during the call.
        let atom = unsafe { qjs::JS_NewAtomLen(self.context(), name.as_ptr().cast(), name.len() as _) };
        if atom == 0 { Err(self.exception()) } else { Ok(Atom { values: self, atom }) }
    }

    /// A property.
    pub(crate) fn property(&self, object: &JsValue, name: &str) -> Result<JsValue, JsError> {
        let atom = self.atom(name)?;
        // SAFETY: the object and the name are of this context.
        self.checked(unsafe { qjs::JS_GetProperty(self.context(), object.raw(), atom.atom) })
    }

    /// A number that fits 32 bits as an integer, others as a floating point one.
    fn small(value: i64) -> qjs::JSValue {
        match i32::try_from(value) {
            Ok(value) => qjs::JS_MKVAL(qjs::JS_TAG_INT, value),
            Err(_) => qjs::JS_NewFloat64(value as f64),
        }
    }

    /// The text of a value, with the conversions of the language.
    pub(crate) fn as_text(&self, value: &JsValue) -> Result<String, JsError> {
        self.with_text(value, |bytes| String::from_utf8_lossy(bytes).into_owned())
    }

    fn with_text<R>(&self, value: &JsValue, with: impl FnOnce(&[u8]) -> R) -> Result<R, JsError> {
        let mut len = 0;
        // SAFETY: the value is of this context; the text is there until it is freed, which happens on a panic, too.
        unsafe {
            let text = qjs::JS_ToCStringLen2(self.context(), &raw mut len, value.raw(), false);
            if text.is_null() {
                return Err(self.exception());
            }
            let freed = Text { values: self, text };
            Ok(with(slice::from_raw_parts(freed.text.cast(), len as usize)))
        }
    }

    /// A `bigint`, if it is in the range of 64 bits; otherwise something that is not.
    fn big(&self, value: &JsValue) -> Number {
        let (mut signed, mut unsigned) = (0_i64, 0_u64);
        // SAFETY: the value is a bigint of this context, so both conversions work, but for no memory; they take the lowest
        // 64 bits, and whether that was all, the comparison says.
        unsafe {
            if qjs::JS_ToBigInt64(self.context(), &raw mut signed, value.raw()) == 0
                && let Ok(same) = self.checked(qjs::JS_NewBigInt64(self.context(), signed))
                && qjs::JS_IsStrictEqual(self.context(), value.raw(), same.raw())
            {
                return Number::Whole(signed.into());
            }
            if qjs::JS_ToBigUint64(self.context(), &raw mut unsigned, value.raw()) == 0
                && let Ok(same) = self.checked(qjs::JS_NewBigUint64(self.context(), unsigned))
                && qjs::JS_IsStrictEqual(self.context(), value.raw(), same.raw())
            {
                return Number::Whole(unsigned.into());
            }
        }
        let text = self.as_text(value).unwrap_or_default();
        let large = if text.starts_with('-') { i128::MIN } else { i128::MAX };
        Number::Whole(text.parse().unwrap_or(large))
    }
}

/// A name that is counted.
struct Atom<'a> {
    values: &'a Values,
    atom: qjs::JSAtom,
}

impl Drop for Atom<'_> {
    fn drop(&mut self) {
        // SAFETY: the reference is its own.
        unsafe { qjs::JS_FreeAtom(self.values.context(), self.atom) };
    }
}

/// Text of QuickJS.
struct Text<'a> {
    values: &'a Values,
    text: *const std::ffi::c_char,
}

impl Drop for Text<'_> {
    fn drop(&mut self) {
        // SAFETY: made by this context, and freed once.
        unsafe { qjs::JS_FreeCString(self.values.context(), self.text) };
    }
}

impl Machine for Values {
    type Value = JsValue;
    type Error = JsError;

    #[inline]
    fn make_small(&self, value: i64) -> JsValue {
        // SAFETY: a number is no reference.
        unsafe { JsValue::owned(self.context, Self::small(value)) }
    }

    fn make_i64(&self, value: i64) -> Result<JsValue, JsError> {
        // SAFETY: the context is alive.
        self.checked(unsafe { qjs::JS_NewBigInt64(self.context(), value) })
    }

    fn make_u64(&self, value: u64) -> Result<JsValue, JsError> {
        // SAFETY: the context is alive.
        self.checked(unsafe { qjs::JS_NewBigUint64(self.context(), value) })
    }

    fn make_f64(&self, value: f64) -> JsValue {
        // SAFETY: a number is no reference.
        unsafe { JsValue::owned(self.context, qjs::JS_NewFloat64(value)) }
    }

    fn make_bool(&self, value: bool) -> JsValue {
        // SAFETY: a boolean is no reference.
        unsafe { JsValue::owned(self.context, qjs::JS_MKVAL(qjs::JS_TAG_BOOL, value.into())) }
    }

    fn make_text(&self, text: &str) -> Result<JsValue, JsError> {
        // SAFETY: the text is there during the call.
        self.checked(unsafe { qjs::JS_NewStringLen(self.context(), text.as_ptr().cast(), text.len() as _) })
    }

    fn make_bytes(&self, bytes: &[u8]) -> Result<JsValue, JsError> {
        // SAFETY: the bytes are there during the call, which copies them.
        self.checked(unsafe { qjs::JS_NewUint8ArrayCopy(self.context(), bytes.as_ptr(), bytes.len() as _) })
    }

    fn make_array(&self, _count: usize) -> Result<JsValue, JsError> {
        // SAFETY: the context is alive.
        self.checked(unsafe { qjs::JS_NewArray(self.context()) })
    }

    fn set_item(&self, array: &JsValue, place: usize, item: JsValue) -> Result<(), JsError> {
        let flags = qjs::JS_PROP_C_W_E as i32;
        // An array of more items fills the memory first.
        let place = u32::try_from(place).unwrap_or(u32::MAX);
        // SAFETY: both are of this context; the reference of the item goes over.
        let set =
            unsafe { qjs::JS_DefinePropertyValueUint32(self.context(), array.raw(), place, item.into_raw(), flags) };
        self.done(set)
    }

    fn make_object(&self, _fields: &Struct) -> Result<JsValue, JsError> {
        // SAFETY: the context is alive.
        self.checked(unsafe { qjs::JS_NewObject(self.context()) })
    }

    fn set_field(&self, object: &JsValue, name: &str, value: JsValue) -> Result<(), JsError> {
        let atom = self.atom(name)?;
        let flags = qjs::JS_PROP_C_W_E as i32;
        // Defined, not set: a field may be called `__proto__`.
        // SAFETY: all are of this context; the reference of the value goes over.
        let set =
            unsafe { qjs::JS_DefinePropertyValue(self.context(), object.raw(), atom.atom, value.into_raw(), flags) };
        self.done(set)
    }

    fn type_name(&self, value: &JsValue) -> &'static str {
        match value.tag() {
            qjs::JS_TAG_INT | qjs::JS_TAG_FLOAT64 => "number",
            qjs::JS_TAG_BOOL => "boolean",
            qjs::JS_TAG_NULL => "null",
            qjs::JS_TAG_UNDEFINED => "undefined",
            qjs::JS_TAG_SYMBOL => "symbol",
            // SAFETY: the value is of this context.
            qjs::JS_TAG_OBJECT if unsafe { qjs::JS_IsFunction(self.context(), value.raw()) } => "function",
            // SAFETY: as above.
            qjs::JS_TAG_OBJECT if unsafe { qjs::JS_IsArray(value.raw()) } => "array",
            qjs::JS_TAG_OBJECT => "object",
            _ if value.is_text() => "string",
            _ if value.is_big() => "bigint",
            _ => "value",
        }
    }

    fn number(&self, value: &JsValue, _unsigned: bool) -> Option<Number> {
        // SAFETY: read as what its tag says.
        match value.tag() {
            qjs::JS_TAG_INT => Some(Number::Whole(unsafe { qjs::JS_VALUE_GET_INT(value.raw()) }.into())),
            qjs::JS_TAG_FLOAT64 => {
                // SAFETY: as above.
                let number = unsafe { qjs::JS_VALUE_GET_FLOAT64(value.raw()) };
                if number.fract() == 0.0 && number.abs() <= TWO_TO_64 {
                    Some(Number::Whole(number as i128))
                } else {
                    Some(Number::Other(number))
                }
            }
            _ if value.is_big() => Some(self.big(value)),
            _ => None,
        }
    }

    fn real(&self, value: &JsValue) -> Option<f64> {
        // SAFETY: read as what its tag says.
        match value.tag() {
            qjs::JS_TAG_INT => Some(unsafe { qjs::JS_VALUE_GET_INT(value.raw()) }.into()),
            // SAFETY: as above.
            qjs::JS_TAG_FLOAT64 => Some(unsafe { qjs::JS_VALUE_GET_FLOAT64(value.raw()) }),
            _ => None,
        }
    }

    fn boolean(&self, value: &JsValue) -> Option<bool> {
        // SAFETY: read as what its tag says.
        (value.tag() == qjs::JS_TAG_BOOL).then(|| unsafe { qjs::JS_VALUE_GET_BOOL(value.raw()) })
    }

    fn text<R>(&self, value: &JsValue, with: impl FnOnce(&[u8]) -> R) -> Result<Option<R>, JsError> {
        if value.is_text() { self.with_text(value, with).map(Some) } else { Ok(None) }
    }

    fn bytes<R>(&self, value: &JsValue, with: impl FnOnce(&[u8]) -> R) -> Result<Option<R>, JsError> {
        let kind = qjs::JSTypedArrayEnum_JS_TYPED_ARRAY_UINT8;
        // SAFETY: the value is of this context.
        if !value.is_object() || unsafe { qjs::JS_GetTypedArrayType(value.raw()) } != kind as i32 {
            return Ok(None);
        }
        let mut len = 0;
        // SAFETY: a Uint8Array of this context. What it shows is there until the script runs again, which `with`, that
        // gets no machine, does not make it do.
        unsafe {
            let start = qjs::JS_GetUint8Array(self.context(), &raw mut len, value.raw());
            if start.is_null() && len > 0 {
                return Err(self.exception());
            }
            let bytes = if start.is_null() { &[][..] } else { slice::from_raw_parts(start, len as usize) };
            Ok(Some(with(bytes)))
        }
    }

    fn item_count(&self, value: &JsValue) -> Result<Option<usize>, JsError> {
        // SAFETY: the value is of this context.
        if !value.is_object() || !unsafe { qjs::JS_IsArray(value.raw()) } {
            return Ok(None);
        }
        let mut len = 0;
        // SAFETY: as above.
        self.done(unsafe { qjs::JS_GetLength(self.context(), value.raw(), &raw mut len) })?;
        Ok(usize::try_from(len).ok())
    }

    fn item(&self, array: &JsValue, place: usize) -> Result<JsValue, JsError> {
        let place = i64::try_from(place).unwrap_or(i64::MAX);
        // SAFETY: the array is of this context.
        self.checked(unsafe { qjs::JS_GetPropertyInt64(self.context(), array.raw(), place) })
    }

    fn is_object(&self, value: &JsValue) -> bool {
        value.is_object()
    }

    fn field(&self, object: &JsValue, name: &str) -> Result<Option<JsValue>, JsError> {
        let value = self.property(object, name)?;
        Ok(if value.is_undefined() { None } else { Some(value) })
    }

    fn field_beside(&self, object: &JsValue, fields: &Struct) -> Result<Option<String>, JsError> {
        let (mut table, mut count) = (ptr::null_mut(), 0);
        let which = (qjs::JS_GPN_STRING_MASK | qjs::JS_GPN_ENUM_ONLY) as i32;
        // SAFETY: the object is of this context; the table is freed below, and its names with it.
        self.done(unsafe {
            qjs::JS_GetOwnPropertyNames(self.context(), &raw mut table, &raw mut count, object.raw(), which)
        })?;
        let mut beside = Ok(None);
        for place in 0..count as usize {
            let mut len = 0;
            // SAFETY: one of so many, with a name of this context.
            let text = unsafe { qjs::JS_AtomToCStringLen(self.context(), &raw mut len, (*table.add(place)).atom) };
            if text.is_null() {
                beside = Err(self.exception());
                break;
            }
            let text = Text { values: self, text };
            // SAFETY: so long, until it is freed.
            let name = unsafe { slice::from_raw_parts(text.text.cast::<u8>(), len as usize) };
            if fields.fields().iter().all(|field| field.name.as_bytes() != name) {
                beside = Ok(Some(String::from_utf8_lossy(name).into_owned()));
                break;
            }
        }
        // SAFETY: what the call above gave.
        unsafe { qjs::JS_FreePropertyEnum(self.context(), table, count) };
        beside
    }
}
