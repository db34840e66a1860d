//! What stands between the boundary and a plugin's function: pointers are checked, panics end here, errors become codes.

use std::any::Any;
use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};

use polyplug_abi::types::StringView;
use polyplug_abi::{AbiErrorCode, CallArena};

use crate::{Arena, CallError, Encode};

/// Answers a call: reads the arguments, lets `body` do its work, writes its result.
///
/// # Safety
///
/// If they are not null, `instance` is a `T`, `args` an `A`, `out` has room for an `R::Raw`, and `arena` is an arena,
/// all for the call.
pub unsafe fn serve<'a, T: 'a, A: Copy, R: Encode>(
    instance: *mut c_void,
    args: *const c_void,
    out: *mut c_void,
    arena: *mut CallArena,
    body: impl FnOnce(&'a T, A) -> Result<R, CallError>,
) -> u32 {
    // SAFETY: the caller's promise.
    unsafe {
        guarded(arena, |arena| {
            let instance = pointer::<T>("the instance", instance.cast())?;
            // An empty struct has no place of its own.
            let args = match size_of::<A>() {
                0 => std::ptr::NonNull::<A>::dangling().as_ptr().cast_const(),
                _ => pointer::<A>("the arguments", args.cast())?,
            };
            let out = match size_of::<R::Raw>() {
                0 => std::ptr::NonNull::<R::Raw>::dangling().as_ptr(),
                _ => pointer::<R::Raw>("the room for the result", out.cast_const().cast())?.cast_mut(),
            };
            let result = body(&*instance, args.read())?;
            out.write(result.encode(&mut Arena::for_results(arena))?);
            Ok(())
        })
    }
}

/// `address`, if something can be there.
fn pointer<T>(what: &str, address: *const T) -> Result<*const T, CallError> {
    if address.is_null() || !address.is_aligned() {
        return Err(CallError::abi(AbiErrorCode::InvalidPointer, format!("{what} cannot be at {address:p}")));
    }
    Ok(address)
}

/// Runs `work`; a failure or a panic becomes a code with a message in the arena.
///
/// # Safety
///
/// If `arena` is not null, it is an arena for the call.
pub(crate) unsafe fn guarded(arena: *mut CallArena, work: impl FnOnce(&mut CallArena) -> Result<(), CallError>) -> u32 {
    if arena.is_null() || !arena.is_aligned() {
        return AbiErrorCode::InvalidPointer.as_u32();
    }
    // SAFETY: the caller's promise.
    let arena = unsafe { &mut *arena };
    let worked = catch_unwind(AssertUnwindSafe(|| work(arena)));
    let error = match worked {
        Ok(Ok(())) => return AbiErrorCode::Ok.as_u32(),
        Ok(Err(error)) => error,
        Err(panic) => CallError::abi(AbiErrorCode::Panicked, panic_message(panic)),
    };
    // SAFETY: the caller's promise.
    arena.message = match unsafe { Arena::for_results(arena) }.text(error.message()) {
        Ok(message) => message,
        Err(_) => StringView::new("there is no room in the arena for the message"),
    };
    error.code()
}

/// What a panic says. Dropping what it threw might panic again, so what is no text is left alone.
pub(crate) fn panic_message(panic: Box<dyn Any + Send>) -> String {
    let panic = match panic.downcast::<String>() {
        Ok(message) => return *message,
        Err(panic) => panic,
    };
    match panic.downcast::<&'static str>() {
        Ok(message) => (*message).to_owned(),
        Err(panic) => {
            std::mem::forget(panic);
            "a panic without a message".to_owned()
        }
    }
}
