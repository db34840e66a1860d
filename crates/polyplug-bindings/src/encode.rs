//! Rust's values as C has them.

use polyplug_abi::types::{ArrayView, StringView};

use crate::{Arena, CallError};

/// A value that can cross the boundary. Generated code implements it for the structs and enumerations of an API.
pub trait Encode {
    /// How C has it.
    type Raw: Copy;

    /// The value as C has it. What that points at is in the arena, or, for arguments, what this one holds.
    ///
    /// # Errors
    ///
    /// The arena is full.
    fn encode(&self, arena: &mut Arena<'_>) -> Result<Self::Raw, CallError>;

    /// Many of them, one after another.
    ///
    /// # Errors
    ///
    /// The arena is full.
    fn encode_all(values: &[Self], arena: &mut Arena<'_>) -> Result<ArrayView, CallError>
    where
        Self: Sized,
    {
        let room = arena.room::<Self::Raw>(values.len())?;
        for (index, value) in values.iter().enumerate() {
            let raw = value.encode(arena)?;
            // SAFETY: there is room for as many.
            unsafe { room.add(index).write(raw) };
        }
        Ok(ArrayView { items: room.cast_const().cast(), len: values.len() })
    }
}

macro_rules! plain {
    ($($number:ty),*) => {$(
        impl Encode for $number {
            type Raw = Self;
            fn encode(&self, _: &mut Arena<'_>) -> Result<Self, CallError> {
                Ok(*self)
            }
            fn encode_all(values: &[Self], arena: &mut Arena<'_>) -> Result<ArrayView, CallError> {
                arena.plain(values)
            }
        }
    )*};
}

plain!(u8, u16, u32, u64, i8, i16, i32, i64, f32, f64);

impl Encode for () {
    type Raw = ();
    fn encode(&self, _: &mut Arena<'_>) -> Result<(), CallError> {
        Ok(())
    }
}

impl Encode for bool {
    type Raw = u8;
    fn encode(&self, _: &mut Arena<'_>) -> Result<u8, CallError> {
        Ok(u8::from(*self))
    }
}

impl Encode for &str {
    type Raw = StringView;
    fn encode(&self, arena: &mut Arena<'_>) -> Result<StringView, CallError> {
        arena.text(self)
    }
}

impl Encode for String {
    type Raw = StringView;
    fn encode(&self, arena: &mut Arena<'_>) -> Result<StringView, CallError> {
        arena.text(self)
    }
}

/// Bytes and arrays: the layout of a buffer is that of an array of bytes.
impl<T: Encode> Encode for &[T] {
    type Raw = ArrayView;
    fn encode(&self, arena: &mut Arena<'_>) -> Result<ArrayView, CallError> {
        T::encode_all(self, arena)
    }
}

impl<T: Encode> Encode for Vec<T> {
    type Raw = ArrayView;
    fn encode(&self, arena: &mut Arena<'_>) -> Result<ArrayView, CallError> {
        T::encode_all(self, arena)
    }
}
