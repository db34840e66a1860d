//! What the runtime promises to hosts and to plugins, with a loader whose bundles are Rust closures.

#![allow(unsafe_code)] // Plays plugins and hosts of other languages.

#[path = "../support/mod.rs"]
mod support;

mod arguments;
mod builder;
mod builder_logging;
mod circles;
mod end;
mod foreign_loader;
mod host_contracts;
mod instances;
mod lifecycle;
mod loading;
mod memory;
mod teardown;
mod threads;
