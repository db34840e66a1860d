//! One app of a release: its programs and libraries, where it will run, and the files beside them in its archives.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use release_formats::archive::ArchiveFormat;
use serde::{Serialize, Serializer};

use super::{Authenticode, MacSigning};
use crate::artifact::{ArtifactId, ArtifactKind};

/// One app: what is released.
#[derive(Debug, Clone)]
pub struct App {
    /// The name that its artifacts carry.
    pub name: String,
    /// The Cargo package.
    pub package: String,
    /// cargo's id of the package.
    pub package_id: String,
    /// The package's version.
    pub version: String,
    /// The profile that it is compiled with.
    pub profile: String,
    /// Its programs, without any target's suffix, sorted.
    pub binaries: Vec<String>,
    /// Whether its package, or that of a bundle, has other programs, too.
    pub narrowed: bool,
    /// Its libraries with a C interface.
    pub libraries: Vec<Library>,
    /// The bundles of plugins that are shipped with it, sorted by name.
    pub bundles: Vec<Bundle>,
    /// The triples that it is released for, sorted.
    pub targets: Vec<String>,
    /// Those of them with names of their own: name → what rustc compiles for.
    pub specs: BTreeMap<String, String>,
    /// What targets of it are fused into: platform → triples, sorted.
    pub universal: BTreeMap<String, Vec<String>>,
    /// How its programs for Apple's systems are signed.
    pub macos: MacSigning,
    /// How its programs for Windows are signed; none where they are not.
    pub windows: Option<Authenticode>,
    /// The archive format, where the package manifest says one.
    pub archive: Option<ArchiveFormat>,
    /// Documents and whatever the package manifest adds, by destination.
    pub files: Vec<PackagedFile>,
}

/// A bundle of plugins: a library of the workspace, its manifest, and whatever else is in the bundle's folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    /// The bundle's name.
    pub name: String,
    /// The Cargo package of its library.
    pub package: String,
    /// cargo's id of the package.
    pub package_id: String,
    /// Whether the package has programs, which nobody ships.
    pub has_programs: bool,
    /// The package's version, which its library is stamped with.
    pub version: String,
    /// Its library: a `Cdylib`.
    pub library: Library,
    /// Its folder in archives, and below whatever an installer's files go below: `lib/APP/bundles/NAME`, so that programs
    /// find it from where they are themselves.
    pub folder: String,
    /// Its manifest and its other files, by their paths in its folder.
    pub files: Vec<PackagedFile>,
}

/// A library with a C interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Library {
    /// The library's name, as in `-lNAME`.
    pub name: String,
    /// `Cdylib` or `Staticlib`.
    pub kind: ArtifactKind,
}

impl App {
    /// `NAME-VERSION-TRIPLE`.
    pub fn full_name(&self, target: &str) -> String {
        format!("{}-{}-{target}", self.name, self.version)
    }

    /// What rustc compiles for where the app is released for `platform`.
    pub fn spec_of<'a>(&'a self, platform: &'a str) -> &'a str {
        self.specs.get(platform).map_or(platform, String::as_str)
    }

    /// One of its programs.
    pub fn program(&self, name: &str, target: &str) -> ArtifactId {
        ArtifactId::of(ArtifactKind::Binary, &self.name, target, program_file(name, self.spec_of(target)))
    }

    /// Everything that compiling it for `target` gives.
    pub fn products(&self, target: &str) -> impl Iterator<Item = ArtifactId> {
        let file_of = |name: String, kind| ArtifactId::of(kind, &self.name, target, name);
        let programs = self.binaries.iter().map(|name| self.program(name, target));
        let spec = self.spec_of(target);
        let libraries = self.libraries.iter().map(|library| file_of(library_file(library, spec), library.kind));
        let bundles = self.bundles.iter().map(|bundle| self.library_of(bundle, target));
        programs.chain(libraries).chain(bundles).collect::<Vec<_>>().into_iter()
    }

    /// The library of one of its bundles.
    pub fn library_of(&self, bundle: &Bundle, target: &str) -> ArtifactId {
        let file = library_file(&bundle.library, self.spec_of(target));
        let library = ArtifactId::of(bundle.library.kind, &self.name, target, file);
        ArtifactId { folder: Some(bundle.folder.clone()), ..library }
    }

    /// The bundle that an artifact of it is the library of; none for its own.
    pub fn bundle_of(&self, id: &ArtifactId) -> Option<&Bundle> {
        self.bundles.iter().find(|bundle| Some(&bundle.folder) == id.folder.as_ref())
    }

    /// The names and cargo's ids of the packages that it is compiled from, its own first.
    pub fn packages(&self) -> impl Iterator<Item = (&str, &str)> {
        let bundles = self.bundles.iter().map(|bundle| (bundle.package.as_str(), bundle.package_id.as_str()));
        [(self.package.as_str(), self.package_id.as_str())].into_iter().chain(bundles)
    }
}

/// The file name of a program.
fn program_file(name: &str, spec: &str) -> String {
    if spec.contains("-windows") { format!("{name}.exe") } else { name.to_owned() }
}

/// The file name of a library, as rustc makes it.
pub(super) fn library_file(library: &Library, spec: &str) -> String {
    let name = library.name.replace('-', "_");
    let dynamic = library.kind == ArtifactKind::Cdylib;
    if spec.contains("-windows") {
        return match (dynamic, spec.ends_with("-msvc")) {
            (true, _) => format!("{name}.dll"),
            (false, true) => format!("{name}.lib"),
            (false, false) => format!("lib{name}.a"),
        };
    }
    match (dynamic, spec.contains("-apple-")) {
        (true, true) => format!("lib{name}.dylib"),
        (true, false) => format!("lib{name}.so"),
        (false, _) => format!("lib{name}.a"),
    }
}

/// A file that goes into archives beside the binaries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PackagedFile {
    /// Where it lies.
    #[serde(serialize_with = "path_bytes")]
    pub source: PathBuf,
    /// Its path in the archive's folder.
    #[serde(serialize_with = "path_bytes")]
    pub destination: PathBuf,
    /// Whether users may run it.
    pub executable: bool,
}

/// A path as text in which different paths stay different, UTF-8 or not.
pub(super) fn path_bytes<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    match path.to_str() {
        Some(text) => serializer.serialize_str(text),
        None => serializer.collect_str(&path.as_os_str().as_encoded_bytes().escape_ascii()),
    }
}
