//! What the rust-bun program adds to `core-runtime`: bundles of plugins, and what they provide.

pub mod bundles;
pub mod engine;
