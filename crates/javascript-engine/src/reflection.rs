//! What values are, beyond what scripts can see of them: for printing, and for ending a script from within.
#![allow(unsafe_code)] // QuickJS's questions about values have no safe wrapper.

use rquickjs::promise::PromiseState;
use rquickjs::{Array, Ctx, Error, Exception, IntoJs, Object, Promise, Result, Value, qjs};

/// The name of the class that the engine itself made a value of, whatever its prototype says: `Array`, `Map`, `Error`…
/// All typed arrays are `TypedArray`, all functions `Function`.
pub(crate) fn kind<'js>(ctx: Ctx<'js>, value: Object<'js>) -> Result<String> {
    if value.is_function() {
        return Ok("Function".to_owned());
    }
    let raw = ctx.as_raw().as_ptr();
    // SAFETY: the value is an object of this context; the class name is an atom that is ours, turned into a string and
    // given back.
    let name = unsafe {
        let name = qjs::JS_GetClassName(qjs::JS_GetRuntime(raw), qjs::JS_GetClassID(value.as_raw()));
        let string = Value::from_raw(ctx.clone(), qjs::JS_AtomToString(raw, name));
        qjs::JS_FreeAtom(raw, name);
        string
    };
    let name: String = name.get()?;
    Ok(if name.ends_with("Array") && name != "Array" { "TypedArray".to_owned() } else { name })
}

/// What a proxy stands before; undefined for whatever is none.
pub(crate) fn proxy_target<'js>(ctx: Ctx<'js>, value: Object<'js>) -> Result<Value<'js>> {
    match value.as_proxy() {
        // A proxy that was revoked has none.
        Some(proxy) => {
            proxy.target().map_or_else(|_| Ok(Value::new_null(ctx.clone())), |target| Ok(target.into_value()))
        }
        None => Ok(Value::new_undefined(ctx)),
    }
}

/// A promise's state, and what it was settled with.
pub(crate) fn promise_state<'js>(ctx: Ctx<'js>, promise: Promise<'js>) -> Result<Array<'js>> {
    let state = match promise.state() {
        PromiseState::Pending => "pending",
        PromiseState::Resolved => "fulfilled",
        PromiseState::Rejected => "rejected",
    };
    // SAFETY: the value is a promise of this context; its result is ours to keep.
    let result = unsafe {
        Value::from_raw(ctx.clone(), qjs::JS_PromiseResult(ctx.as_raw().as_ptr(), promise.as_value().as_raw()))
    };
    let pair = Array::new(ctx.clone())?;
    pair.set(0, state.into_js(&ctx)?)?;
    pair.set(1, result)?;
    Ok(pair)
}

/// Throws what no script can catch.
pub(crate) fn throw_uncatchable(ctx: &Ctx<'_>) -> Error {
    match Exception::from_message(ctx.clone(), "the script was ended") {
        Ok(exception) => {
            // SAFETY: the value is an error of this context.
            unsafe { qjs::JS_SetUncatchableError(ctx.as_raw().as_ptr(), exception.as_object().as_raw()) };
            exception.throw()
        }
        Err(error) => error,
    }
}

/// Which version of QuickJS this is.
pub(crate) fn engine_version() -> String {
    // SAFETY: what comes back is a constant of the library, ended by a zero.
    unsafe { std::ffi::CStr::from_ptr(qjs::JS_GetVersion()) }.to_string_lossy().into_owned()
}
