//! Values of a script to C memory.
// It writes memory that the other side of the C ABI reads.
#![allow(unsafe_code)]

use polyplug_abi::types::{ArrayView, Buffer, StringView};
use polyplug_abi::{AbiErrorCode, CallArena};

use super::{Failure, Machine, Number};
use crate::signature::{Struct, Type};

/// Writes a value to `to`; text, bytes and arrays go into the arena.
///
/// # Errors
///
/// A value that does not fit the type, an arena without room, and what goes wrong in the machine. What is at `to` is
/// not to be read then.
///
/// # Safety
///
/// `to` is aligned memory of the type's size that nobody else uses, and `arena` keeps to its rules.
pub unsafe fn value_to_c<M: Machine>(
    machine: &M,
    kind: &Type,
    value: &M::Value,
    to: *mut u8,
    arena: &mut CallArena,
) -> Result<(), Failure<M::Error>> {
    // SAFETY: in all of these, the caller's promise; the type says how much room there is.
    unsafe {
        match kind {
            Type::U8 => to.write(whole(machine, kind, value)?),
            Type::U16 => to.cast::<u16>().write(whole(machine, kind, value)?),
            Type::U32 => to.cast::<u32>().write(whole(machine, kind, value)?),
            Type::U64 => to.cast::<u64>().write(whole(machine, kind, value)?),
            Type::I8 => to.cast::<i8>().write(whole(machine, kind, value)?),
            Type::I16 => to.cast::<i16>().write(whole(machine, kind, value)?),
            Type::I32 => to.cast::<i32>().write(whole(machine, kind, value)?),
            Type::I64 => to.cast::<i64>().write(whole(machine, kind, value)?),
            Type::F32 => to.cast::<f32>().write(real(machine, kind, value)? as f32),
            Type::F64 => to.cast::<f64>().write(real(machine, kind, value)?),
            Type::Bool => {
                to.write(machine.boolean(value).ok_or_else(|| other_type(machine, kind, value))?.into());
            }
            Type::String => {
                let copied = machine.text(value, |text| {
                    std::str::from_utf8(text)
                        .map_err(|error| {
                            Failure::new(AbiErrorCode::InvalidUtf8, format!("a string is not UTF-8: {error}"))
                        })
                        .and_then(|text| copy(text.as_bytes(), arena))
                });
                let (ptr, len) =
                    copied.map_err(Failure::machine)?.ok_or_else(|| other_type(machine, kind, value))??;
                to.cast::<StringView>().write(StringView { ptr, len });
            }
            Type::Bytes => {
                let copied = machine.bytes(value, |bytes| copy(bytes, arena)).map_err(Failure::machine)?;
                let (ptr, len) = copied.ok_or_else(|| other_type(machine, kind, value))??;
                to.cast::<Buffer>().write(Buffer { ptr, len });
            }
            Type::Array(item) => to.cast::<ArrayView>().write(array(machine, kind, item, value, arena)?),
            Type::Struct(inner) => object(machine, kind, inner, value, to, arena)?,
        }
    }
    Ok(())
}

fn whole<M: Machine, T>(machine: &M, kind: &Type, value: &M::Value) -> Result<T, Failure<M::Error>>
where
    T: TryFrom<i128> + Bounded,
{
    match machine.number(value, *kind == Type::U64) {
        Some(Number::Whole(number)) => T::try_from(number).map_err(|_| {
            Failure::new(
                AbiErrorCode::InvalidArgument,
                format!("{number} is no {kind}; it may be {} to {}", T::LEAST, T::MOST),
            )
        }),
        Some(Number::Other(number)) => Err(Failure::new(
            AbiErrorCode::InvalidArgument,
            format!("{number} is no {kind}; it may be a whole number, {} to {}", T::LEAST, T::MOST),
        )),
        None => Err(other_type(machine, kind, value)),
    }
}

/// The bounds of a type, for messages.
trait Bounded {
    const LEAST: i128;
    const MOST: i128;
}

