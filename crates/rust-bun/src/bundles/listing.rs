//! What lies in the folders: bundles that count, those that others of their name hide, and broken ones.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use core_runtime::context::Context;
use polyplug::loader::ManifestData;

use super::{Folder, folders};

/// A bundle as it was found.
#[derive(Clone, Debug)]
pub struct Bundle {
    /// Its folder.
    pub path: PathBuf,
    /// What its manifest says, or what is wrong with it.
    pub manifest: Result<ManifestData, String>,
    /// The bundle of the same name that is taken instead.
    pub shadowed_by: Option<PathBuf>,
}

/// A folder that was looked through.
#[derive(Clone, Debug)]
pub struct Searched {
    /// Which.
    pub folder: Folder,
    /// Whether it is there.
    pub is_there: bool,
    /// Why it could not be looked through.
    pub problem: Option<String>,
    /// What is in it, in the order of the names.
    pub bundles: Vec<Bundle>,
}

/// All of them, the folder that wins first.
#[derive(Clone, Debug)]
pub struct Listing {
    /// The folders.
    pub searched: Vec<Searched>,
}

/// Looks through the folders. What is broken hides nothing, neither what is beside it nor what has its name.
#[must_use]
pub fn list(context: &Context) -> Listing {
    Listing::of(folders(context))
}

impl Bundle {
    /// Its manifest, if it is the one that is taken for its name.
    #[must_use]
    pub fn taken(&self) -> Option<&ManifestData> {
        self.manifest.as_ref().ok().filter(|_| self.shadowed_by.is_none())
    }
}

impl Listing {
    fn of(folders: Vec<Folder>) -> Self {
        let mut taken = BTreeMap::new();
        let searched = folders.into_iter().map(|folder| search(folder, &mut taken)).collect();
        Self { searched }
    }

    /// Every bundle that was found.
    pub fn bundles(&self) -> impl Iterator<Item = &Bundle> {
        self.searched.iter().flat_map(|searched| &searched.bundles)
    }

    /// The bundle to take for a contract.
    #[must_use]
    pub fn provider_of(&self, contract: &str, major: u16) -> Option<&Bundle> {
        self.bundles().find(|bundle| {
            let mut provided = bundle.taken().into_iter().flat_map(|manifest| &manifest.provides);
            provided.any(|provided| provided.contract == contract && provided.version.major == major)
        })
    }

    /// Whether anything is broken or could not be looked at.
    #[must_use]
    pub fn is_flawed(&self) -> bool {
        self.searched.iter().any(|searched| searched.problem.is_some())
            || self.bundles().any(|bundle| bundle.manifest.is_err())
    }
}

fn search(folder: Folder, taken: &mut BTreeMap<String, PathBuf>) -> Searched {
    let (is_there, found) = match subfolders(&folder.path) {
        Ok(found) => (true, Ok(found)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => (false, Ok(Vec::new())),
        Err(error) => (true, Err(error.to_string())),
    };
    let problem = found.as_ref().err().cloned();
    let mut bundles: Vec<Bundle> = Vec::new();
    for path in found.unwrap_or_default() {
        let manifest = ManifestData::read(&path).map_err(|error| error.to_string());
        let mut shadowed_by = None;
        if let Ok(manifest) = &manifest {
            match taken.get(&manifest.name) {
                // The same one, by way of a link.
                Some(other) if *other == manifest.path => continue,
                Some(other) => shadowed_by = Some(other.clone()),
                None => drop(taken.insert(manifest.name.clone(), manifest.path.clone())),
            }
        }
        bundles.push(Bundle { path, manifest, shadowed_by });
    }
    Searched { folder, is_there, problem, bundles }
}

/// The immediate subfolders, links to folders among them, in the order of their names.
fn subfolders(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
