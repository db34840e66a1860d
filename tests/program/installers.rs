//! What every installer has: what the package manifest says of it, its places and defaults, and everything that is
//! wrong with it, while planning.

use serde_json::Value;

use crate::support::{Fixture, HOST};

/// The plan's installer of a file with this ending.
fn planned(fixture: &Fixture, ending: &str) -> Value {
    let plan = fixture.run(["plan", "--format", "json"]).ok().json();
    let all = plan["installers"].as_array().unwrap().clone();
    all.into_iter().find(|installer| installer["file"].as_str().unwrap().ends_with(ending)).unwrap()
}

/// `MODE PATH` of all that an installer holds.
fn contents(installer: &Value) -> Vec<String> {
    let line = |node: &Value| format!("{} {}", node["mode"].as_str().unwrap(), node["path"].as_str().unwrap());
    installer["contents"].as_array().unwrap().iter().map(line).collect()
}

#[test]
fn without_a_manifest_an_installer_holds_programs_and_documents() {
    let fixture = Fixture::full();
    let deb = planned(&fixture, "hello_1.2.3-1_amd64.deb");
    assert_eq!(deb["target"], HOST);
    assert_eq!(
        contents(&deb),
        [
            "0755 usr/bin/hello",
            "0644 usr/share/doc/hello/README.md",
            "0644 usr/share/doc/hello/changelog.Debian.gz",
            "0644 usr/share/doc/hello/changelog.gz",
            "0644 usr/share/doc/hello/copyright",
        ]
    );
}

#[test]
fn each_kind_of_file_goes_to_its_place_and_a_destination_says_another() {
    let fixture = Fixture::plain();
    fixture
        .write("man/plain.1", "page\n")
        .write("man/plain.conf.5", "page\n")
        .write("c/plain.bash", "c\n")
        .write("c/_plain", "c\n")
        .write("c/plain.fish", "c\n")
        .write("etc/plain.conf", "a = 1\n")
        .write("examples/deep/one.txt", "one\n")
        .write("examples/two.txt", "two\n")
        .write("plain.service", "[Service]\n")
        .write("icon.svg", "<svg/>\n")
        .write(
            "packaging/plain.toml",
            r#"schema = 1
            files = [
              { source = "man/*", kind = "man" },
              { source = "c/*", kind = "completion", archive = "completions/" },
              { source = "etc/plain.conf", kind = "config-noreplace", mode = "0640", group = "adm" },
              { source = "examples/**", kind = "doc", destination = "examples/" },
              { source = "icon.svg", kind = "icon", destination = "/usr/share/plain/logo.svg" },
              { source = "plain.service", kind = "service" },
              { kind = "directory", destination = "/var/lib/plain", owner = "daemon" },
              { kind = "symlink", destination = "/usr/bin/simple", link = "plain" },
            ]
            "#,
        )
        .commit("files");
    let deb = planned(&fixture, ".deb");
    let own = |line: &String| !line.ends_with("/copyright") && !line.ends_with("/changelog.Debian.gz");
    assert_eq!(
        contents(&deb).into_iter().filter(own).collect::<Vec<_>>(),
        [
            "0640 etc/plain/plain.conf",
            "0755 usr/bin/plain",
            "0777 usr/bin/simple",
            "0644 usr/lib/systemd/system/plain.service",
            "0644 usr/share/bash-completion/completions/plain",
            "0644 usr/share/doc/plain/examples/deep/one.txt",
            "0644 usr/share/doc/plain/examples/two.txt",
            "0644 usr/share/fish/vendor_completions.d/plain.fish",
            "0644 usr/share/man/man1/plain.1.gz",
            "0644 usr/share/man/man5/plain.conf.5.gz",
            "0644 usr/share/plain/logo.svg",
            "0644 usr/share/zsh/vendor-completions/_plain",
            "0755 var/lib/plain",
        ]
    );
    let plan = fixture.run(["plan", "--format", "json"]).ok().json();
    let archived = ["completions/_plain", "completions/plain.bash", "completions/plain.fish"];
    assert_eq!(plan["apps"][0]["files"], serde_json::json!(archived));
}

