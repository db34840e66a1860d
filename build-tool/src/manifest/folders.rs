//! `[workspace.metadata.build-tool]` in Cargo.toml: what the manifest folders
//! are called, for a workspace that uses the usual names for something else.
use std::path::Path;

use located::Located;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::declare::table;
use super::error::ManifestErrors;
use super::load::read_file;
use super::reader::{Check, Table, parse_with};
use super::text::FolderPath;

table! {
    /// Names of the manifest folders.
    struct FolderTable as "[workspace.metadata.build-tool] table" {
        /// The folder of profile manifests; its `targets` holds the target manifests.
        profiles: Option<Located<FolderPath>> = "\"profiles\"",
        /// The folder of package manifests.
        packaging: Option<Located<FolderPath>> = "\"packaging\"",
    }
}

impl Check for FolderTable {}

/// The manifest folders, relative to the workspace's root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folders {
    /// Profile manifests; its `targets` holds the target manifests.
    pub profiles: String,
    /// Package manifests.
    pub packaging: String,
}

impl Default for Folders {
    fn default() -> Self {
        Self { profiles: "profiles".to_owned(), packaging: "packaging".to_owned() }
    }
}

impl Folders {
    /// The folders of a workspace. `metadata` is `workspace_metadata` as Cargo
    /// gives it; only if it says something of ours is `cargo_toml`, the root
    /// manifest, read, so that errors have a place.
    pub fn load(metadata: &serde_json::Value, cargo_toml: &Path) -> Result<Self, ManifestErrors> {
        if metadata.get("build-tool").is_none() {
            return Ok(Self::default());
        }
        let source = read_file(cargo_toml, "Cargo.toml")?;
        let parsed = parse_with(&source, &|_| None, |root, reader| match our_table(root) {
            Some(node) => match node.get_ref() {
                DeValue::Table(table) => FolderTable::read_table(table, node.span(), reader),
                _ => reader.wrong_type(node, "a table"),
            },
            None => Some(FolderTable { profiles: None, packaging: None }),
        });
        ManifestErrors::check(parsed.errors)?;
        let defaults = Self::default();
        Ok(match parsed.manifest {
            Some(table) => Self {
                profiles: table.profiles.map_or(defaults.profiles, |name| name.to_string()),
                packaging: table.packaging.map_or(defaults.packaging, |name| name.to_string()),
            },
            None => defaults,
        })
    }
}

fn our_table<'n, 'i>(root: &'n Spanned<DeTable<'i>>) -> Option<&'n Spanned<DeValue<'i>>> {
    let workspace = root.get_ref().get("workspace")?.get_ref().as_table()?;
    workspace.get("metadata")?.get_ref().as_table()?.get("build-tool")
}
