//! Generates the code of hosts and plugins from their API, and checks what people write: `api.toml`, `bundle.toml` and
//! the folders of bundles. `docs/polyplug.md` describes the formats and what is generated.

pub mod api;
pub mod bundle;
pub mod cli;
pub mod commands;
pub mod error;
pub mod generate;
pub mod input;
pub mod model;
mod names;
mod reader;
pub mod report;
pub mod write;
