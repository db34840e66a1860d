//! Whether bundles fit together, and in which order they are to be loaded.

mod graph;
mod order;
mod versions;

pub use graph::CapabilityGraph;
pub use versions::{RegisteredProvider, check_manifest, check_versions};

#[cfg(test)]
mod tests;
