//! The loader in a runtime, with bundles that are compiled here: what goes wrong has its code and its words, and the
//! runtime goes on; reloading leaves nothing behind.

#![cfg(target_os = "linux")]
#![allow(unsafe_code)] // Calls plugins.

#[path = "../loader/support.rs"]
mod support;

mod bundles;
mod faults;
mod reload;
