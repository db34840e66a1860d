//! C's values as Rust has them, checked.

use polyplug_abi::AbiErrorCode;
use polyplug_abi::types::{ArrayView, StringView};

use crate::CallError;

/// A value that came over the boundary. `'a` is how long what it may borrow from stays. Generated code implements it for
/// the structs and enumerations of an API.
pub trait Decode<'a>: Sized {
    /// How C has it.
    type Raw: Copy;

    /// The value, if it is one.
    ///
    /// # Errors
    ///
    /// A number that is none of an enumeration's or truth's, text that is not UTF-8, pointers that cannot be.
    ///
    /// # Safety
    ///
    /// What `raw` points at, if its pointers are not null, is readable and unchanged during `'a`.
    unsafe fn decode(raw: Self::Raw) -> Result<Self, CallError>;

    /// Many of them.
    ///
    /// # Errors
    ///
    /// As [`decode`](Self::decode).
    ///
    /// # Safety
    ///
    /// As [`decode`](Self::decode), for every item.
    unsafe fn decode_all(view: ArrayView) -> Result<Vec<Self>, CallError> {
        // SAFETY: the caller's promise.
        unsafe { items::<Self::Raw>(view)?.iter().map(|raw| Self::decode(*raw)).collect() }
    }
}

/// Reads a parameter; an error names it.
///
/// # Errors
///
/// As [`Decode::decode`].
///
/// # Safety
///
/// As [`Decode::decode`].
pub unsafe fn argument<'a, T: Decode<'a>>(name: &str, raw: T::Raw) -> Result<T, CallError> {
    // SAFETY: the caller's promise.
    unsafe { T::decode(raw) }.map_err(|error| error.of_argument(name))
}

/// The items of a view, if they can be there.
///
/// # Safety
///
/// If the pointer is not null, that many values from it are readable and unchanged during `'a`.
unsafe fn items<'a, T: Copy>(view: ArrayView) -> Result<&'a [T], CallError> {
    if view.len == 0 {
        return Ok(&[]);
    }
    let start = view.items.cast::<T>();
    let size = size_of::<T>().checked_mul(view.len).filter(|size| isize::try_from(*size).is_ok());
    if start.is_null() || !start.is_aligned() || size.is_none_or(|size| start.addr().checked_add(size).is_none()) {
        let message = format!("{} values cannot be at {start:p}", view.len);
        return Err(CallError::abi(AbiErrorCode::InvalidPointer, message));
    }
    // SAFETY: the caller's promise; pointer and length are such as a slice may have.
    Ok(unsafe { std::slice::from_raw_parts(start, view.len) })
}

macro_rules! plain {
    ($($number:ty),*) => {$(
        impl Decode<'_> for $number {
            type Raw = Self;
            unsafe fn decode(raw: Self) -> Result<Self, CallError> {
                Ok(raw)
            }
            unsafe fn decode_all(view: ArrayView) -> Result<Vec<Self>, CallError> {
                // SAFETY: the caller's promise.
                Ok(unsafe { items::<Self>(view) }?.to_vec())
            }
        }

        impl<'a> Decode<'a> for &'a [$number] {
            type Raw = ArrayView;
            unsafe fn decode(raw: ArrayView) -> Result<Self, CallError> {
                // SAFETY: the caller's promise.
                unsafe { items(raw) }
            }
        }
    )*};
}

plain!(u8, u16, u32, u64, i8, i16, i32, i64, f32, f64);

impl Decode<'_> for () {
    type Raw = ();
    unsafe fn decode((): ()) -> Result<Self, CallError> {
        Ok(())
    }
}

impl Decode<'_> for bool {
    type Raw = u8;
    unsafe fn decode(raw: u8) -> Result<Self, CallError> {
        match raw {
            0 => Ok(false),
            1 => Ok(true),
            other => {
                Err(CallError::abi(AbiErrorCode::InvalidArgument, format!("{other} is neither 0 (false) nor 1 (true)")))
            }
        }
    }
}

impl<'a> Decode<'a> for &'a str {
    type Raw = StringView;
    unsafe fn decode(raw: StringView) -> Result<Self, CallError> {
        // SAFETY: the caller's promise.
        let bytes = unsafe { items::<u8>(ArrayView { items: raw.ptr.cast(), len: raw.len }) }?;
        std::str::from_utf8(bytes).map_err(|error| {
            let message = format!("the text is not UTF-8 from byte {} on", error.valid_up_to());
            CallError::abi(AbiErrorCode::InvalidUtf8, message)
        })
    }
}

impl Decode<'_> for String {
    type Raw = StringView;
    unsafe fn decode(raw: StringView) -> Result<Self, CallError> {
        // SAFETY: the caller's promise.
        unsafe { <&str>::decode(raw) }.map(str::to_owned)
    }
}

impl<'a, T: Decode<'a>> Decode<'a> for Vec<T> {
    type Raw = ArrayView;
    unsafe fn decode(raw: ArrayView) -> Result<Self, CallError> {
        // SAFETY: the caller's promise.
        unsafe { T::decode_all(raw) }
    }
}
