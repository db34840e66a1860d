//! What package manifests say of installers, and what users see when it is wrong.
use located::Located;

use super::shown::shown;
use super::{load, workspace};
use crate::manifest::package::{Comparison, FileKind, Mode, Relation};
use crate::manifest::*;

fn package(text: &str) -> PackageManifest {
    let manifests = load(&[("packaging/app.toml", text)]).unwrap_or_else(|errors| panic!("{}", shown(&errors)));
    manifests.packages["app"].peek().clone()
}

fn errors(text: &str) -> String {
    let root = workspace(&[("packaging/app.toml", text)]);
    shown(&load_all(root.path(), &Folders::default(), &|_| None).unwrap_err())
}

#[test]
fn everything_that_installers_are_told_is_read() {
    let manifest = package(
        r#"
        schema = 1
        summary = "Finds files"
        description = "Finds files.\n\nQuickly."
        depends = ["git >= 2.30", "zlib"]
        installers = ["deb", "msi"]
        files = [
          { source = "man/*.1", kind = "man", archive = "man/" },
          { kind = "directory", destination = "/var/lib/app", mode = "0750", owner = "_app", group = "app" },
          { kind = "symlink", destination = "/usr/bin/find-it", link = "app" },
          { source = "app.service", kind = "service", enable = false, formats = ["deb"], mode = 0o600 },
        ]
        [[generated]]
        command = ["app", "man", "{folder}"]
        files = ["app.1", "app-run.1"]
        kind = "man"
        [scripts]
        post-install = "packaging/postinst"
        [deb]
        release = 2
        priority = "optional"
        depends = ["a | b"]
        scripts = { pre-remove = "packaging/deb/prerm" }
        [rpm]
        release = "3.fc40"
        compression = "zstd"
        [apk]
        key = "keys/a.rsa"
        key-name = "a@b.rsa.pub"
        [msi]
        scope = "per-user"
        upgrade-code = "{01234567-89AB-cdef-0123-456789abcdef}"
        shortcuts = [{ program = "app" }]
        [pkg]
        install-location = "/opt/app"
        minimum-os = "12.0"
        signing = { certificate = "x.p12", password-env = "PASSWORD" }
        [dmg]
        link = "/Applications"
        "#,
    );
    let depends: Vec<Relation> = manifest.depends.unwrap().into_iter().map(Located::into_value).collect();
    let git = Relation { name: "git".into(), version: Some((Comparison::GreaterOrEqual, "2.30".into())) };
    assert_eq!(depends, [git, Relation { name: "zlib".into(), version: None }]);
    let files = manifest.files.unwrap();
    let kinds: Vec<_> = files.iter().map(|entry| *entry.kind.as_ref().unwrap().value()).collect();
    assert_eq!(kinds, [FileKind::Man, FileKind::Directory, FileKind::Symlink, FileKind::Service]);
    let modes: Vec<_> = files.iter().filter_map(|entry| entry.mode.as_ref()).map(|mode| *mode.value()).collect();
    assert_eq!(modes, [Mode(0o750), Mode(0o600)]);
    assert_eq!(manifest.generated.unwrap()[0].files.len(), 2);
    assert_eq!(manifest.deb.unwrap().release.as_ref().unwrap().as_str(), "2");
    assert_eq!(manifest.rpm.unwrap().release.as_ref().unwrap().as_str(), "3.fc40");
}

#[test]
fn relations_are_read_with_and_without_blanks() {
    for (text, expected) in [
        ("git", Some(("git", None))),
        ("git>=2", Some(("git", Some((">=", "2"))))),
        ("g++ < 1:2.0~rc1-3", Some(("g++", Some(("<", "1:2.0~rc1-3"))))),
        ("a = 1", Some(("a", Some(("=", "1"))))),
        ("a | b", None),
        ("git (>= 2)", None),
        ("git >=", None),
        (">= 2", None),
        ("", None),
        ("a\nb", None),
    ] {
        let relation = Relation::parse(text);
        let found = relation.as_ref().map(|relation| {
            let version =
                relation.version.as_ref().map(|(comparison, version)| (comparison.as_str(), version.as_str()));
            (relation.name.as_str(), version)
        });
        assert_eq!(found, expected, "{text:?}");
    }
}

#[test]
fn unsafe_destinations_and_wrong_values_are_shown_at_their_places() {
    insta::assert_snapshot!(errors(
        r#"schema = 1
summary = "two\nlines"
depends = ["git (>= 2)"]
files = [
  { source = "a", kind = "doc", destination = "/usr/../../etc" },
  { source = "a", kind = "doc", destination = 'C:\x' },
  { source = "a", kind = "config", mode = 644 },
  { source = "a", kind = "config", owner = "0" },
]
[deb]
name = "My_App"
release = -1
[msi]
upgrade-code = "1234"
folder = "A/../B"
"#
    ));
}

#[test]
fn keys_that_do_not_go_together_are_shown_at_once() {
    insta::assert_snapshot!(errors(
        r#"schema = 1
files = [
  {},
  { kind = "doc" },
  { kind = "directory" },
  { kind = "symlink", destination = "/usr/bin/x" },
  { kind = "directory", source = "a", destination = "/var/lib/x" },
  { source = "a", destination = "/usr/bin/" },
  { source = "a", mode = "0644", formats = ["deb"] },
  { source = "a", kind = "doc", link = "b", enable = true },
]
[[generated]]
command = []
files = ["a", "b"]
kind = "program"
[apk]
key-name = "x.rsa.pub"
[msi]
licence-file = "x.rtf"
[pkg]
signing = { identity = "a", certificate = "b", password-env = "c" }
"#
    ));
}
