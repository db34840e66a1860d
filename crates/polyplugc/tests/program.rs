//! The program: what it writes, prints and ends with.

use std::path::Path;
use std::process::{Command, Output};
use std::time::SystemTime;

const API: &str =
    "[[guest_contract]]\nname = \"image.Painter\"\nversion = \"1.2.0\"\nfunctions = [{ name = \"paint\" }]\n";
const BUNDLE: &str = "[bundle]\nname = \"painter\"\nversion = \"1.0.0\"\napi = \"api.toml\"\nloader = \"lua\"\n\
                      file = \"painter.lua\"\n[[plugin]]\nname = \"brush\"\nimplements = [\"image.Painter@1\"]\n";

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("api.toml"), API).unwrap();
    std::fs::write(folder.path().join("bundle.toml"), BUNDLE).unwrap();
    folder
}

fn polyplugc(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } =
        Command::new(env!("CARGO_BIN_EXE_polyplugc")).current_dir(folder).args(arguments).output().unwrap();
    (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

const GENERATE: [&str; 7] = ["generate", "--bundle", "bundle.toml", "--lang", "lua", "--out", "out"];

fn with<'a>(more: &[&'a str]) -> Vec<&'a str> {
    GENERATE.into_iter().chain(more.iter().copied()).collect()
}

#[test]
fn files_are_written_once_and_again_only_if_they_change() {
    let folder = folder();
    let written = "out/guest.lua\nout/manifest.toml\n".to_owned();
    let (code, out, err) = polyplugc(folder.path(), &GENERATE);
    assert_eq!((code, out), (Some(0), written.clone()));
    assert_eq!(err, "wrote out/guest.lua\nwrote out/manifest.toml\n");
    let guest = folder.path().join("out/guest.lua");
    let old = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
    std::fs::File::options().write(true).open(&guest).unwrap().set_modified(old).unwrap();
    std::fs::write(folder.path().join("out/manifest.toml"), "").unwrap();
    let (code, out, err) = polyplugc(folder.path(), &GENERATE);
    assert_eq!((code, out), (Some(0), written));
    assert_eq!(err, "unchanged out/guest.lua\nrewrote out/manifest.toml\n");
    assert_eq!(guest.metadata().unwrap().modified().unwrap(), old);
    let left: Vec<_> =
        std::fs::read_dir(folder.path().join("out")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "{left:?}");
}

#[test]
fn check_writes_nothing_and_fails_if_anything_differs() {
    let folder = folder();
    let (code, out, err) = polyplugc(folder.path(), &with(&["--check"]));
    assert_eq!((code, out.as_str()), (Some(1), ""));
    assert!(err.contains("out/guest.lua, out/manifest.toml"), "{err}");
    assert!(!folder.path().join("out").exists());
    polyplugc(folder.path(), &GENERATE);
    assert_eq!(polyplugc(folder.path(), &with(&["--check"])).0, Some(0));
    let guest = folder.path().join("out/guest.lua");
    std::fs::write(&guest, std::fs::read_to_string(&guest).unwrap() + "\n").unwrap();
    let (code, _, err) = polyplugc(folder.path(), &with(&["--check"]));
    assert_eq!(code, Some(1));
    assert!(err.contains("a file is not what would be generated: out/guest.lua"), "{err}");
}

#[test]
fn a_dry_run_shows_and_writes_nothing() {
    let folder = folder();
    let (code, out, err) = polyplugc(folder.path(), &with(&["--dry-run"]));
    assert_eq!(code, Some(0));
    assert!(out.contains("function api.bundle(plugins)") && out.contains("name = \"painter\""), "{out}");
    assert_eq!(err, "would write out/guest.lua\nwould write out/manifest.toml\n");
    assert!(!folder.path().join("out").exists());
}

#[test]
fn bad_input_and_bad_usage_end_with_2_and_write_nothing() {
    let folder = folder();
    std::fs::write(folder.path().join("api.toml"), "[[types]]\nname = 3\n").unwrap();
    let (code, out, err) = polyplugc(folder.path(), &GENERATE);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(err.contains("api.toml:2:8") && err.contains("the type has 0 fields"), "{err}");
    assert!(!folder.path().join("out").exists());
    assert_eq!(polyplugc(folder.path(), &["generate", "--lang", "c", "--out", "out"]).0, Some(2));
    assert_eq!(polyplugc(folder.path(), &with(&["--api", "api.toml"])).0, Some(2));
}

#[test]
fn a_folder_that_cannot_be_written_to_ends_with_1() {
    let folder = folder();
    std::fs::write(folder.path().join("out"), "in the way").unwrap();
    let (code, out, err) = polyplugc(folder.path(), &GENERATE);
    assert_eq!((code, out.as_str()), (Some(1), ""));
    assert!(err.contains("out"), "{err}");
}

#[test]
fn validate_says_what_is_there_and_everything_that_is_wrong() {
    let folder = folder();
    polyplugc(folder.path(), &GENERATE);
    let all = ["validate", "api.toml", "bundle.toml", "out/manifest.toml"];
    let (code, out, _) = polyplugc(folder.path(), &all);
    assert_eq!(code, Some(0));
    assert_eq!(
        out,
        "api.toml: an API with 0 types, 1 guest contracts and 0 host contracts\n\
         bundle.toml: the bundle `painter` 1.0.0 with 1 plugins\n\
         out/manifest.toml: the manifest of the bundle `painter` 1.0.0\n"
    );
    // The folder lacks its script.
    let (code, out, err) = polyplugc(folder.path(), &["validate", "out"]);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(err.contains("painter.lua"), "{err}");
    std::fs::write(folder.path().join("out/painter.lua"), "return {}").unwrap();
    assert_eq!(polyplugc(folder.path(), &["validate", "out"]).1, "out: the bundle `painter` 1.0.0, complete\n");
    // A manifest that was tampered with, beside an API that is wrong.
    let manifest = folder.path().join("out/manifest.toml");
    let text = std::fs::read_to_string(&manifest).unwrap();
    std::fs::write(&manifest, text.replace("name = \"painter\"", "name = \"other\"")).unwrap();
    std::fs::write(folder.path().join("api.toml"), "[[typs]]\n").unwrap();
    let (code, _, err) = polyplugc(folder.path(), &["validate", "out", "api.toml", "nothing.toml"]);
    assert_eq!(code, Some(2));
    for words in ["manifest.toml:3:", "unknown key `typs`", "nothing.toml"] {
        assert!(err.contains(words), "{words}: {err}");
    }
}

#[test]
fn a_line_that_no_error_could_be_shown_in_is_refused() {
    let folder = folder();
    std::fs::write(folder.path().join("api.toml"), format!("\nx = {}", "[".repeat(100_000))).unwrap();
    let (code, _, err) = polyplugc(folder.path(), &["validate", "api.toml"]);
    assert_eq!(code, Some(2), "{err}");
    assert!(err.contains("line 2 is 100004 bytes long"), "{err}");
}
