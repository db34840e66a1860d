//! What polyplugc makes of `api.toml` and `bundle.toml` is what is committed. `UPDATE_GENERATED=1` writes it anew.

use std::path::{Path, PathBuf};
use std::{env, fs};

use polyplugc::api::read_api;
use polyplugc::bundle::read_bundle;
use polyplugc::generate::{Language, OutputFile, Side, generate};
use polyplugc::input::read;

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

#[track_caller]
fn is_fresh(made: &OutputFile, path: &Path) {
    if env::var_os("UPDATE_GENERATED").is_some() {
        fs::write(path, &made.text).unwrap();
    }
    let committed = fs::read_to_string(path).unwrap_or_default();
    assert!(committed == made.text, "{} is stale: run this test with UPDATE_GENERATED=1", path.display());
}

#[test]
fn the_code_of_the_bundle_is_what_polyplugc_generates() {
    let bundle = read_bundle(&read(&here("bundle.toml")).unwrap()).unwrap();
    let files = generate(Side::Guest(&bundle), Language::Rust);
    assert_eq!(files.len(), 2);
    for file in &files {
        let folder = if file.name == "manifest.toml" { "" } else { "src/bundle" };
        is_fresh(file, &here(folder).join(file.name));
    }
}

#[test]
fn the_code_of_rust_bun_is_what_polyplugc_generates() {
    let api = read_api(&read(&here("api.toml")).unwrap()).unwrap();
    for file in generate(Side::Host(&api), Language::Rust) {
        is_fresh(&file, &here("../rust-bun/src/engine").join(file.name));
    }
}
