//! deb: what dpkg makes of the packages of a release.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{Fixture, HOST, files, tool};

fn deb(fixture: &Fixture, name: &str) -> PathBuf {
    let path = fixture.dist().join(name);
    assert!(path.is_file(), "{:?}", files(&fixture.dist()));
    path
}

fn field(path: &Path, name: &str) -> String {
    tool("dpkg-deb", &["--field", path.to_str().unwrap(), name]).trim_end().to_owned()
}

fn unpacked(fixture: &Fixture, path: &Path) -> PathBuf {
    let folder = fixture.base().join("unpacked");
    tool("dpkg-deb", &["--raw-extract", path.to_str().unwrap(), folder.to_str().unwrap()]);
    folder
}

#[test]
fn a_package_says_what_cargo_says_and_needs_what_its_program_needs() {
    let fixture = Fixture::plain();
    fixture.release();
    let deb = deb(&fixture, "plain_1.2.3-1_amd64.deb");
    assert_eq!(field(&deb, "Package"), "plain");
    assert_eq!(field(&deb, "Version"), "1.2.3-1");
    assert_eq!(field(&deb, "Architecture"), "amd64");
    let depends = field(&deb, "Depends");
    assert!(depends.starts_with("libc6 (>= 2."), "{depends}");
    let folder = unpacked(&fixture, &deb);
    let archive = fixture.dist().join(format!("plain-1.2.3-{HOST}.tar.gz"));
    tool("tar", &["-xf", archive.to_str().unwrap(), "-C", fixture.base().to_str().unwrap()]);
    let packed = fs::read(fixture.base().join(format!("plain-1.2.3-{HOST}/plain"))).unwrap();
    assert!(fs::read(folder.join("usr/bin/plain")).unwrap() == packed, "another program than in the archive");
}

#[test]
fn files_scripts_relations_and_printed_pages_are_in_the_package() {
    let fixture = Fixture::plain();
    let main = "fn main() {\n    let mut words = std::env::args().skip(1);\n    match words.next().as_deref() {\n        \
                Some(\"man\") => println!(\".TH PLAIN 1\"),\n        \
                Some(\"pages\") => {\n            let folder = words.next().unwrap();\n            \
                std::fs::write(format!(\"{folder}/plain-a.1\"), \"a\").unwrap();\n            \
                std::fs::write(format!(\"{folder}/plain-b.1\"), \"b\").unwrap();\n        }\n        \
                _ => println!(\"plain\"),\n    }\n}\n";
    fixture
        .write("src/main.rs", main)
        .write("plain.service", "[Service]\nExecStart=/usr/bin/plain\n")
        .write("etc/plain.conf", "a = 1\n")
        .write("postinst", "#!/bin/sh\nset -e\n#DEBHELPER#\n")
        .write(
            "packaging/plain.toml",
            r#"schema = 1
            summary = "plain words"
            description = "Plain.\n\nReally."
            maintainer = "Ada <ada@example.org>"
            depends = ["git >= 2"]
            conflicts = ["fancy < 3"]
            files = [
              { source = "plain.service", kind = "service" },
              { source = "etc/plain.conf", kind = "config" },
            ]
            generated = [
              { command = ["plain", "man"], files = ["plain.1"], kind = "man" },
              { command = ["plain", "pages", "{folder}"], files = ["plain-a.1", "plain-b.1"], kind = "man" },
            ]
            scripts = { post-install = "postinst" }
            [deb]
            release = 2
            depends = ["a | b"]
            recommends = ["c"]
            compression = "gzip"
            "#,
        )
        .commit("package");
    fixture.release();
    let deb = deb(&fixture, "plain_1.2.3-2_amd64.deb");
    assert_eq!(field(&deb, "Maintainer"), "Ada <ada@example.org>");
    assert!(field(&deb, "Depends").starts_with("git (>= 2), a | b, libc6 (>= "));
    assert_eq!(field(&deb, "Conflicts"), "fancy (<< 3)");
    assert_eq!(field(&deb, "Recommends"), "c");
    assert_eq!(field(&deb, "Description"), "plain words\n Plain.\n .\n Really.");
    let folder = unpacked(&fixture, &deb);
    assert_eq!(fs::read_to_string(folder.join("DEBIAN/conffiles")).unwrap(), "/etc/plain/plain.conf\n");
    let postinst = fs::read_to_string(folder.join("DEBIAN/postinst")).unwrap();
    assert!(postinst.starts_with("#!/bin/sh\nset -e\nif [ \"$1\" = \"configure\" ]"), "{postinst}");
    assert!(postinst.contains("deb-systemd-invoke start 'plain.service'"), "{postinst}");
    assert!(folder.join("DEBIAN/prerm").is_file() && folder.join("DEBIAN/postrm").is_file());
    for (page, text) in [("plain.1", ".TH PLAIN 1\n"), ("plain-a.1", "a"), ("plain-b.1", "b")] {
        let path = folder.join(format!("usr/share/man/man1/{page}.gz"));
        assert_eq!(tool("gzip", &["-dc", path.to_str().unwrap()]), text);
    }
}

#[test]
fn split_symbols_are_a_package_of_their_own_that_gdb_finds_by_the_programs_path() {
    let fixture = Fixture::plain();
    fixture.write("profiles/release.toml", "schema = 1\ndebug = true\nsplit-debug = true\n").commit("symbols");
    fixture.release();
    let symbols = deb(&fixture, "plain-dbgsym_1.2.3-1_amd64.deb");
    assert_eq!(field(&symbols, "Depends"), "plain (= 1.2.3-1)");
    let folder = unpacked(&fixture, &symbols);
    let debug = folder.join("usr/lib/debug/usr/bin/plain.debug");
    let sections = tool("readelf", &["--sections", "--wide", debug.to_str().unwrap()]);
    assert!(sections.contains(".debug_info"), "{sections}");
}

#[test]
fn a_second_run_makes_no_package_anew_and_another_folder_makes_the_same() {
    let make = |name: &str| {
        let fixture = Fixture::empty(name);
        fixture.plain_package("plain").lock().commit("first");
        fixture.release();
        fixture
    };
    let (one, two) = (make("here"), make("somewhere/else"));
    let bytes = |fixture: &Fixture| fs::read(deb(fixture, "plain_1.2.3-1_amd64.deb")).unwrap();
    assert_eq!(bytes(&one), bytes(&two));
    let again = one.run(["release", "--message-format", "json"]).ok();
    let step = format!("deb/plain/{HOST}");
    assert_eq!(again.outcomes().into_iter().find(|(id, _)| *id == step).unwrap().1, "cached");
}
