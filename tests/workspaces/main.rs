//! Other people's workspaces, as they were published, with no manifest of ours
//! added: release, verify, and verify by building again. Slow, and the sources
//! come from the registry through cargo: run with `--ignored`.

#[allow(dead_code, unused_imports, reason = "the fast group's support; neither group uses all of it")]
#[path = "../program/support/mod.rs"]
mod support;

mod installers;
mod macos;
mod rust_bun;
mod six_targets;
mod standard_library;
mod windows;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use support::{Fixture, HOST, Run, entries, files, tool};

/// One package with one program.
const ONE: (&str, &str) = ("hexyl", "0.16.0");
/// One package with several programs.
const SEVERAL: (&str, &str) = ("capnpc", "0.20.1");
/// A library, for a member that is no app.
const LIBRARY: (&str, &str) = ("itoa", "1.0.18");

/// Where cargo keeps the published sources of a package: it fetches them for a scratch project.
fn published((name, version): (&str, &str)) -> PathBuf {
    let scratch = Fixture::empty("scratch");
    scratch
        .write(
            "Cargo.toml",
            format!("[package]\nname = \"scratch\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[dependencies]\ncfg-if = \"1\"\n{name} = \"={version}\"\n"),
        )
        .write("src/lib.rs", "");
    let cargo = |args: &[&str]| {
        let mut cargo = Command::new("cargo");
        cargo.args(args);
        Run::of(scratch.in_place(cargo)).ok()
    };
    cargo(&["fetch", "--quiet"]);
    let metadata = cargo(&["metadata", "--format-version", "1"]).json();
    // A package without a library is fetched, too, and not listed: it lies beside the one that has one.
    let packages = metadata["packages"].as_array().unwrap().iter();
    let mut fetched = packages.filter(|package| package["source"].is_string());
    let manifest = Path::new(fetched.next().unwrap()["manifest_path"].as_str().unwrap()).to_owned();
    let sources = manifest.parent().unwrap().parent().unwrap();
    let folder = sources.join(format!("{name}-{version}"));
    assert!(folder.join("Cargo.toml").is_file(), "{}", folder.display());
    folder
}

/// Copies a package as it was published, without cargo's own marks.
fn take(package: (&str, &str), to: &Path) {
    copy(&published(package), to);
    let _not_everywhere = fs::remove_file(to.join(".cargo-ok"));
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        let place = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &place);
        } else {
            fs::write(place, fs::read(entry.path()).unwrap()).unwrap();
        }
    }
}

/// Releases twice, verifies, and verifies by building again; no file but the release may appear.
fn proves(fixture: &Fixture, programs: &[(&str, &str, &str)], built: &[&str]) {
    let before = files(fixture.root());
    fixture.release();
    let again = fixture.run(["release", "--message-format", "json"]).ok();
    assert!(again.outcomes().iter().all(|(_, outcome)| outcome == "cached"), "{again}");
    let mut expected: Vec<String> = before;
    expected.extend(built.iter().map(|&name| name.to_owned()));
    expected.push("dist".to_owned());
    expected.sort();
    assert_eq!(files(fixture.root()), expected);
    fixture.run(["verify"]).ok();
    fixture.run(["verify", "--rebuild"]).ok().prints(&["every byte the same"]);
    for (app, version, program) in programs {
        let folder = format!("{app}-{version}-{HOST}");
        let archive = fixture.dist().join(format!("{folder}.tar.gz"));
        assert!(entries(&archive).contains(&format!("{folder}/{program}")), "{:?}", entries(&archive));
        tool("tar", &["-xf", archive.to_str().unwrap(), "-C", fixture.base().to_str().unwrap()]);
    }
}

#[test]
#[ignore = "slow: compiles a published package twice"]
fn a_package_with_one_program() {
    let fixture = Fixture::empty(ONE.0);
    take(ONE, fixture.root());
    fixture.commit("as published");
    proves(&fixture, &[(ONE.0, ONE.1, ONE.0)], &["target"]);
    let mut hexyl = Command::new(fixture.base().join(format!("{}-{}-{HOST}", ONE.0, ONE.1)).join(ONE.0));
    hexyl.arg("--version");
    assert_eq!(Run::of(hexyl).ok().stdout, format!("hexyl {}\n", ONE.1));
}

#[test]
#[ignore = "slow: compiles a published package twice"]
fn a_package_with_several_programs_and_no_repository() {
    let fixture = Fixture::empty(SEVERAL.0);
    take(SEVERAL, fixture.root());
    let app = |program| (SEVERAL.0, SEVERAL.1, program);
    proves(&fixture, &[app("capnpc-rust"), app("capnpc-rust-bootstrap")], &["target"]);
}

#[test]
#[ignore = "slow: compiles published packages twice"]
fn packages_as_members_in_sub_folders_with_a_target_folder_of_their_own() {
    let fixture = Fixture::empty("together");
    for (package, folder) in [(ONE, "apps"), (SEVERAL, "apps"), (LIBRARY, "libraries")] {
        let to = fixture.path(folder).join(package.0);
        take(package, &to);
        let _not_every_package_has_one = fs::remove_file(to.join("Cargo.lock"));
    }
    fixture
        .write("Cargo.toml", "[workspace]\nresolver = \"2\"\nmembers = [\"apps/*\", \"libraries/*\"]\n[profile.release]\nlto = \"thin\"\nstrip = true\n")
        .write(".cargo/config.toml", "[build]\ntarget-dir = \"made/here\"\n");
    let mut cargo = Command::new("cargo");
    cargo.args(["generate-lockfile", "--quiet"]);
    Run::of(fixture.in_place(cargo)).ok();
    fixture.commit("as published, together");
    proves(&fixture, &[(ONE.0, ONE.1, ONE.0), (SEVERAL.0, SEVERAL.1, "capnpc-rust")], &["made"]);
    assert!(fixture.path("made/here/build-tool").is_dir());
}
