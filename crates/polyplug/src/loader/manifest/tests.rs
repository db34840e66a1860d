//! What manifests may say, and what is told of the others.

use std::path::{Path, PathBuf};

use polyplug_abi::types::Version;
use polyplug_abi::{AbiErrorCode, DependencyKind};

use super::{BundleFile, Dependency, ManifestData, ManifestDocument, Provided};
use crate::error::ManifestError;
use crate::loader::Platform;

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

/// The manifest of the documentation with a part replaced, and what is said about it.
fn told(from: &str, to: &str) -> String {
    let text = good();
    assert!(text.contains(from), "{from}");
    match ManifestDocument::parse(&text.replacen(from, to, 1), Path::new("manifest.toml")) {
        Ok(manifest) => format!("accepted: {manifest:?}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn every_mistake_is_told_with_its_place_and_what_would_be_right() {
    let cases = [
        // Syntax.
        ("name = \"greeter\"", "name = greeter"),
        ("name = \"greeter\"", "name = \"greeter\"\nname = \"greeter\""),
        ("[[dependencies]]", "[[dependencies]"),
        // Keys.
        ("needs_reinit_on_dep_reload", "needs_reinit_on_dependency_reload"),
        ("min_version", "minversion"),
        ("loader = \"native\"", "author = \"me\"\nloader = \"native\""),
        ("version = \"1.2.0\"\n", ""),
        ("contract = \"text.Case@1\"\n", ""),
        // Types.
        ("\"1.2.0\"", "1.2"),
        ("true", "\"yes\""),
        ("[\"text.Greeter@1.3\"]", "\"text.Greeter@1.3\""),
        ("[\"text.Greeter@1.3\"]", "[1]"),
        ("{ \"text.Greeter@1\" = 2 }", "2"),
        ("= 2 }", "= -1 }"),
        ("= 2 }", "= 4294967296 }"),
        ("= 2 }", "= 2.0 }"),
        // Names and ids.
        ("\"greeter\"", "\"gree ter\""),
        ("\"greeter\"", "\"\""),
        ("\"greeter\"", "\"greeter2\""),
        ("\"0x", "\""),
        ("\"0x", "\"0x+"),
        ("\"native\"", "\"native!\""),
        // Versions.
        ("\"1.2.0\"", "\"1.2\""),
        ("\"1.2.0\"", "\"1.2.0-beta\""),
        ("\"1.1\"", "\"1.1.4\""),
        ("\"1.1\"", "\"2.0\""),
        // Files.
        ("\"libgreeter.so\"", "\"../libgreeter.so\""),
        ("\"libgreeter.so\"", "\"/usr/lib/libgreeter.so\""),
        ("\"libgreeter.so\"", "'lib\\greeter.so'"),
        ("\"libgreeter.so\"", "\"C:/greeter.dll\""),
        ("\"libgreeter.so\"", "\"\""),
        ("macos", "darwin"),
        ("\"linux-aarch64\"", "\"linux-arm64\""),
        ("\"linux-aarch64\"", "solaris11"),
        // Contracts.
        ("text.Greeter@1.3", "text.Greeter"),
        ("text.Greeter@1.3", "text-Greeter@1"),
        ("[\"text.Greeter@1.3\"]", "[\"text.Greeter@1.3\", \"text.Greeter@1.4\"]"),
        ("multiple = [\"text.Greeter@1\"]", "multiple = [\"text.Greeter@1.3\"]"),
        ("multiple = [\"text.Greeter@1\"]", "multiple = [\"text.Greeter@2\"]"),
        ("multiple = [\"text.Greeter@1\"]", "multiple = [\"text.Greeter@1\", \"text.Greeter@1\"]"),
        ("{ \"text.Greeter@1\" = 2 }", "{ \"text.Greter@1\" = 2 }"),
        // Dependencies.
        ("\"guest_contract\"", "\"guest\""),
        ("\"text.Case@1\"", "\"text.Case@1.1\""),
        ("\"text.Case@1\"", "\"text.Case\""),
        ("\"casing\"", "\"ca/sing\""),
        ("\"host.Log@2\"", "\"host.Log@2\"\nbundle = \"casing\""),
        ("\"host.Log@2\"", "\"host.Log@2\"\n[[dependencies]]\nkind = \"host_contract\"\ncontract = \"host.Log@2\"\n"),
    ];
    let told = cases.map(|(from, to)| format!("{from}  →  {to}\n\n{}\n", told(from, to).replace("manifest.toml:", "")));
    insta::assert_snapshot!(told.join("\n--------\n"));
}

#[test]
fn all_mistakes_are_told_at_once_in_the_order_of_their_places() {
    let text = "nmae = \"greeter\"\nid = 5\nversion = \"1\"\nfile = { linux = \"/a\", bsd = \"..\" }\n\
                provides = [\"a\", \"b@1\", \"b@1\"]\n\n[function_count]\n\"c@1\" = \"two\"\n\n[[dependencies]]\nbundle = \"?\"\n";
    insta::assert_snapshot!(ManifestDocument::parse(text, Path::new("bundle/manifest.toml")).unwrap_err());
}

#[test]
fn mistakes_beyond_fifty_are_counted() {
    let text = good() + &many("y", 101);
    let error = ManifestDocument::parse(&text, Path::new("manifest.toml")).unwrap_err();
    let ManifestError::Invalid { problems, more, .. } = &error else { panic!("{error}") };
    assert_eq!((problems.len(), *more), (50, 51));
    assert!(error.to_string().ends_with("\nmanifest.toml: … and 51 more mistakes"), "{error}");
}

/// Keys that no dependency has, one a line.
fn many(prefix: &str, count: usize) -> String {
    (0..count).map(|index| format!("{prefix}{index} = 1\n")).collect()
}

#[test]
fn a_long_line_is_shown_around_the_mistake_and_nothing_of_it_controls_the_terminal() {
    let text = good().replace("\"1.2.0\"", &format!("{}\"\u{1b}[31m{}\"", " ".repeat(500), "é".repeat(500)));
    let ManifestError::Invalid { problems, .. } =
        ManifestDocument::parse(&text, Path::new("manifest.toml")).unwrap_err()
    else {
        panic!()
    };
    for problem in problems {
        assert!(problem.excerpt.chars().count() <= 120 && !problem.excerpt.contains('\u{1b}'), "{problem}");
        assert!(problem.start + problem.width <= problem.excerpt.chars().count().max(1), "{problem:?}");
        assert!(problem.line == 3 && problem.column > 500, "{problem:?}");
    }
}

#[test]
fn a_mistake_at_a_line_end_of_windows_is_marked_behind_the_line() {
    let text = "\"\r\n";
    let error = ManifestDocument::parse(text, Path::new("manifest.toml")).unwrap_err().to_string();
    assert!(error.contains("manifest.toml:1:2: key with no value, expected `=`\n1 | \"\n  |  ^\n"), "{error}");
}

#[test]
fn the_id_may_be_written_in_capitals() {
    let text = good();
    let digits = text.lines().nth(1).unwrap().split('"').nth(1).unwrap().trim_start_matches("0x").to_owned();
    assert_eq!(
        ManifestDocument::parse(&text.replace(&digits, &digits.to_uppercase()), Path::new("")).unwrap().name,
        "greeter"
    );
}

#[test]
fn line_ends_of_windows_and_a_byte_order_mark_are_read() {
    let text = format!("\u{feff}{}", good().replace('\n', "\r\n"));
    assert_eq!(
        ManifestDocument::parse(&text, Path::new("")).unwrap(),
        ManifestDocument::parse(&good(), Path::new("")).unwrap()
    );
}

#[test]
fn a_manifest_needs_no_more_than_name_id_version_loader_and_file() {
    let id = polyplug_abi::identity::bundle_id("a");
    let text = format!("name = \"a\"\nid = \"{id:#018x}\"\nversion = \"0.0.0\"\nloader = \"lua\"\nfile = \"a.lua\"\n");
    let manifest = ManifestData::parse(&text, Path::new("/a")).unwrap();
    assert_eq!(manifest.file, PathBuf::from("a.lua"));
    assert!(manifest.provides.is_empty() && manifest.dependencies.is_empty() && !manifest.needs_reinit_on_dep_reload);
}

#[test]
fn the_longer_platform_wins_and_one_that_is_missing_is_an_error_of_its_own() {
    let file = |system, processor| {
        let manifest = ManifestDocument::parse(&good(), Path::new("")).unwrap();
        manifest.for_platform(Platform { system, processor }, Path::new("greeter")).map(|manifest| manifest.file)
    };
    assert_eq!(file("linux", "x86_64").unwrap(), PathBuf::from("libgreeter.so"));
    assert_eq!(file("linux", "aarch64").unwrap(), PathBuf::from("arm/libgreeter.so"));
    assert_eq!(file("windows", "aarch64").unwrap(), PathBuf::from("greeter.dll"));
    let error = file("freebsd", "x86_64").unwrap_err();
    assert_eq!(error.code(), AbiErrorCode::LoadFailed.as_u32());
    let told = error.to_string();
    assert!(told.ends_with(
        "manifest.toml: bundle `greeter` has no file for freebsd-x86_64; it has files for `linux`, `linux-aarch64`, `macos` \
         and `windows`"
    ), "{told}");
}

#[test]
fn a_written_manifest_has_the_keys_in_the_order_of_the_documentation() {
    let manifest = ManifestDocument::parse(&good(), Path::new("")).unwrap();
    insta::assert_snapshot!(manifest.to_toml());
    let data = manifest.for_platform(Platform { system: "linux", processor: "aarch64" }, Path::new("/a")).unwrap();
    assert!(data.to_toml().contains("\nfile = \"arm/libgreeter.so\"\n"), "{}", data.to_toml());
}

#[test]
fn names_that_cannot_be_are_written_so_that_they_cannot_say_anything_else() {
    let mut manifest = ManifestDocument::parse(&good(), Path::new("")).unwrap();
    manifest.loader = "a\"\nb\\\u{7f}".to_owned();
    manifest.file = BundleFile::ByPlatform([("x\"} y".to_owned(), String::new())].into());
    let text = manifest.to_toml();
    let error = ManifestDocument::parse(&text, Path::new("")).unwrap_err().to_string();
    assert!(error.contains("`a\"\nb\\\u{7f}` is not a name"), "{text}\n{error}");
    assert!(error.contains("`x\"} y` is not a platform"), "{text}\n{error}");
}
