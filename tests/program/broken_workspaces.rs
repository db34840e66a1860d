//! Workspaces that cannot be released as they are: exit 2 (or 3, for missing
//! tools), and the remedy.

use std::os::unix::fs::symlink;
use std::path::Path;

use crate::support::{Fixture, HOST, files};

#[test]
fn no_such_package_is_bad_usage_with_the_nearest() {
    let failed = Fixture::full().run(["release", "-p", "helo"]).exits(2);
    failed.says(&["there is no app or package `helo`", "did you mean `hello`?", "plain"]);
}

#[test]
fn several_wrong_flags_are_named_at_once() {
    let failed = Fixture::plain().run(["release", "-p", "plane", "--profile", "nope", "--target", "nowhere"]).exits(2);
    failed.says(&["`plane`", "`nope`", "`nowhere`"]);
}

#[test]
fn a_package_without_a_binary_is_said_with_the_remedy() {
    let fixture = Fixture::full();
    let failed = fixture.run(["release", "-p", "build-info"]).exits(2);
    failed.says(&["package `build-info` has no binary to release", "src/main.rs"]);
}

#[test]
fn a_workspace_without_any_program_is_said() {
    let fixture = Fixture::empty("workspace");
    fixture.workspace(&["crates/build-info"], "").build_info().lock().commit("first");
    fixture.run(["release"]).exits(2).says(&["there is nothing to release", "src/main.rs"]);
}

#[test]
fn an_unpublished_program_is_no_app_until_a_manifest_says_so() {
    let fixture = Fixture::empty("workspace");
    fixture.workspace(&["tool"], "").member("tool", "publish = false", "fn main() {}").lock().commit("first");
    fixture.run(["release"]).exits(2).says(&["packaging/tool.toml", "publish = false"]);
    fixture.write("packaging/tool.toml", "schema = 1\n").commit("now it is");
    fixture.release();
    assert!(fixture.dist().join(format!("tool-1.2.3-{HOST}.tar.gz")).is_file());
}

#[test]
fn an_empty_workspace_is_bad_usage() {
    let fixture = Fixture::empty("workspace");
    fixture.write("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = []\n").commit("first");
    let failed = fixture.run(["release"]).exits(2);
    assert!(!failed.stderr.contains("panicked"), "{failed}");
}

#[test]
fn a_folder_that_is_no_workspace_is_bad_usage() {
    let failed = Fixture::empty("nothing").run(["release"]).exits(2);
    failed.says(&["could not find `Cargo.toml`", "-C"]);
}

#[test]
fn a_broken_cargo_toml_is_shown_in_cargo_s_own_words() {
    let fixture = Fixture::plain();
    fixture.write("Cargo.toml", "[package]\nname = \"plain\"\nversion = 1.2.3\n");
    let failed = fixture.run(["release"]).exits(2);
    failed.says(&["version = 1.2.3", "Cargo.toml:3", "mend what cargo names above"]);
}

#[test]
fn a_missing_member_is_shown_in_cargo_s_own_words() {
    let fixture = Fixture::empty("workspace");
    fixture.workspace(&["gone"], "");
    fixture.run(["release"]).exits(2).says(&["gone/Cargo.toml"]);
}

#[test]
fn a_missing_lock_file_is_said_with_the_remedy() {
    let fixture = Fixture::plain();
    std::fs::remove_file(fixture.path("Cargo.lock")).unwrap();
    fixture.commit("no lock");
    let failed = fixture.run(["release"]).exits(2);
    failed.says(&["Cargo.lock", "cargo generate-lockfile"]);
    assert!(!fixture.path("Cargo.lock").exists(), "a release never writes the lock file");
}

#[test]
fn an_outdated_lock_file_is_said_and_left() {
    let fixture = Fixture::plain();
    let lock = fixture.text("Cargo.lock");
    fixture.write("Cargo.toml", fixture.text("Cargo.toml").replace("1.2.3", "2.0.0")).commit("version");
    fixture.run(["release"]).exits(2).says(&["Cargo.lock"]);
    assert_eq!(fixture.text("Cargo.lock"), lock);
}

#[test]
fn missing_tools_are_named_all_at_once_each_with_its_remedy() {
    let mut fixture = Fixture::plain();
    fixture.write("profiles/release.toml", "schema = 1\nsccache = \"required\"\n").commit("sccache");
    // A PATH with the toolchain and git, and nothing else.
    let tools = fixture.base().join("tools");
    std::fs::create_dir(&tools).unwrap();
    let real = |name: &str| crate::support::tool("bash", &["-c", &format!("command -v {name}")]).trim().to_owned();
    let toolchain = crate::support::tool("rustc", &["--print", "sysroot"]).trim().to_owned();
    symlink(real("git"), tools.join("git")).unwrap();
    for name in ["cargo", "rustc"] {
        symlink(Path::new(&toolchain).join("bin").join(name), tools.join(name)).unwrap();
    }
    fixture.set_env("PATH", &tools);
    for verb in ["release", "build", "doctor"] {
        let failed = fixture.run([verb]).exits(3);
        failed.says(&["2 things", "cc: links", "apt install gcc", "sccache: caches compiles", "cargo install sccache"]);
    }
    assert!(!fixture.path("target").exists(), "nothing may run before all tools are there");
    fixture.run(["doctor"]).exits(3).prints(&["sccache", "missing", "rust-objcopy", "there"]);
}

