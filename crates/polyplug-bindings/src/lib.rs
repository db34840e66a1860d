//! What the Rust code that `polyplugc` generates shares, so that it is not repeated in every file: how values cross the
//! boundary ([`Encode`], [`Decode`]), callers that find a contract anew when something was reloaded, and what stands
//! between the C ABI and a plugin's own functions.
//!
//! Programs use [`Host`], [`Plugin`], [`CallError`] and [`export_bundle!`]; everything else is for generated code.

// Views of the other side's memory, tables of functions, entries that are called from C: that is what it is for.
#![allow(unsafe_code)]

mod arena;
mod caller;
mod decode;
mod encode;
mod error;
mod host;
mod provide;
mod serve;

pub use arena::Arena;
pub use caller::{GuestCaller, HostCaller};
pub use decode::{Decode, argument};
pub use encode::Encode;
pub use error::CallError;
pub use host::{Contract, Host};
pub use polyplug_abi as abi;
pub use provide::{Plugin, create, destroy, guest_interface, host_interface, initialise, provide, register};
pub use serve::serve;
