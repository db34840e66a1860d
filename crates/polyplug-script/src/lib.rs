//! What the loaders of scripting languages share: the signatures with which scripts declare functions, the way of values
//! between C memory and a script, contracts that scripts call and provide, and the lock of a virtual machine.
//! `docs/polyplug.md`, section "Scripts", is what scripts see of it.

pub mod bundle;
pub mod connection;
mod declared;
pub mod description;
pub mod fault;
pub mod folder;
pub mod host;
mod limits;
pub mod lock;
pub mod marshal;
mod memory;
pub mod naming;
pub mod remote;
pub mod served;
pub mod signature;
pub mod virtual_machine;

pub use limits::Limits;
