//! Split debug symbols: an archive of their own, which debuggers can use for
//! the stripped program.

use std::fs;
use std::process::Command;

use crate::support::{Fixture, HOST, Run, files, tool};

#[test]
fn split_symbols_are_shipped_apart_and_a_debugger_finds_them() {
    let fixture = Fixture::plain();
    fixture
        .write(
            "src/main.rs",
            "#[inline(never)]\nfn find_me_by_name() { println!(\"plain\"); }\nfn main() { find_me_by_name(); }\n",
        )
        .write("profiles/release.toml", "schema = 1\ncargo-profile = \"release\"\ndebug = true\nsplit-debug = true\n")
        .commit("symbols");
    fixture.release();
    let name = format!("plain-1.2.3-{HOST}");
    let expected = [
        "SHA256SUMS".to_owned(),
        "plain-1.2.3-1.x86_64.rpm".to_owned(),
        format!("{name}-debug.tar.gz"),
        format!("{name}.tar.gz"),
        "plain-dbgsym_1.2.3-1_amd64.deb".to_owned(),
        "plain-debuginfo-1.2.3-1.x86_64.rpm".to_owned(),
        "plain_1.2.3-1_amd64.deb".to_owned(),
        "release.json".into(),
        "report.json".into(),
    ];
    assert_eq!(files(&fixture.dist()), expected);
    let unpacked = fixture.base().join("unpacked");
    fs::create_dir_all(&unpacked).unwrap();
    for archive in ["-debug.tar.gz", ".tar.gz"] {
        let path = fixture.dist().join(format!("{name}{archive}"));
        tool("tar", &["-xf", path.to_str().unwrap(), "--strip-components=1", "-C", unpacked.to_str().unwrap()]);
    }
    assert_eq!(files(&unpacked), ["plain", "plain.debug"]);
    let sections = |file: &str| tool("readelf", &["--sections", "--wide", unpacked.join(file).to_str().unwrap()]);
    assert!(sections("plain.debug").contains(".debug_info"), "{}", sections("plain.debug"));
    assert!(!sections("plain").contains(".debug_info"), "{}", sections("plain"));
    // By the link in the program alone, from the folder where both lie.
    let mut gdb = Command::new("gdb");
    gdb.args(["--batch", "--nx", "-ex", "info line find_me_by_name", "plain"]).current_dir(&unpacked);
    gdb.env("HOME", fixture.base()).env("DEBUGINFOD_URLS", "");
    // gdb names the function as Rust does, by its crate.
    gdb.args(["-ex", "info line plain::find_me_by_name"]);
    let said = Run::of(gdb);
    let text = format!("{}{}", said.stdout, said.stderr);
    assert!(text.contains("src/main.rs\""), "{said}");
    fixture.run(["verify"]).ok().prints(&[&format!("{name}-debug.tar.gz: contents are for {HOST}")]);
}

#[test]
fn split_symbols_name_no_folder_of_this_machine() {
    let fixture = Fixture::plain();
    fixture
        .write("profiles/release.toml", "schema = 1\ncargo-profile = \"release\"\ndebug = true\nsplit-debug = true\n")
        .commit("symbols");
    fixture.release();
    let mut found = Vec::new();
    let mut folders = vec![fixture.path("target/build-tool")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            if entry.path().is_dir() {
                folders.push(entry.path());
            } else if entry.file_name() == "plain" || entry.file_name() == "plain.debug" {
                found.push(entry.path());
            }
        }
    }
    assert!(found.iter().any(|path| path.ends_with("plain.debug")), "{found:?}");
    let needle = fixture.base().to_str().unwrap().as_bytes();
    for path in found {
        let bytes = fs::read(&path).unwrap();
        assert!(!bytes.windows(needle.len()).any(|window| window == needle), "{}", path.display());
    }
}