#[test]
fn everything_that_is_wrong_with_installers_is_shown_at_once_while_planning() {
    let fixture = Fixture::plain();
    fixture
        .write("a.txt", "a\n")
        .write("b.txt", "b\n")
        .write("image.png", "no image\n")
        .write(
            "packaging/plain.toml",
            r#"schema = 1
files = [
  { source = "a.txt", kind = "doc", destination = "text" },
  { source = "b.txt", kind = "doc", destination = "text" },
  { source = "a.txt", kind = "data", destination = "/usr/bin/plain" },
  { source = "a.txt", kind = "data", destination = "/usr/bin/plain/below" },
  { source = "a.txt", kind = "man" },
  { source = "image.png", kind = "icon" },
  { source = "none/*", kind = "doc" },
  { source = "a.txt", kind = "licence", formats = ["deb"] },
  { kind = "symlink", destination = "/usr/bin/x", link = "../../../etc/passwd" },
]
[[generated]]
command = ["plian", "man"]
files = ["plain.1"]
kind = "man"
[deb]
scripts = { post-install = "postinst" }
"#,
        )
        .commit("wrong");
    let failed = fixture.run(["plan"]).exits(2);
    insta::assert_snapshot!(failed.stderr);
    // What packs nothing does not mind.
    fixture.run(["build"]).ok();
}

#[test]
fn a_name_that_debian_does_not_allow_is_mended_or_left_out_or_refused_where_a_deb_is_wanted() {
    let fixture = Fixture::plain();
    fixture.write("packaging/plain.toml", "schema = 1\nname = \"My_App\"\n").commit("name");
    assert_eq!(planned(&fixture, ".deb")["file"], "my-app_1.2.3-1_amd64.deb");
    fixture.write("packaging/plain.toml", "schema = 1\nname = \"x\"\n").commit("name");
    let plan = fixture.run(["plan"]).ok();
    plan.says(&["no deb of x is made: Debian allows no package to be called \"x\""]).prints(&["x-1.2.3-1.x86_64.rpm"]);
    let wanted = "schema = 1\nname = \"x\"\ninstallers = [\"deb\"]\n";
    fixture.write("packaging/plain.toml", wanted).commit("wanted");
    let failed = fixture.run(["plan"]).exits(2);
    failed.says(&["Debian allows no package to be called \"x\"", "`name = \"…\"` in [deb]"]);
}

#[test]
fn installers_are_those_of_the_package_or_of_the_target() {
    let fixture = Fixture::plain();
    let files = |fixture: &Fixture| {
        let plan = fixture.run(["plan", "--format", "json"]).ok().json();
        let all = plan["installers"].as_array().unwrap().iter().map(|one| one["file"].to_string()).collect::<Vec<_>>();
        all.join(" ")
    };
    assert!(files(&fixture).contains("plain_1.2.3-1_amd64.deb"));
    let target = format!("schema = 1\ntriple = \"{HOST}\"\ninstallers = []\n");
    fixture.write(format!("profiles/targets/{HOST}.toml"), target).commit("none");
    assert_eq!(files(&fixture), "");
    fixture.write("packaging/plain.toml", "schema = 1\ninstallers = [\"deb\", \"msi\"]\n").commit("deb");
    assert_eq!(files(&fixture), "\"plain_1.2.3-1_amd64.deb\"");
    let target = format!("schema = 1\ntriple = \"{HOST}\"\ninstallers = [\"msi\"]\n");
    fixture.write(format!("profiles/targets/{HOST}.toml"), target).commit("msi");
    fixture.run(["plan"]).exits(2).says(&["`installers` is only for Windows targets"]);
}

#[test]
fn what_cargo_deb_is_told_holds_for_those_who_move_over() {
    let fixture = Fixture::plain();
    let cargo = fixture.text("Cargo.toml")
        + r#"
[package.metadata.deb]
maintainer = "Ada <ada@example.org>"
copyright = "2020, Ada"
extended-description = "Longer words."
depends = "$auto, git"
section = "editors"
priority = "optional"
revision = "3"
conf-files = ["/etc/plain.conf"]
assets = [
  ["target/release/plain", "usr/sbin/", "755"],
  ["plain.conf", "etc/plain.conf", "600"],
  { source = "doc/*.1", dest = "usr/share/man/man1/", mode = "644" },
  ["missing/*", "usr/share/plain/", "644"],
]
systemd-units = { unit-scripts = "units", enable = false }
variants = { other = {} }
"#;
    fixture
        .write("Cargo.toml", cargo)
        .write("plain.conf", "a\n")
        .write("doc/plain.1", "page\n")
        .write("units/plain.service", "[Service]\n")
        .lock()
        .commit("cargo-deb");
    let plan = fixture.run(["plan"]).ok();
    plan.says(&[
        "package.metadata.deb.assets: missing/* matches no file: left out",
        "package.metadata.deb.variants: not taken over",
    ]);
    let deb = planned(&fixture, "plain_1.2.3-3_amd64.deb");
    assert_eq!(
        contents(&deb),
        [
            "0600 etc/plain.conf",
            "0644 usr/lib/systemd/system/plain.service",
            "0755 usr/sbin/plain",
            "0644 usr/share/doc/plain/changelog.Debian.gz",
            "0644 usr/share/doc/plain/copyright",
            "0644 usr/share/man/man1/plain.1.gz",
        ]
    );
}
