//! What package and target manifests change: libraries with a C interface,
//! files by glob, the name, the profile, the archive's format.

use std::fs;
use std::process::Command;

use crate::support::{Fixture, HOST, Run, bytes_of, entries, files_but_installers, tool};

#[test]
fn libraries_with_a_c_interface_are_packed_and_link() {
    let fixture = Fixture::empty("workspace");
    let manifest = "[package]\nname = \"answer\"\nversion = \"1.2.3\"\nedition = \"2024\"\n\
                    [lib]\ncrate-type = [\"cdylib\", \"staticlib\", \"rlib\"]\n";
    fixture
        .write("Cargo.toml", manifest)
        .write("src/lib.rs", "#[unsafe(no_mangle)]\npub extern \"C\" fn the_answer() -> i32 { 42 }\n")
        .write("packaging/answer.toml", "schema = 1\ncdylib = true\nstaticlib = true\n")
        .write(".gitignore", "/target/\n/dist/\n")
        .lock()
        .commit("first");
    fixture.release();
    let archive = fixture.dist().join(format!("answer-1.2.3-{HOST}.tar.gz"));
    let folder = format!("answer-1.2.3-{HOST}");
    let mut found = entries(&archive);
    found.sort();
    assert_eq!(found, [format!("{folder}/"), format!("{folder}/libanswer.a"), format!("{folder}/libanswer.so")]);
    tool("tar", &["-xf", archive.to_str().unwrap(), "-C", fixture.base().to_str().unwrap()]);
    fs::write(fixture.base().join("main.c"), "int the_answer(void);\nint main(void) { return the_answer(); }\n")
        .unwrap();
    for library in ["libanswer.a", "libanswer.so"] {
        let (main, library) = (fixture.base().join("main.c"), fixture.base().join(&folder).join(library));
        let program = fixture.base().join("program");
        tool(
            "cc",
            &[
                "-o",
                program.to_str().unwrap(),
                main.to_str().unwrap(),
                library.to_str().unwrap(),
                "-lpthread",
                "-ldl",
                "-lm",
            ],
        );
        Run::of(Command::new(program)).exits(42);
    }
    fixture.run(["verify"]).ok();
}

#[test]
fn files_are_added_by_glob() {
    let fixture = Fixture::plain();
    fixture
        .write("completions/plain.bash", "bash\n")
        .write("completions/plain.fish", "fish\n")
        .write("docs/deep/er/page.1", "page\n")
        .write(
            "packaging/plain.toml",
            "schema = 1\n[[files]]\nsource = \"completions/*\"\ndestination = \"completions/\"\n\
             [[files]]\nsource = \"docs/**/*.1\"\ndestination = \"man/\"\n",
        )
        .commit("files");
    fixture.release();
    let folder = format!("plain-1.2.3-{HOST}");
    let mut found = entries(&fixture.dist().join(format!("{folder}.tar.gz")));
    found.retain(|name| !name.ends_with('/'));
    found.sort();
    let expected = ["completions/plain.bash", "completions/plain.fish", "man/deep/er/page.1", "plain"];
    assert_eq!(found, expected.map(|name| format!("{folder}/{name}")));
}

#[test]
fn backups_of_editors_and_merges_are_no_documents() {
    let fixture = Fixture::plain();
    for name in ["README.md", "README.md~", "LICENSE.orig", "LICENSE~", "COPYING.LESSER", "CHANGELOG.md.bak"] {
        fixture.write(name, "text\n");
    }
    fixture.commit("documents");
    fixture.release();
    let folder = format!("plain-1.2.3-{HOST}");
    let mut found = entries(&fixture.dist().join(format!("{folder}.tar.gz")));
    found.retain(|name| !name.ends_with('/'));
    found.sort();
    assert_eq!(found, ["COPYING.LESSER", "README.md", "plain"].map(|name| format!("{folder}/{name}")));
}

#[test]
fn a_readme_named_in_cargo_toml_gives_way_to_the_package_manifest_s() {
    let fixture = Fixture::empty("workspace");
    fixture
        .workspace(&["crates/app"], "")
        .member("crates/app", "", "fn main() {}\n")
        .write(
            "crates/app/Cargo.toml",
            "[package]\nname = \"app\"\nversion = \"1.2.3\"\nedition = \"2024\"\nreadme = \"../README.md\"\n",
        )
        .write("crates/README.md", "of all crates\n")
        .write("docs/README.md", "for users\n")
        .write(
            "packaging/app.toml",
            "schema = 1\n[[files]]\nsource = \"docs/README.md\"\ndestination = \"README.md\"\n",
        )
        .lock()
        .commit("documents");
    fixture.release();
    let archive = fixture.dist().join(format!("app-1.2.3-{HOST}.tar.gz"));
    let text = tool("tar", &["-xOf", archive.to_str().unwrap(), &format!("app-1.2.3-{HOST}/README.md")]);
    assert_eq!(text, "for users\n");
}

