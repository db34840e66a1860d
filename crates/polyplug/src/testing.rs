//! Manifests and bundles for the tests.

use std::fs;
use std::path::{Path, PathBuf};

use polyplug_abi::DependencyKind;
use polyplug_abi::identity::bundle_id;
use polyplug_abi::types::Version;

use crate::loader::names::parse_contract;
use crate::loader::{Dependency, ManifestData, Provided};

/// A bundle's manifest that provides the contracts (`x.Y@1.2`) and depends on others of them (`x.Y@1.2`,
/// `x.Y@1.2 of BUNDLE`, `host x.Y@1.2`), with its folder.
pub(crate) fn bundle(name: &str, provides: &[&str], dependencies: &[&str]) -> (PathBuf, ManifestData) {
    let folder = PathBuf::from("/bundles").join(name);
    let provides = provides.iter().map(|text| {
        let contract = parse_contract(text).unwrap();
        Provided {
            contract: contract.name.to_owned(),
            version: contract.version,
            function_count: None,
            multiple: false,
        }
    });
    let manifest = ManifestData {
        name: name.to_owned(),
        id: bundle_id(name),
        version: Version::new(1, 0, 0),
        loader: "native".to_owned(),
        file: PathBuf::from("plugin.so"),
        provides: provides.collect(),
        needs_reinit_on_dep_reload: false,
        dependencies: dependencies.iter().map(|text| dependency(text)).collect(),
        path: folder.clone(),
    };
    (folder, manifest)
}

/// The same, and others may provide its contracts, too.
pub(crate) fn shared(name: &str, provides: &[&str], dependencies: &[&str]) -> (PathBuf, ManifestData) {
    let (folder, mut manifest) = bundle(name, provides, dependencies);
    manifest.provides.iter_mut().for_each(|provided| provided.multiple = true);
    (folder, manifest)
}

fn dependency(text: &str) -> Dependency {
    let (kind, text) = match text.strip_prefix("host ") {
        Some(rest) => (DependencyKind::HostContract, rest),
        None => (DependencyKind::GuestContract, text),
    };
    let (text, bundle) = match text.split_once(" of ") {
        Some((text, bundle)) => (text, Some(bundle.to_owned())),
        None => (text, None),
    };
    let contract = parse_contract(text).unwrap();
    Dependency { kind, contract: contract.name.to_owned(), min_version: contract.version, bundle }
}

/// Writes a bundle with a manifest and the file that it names into `folder/place`.
pub(crate) fn write_bundle(folder: &Path, place: &str, name: &str) -> PathBuf {
    let folder = folder.join(place);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("manifest.toml"), bundle(name, &[], &[]).1.to_toml()).unwrap();
    fs::write(folder.join("plugin.so"), "").unwrap();
    folder
}
