//! What the runtime promises to hosts and to plugins, with a loader whose bundles are Rust closures.

#![allow(unsafe_code)] // Plays plugins and hosts of other languages.

#[path = "../support/mod.rs"]
mod support;

mod instances;
