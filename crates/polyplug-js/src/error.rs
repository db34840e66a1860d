//! What goes wrong in JavaScript, as a code and words.

use polyplug_abi::AbiErrorCode;
use polyplug_script::fault::{FIRST_OWN_CODE, Fault};
use polyplug_script::marshal::{Machine, Number};

use crate::value::JsValue;
use crate::values::Values;

/// An error of the machine.
#[derive(Debug)]
pub(crate) enum JsError {
    /// The script threw this.
    Thrown(JsValue),
    /// Already in its form for the boundary.
    Fault(Fault),
}

impl From<Fault> for JsError {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// The fault for a value that a script threw.
pub(crate) fn thrown_fault(values: &Values, thrown: &JsValue) -> Fault {
    let property = |name| values.property(thrown, name).ok().filter(|value| !value.is_undefined());
    let text = |name| property(name).and_then(|value| values.as_text(&value).ok());
    if !thrown.is_object() {
        let shown = values.as_text(thrown).unwrap_or_else(|_| values.type_name(thrown).to_owned());
        return Fault::new(AbiErrorCode::Failed, shown);
    }
    if property("contract").is_none()
        && let Some(Number::Whole(code)) = property("code").and_then(|code| values.number(&code, false))
        && let Ok(code) = u32::try_from(code)
        && code >= FIRST_OWN_CODE
    {
        return Fault { code, message: text("message").unwrap_or_default() };
    }
    let name = text("name").unwrap_or_default();
    let message = values.as_text(thrown).unwrap_or_else(|_| name.clone());
    if name == "InternalError" && message.contains("out of memory") {
        return Fault::new(AbiErrorCode::OutOfMemory, "the script has no memory left under its limit");
    }
    match text("stack") {
        Some(stack) if !stack.is_empty() => {
            Fault::new(AbiErrorCode::Failed, format!("{message}\n{}", stack.trim_end()))
        }
        _ => Fault::new(AbiErrorCode::Failed, message),
    }
}
