//! C memory to values of a script.
// It reads memory that the other side of the C ABI points at.
#![allow(unsafe_code)]

use polyplug_abi::AbiErrorCode;
use polyplug_abi::types::{ArrayView, Buffer, StringView};

use super::{Failure, Machine};
use crate::signature::Type;

/// Makes the value of what lies at `from`.
///
/// # Errors
///
/// What cannot be a value of the type (a `bool` of 2, text that is not UTF-8, a null pointer with a length, a misaligned
/// array), and what goes wrong in the machine.
///
/// # Safety
///
/// At `from`, aligned, lie as many initialised bytes as the type has, and views in them that are neither null nor
/// misaligned are of memory that is readable and holds items of their type. All of it stays as it is during the call.
pub unsafe fn value_from_c<M: Machine>(
    machine: &M,
    kind: &Type,
    from: *const u8,
) -> Result<M::Value, Failure<M::Error>> {
    // SAFETY: in all of these, the caller's promise; the type says what lies there.
    unsafe {
        Ok(match kind {
            Type::U8 => machine.make_small(from.read().into()),
            Type::U16 => machine.make_small(from.cast::<u16>().read().into()),
            Type::U32 => machine.make_small(from.cast::<u32>().read().into()),
            Type::I8 => machine.make_small(from.cast::<i8>().read().into()),
            Type::I16 => machine.make_small(from.cast::<i16>().read().into()),
            Type::I32 => machine.make_small(from.cast::<i32>().read().into()),
            Type::U64 => machine.make_u64(from.cast::<u64>().read()).map_err(Failure::machine)?,
            Type::I64 => machine.make_i64(from.cast::<i64>().read()).map_err(Failure::machine)?,
            Type::F32 => machine.make_f64(from.cast::<f32>().read().into()),
            Type::F64 => machine.make_f64(from.cast::<f64>().read()),
            Type::Bool => match from.read() {
                0 => machine.make_bool(false),
                1 => machine.make_bool(true),
                other => {
                    return Err(Failure::new(
                        AbiErrorCode::InvalidArgument,
                        format!("a bool is {other}; it may be 0 or 1"),
                    ));
                }
            },
            Type::String => {
                let view = from.cast::<StringView>().read();
                let bytes = view.as_bytes().ok_or_else(|| impossible("a string", view.len))?;
                let text = std::str::from_utf8(bytes).map_err(|error| {
                    Failure::new(AbiErrorCode::InvalidUtf8, format!("a string is not UTF-8: {error}"))
                })?;
                machine.make_text(text).map_err(Failure::machine)?
            }
            Type::Bytes => {
                let view = from.cast::<Buffer>().read();
                let bytes = view.as_bytes().ok_or_else(|| impossible("bytes", view.len))?;
                machine.make_bytes(bytes).map_err(Failure::machine)?
            }
            Type::Array(item) => array(machine, item, from.cast::<ArrayView>().read())?,
            Type::Struct(inner) => {
                let object = machine.make_object(inner).map_err(Failure::machine)?;
                for field in inner.fields() {
                    let value = value_from_c(machine, &field.kind, from.add(field.offset))
                        .map_err(|failure| failure.in_field(&field.name))?;
                    machine.set_field(&object, &field.name, value).map_err(Failure::machine)?;
                }
                object
            }
        })
    }
}

/// # Safety
///
/// As [`value_from_c`], for items of the type `item`.
unsafe fn array<M: Machine>(machine: &M, item: &Type, view: ArrayView) -> Result<M::Value, Failure<M::Error>> {
    let start: *const u8 = view.items.cast();
    if view.len > 0 {
        let bytes = view.len.checked_mul(item.size()).filter(|bytes| isize::try_from(*bytes).is_ok());
        if start.is_null() || bytes.and_then(|bytes| start.addr().checked_add(bytes)).is_none() {
            return Err(impossible("an array", view.len));
        }
        if !start.addr().is_multiple_of(item.align()) {
            return Err(Failure::new(
                AbiErrorCode::InvalidPointer,
                format!("an array of {item} is not aligned to {} bytes", item.align()),
            ));
        }
    }
    let array = machine.make_array(view.len).map_err(Failure::machine)?;
    for place in 0..view.len {
        // SAFETY: inside of the array, which the caller says is readable.
        let value = unsafe { value_from_c(machine, item, start.add(place * item.size())) }
            .map_err(|failure| failure.in_item(place))?;
        machine.set_item(&array, place, value).map_err(Failure::machine)?;
    }
    Ok(array)
}

#[cold]
fn impossible<E>(what: &str, len: usize) -> Failure<E> {
    Failure::new(AbiErrorCode::InvalidPointer, format!("{what} of length {len} cannot be where its pointer says"))
}

/// Whether the bytes of a struct may be read at all: neither null nor misaligned.
pub(crate) fn readable(at: *const u8, align: usize) -> bool {
    !at.is_null() && at.addr().is_multiple_of(align)
}
