//! What goes wrong in Lua, as a code and words.

use mlua::{Error, Value};
use polyplug_abi::AbiErrorCode;
use polyplug_script::fault::{FIRST_OWN_CODE, Fault};

/// An error of the machine.
#[derive(Debug)]
pub(crate) enum LuaError {
    /// From the library.
    Library(Error),
    /// Already in its form for the boundary.
    Fault(Fault),
}

impl From<Error> for LuaError {
    fn from(error: Error) -> Self {
        Self::Library(error)
    }
}

impl From<Fault> for LuaError {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// The fault for an error of the library.
pub(crate) fn library_fault(error: &Error) -> Fault {
    match error {
        Error::MemoryError(_) => Fault::new(AbiErrorCode::OutOfMemory, "the script has no memory left under its limit"),
        Error::SyntaxError { message, .. } => Fault::new(AbiErrorCode::Failed, message),
        Error::CallbackError { traceback, cause } => {
            let mut fault = library_fault(cause);
            if !traceback.is_empty() {
                fault.message = format!("{}\n{traceback}", fault.message);
            }
            fault
        }
        Error::ExternalError(inner) => match inner.downcast_ref::<Fault>() {
            Some(fault) => fault.clone(),
            None => Fault::new(AbiErrorCode::Failed, inner.to_string()),
        },
        other => Fault::new(AbiErrorCode::Failed, other.to_string()),
    }
}

/// The fault for a value that a script threw; text has its traceback already.
pub(crate) fn thrown_fault(thrown: Value) -> Fault {
    match thrown {
        Value::String(text) => Fault::new(AbiErrorCode::Failed, text.to_string_lossy()),
        Value::Error(error) => library_fault(&error),
        // The message handler leaves only tables with a code as they are.
        Value::Table(table) => {
            let code = table.raw_get::<Value>("code").ok().and_then(|code| code.as_i64());
            let message = table.raw_get::<Value>("message").ok();
            let message = match message {
                Some(Value::String(text)) => text.to_string_lossy(),
                _ => String::new(),
            };
            match code.and_then(|code| u32::try_from(code).ok()) {
                Some(code) if code >= FIRST_OWN_CODE => Fault { code, message },
                _ => Fault::new(AbiErrorCode::Failed, message),
            }
        }
        other => Fault::new(AbiErrorCode::Failed, format!("an error that is a {}", other.type_name())),
    }
}
