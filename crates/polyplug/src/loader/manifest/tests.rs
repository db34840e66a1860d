//! What manifests may say, and what is told of the others.

use std::path::{Path, PathBuf};

use polyplug_abi::DependencyKind;
use polyplug_abi::types::Version;

use super::{BundleFile, Dependency, ManifestData, ManifestDocument, Provided};

const GREETER: &str = r#"name = "greeter"
id = "0x9b1b2f2b2b2b2b2b"
version = "1.2.0"
loader = "native"
file = { linux = "libgreeter.so", macos = "libgreeter.dylib", windows = "greeter.dll", "linux-aarch64" = "arm/libgreeter.so" }
provides = ["text.Greeter@1.3"]
function_count = { "text.Greeter@1" = 2 }
multiple = ["text.Greeter@1"]
needs_reinit_on_dep_reload = true

[[dependencies]]
kind = "guest_contract"
contract = "text.Case@1"
min_version = "1.1"
bundle = "casing"

[[dependencies]]
kind = "host_contract"
contract = "host.Log@2"
"#;

fn good() -> String {
    let id = format!("{:#018x}", polyplug_abi::identity::bundle_id("greeter"));
    GREETER.replace("0x9b1b2f2b2b2b2b2b", &id)
}

#[test]
fn the_documentations_manifest_is_read() {
    let manifest = ManifestData::parse(&good(), Path::new("/bundles/greeter")).unwrap();
    assert_eq!(manifest.name, "greeter");
    assert_eq!(manifest.version, Version::new(1, 2, 0));
    assert_eq!(manifest.path, PathBuf::from("/bundles/greeter"));
    assert!(manifest.needs_reinit_on_dep_reload);
    let contract = "text.Greeter".to_owned();
    let greeter = Provided { contract, version: Version::new(1, 3, 0), function_count: Some(2), multiple: true };
    assert_eq!(manifest.provides, [greeter]);
    let case = Dependency {
        kind: DependencyKind::GuestContract,
        contract: "text.Case".to_owned(),
        min_version: Version::new(1, 1, 0),
        bundle: Some("casing".to_owned()),
    };
    let log = Dependency {
        kind: DependencyKind::HostContract,
        contract: "host.Log".to_owned(),
        min_version: Version::new(2, 0, 0),
        bundle: None,
    };
    assert_eq!(manifest.dependencies, [case, log]);
}

#[test]
fn what_is_written_is_read_as_the_same() {
    let manifest = ManifestDocument::parse(&good(), Path::new("manifest.toml")).unwrap();
    assert!(matches!(&manifest.file, BundleFile::ByPlatform(files) if files.len() == 4));
    let text = manifest.to_toml();
    assert_eq!(ManifestDocument::parse(&text, Path::new("manifest.toml")).unwrap(), manifest, "{text}");
}

#[test]
fn all_mistakes_are_told_at_once() {
    let text = good().replace("name = \"greeter\"\n", "name = \"gree ter\"\n").replace("loader", "laoder");
    let error = ManifestDocument::parse(&text, Path::new("manifest.toml")).unwrap_err();
    println!("{error}");
    let text = error.to_string();
    assert!(text.contains("did you mean `loader`?") && text.contains("`gree ter` is not a name"), "{text}");
}
