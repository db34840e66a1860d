//! Bundles of plugins as rust-bun finds them: in which folders, which there are, and which of them count.
//!
//! Nothing here loads a bundle, and nothing is looked for before somebody asks.

mod folders;
mod listing;
mod provider;
mod shown;

pub use folders::{Folder, Origin, VARIABLE, folders};
pub use listing::{Bundle, Listing, Searched, list};
pub use provider::Bundles;
