//! A runtime for plugins in any language behind one C ABI. `docs/polyplug.md` is its description; the ABI itself is
//! [`polyplug_abi`].

pub mod compatibility;
pub mod error;
pub mod loader;
pub mod logger;
mod similar;
#[cfg(test)]
mod testing;
