//! What the example hosts have in common: calling `StringView -> StringView`, by hand. Generated code (`polyplugc`) has
//! such a function for each function of a contract.

// Calls functions of plugins, whose types only the contract says.
#![allow(unsafe_code)]

use polyplug::error::Failure;
use polyplug::{Arena, Guest};
use polyplug_abi::types::StringView;

/// Calls a function that takes a text and returns one.
///
/// # Safety
///
/// The contract says that function `number` of this instance is one.
///
/// # Errors
///
/// What the plugin says went wrong.
pub unsafe fn call_text(guest: &Guest, number: u32, text: &str, arena: &mut Arena) -> Result<String, Failure> {
    arena.reset();
    let argument = StringView::new(text);
    let mut result = StringView::EMPTY;
    // SAFETY: the caller's promise; both live until the call returns.
    unsafe { guest.call(number, (&raw const argument).cast(), (&raw mut result).cast(), arena) }?;
    // SAFETY: what is returned lies in the arena, which nobody empties meanwhile.
    let bytes = unsafe { result.as_bytes() }.unwrap_or_default();
    Ok(String::from_utf8_lossy(bytes).into_owned())
}
