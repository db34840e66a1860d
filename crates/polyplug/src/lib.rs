//! A runtime for plugins in any language behind one C ABI. `docs/polyplug.md` is its description; the ABI itself is
//! [`polyplug_abi`].

mod arena;
mod builder;
pub mod compatibility;
pub mod error;
mod guest;
mod host_contract;
mod host_functions;
pub mod loader;
pub mod logger;
mod panics;
mod runtime;
mod similar;
mod sync;
#[cfg(test)]
mod testing;
pub mod waiting;

pub use arena::Arena;
pub use builder::RuntimeBuilder;
pub use guest::Guest;
pub use host_contract::{HostContract, HostFunctions};
pub use runtime::{BundleInfo, Runtime};
