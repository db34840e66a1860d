//! The loader alone, with libraries that are compiled here.

#![cfg(target_os = "linux")]
#![allow(unsafe_code)] // Asks the loader as a runtime does.

mod faults;
mod files;
mod support;
