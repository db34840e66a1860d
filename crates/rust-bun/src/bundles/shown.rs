//! The list of bundles as people and programs read it.

use std::fmt::Write as _;
use std::path::Path;

use polyplug::loader::Provided;
use serde::Serialize;

use super::{Bundle, Listing};

#[derive(Debug, Serialize)]
pub(super) struct Json<'a> {
    folders: Vec<FolderJson<'a>>,
    bundles: Vec<BundleJson<'a>>,
}

#[derive(Debug, Serialize)]
struct FolderJson<'a> {
    path: String,
    origin: &'static str,
    exists: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct BundleJson<'a> {
    path: String,
    origin: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    loader: Option<&'a str>,
    provides: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shadowed_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<&'a str>,
}

impl Listing {
    /// A tree: the folders in the order in which they win, with what is in them.
    pub(super) fn tree(&self) -> String {
        let mut out = String::new();
        for searched in &self.searched {
            let _ = write!(out, "{} ({})", searched.folder.path.display(), searched.folder.origin);
            match &searched.problem {
                Some(problem) => out.push_str(&format!(": {problem}")),
                None if !searched.is_there => out.push_str(": not there"),
                None if searched.bundles.is_empty() => out.push_str(": nothing in it"),
                None => {}
            }
            for (index, bundle) in searched.bundles.iter().enumerate() {
                let last = index + 1 == searched.bundles.len();
                let (branch, below) = if last { ("└── ", "    ") } else { ("├── ", "│   ") };
                let _ = write!(out, "\n{branch}{}", line(bundle).replace('\n', &format!("\n{below}")));
            }
            out.push('\n');
        }
        out.truncate(out.trim_end().len());
        out
    }

    pub(super) fn json(&self) -> Json<'_> {
        let folders = self.searched.iter().map(|searched| FolderJson {
            path: lossy(&searched.folder.path),
            origin: searched.folder.origin.name(),
            exists: searched.is_there,
            problem: searched.problem.as_deref(),
        });
        let bundles = self.searched.iter().flat_map(|searched| {
            searched.bundles.iter().map(|bundle| {
                let manifest = bundle.manifest.as_ref().ok();
                BundleJson {
                    path: lossy(&bundle.path),
                    origin: searched.folder.origin.name(),
                    name: manifest.map(|manifest| manifest.name.as_str()),
                    version: manifest.map(|manifest| manifest.version.to_string()),
                    loader: manifest.map(|manifest| manifest.loader.as_str()),
                    provides: manifest.map(|manifest| provides(&manifest.provides)).unwrap_or_default(),
                    shadowed_by: bundle.shadowed_by.as_deref().map(lossy),
                    problem: bundle.manifest.as_ref().err().map(String::as_str),
                }
            })
        });
        Json { folders: folders.collect(), bundles: bundles.collect() }
    }
}

fn line(bundle: &Bundle) -> String {
    let name = bundle.path.file_name().unwrap_or(bundle.path.as_os_str()).display();
    match &bundle.manifest {
        Err(problem) => format!("{name}: broken: {problem}"),
        Ok(manifest) => {
            let provides = provides(&manifest.provides);
            let provides = if provides.is_empty() { "nothing".to_owned() } else { provides.join(", ") };
            let mut line = format!("{}@{} ({}) provides {provides}", manifest.name, manifest.version, manifest.loader);
            if let Some(winner) = &bundle.shadowed_by {
                let _ = write!(line, "; not used: {} has the same name and comes first", winner.display());
            }
            line
        }
    }
}

fn provides(all: &[Provided]) -> Vec<String> {
    all.iter().map(|one| format!("{}@{}.{}", one.contract, one.version.major, one.version.minor)).collect()
}

/// JSON has no other text than Unicode.
fn lossy(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
