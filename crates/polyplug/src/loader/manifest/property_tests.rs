//! What holds of every manifest, and of every text that is none.

use std::collections::BTreeMap;
use std::path::Path;

use polyplug_abi::DependencyKind;
use polyplug_abi::types::Version;
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;

use super::{BundleFile, Dependency, ManifestDocument, Provided};
use crate::error::ManifestError;
use crate::loader::Platform;

/// Texts that have much of what manifests have, in any order.
fn nearly_manifests() -> impl Strategy<Value = String> {
    let parts = [
        "name",
        "id",
        "version",
        "loader",
        "file",
        "provides",
        "function_count",
        "multiple",
        "dependencies",
        "contract",
        "min_version",
        "bundle",
        "kind",
        " = ",
        "\"a.B@1\"",
        "\"1.2.3\"",
        "\"é\"",
        "'\\'",
        "[",
        "]",
        "[[",
        "]]",
        "{",
        "}",
        ", ",
        ".",
        "\n",
        "\r\n",
        "\r",
        "\t",
        "1",
        "-1",
        "0x",
        "true",
        "1.5",
        "1979-05-27",
        "#",
        "\"",
        "\"\"\"",
        "\u{feff}",
        "\0",
        "\u{1b}",
    ];
    vec(proptest::sample::select(parts.to_vec()), 0..60).prop_map(|parts| parts.concat())
}

fn name() -> impl Strategy<Value = String> {
    "[A-Za-z0-9_-][A-Za-z0-9_.-]{0,20}"
}

fn contract() -> impl Strategy<Value = String> {
    "[A-Za-z_][A-Za-z0-9_]{0,5}(\\.[A-Za-z_][A-Za-z0-9_]{0,5}){0,2}"
}

fn path() -> impl Strategy<Value = String> {
    "[A-Za-z0-9 _é\"'{}=#,-][A-Za-z0-9 _.é-]{0,8}(/[A-Za-z0-9_-][A-Za-z0-9_.-]{0,8}){0,2}"
}

fn file() -> impl Strategy<Value = BundleFile> {
    let platform =
        proptest::sample::select(vec!["linux", "linux-x86_64", "macos-aarch64", "windows", "freebsd-riscv64"]);
    let by_platform = btree_map(platform.prop_map(str::to_owned), path(), 1..4).prop_map(BundleFile::ByPlatform);
    prop_oneof![path().prop_map(BundleFile::Everywhere), by_platform]
}

/// Minor, patch, and what else is said of a provided contract.
type Said = (u16, u16, Option<u32>, bool);

fn provides() -> impl Strategy<Value = Vec<Provided>> {
    let said = (any::<u16>(), any::<u16>(), option::of(any::<u32>()), any::<bool>());
    let build = |map: BTreeMap<(String, u16), Said>| {
        let provided = |((contract, major), (minor, patch, function_count, multiple))| Provided {
            contract,
            version: Version::new(major, minor, patch),
            function_count,
            multiple,
        };
        map.into_iter().map(provided).collect()
    };
    btree_map((contract(), any::<u16>()), said, 0..5).prop_map(build)
}

fn dependencies() -> impl Strategy<Value = Vec<Dependency>> {
    let build = |map: BTreeMap<(String, u16, bool), (u16, Option<String>)>| {
        let dependency =
            |((contract, major, of_host), (minor, bundle)): ((String, u16, bool), (u16, Option<String>))| {
                let kind = if of_host { DependencyKind::HostContract } else { DependencyKind::GuestContract };
                let bundle = bundle.filter(|_| !of_host);
                Dependency { kind, contract, min_version: Version::new(major, minor, 0), bundle }
            };
        map.into_iter().map(dependency).collect()
    };
    btree_map((contract(), any::<u16>(), any::<bool>()), (any::<u16>(), option::of(name())), 0..5).prop_map(build)
}

fn manifest() -> impl Strategy<Value = ManifestDocument> {
    let version = (any::<u16>(), any::<u16>(), any::<u16>()).prop_map(|(a, b, c)| Version::new(a, b, c));
    (name(), version, name(), file(), provides(), any::<bool>(), dependencies()).prop_map(
        |(name, version, loader, file, provides, needs_reinit_on_dep_reload, dependencies)| ManifestDocument {
            name,
            version,
            loader,
            file,
            provides,
            needs_reinit_on_dep_reload,
            dependencies,
        },
    )
}

/// What holds of every outcome.
fn check(text: &str) -> Result<(), TestCaseError> {
    let file = Path::new("manifest.toml");
    match ManifestDocument::parse(text, file) {
        Ok(manifest) => prop_assert_eq!(ManifestDocument::parse(&manifest.to_toml(), file).ok(), Some(manifest)),
        Err(ManifestError::Invalid { problems, .. }) => {
            prop_assert!(!problems.is_empty());
            let lines = text.matches('\n').count() + 1;
            for problem in problems {
                prop_assert!((1..=lines).contains(&problem.line) && problem.column >= 1, "{:?}", problem);
                prop_assert!(!problem.excerpt.chars().any(char::is_control), "{:?}", problem);
                let end = problem.excerpt.chars().count();
                prop_assert!(problem.width >= 1 && problem.start + problem.width <= end + 1, "{:?}", problem);
            }
        }
        Err(other) => prop_assert!(false, "{other}"),
    }
    Ok(())
}

proptest! {
    #[test]
    fn any_text_is_read_or_told_of(text in any::<String>()) {
        check(&text)?;
    }

    #[test]
    fn any_bytes_are_read_or_told_of(bytes in vec(any::<u8>(), 0..400)) {
        check(&String::from_utf8_lossy(&bytes))?;
    }

    #[test]
    fn what_is_nearly_a_manifest_is_read_or_told_of(text in nearly_manifests()) {
        check(&text)?;
    }

    #[test]
    fn every_manifest_is_written_and_read_as_the_same(manifest in manifest()) {
        let text = manifest.to_toml();
        match ManifestDocument::parse(&text, Path::new("manifest.toml")) {
            Ok(read) => prop_assert_eq!(read, manifest.clone()),
            Err(error) => prop_assert!(false, "{text}\n{error}"),
        }
        let platform = Platform { system: "linux", processor: "x86_64" };
        if let Ok(data) = manifest.for_platform(platform, Path::new("/bundle")) {
            let read = ManifestDocument::parse(&data.to_toml(), Path::new("manifest.toml")).unwrap();
            prop_assert_eq!(read.for_platform(platform, Path::new("/bundle")).unwrap(), data);
        }
    }
}
