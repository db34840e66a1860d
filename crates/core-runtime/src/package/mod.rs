//! `package.json`, workspaces and what lies in `node_modules`: read here, and changed without
//! touching what nobody asked to change. Nothing here starts programs or prints.

pub mod document;
pub mod edit;
mod error;
pub mod filter;
pub mod folders;
pub mod key;
mod manifest;
pub mod name;
pub mod workspace;

pub use error::{Error, Located};
pub use manifest::{Bin, DEPENDENCIES, Entry, PackageJson};
