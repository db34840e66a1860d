//! Moves values between C memory and a script. The walk over types is here, once; a virtual machine says how it makes and
//! takes apart its values.

mod error;
mod from_c;
mod to_c;

#[cfg(test)]
mod tests;

pub use error::{Failure, Reason, ValueError};
pub(crate) use from_c::readable;
pub use from_c::value_from_c;
pub use to_c::value_to_c;

use crate::signature::Struct;

/// A number of a script, before it is known to fit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// A whole number.
    Whole(i128),
    /// One with a fraction, or one that is too large, infinite, or none at all.
    Other(f64),
}

/// What a virtual machine does with single values. Errors are its own: no memory, an accessor of an object that throws.
pub trait Machine {
    /// A value of the script.
    type Value;
    /// What can go wrong in the machine itself.
    type Error;

    /// A value of a number of at most 32 bits.
    fn make_small(&self, value: i64) -> Self::Value;
    /// A value of an `i64`.
    fn make_i64(&self, value: i64) -> Result<Self::Value, Self::Error>;
    /// A value of a `u64`.
    fn make_u64(&self, value: u64) -> Result<Self::Value, Self::Error>;
    /// A value of a floating point number.
    fn make_f64(&self, value: f64) -> Self::Value;
    /// A value of a `bool`.
    fn make_bool(&self, value: bool) -> Self::Value;
    /// A value of text.
    fn make_text(&self, text: &str) -> Result<Self::Value, Self::Error>;
    /// A value of bytes.
    fn make_bytes(&self, bytes: &[u8]) -> Result<Self::Value, Self::Error>;
    /// An array without items, to which `count` will be added.
    fn make_array(&self, count: usize) -> Result<Self::Value, Self::Error>;
    /// Puts an item at a place, from 0.
    fn set_item(&self, array: &Self::Value, place: usize, item: Self::Value) -> Result<(), Self::Error>;
    /// An object without fields.
    fn make_object(&self, fields: &Struct) -> Result<Self::Value, Self::Error>;
    /// Puts a field in.
    fn set_field(&self, object: &Self::Value, name: &str, value: Self::Value) -> Result<(), Self::Error>;

    /// What the script calls the type of a value, for messages.
    fn type_name(&self, value: &Self::Value) -> &'static str;
    /// A number, if the value is one. `unsigned` where a `u64` is wanted.
    fn number(&self, value: &Self::Value, unsigned: bool) -> Option<Number>;
    /// A number as a floating point one, if the value is one.
    fn real(&self, value: &Self::Value) -> Option<f64>;
    /// A `bool`, if the value is one.
    fn boolean(&self, value: &Self::Value) -> Option<bool>;
    /// Text, if the value is some; what is done with it may fail. Not checked to be UTF-8.
    fn text<R>(&self, value: &Self::Value, with: impl FnOnce(&[u8]) -> R) -> Result<Option<R>, Self::Error>;
    /// Bytes, likewise.
    fn bytes<R>(&self, value: &Self::Value, with: impl FnOnce(&[u8]) -> R) -> Result<Option<R>, Self::Error>;
    /// How many items there are, if the value is an array.
    fn item_count(&self, value: &Self::Value) -> Result<Option<usize>, Self::Error>;
    /// The item at a place, from 0. What is not there is the script's nothing.
    fn item(&self, array: &Self::Value, place: usize) -> Result<Self::Value, Self::Error>;
    /// Whether the value is an object that can have fields.
    fn is_object(&self, value: &Self::Value) -> bool;
    /// A field, if it is there.
    fn field(&self, object: &Self::Value, name: &str) -> Result<Option<Self::Value>, Self::Error>;
    /// The name of some field that is there but not among those, if there is one.
    fn field_beside(&self, object: &Self::Value, fields: &Struct) -> Result<Option<String>, Self::Error>;
}
