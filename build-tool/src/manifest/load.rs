//! Reads the manifest folders of a workspace: every file, and every error of
//! every file. Profiles come out with what they inherit.
use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind as Io;
use std::path::{Path, PathBuf};

use located::{ReadError, SourceFile};

use super::error::{ManifestError, ManifestErrors};
use super::folders::Folders;
use super::inherit;
use super::kind::ErrorKind;
use super::package::PackageManifest;
use super::profile::ProfileManifest;
use super::reader::{Lookup, Table, parse};
use super::target::TargetManifest;

/// No manifest is larger; what is, is something else.
const SIZE_LIMIT: u64 = 1 << 20;

/// A manifest and its file.
#[derive(Debug, Clone)]
pub struct Loaded<T> {
    pub(crate) manifest: T,
    pub(crate) source: SourceFile,
    pub(crate) unset: Vec<ManifestError>,
}

impl<T> Loaded<T> {
    /// The manifest, to be used: an error if it names variables that are not set.
    pub fn get(&self) -> Result<&T, ManifestErrors> {
        ManifestErrors::check(self.unset.clone())?;
        Ok(&self.manifest)
    }

    /// The manifest, to be looked at: a `${NAME}` that is not set stands as it is written.
    pub fn peek(&self) -> &T {
        &self.manifest
    }

    /// The file it is from.
    pub fn source(&self) -> &SourceFile {
        &self.source
    }
}

/// Profiles by name, each with what it inherits.
pub type Profiles = BTreeMap<String, Loaded<ProfileManifest>>;

/// Every manifest of a workspace. A file whose variables are not set is an error
/// only for those who use it: see [`Loaded::get`].
#[derive(Debug, Clone, Default)]
pub struct Manifests {
    /// Profiles by name.
    pub profiles: Profiles,
    /// Targets by triple, as written: without what is built in.
    pub targets: BTreeMap<String, Loaded<TargetManifest>>,
    /// Package manifests by their file's stem.
    pub packages: BTreeMap<String, Loaded<PackageManifest>>,
}

impl Manifests {
    /// What is wrong with any of them, used or not: variables that are not set.
    pub fn check(&self) -> Result<(), ManifestErrors> {
        let profiles = self.profiles.values().flat_map(|loaded| &loaded.unset);
        let targets = self.targets.values().flat_map(|loaded| &loaded.unset);
        let packages = self.packages.values().flat_map(|loaded| &loaded.unset);
        let mut errors: Vec<ManifestError> = profiles.chain(targets).chain(packages).cloned().collect();
        inherit::once_per_place(&mut errors);
        ManifestErrors::check(errors)
    }
}

/// Reads the folders of the workspace at `root`. A folder that is not there is empty.
pub fn load_all(root: &Path, folders: &Folders, lookup: Lookup<'_>) -> Result<Manifests, ManifestErrors> {
    let mut errors = Vec::new();
    let profiles = Folder::new(root, &folders.profiles);
    let manifests = Manifests {
        profiles: read_profiles(&profiles, lookup, &mut errors),
        targets: profiles.below("targets").read(lookup, &mut errors).manifests,
        packages: Folder::new(root, &folders.packaging).read(lookup, &mut errors).manifests,
    };
    ManifestErrors::check(errors)?;
    Ok(manifests)
}

/// Reads every profile of the folder `dir`, which errors call by its last name.
pub fn load_profiles(dir: &Path, lookup: Lookup<'_>) -> Result<Profiles, ManifestErrors> {
    let name = dir.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut errors = Vec::new();
    let folder = Folder { path: dir.to_owned(), name };
    let profiles = read_profiles(&folder, lookup, &mut errors);
    ManifestErrors::check(errors)?;
    Ok(profiles)
}

fn read_profiles(folder: &Folder, lookup: Lookup<'_>, errors: &mut Vec<ManifestError>) -> Profiles {
    let Contents { manifests, broken } = folder.read::<ProfileManifest>(lookup, errors);
    inherit::resolve(manifests, &broken, errors)
}

/// A folder of manifests and the name that errors give it.
struct Folder {
    path: PathBuf,
    name: String,
}

/// What is in a folder.
struct Contents<T> {
    manifests: BTreeMap<String, Loaded<T>>,
    broken: Vec<String>,
}

impl Folder {
    fn new(root: &Path, name: &str) -> Self {
        Self { path: root.join(name), name: name.trim_end_matches('/').to_owned() }
    }

    fn below(&self, name: &str) -> Self {
        Self { path: self.path.join(name), name: format!("{}/{name}", self.name) }
    }

    fn read<T: Table>(&self, lookup: Lookup<'_>, errors: &mut Vec<ManifestError>) -> Contents<T> {
        let mut contents = Contents { manifests: BTreeMap::new(), broken: Vec::new() };
        for path in self.files(errors) {
            let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let name = format!("{}/{file}", self.name);
            let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let parsed = match read_file(&path, &name) {
                Ok(source) => Ok((parse::<T>(&source, lookup), source)),
                Err(error) => Err(error),
            };
            match parsed {
                Ok((parsed, source)) => {
                    errors.extend(parsed.errors);
                    match parsed.manifest {
                        Some(manifest) => {
                            let unset = parsed.unset;
                            contents.manifests.insert(stem, Loaded { manifest, source, unset });
                        }
                        None => contents.broken.push(stem),
                    }
                }
                Err(error) => {
                    errors.push(error);
                    contents.broken.push(stem);
                }
            }
        }
        contents
    }

    /// The folder's manifests, sorted.
    fn files(&self, errors: &mut Vec<ManifestError>) -> Vec<PathBuf> {
        let list = || -> std::io::Result<Vec<PathBuf>> {
            let mut files = Vec::new();
            for entry in fs::read_dir(&self.path)? {
                let path = entry?.path();
                let hidden = path.file_name().is_some_and(|n| n.to_string_lossy().starts_with('.'));
                if !hidden && path.extension().is_some_and(|e| e == "toml") && !path.is_dir() {
                    files.push(path);
                }
            }
            files.sort();
            Ok(files)
        };
        match list() {
            Ok(files) => files,
            Err(error) if error.kind() == Io::NotFound => Vec::new(),
            Err(error) => {
                errors.push(unreadable(&self.name, &error));
                Vec::new()
            }
        }
    }
}

/// Reads one manifest file; `name` is what errors call it.
pub(crate) fn read_file(path: &Path, name: &str) -> Result<SourceFile, ManifestError> {
    located::read(path, name, SIZE_LIMIT).map_err(|error| error.map(ErrorKind::Unread))
}

fn unreadable(name: &str, error: &std::io::Error) -> ManifestError {
    ManifestError::nowhere(ErrorKind::Unread(ReadError::unreadable(name, error)))
}