#[test]
fn a_glob_that_matches_nothing_is_shown_at_its_place() {
    let fixture = Fixture::plain();
    fixture.write("packaging/plain.toml", "schema = 1\n[[files]]\nsource = \"completions/*\"\n").commit("files");
    let failed = fixture.run(["release"]).exits(2);
    failed.says(&["`completions/*` matches no file", "packaging/plain.toml:3:10"]);
}

#[test]
fn a_package_manifest_gives_name_profile_and_programs() {
    let fixture = Fixture::empty("workspace");
    fixture
        .plain_package("plain")
        .write("src/bin/extra.rs", "fn main() {}\n")
        .write("profiles/small.toml", "schema = 1\ncargo-profile = \"release\"\nopt-level = \"z\"\n")
        .write(
            "packaging/it.toml",
            "schema = 1\npackage = \"plain\"\nname = \"fancy\"\nprofile = \"small\"\nbinaries = [\"extra\"]\n",
        )
        .lock()
        .commit("first");
    fixture.release();
    let folder = format!("fancy-1.2.3-{HOST}");
    assert_eq!(
        entries(&fixture.dist().join(format!("{folder}.tar.gz"))),
        [format!("{folder}/"), format!("{folder}/extra")]
    );
    let plan = fixture.run(["plan", "--format", "json"]).ok().json();
    assert_eq!(plan["profiles"][0]["cargo_settings"]["opt-level"], "\"z\"");
    fixture.run(["verify"]).ok();
}

#[test]
fn every_archive_format_opens_with_ordinary_tools_and_verifies() {
    let fixture = Fixture::plain();
    fixture.write("README.md", "read me\n").commit("read me");
    let mut contents = Vec::new();
    for format in ["tar.gz", "tar.xz", "tar.zst", "zip"] {
        let manifest = format!("schema = 1\ntriple = \"{HOST}\"\ntier = 1\narchive = \"{format}\"\n");
        fixture.write(format!("profiles/targets/{HOST}.toml"), manifest).commit(format);
        fixture.release();
        let name = format!("plain-1.2.3-{HOST}");
        let archive = format!("{name}.{format}");
        assert_eq!(files_but_installers(&fixture.dist()), ["SHA256SUMS", &archive, "release.json", "report.json"]);
        let to = fixture.base().join(format);
        fs::create_dir_all(&to).unwrap();
        let (archive, to_text) = (fixture.dist().join(&archive), to.to_str().unwrap());
        if format == "zip" {
            tool("unzip", &["-q", archive.to_str().unwrap(), "-d", to_text]);
        } else {
            tool("tar", &["-xf", archive.to_str().unwrap(), "-C", to_text]);
        }
        assert_eq!(Run::of(Command::new(to.join(&name).join("plain"))).ok().stdout, "plain\n");
        contents.push(bytes_of(&to.join(&name)));
        fixture.run(["verify"]).ok();
    }
    assert_eq!(contents[0].keys().collect::<Vec<_>>(), ["README.md", "plain"]);
    assert!(contents.iter().all(|content| *content == contents[0]));
}

#[test]
fn a_dash_in_a_library_s_name_is_found_in_its_file() {
    let fixture = Fixture::empty("workspace");
    let manifest =
        "[package]\nname = \"the-answer\"\nversion = \"1.2.3\"\nedition = \"2024\"\n[lib]\ncrate-type = [\"cdylib\"]\n";
    fixture
        .write("Cargo.toml", manifest)
        .write("src/lib.rs", "")
        .write("packaging/the-answer.toml", "schema = 1\ncdylib = true\n")
        .lock()
        .commit("first");
    fixture.release();
    let found = entries(&fixture.dist().join(format!("the-answer-1.2.3-{HOST}.tar.gz")));
    assert!(found.contains(&format!("the-answer-1.2.3-{HOST}/libthe_answer.so")), "{found:?}");
}

#[test]
fn a_cdylib_that_the_package_does_not_build_is_said_with_the_remedy() {
    let fixture = Fixture::plain();
    fixture.write("packaging/plain.toml", "schema = 1\ncdylib = true\n").commit("cdylib");
    let failed = fixture.run(["release"]).exits(2);
    failed.says(&["package `plain` builds no cdylib", "packaging/plain.toml:2", "crate-type = [\"cdylib\", \"rlib\"]"]);
}

#[test]
fn cargo_profiles_of_the_configuration_file_count() {
    let fixture = Fixture::plain();
    let config = "[profile.release]\nstrip = \"symbols\"\n[profile.fancy]\ninherits = \"release\"\n";
    fixture.write(".cargo/config.toml", config).commit("configuration");
    let plan = fixture.run(["plan", "--format", "json", "--profile", "fancy"]).ok().json();
    assert_eq!(plan["profiles"][0]["strip"], "symbols", "{plan:#}");
    fixture.run(["release", "--profile", "fancy"]).ok();
}
