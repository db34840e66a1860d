//! A manifest as it is written, for all platforms: what `polyplugc` makes and what files are read into.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use polyplug_abi::DependencyKind;
use polyplug_abi::identity::bundle_id;
use polyplug_abi::types::Version;

use super::{Dependency, ManifestData, Provided, parse};
use crate::error::ManifestError;
use crate::loader::Platform;

/// A manifest for all platforms. Its id follows from the name, so it is not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestDocument {
    /// The bundle's name.
    pub name: String,
    /// The bundle's version.
    pub version: Version,
    /// The name of the loader that it is for.
    pub loader: String,
    /// The file to load.
    pub file: BundleFile,
    /// The contracts that it provides.
    pub provides: Vec<Provided>,
    /// Whether it is to be started anew when a bundle that it depends on is reloaded.
    pub needs_reinit_on_dep_reload: bool,
    /// What it depends on.
    pub dependencies: Vec<Dependency>,
}

/// The file of a bundle, relative to its folder, with `/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BundleFile {
    /// The same on every platform.
    Everywhere(String),
    /// By platform: `<system>-<processor>` or `<system>`.
    ByPlatform(BTreeMap<String, String>),
}

impl BundleFile {
    /// The file for a platform: what is said for its processor, else what is said for its system.
    #[must_use]
    pub fn for_platform(&self, platform: Platform<'_>) -> Option<&str> {
        match self {
            Self::Everywhere(file) => Some(file),
            Self::ByPlatform(files) => {
                files.get(&platform.to_string()).or_else(|| files.get(platform.system)).map(String::as_str)
            }
        }
    }
}

impl ManifestDocument {
    /// Reads a manifest's text; `file` is for the messages.
    ///
    /// # Errors
    ///
    /// All its mistakes.
    pub fn parse(text: &str, file: &Path) -> Result<Self, ManifestError> {
        parse::parse(text, file)
    }

    /// The manifest for one platform, as that of a bundle in `folder`.
    ///
    /// # Errors
    ///
    /// It has no file for the platform.
    pub fn for_platform(self, platform: Platform<'_>, folder: &Path) -> Result<ManifestData, ManifestError> {
        let Some(file) = self.file.for_platform(platform) else {
            let there = match self.file {
                BundleFile::Everywhere(_) => Vec::new(),
                BundleFile::ByPlatform(files) => files.into_keys().collect(),
            };
            let (file, platform) = (folder.join(super::MANIFEST_FILE), platform.to_string());
            return Err(ManifestError::NoFileForPlatform { file, bundle: self.name, platform, there });
        };
        Ok(ManifestData {
            id: bundle_id(&self.name),
            file: PathBuf::from(file),
            name: self.name,
            version: self.version,
            loader: self.loader,
            provides: self.provides,
            needs_reinit_on_dep_reload: self.needs_reinit_on_dep_reload,
            dependencies: self.dependencies,
            path: folder.to_owned(),
        })
    }

    /// The manifest as a file: the same bytes for the same manifest, keys in the order of the documentation.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = self.write(&mut text);
        text
    }

    fn write(&self, to: &mut String) -> std::fmt::Result {
        writeln!(to, "name = {}", quoted(&self.name))?;
        writeln!(to, "id = \"{:#018x}\"", bundle_id(&self.name))?;
        writeln!(to, "version = \"{}\"", self.version)?;
        writeln!(to, "loader = {}", quoted(&self.loader))?;
        match &self.file {
            BundleFile::Everywhere(file) => writeln!(to, "file = {}", quoted(file))?,
            BundleFile::ByPlatform(files) => {
                let files = files.iter().map(|(platform, file)| format!("{} = {}", key(platform), quoted(file)));
                writeln!(to, "file = {}", braces(files))?;
            }
        }
        let provides = self.provides.iter().map(|it| quoted(&format!("{}@{}", it.contract, it.version)));
        writeln!(to, "provides = {}", brackets(provides))?;
        let counts = self.provides.iter().filter_map(|it| Some((it.reference(), it.function_count?)));
        let counts: Vec<String> = counts.map(|(contract, count)| format!("{} = {count}", quoted(&contract))).collect();
        if !counts.is_empty() {
            writeln!(to, "function_count = {}", braces(counts))?;
        }
        let multiple = self.provides.iter().filter(|it| it.multiple).map(|it| quoted(&it.reference()));
        let multiple: Vec<String> = multiple.collect();
        if !multiple.is_empty() {
            writeln!(to, "multiple = {}", brackets(multiple))?;
        }
        writeln!(to, "needs_reinit_on_dep_reload = {}", self.needs_reinit_on_dep_reload)?;
        for dependency in &self.dependencies {
            writeln!(to, "\n[[dependencies]]")?;
            if dependency.kind == DependencyKind::HostContract {
                writeln!(to, "kind = \"host_contract\"")?;
            }
            writeln!(to, "contract = {}", quoted(&dependency.reference()))?;
            let Version { major, minor, .. } = dependency.min_version;
            if minor != 0 {
                writeln!(to, "min_version = \"{major}.{minor}\"")?;
            }
            if let Some(bundle) = &dependency.bundle {
                writeln!(to, "bundle = {}", quoted(bundle))?;
            }
        }
        Ok(())
    }
}

impl From<ManifestData> for ManifestDocument {
    /// As if its file were the same on every platform.
    fn from(manifest: ManifestData) -> Self {
        let segments = manifest.file.components().map(|segment| segment.as_os_str().to_string_lossy().into_owned());
        Self {
            file: BundleFile::Everywhere(segments.collect::<Vec<_>>().join("/")),
            name: manifest.name,
            version: manifest.version,
            loader: manifest.loader,
            provides: manifest.provides,
            needs_reinit_on_dep_reload: manifest.needs_reinit_on_dep_reload,
            dependencies: manifest.dependencies,
        }
    }
}

fn braces(items: impl IntoIterator<Item = String>) -> String {
    format!("{{ {} }}", items.into_iter().collect::<Vec<_>>().join(", "))
}

fn brackets(items: impl IntoIterator<Item = String>) -> String {
    format!("[{}]", items.into_iter().collect::<Vec<_>>().join(", "))
}

/// A bare key where that is enough.
fn key(name: &str) -> String {
    let bare = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    if !name.is_empty() && name.bytes().all(bare) { name.to_owned() } else { quoted(name) }
}

/// A basic string of TOML.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            _ if character.is_control() => quoted.push_str(&format!("\\u{:04X}", u32::from(character))),
            _ => quoted.push(character),
        }
    }
    quoted + "\""
}