macro_rules! bounded {
    ($($name:ident)*) => {$(
        impl Bounded for $name {
            const LEAST: i128 = $name::MIN as i128;
            const MOST: i128 = $name::MAX as i128;
        }
    )*};
}

bounded!(u8 u16 u32 u64 i8 i16 i32 i64);

fn real<M: Machine>(machine: &M, kind: &Type, value: &M::Value) -> Result<f64, Failure<M::Error>> {
    machine.real(value).ok_or_else(|| other_type(machine, kind, value))
}

/// # Safety
///
/// The arena keeps to its rules.
unsafe fn copy<E>(bytes: &[u8], arena: &mut CallArena) -> Result<(*const u8, usize), Failure<E>> {
    if bytes.is_empty() {
        return Ok((std::ptr::null(), 0));
    }
    // SAFETY: the caller's promise.
    let start = unsafe { arena.alloc(bytes.len(), 1) };
    if start.is_null() {
        return Err(no_room(bytes.len()));
    }
    // SAFETY: fresh memory of that size.
    unsafe { start.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
    Ok((start, bytes.len()))
}

/// # Safety
///
/// As [`value_to_c`].
unsafe fn array<M: Machine>(
    machine: &M,
    kind: &Type,
    item: &Type,
    value: &M::Value,
    arena: &mut CallArena,
) -> Result<ArrayView, Failure<M::Error>> {
    let len = machine.item_count(value).map_err(Failure::machine)?.ok_or_else(|| other_type(machine, kind, value))?;
    if len == 0 {
        return Ok(ArrayView::EMPTY);
    }
    let size = len.checked_mul(item.size()).filter(|size| isize::try_from(*size).is_ok());
    let Some(size) = size else { return Err(no_room(len)) };
    // SAFETY: the caller's promise.
    let start = unsafe { arena.alloc(size, item.align()) };
    if start.is_null() {
        return Err(no_room(size));
    }
    for place in 0..len {
        machine
            .item(value, place)
            .map_err(Failure::machine)
            // SAFETY: inside of the fresh memory.
            .and_then(|one| unsafe { value_to_c(machine, item, &one, start.add(place * item.size()), arena) })
            .map_err(|failure| failure.in_item(place))?;
    }
    Ok(ArrayView { items: start.cast(), len })
}

/// # Safety
///
/// As [`value_to_c`].
unsafe fn object<M: Machine>(
    machine: &M,
    kind: &Type,
    inner: &Struct,
    value: &M::Value,
    to: *mut u8,
    arena: &mut CallArena,
) -> Result<(), Failure<M::Error>> {
    if !machine.is_object(value) {
        return Err(other_type(machine, kind, value));
    }
    // Padding goes to the other side, too: it may not be what lay there before.
    // SAFETY: the caller's promise.
    unsafe { to.write_bytes(0, inner.size()) };
    for field in inner.fields() {
        let Some(there) = machine.field(value, &field.name).map_err(Failure::machine)? else {
            return Err(Failure::new(
                AbiErrorCode::InvalidArgument,
                format!("the field `{}` of {kind} is missing", field.name),
            ));
        };
        // SAFETY: inside of the struct.
        unsafe { value_to_c(machine, &field.kind, &there, to.add(field.offset), arena) }
            .map_err(|failure| failure.in_field(&field.name))?;
    }
    match machine.field_beside(value, inner).map_err(Failure::machine)? {
        Some(name) => Err(Failure::new(AbiErrorCode::InvalidArgument, format!("the field `{name}` is none of {kind}"))),
        None => Ok(()),
    }
}

#[cold]
fn other_type<M: Machine>(machine: &M, kind: &Type, value: &M::Value) -> Failure<M::Error> {
    Failure::new(AbiErrorCode::InvalidArgument, format!("{} where {kind} should be", machine.type_name(value)))
}

#[cold]
fn no_room<E>(size: usize) -> Failure<E> {
    Failure::new(AbiErrorCode::OutOfMemory, format!("there is no room for {size} bytes of text, bytes or array"))
}