#[test]
fn no_cargo_at_all_is_exit_3() {
    let mut fixture = Fixture::plain();
    let nothing = fixture.base().join("no-tools");
    std::fs::create_dir(&nothing).unwrap();
    fixture.set_env("PATH", nothing);
    fixture.run(["release"]).exits(3).says(&["cargo", "not found"]);
}

#[test]
fn two_programs_of_one_name_are_found_while_planning() {
    let fixture = Fixture::empty("workspace");
    let bin = |name: &str| format!("[[bin]]\nname = \"same\"\npath = \"src/main.rs\"\n# {name}\n");
    fixture
        .workspace(&["one", "two"], "")
        .member("one", &bin("one"), "fn main() {}")
        .member("two", &bin("two"), "fn main() {}")
        .lock()
        .commit("first");
    let failed = fixture.run(["plan"]).exits(2);
    failed.says(&["same", "one", "two", "another"]);
    fixture.run(["release"]).exits(2);
    assert!(!fixture.path("target").exists() && files(&fixture.dist()).is_empty());
}

#[test]
fn two_apps_of_one_name_are_found_while_planning() {
    let fixture = Fixture::full();
    fixture.write("packaging/plain.toml", "schema = 1\nname = \"hello\"\n").commit("the same name");
    fixture.run(["plan"]).exits(2).says(&["two apps are called `hello`", "name = \"…\""]);
}

#[test]
fn a_document_that_leads_out_of_the_workspace_is_refused() {
    let fixture = Fixture::plain();
    std::fs::write(fixture.base().join("secret"), "secret\n").unwrap();
    symlink(fixture.base().join("secret"), fixture.path("LICENSE")).unwrap();
    fixture.commit("a way out");
    let failed = fixture.run(["release"]).exits(2);
    failed.says(&["LICENSE", "leads out of the workspace"]);
    assert_eq!(files(&fixture.dist()), [""; 0]);
}

#[test]
fn a_glob_through_a_folder_that_leads_out_is_refused_or_finds_nothing() {
    let fixture = Fixture::plain();
    let outside = fixture.base().join("outside");
    std::fs::create_dir(&outside).unwrap();
    std::fs::write(outside.join("secret"), "secret\n").unwrap();
    symlink(&outside, fixture.path("extra")).unwrap();
    fixture.write("packaging/plain.toml", "schema = 1\n[[files]]\nsource = \"extra/**\"\n").commit("a way out");
    fixture.run(["release"]).exits(2).says(&["extra"]);
}

#[test]
fn a_path_with_spaces_and_unicode_works_from_release_to_rebuild() {
    let fixture = Fixture::empty("mein – Ordner 'mit' \"ünï\" 世界");
    fixture
        .workspace(&["hello", "crates/build-info"], "")
        .build_info()
        .member(
            "hello",
            "[dependencies]\nbuild-info = { path = \"../crates/build-info\" }\n",
            "fn main() { println!(\"{}\", build_info::build_info!()); }",
        )
        .write("README.md", "read me\n")
        .lock()
        .commit("first");
    fixture.release();
    fixture.run(["verify", "--rebuild"]).ok();
    let built = fixture.run(["build"]).ok().stdout;
    let path = format!("target/build-tool/{HOST}/release/hello");
    assert_eq!(built.trim(), fixture.path(path).to_str().unwrap());
}

#[test]
fn files_that_are_not_utf_8_in_name_and_content_are_packed_as_they_are() {
    use std::os::unix::ffi::OsStrExt;
    let fixture = Fixture::plain();
    let name = std::ffi::OsStr::from_bytes(b"LICENSE-\xff\xfe");
    fixture.write(Path::new(name), b"\x00\xff\xfe not text").write("README", b"\xff\xfe");
    fixture.commit("bytes");
    fixture.release();
    let archive = fixture.dist().join(format!("plain-1.2.3-{HOST}.tar.gz"));
    let to = fixture.base();
    crate::support::tool("tar", &["-xf", archive.to_str().unwrap(), "-C", to.to_str().unwrap()]);
    let unpacked = to.join(format!("plain-1.2.3-{HOST}"));
    assert_eq!(std::fs::read(unpacked.join(name)).unwrap(), b"\x00\xff\xfe not text");
    assert_eq!(std::fs::read(unpacked.join("README")).unwrap(), b"\xff\xfe");
    fixture.run(["plan", "--format", "json"]).ok().json();
    fixture.run(["verify"]).ok();
}
