//! Bundles of plugins: where they are looked for, what is listed, and which of them count.
#![cfg(unix)]

mod listing;
mod support;
