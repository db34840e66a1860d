//! What valid manifests come to, and that no text at all makes the loader panic.
use std::fs;
use std::path::Path;

use located::SourceFile;
use proptest::prelude::*;
use tempfile::TempDir;

use super::*;
use shown::shown;

mod packages;
mod shown;

/// A workspace with these files.
fn workspace(files: &[(&str, &str)]) -> TempDir {
    let root = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = root.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    root
}

fn load(files: &[(&str, &str)]) -> Result<Manifests, ManifestErrors> {
    load_all(workspace(files).path(), &Folders::default(), &|_| None)
}

#[test]
fn a_workspace_without_manifests_has_none() {
    let manifests = load(&[]).unwrap();
    assert!(manifests.profiles.is_empty() && manifests.targets.is_empty());
    assert!(manifests.packages.is_empty());
}

#[test]
fn our_own_manifests_are_valid_and_agree_with_what_is_built_in() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let manifests = load_all(root, &Folders::default(), &|_| None).unwrap();
    let profiles: Vec<_> = manifests.profiles.keys().map(String::as_str).collect();
    assert_eq!(profiles, ["ci", "dev", "profiling", "release", "release-small", "release-unwind"]);
    for (name, profile) in &manifests.profiles {
        assert_eq!(profile.peek().cargo_profile.as_ref().unwrap().as_str(), name);
    }
    // Those with a standard library of this workspace are nobody else's.
    let ordinary = manifests.targets.values().filter(|target| target.peek().std.is_none());
    let ours = ordinary.map(|target| target.peek().clone().with_builtin());
    let builtin: Vec<_> = target::builtin().into_values().collect();
    assert_eq!(ours.collect::<Vec<_>>(), builtin);
}

#[test]
fn every_kind_of_value_is_read() {
    let manifests = load(&[
        (
            "profiles/release.toml",
            "schema = 1\nopt-level = \"z\"\nlto = true\ncodegen-units = 1\npanic = \"abort\"\n\
             debug = 1\nstrip = \"none\"\nfeatures = [\"a\", \"b\"]\nenv = { A = \"1\" }\n\
             [target.x86_64-pc-windows-msvc]\nfeatures = [\"c\"]\n",
        ),
        (
            "profiles/small.toml",
            "schema = 1\ninherits = \"release\"\nfeatures = []\nlto = false\n\
             env.B = \"2\"\n[target.x86_64-pc-windows-msvc.env]\nC = \"3\"",
        ),
        (
            "packaging/fd.toml",
            "schema = 1\npackage = \"fd-find\"\n\
             files = [{ source = \"doc/*.1\", destination = \"man/\" }]",
        ),
    ])
    .unwrap();
    let small = manifests.profiles["small"].get().unwrap();
    let settings: Vec<String> = small.cargo_settings().iter().map(|(key, value)| format!("{key}={value}")).collect();
    let expected = ["opt-level=\"z\"", "lto=false", "codegen-units=1", "panic=\"abort\"", "debug=\"limited\""];
    assert_eq!(settings, expected);
    assert_eq!(small.features.as_ref().unwrap().len(), 0);
    assert_eq!(small.env.keys().collect::<Vec<_>>(), ["A", "B"]);
    let windows = &small.target["x86_64-pc-windows-msvc"];
    assert_eq!(windows.features.as_ref().unwrap()[0].as_str(), "c");
    assert_eq!(windows.env["C"].as_str(), "3");
    assert_eq!(small.lto.as_ref().unwrap().place().source().name(), "profiles/small.toml");
    assert_eq!(small.panic.as_ref().unwrap().place().source().name(), "profiles/release.toml");
    let fd = manifests.packages["fd"].get().unwrap();
    assert_eq!(fd.package_name("fd"), "fd-find");
    assert_eq!(fd.files.as_ref().unwrap()[0].source.as_ref().unwrap().as_str(), "doc/*.1");
}

#[test]
fn a_variable_is_replaced() {
    let root = workspace(&[("profiles/a.toml", "schema = 1\nenv.KEY = \"a ${NAME} b\"\n")]);
    let lookup = |name: &str| (name == "NAME").then(|| "value".to_owned());
    let profiles = load_profiles(&root.path().join("profiles"), &lookup).unwrap();
    assert_eq!(profiles["a"].get().unwrap().env["KEY"].as_str(), "a value b");
}

