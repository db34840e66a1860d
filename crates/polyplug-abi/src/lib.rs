//! The C ABI between hosts and plugins: every layout, identity, error code and calling rule that both sides have to
//! agree on, and nothing else. No allocation, no state.
//!
//! Everything is `repr(C)`; enumerations cross the boundary as plain integers and are checked by whoever takes them.
//! Strings are UTF-8 views that live for the call. What a call gives back lies in the caller's [`CallArena`].

#![no_std]
// Views and tables are shared between threads and languages: their `unsafe` functions and promises are what it is for.
#![allow(unsafe_code)]

mod arena;
mod contract;
mod error;
mod handle;
mod host;
pub mod identity;
mod loader;
mod plugin;
pub mod runtime;
pub mod types;

pub use arena::{CallArena, GrowArena};
pub use contract::{
    CallGuest, ContractInterface, CreateInstance, DestroyInstance, DispatchKind, Function, GuestContractInterface,
    HostContractInterface, SINGLETON,
};
pub use error::AbiErrorCode;
pub use handle::{GuestContractHandle, GuestInstance, HostContractHandle, InstanceHandle};
pub use host::HostApi;
pub use loader::{BundleView, LoadBundle, LoaderInterface, UnloadBundle};
pub use plugin::{
    ABI_VERSION, ABI_VERSION_SYMBOL, AbiVersion, BundleDependency, BundleDescriptor, BundleInitContext, DependencyKind,
    ENTRY_SYMBOL, PluginDescriptor, PluginInit,
};
pub use types::SupportedLanguage;

#[cfg(test)]
mod layout_tests;