#[test]
fn a_folder_that_is_a_file_is_an_error() {
    assert!(load(&[("profiles", "")]).is_err());
}

#[test]
fn folders_can_be_named_in_cargo_toml() {
    let text = "[workspace.metadata.build-tool]\nprofiles = \"release/profiles\"\n";
    let root = workspace(&[("Cargo.toml", text)]);
    let metadata = serde_json::json!({ "build-tool": { "profiles": "release/profiles" } });
    let folders = Folders::load(&metadata, &root.path().join("Cargo.toml")).unwrap();
    assert_eq!(folders.profiles, "release/profiles");
    assert_eq!(folders.packaging, "packaging");
    let nothing = Folders::load(&serde_json::Value::Null, Path::new("absent")).unwrap();
    assert_eq!(nothing, Folders::default());
}

#[test]
fn the_schema_describes_every_key() {
    let schema = schema();
    for (name, key) in
        [("profile-manifest", "opt-level"), ("target-manifest", "minimum-os"), ("package-manifest", "files")]
    {
        let definition = &schema["$defs"][name];
        assert_eq!(definition["additionalProperties"], false);
        assert!(definition["properties"][key]["description"].is_string(), "{name} {key}");
    }
    assert_eq!(schema["$defs"]["target-manifest"]["required"], serde_json::json!(["schema", "triple"]));
    insta::assert_snapshot!(schema["$defs"]["package-manifest"]["properties"]["files"], @r###"
    {"description":"Files to add to the archives and, where they have a kind, to the installers.","items":{"$ref":"#/$defs/files-table-of-a-package"},"type":"array"}
    "###);
}

#[test]
fn the_schema_allows_what_the_reader_allows() {
    let schema = schema();
    let opt_level = &schema["$defs"]["profile-manifest"]["properties"]["opt-level"]["enum"];
    assert_eq!(*opt_level, serde_json::json!([0, 1, 2, 3, "s", "z"]));
}

#[test]
fn a_new_package_manifest_explains_itself() {
    let template = PackageTemplate { package: "fd-find".into(), name: "fd-find".into(), binaries: vec!["fd".into()] };
    insta::assert_snapshot!(render_package(&template));
}

#[test]
fn deep_nesting_is_no_stack_overflow() {
    for (open, close) in [("[", "]"), ("{a=", "}")] {
        any_text(&format!("files = {}1{}", open.repeat(100_000), close.repeat(100_000)));
    }
    any_text(&format!("{}a = 1", "a.".repeat(100_000)));
    any_text(&format!("[{}a]", "a.".repeat(100_000)));
}

proptest! {
    #[test]
    fn no_text_makes_the_loader_panic(text in "\\PC*") {
        any_text(&text);
    }

    #[test]
    fn no_nearly_valid_text_makes_the_loader_panic(
        lines in prop::collection::vec(
            ("(schema|triple|env|files|target|inherits|lto|env\\.A|\\[std\\]|\\[\\[files)",
             "( = |\n|)",
             "(1|\"\\PC{0,8}\"|\\[\\]|\\{|\\}|'\\$\\{\\PC{0,4}'|\\[\\[1\\], \\{ a = 1 \\}\\]|true|1979-05-27)"),
            0..12,
        )
    ) {
        let text: String =
            lines.iter().map(|(key, is, value)| format!("{key}{is}{value}\n")).collect();
        any_text(&text);
    }
}

/// Reads `text` as each kind of manifest, and shows what is wrong.
fn any_text(text: &str) {
    fn run<T: reader::Table>(text: &str) {
        let source = SourceFile::new("x.toml", "x.toml", text);
        let parsed = reader::parse::<T>(&source, &|_| None);
        assert_eq!(parsed.manifest.is_some(), parsed.errors.is_empty());
        if let Err(errors) = ManifestErrors::check(parsed.errors) {
            shown(&errors);
        }
    }
    run::<ProfileManifest>(text);
    run::<TargetManifest>(text);
    run::<PackageManifest>(text);
}
