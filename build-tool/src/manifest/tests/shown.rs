//! What users see when manifests are wrong.
use std::fs;

use miette::{GraphicalReportHandler, GraphicalTheme};

use super::{load, workspace};
use crate::manifest::*;

/// The errors as a terminal without colours shows them.
pub(super) fn shown(errors: &dyn miette::Diagnostic) -> String {
    let mut text = String::new();
    GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor())
        .with_width(100)
        .with_links(false)
        .render_report(&mut text, errors)
        .unwrap();
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

fn errors(files: &[(&str, &str)]) -> String {
    shown(&load(files).unwrap_err())
}

#[test]
fn several_errors_of_one_file_are_shown_at_once() {
    insta::assert_snapshot!(errors(&[(
        "profiles/release.toml",
        "schema = 1\nopt-lvel = 3\nlto = \"thn\"\ncodegen-units = \"1\"\nopt-level = 4\n\
         env = { \"A=B\" = \"x\" }\n[target.x86_64-unknown-linux-gnu]\nfeature = []\n",
    )]), @r###"
      × the manifests have 6 errors

    Error:
      × unknown key `opt-lvel` in a profile manifest
       ╭─[profiles/release.toml:2:1]
     1 │ schema = 1
     2 │ opt-lvel = 3
       · ────┬───
       ·     ╰── unknown key
     3 │ lto = "thn"
       ╰────
      help: did you mean `opt-level`? known keys: schema, inherits, cargo-profile, opt-level, lto,
            codegen-units, panic, debug, split-debug, strip, features, default-features, all-features,
            sccache, env, target

    Error:
      × `lto` cannot be "thn"
       ╭─[profiles/release.toml:3:7]
     2 │ opt-lvel = 3
     3 │ lto = "thn"
       ·       ──┬──
       ·         ╰── not allowed
     4 │ codegen-units = "1"
       ╰────
      help: did you mean `thin`? allowed: true, false, "off", "thin", "fat"

    Error:
      × `codegen-units` has to be an integer of 1 or more, not a string
       ╭─[profiles/release.toml:4:17]
     3 │ lto = "thn"
     4 │ codegen-units = "1"
       ·                 ─┬─
       ·                  ╰── has to be an integer of 1 or more
     5 │ opt-level = 4
       ╰────

    Error:
      × `opt-level` cannot be 4
       ╭─[profiles/release.toml:5:13]
     4 │ codegen-units = "1"
     5 │ opt-level = 4
       ·             ┬
       ·             ╰── not allowed
     6 │ env = { "A=B" = "x" }
       ╰────
      help: allowed: 0, 1, 2, 3, "s", "z"

    Error:
      × `env.A=B` cannot be the name of an environment variable
       ╭─[profiles/release.toml:6:9]
     5 │ opt-level = 4
     6 │ env = { "A=B" = "x" }
       ·         ──┬──
       ·           ╰── not allowed
     7 │ [target.x86_64-unknown-linux-gnu]
       ╰────
      help: a name is not empty and holds no `=`

    Error:
      × unknown key `target.x86_64-unknown-linux-gnu.feature` in a target table of a profile
       ╭─[profiles/release.toml:8:1]
     7 │ [target.x86_64-unknown-linux-gnu]
     8 │ feature = []
       · ───┬───
       ·    ╰── unknown key
       ╰────
      help: did you mean `features`? known keys: features, rustflags, env
    "###);
}

#[test]
fn errors_of_several_files_are_shown_at_once() {
    insta::assert_snapshot!(errors(&[
        ("profiles/ours.toml", "name = \"not a profile\"\n"),
        ("profiles/newer.toml", "schema = 2\nwhatever = 1\n"),
        ("profiles/broken.toml", "schema = 1\nlto = \n"),
        ("profiles/targets/linux.toml", "schema = 1\ntriple = \"x86_64-unknown-linux-gnu\"\n\
            minimum-os = \"eleven\"\ninstallers = [\"deb\", \"rmp\"]\n"),
        ("packaging/app.toml", "schema = 1\nfiles = [{ source = \"../x\" }, { destination = \"a/\" }]\n"),
    ]), @r###"
      × the manifests have 8 errors

    Error:
      × this is not valid TOML: string values must be quoted, expected literal string
       ╭─[profiles/broken.toml:2:7]
     1 │ schema = 1
     2 │ lto =
       ·       ▲
       ·       ╰── here
       ╰────

    Error:
      × schema 2 is not supported by this version of build-tool, only schema 1
       ╭─[profiles/newer.toml:1:10]
     1 │ schema = 2
       ·          ┬
       ·          ╰── not supported
     2 │ whatever = 1
       ╰────
      help: write `schema = 1`, or use a newer build-tool

    Error:
      × unknown key `name` in a profile manifest
       ╭─[profiles/ours.toml:1:1]
     1 │ name = "not a profile"
       · ──┬─
       ·   ╰── unknown key
       ╰────
      help: known keys: schema, inherits, cargo-profile, opt-level, lto, codegen-units, panic, debug,
            split-debug, strip, features, default-features, all-features, sccache, env, target

    Error:
      × this profile manifest does not say its schema number
       ╭─[profiles/ours.toml:1:1]
     1 │ name = "not a profile"
       · ▲
       · ╰── `schema = 1` belongs here
       ╰────
      help: write `schema = 1` as the first line; if this folder is not for build-tool, name another
            one under [workspace.metadata.build-tool] in Cargo.toml: `profiles = "…"` or `packaging =
            "…"`

    Error:
      × `minimum-os` cannot be "eleven"
       ╭─[profiles/targets/linux.toml:3:14]
     2 │ triple = "x86_64-unknown-linux-gnu"
     3 │ minimum-os = "eleven"
       ·              ────┬───
       ·                  ╰── not allowed
     4 │ installers = ["deb", "rmp"]
       ╰────
      help: write a version such as "11.0"

    Error:
      × `installers` cannot be "rmp"
       ╭─[profiles/targets/linux.toml:4:22]
     3 │ minimum-os = "eleven"
     4 │ installers = ["deb", "rmp"]
       ·                      ──┬──
       ·                        ╰── not allowed
       ╰────
      help: did you mean `rpm`? allowed: "deb", "rpm", "apk", "msi", "pkg", "dmg"

    Error:
      × `files.source` leads out of the workspace
       ╭─[packaging/app.toml:2:21]
     1 │ schema = 1
     2 │ files = [{ source = "../x" }, { destination = "a/" }]
       ·                     ───┬──
       ·                        ╰── not allowed
       ╰────
      help: write a path relative to the root of the workspace, with `/` and no `..`

    Error:
      × `files.source` is missing in this files table of a package
       ╭─[packaging/app.toml:2:31]
     1 │ schema = 1
     2 │ files = [{ source = "../x" }, { destination = "a/" }]
       ·                               ───────────┬──────────
       ·                                          ╰── `files.source` is missing
       ╰────
      help: for example: files.source = "completions/*"
    "###);
}

#[test]
fn a_target_is_called_after_its_triple_and_has_no_keys_of_others() {
    insta::assert_snapshot!(errors(&[(
        "profiles/targets/linux.toml",
        "schema = 1\ntriple = \"x86_64-unknown-linux-musl\"\nminimum-os = \"11.0\"\nglibc = \"2.17\"\n",
    )]), @r###"
      × the manifests have 3 errors

    Error:
      × this manifest is for `x86_64-unknown-linux-musl`, but its file is called `linux.toml`
       ╭─[profiles/targets/linux.toml:2:10]
     1 │ schema = 1
     2 │ triple = "x86_64-unknown-linux-musl"
       ·          ─────────────┬─────────────
       ·                       ╰── the file says `linux`
     3 │ minimum-os = "11.0"
       ╰────
      help: rename the file to `x86_64-unknown-linux-musl.toml`, or write triple = "linux"

    Error:
      × `minimum-os` is only for Apple targets
       ╭─[profiles/targets/linux.toml:3:14]
     2 │ triple = "x86_64-unknown-linux-musl"
     3 │ minimum-os = "11.0"
       ·              ───┬──
       ·                 ╰── not allowed
     4 │ glibc = "2.17"
       ╰────
      help: leave it out

    Error:
      × `glibc` is only for `*-linux-gnu*` targets
       ╭─[profiles/targets/linux.toml:4:9]
     3 │ minimum-os = "11.0"
     4 │ glibc = "2.17"
       ·         ───┬──
       ·            ╰── not allowed
       ╰────
      help: leave it out
    "###);
}

#[test]
fn a_circle_of_profiles_is_shown_with_its_chain() {
    insta::assert_snapshot!(errors(&[
        ("profiles/a.toml", "schema = 1\ninherits = \"b\"\n"),
        ("profiles/b.toml", "schema = 1\ninherits = \"c\"\n"),
        ("profiles/c.toml", "schema = 1\ninherits = \"b\"\n"),
        ("profiles/d.toml", "schema = 1\ninherits = \"d\"\n"),
    ]), @r###"
      × the manifests have 2 errors

    Error:
      × profiles inherit in a circle: b → c → b
       ╭─[profiles/c.toml:2:12]
     1 │ schema = 1
     2 │ inherits = "b"
       ·            ─┬─
       ·             ╰── closes the circle
       ╰────
      help: take `inherits` out of one of them

    Error:
      × profiles inherit in a circle: d → d
       ╭─[profiles/d.toml:2:12]
     1 │ schema = 1
     2 │ inherits = "d"
       ·            ─┬─
       ·             ╰── closes the circle
       ╰────
      help: take `inherits` out of one of them
    "###);
}

#[test]
fn an_unknown_parent_is_shown_with_the_nearest() {
    insta::assert_snapshot!(errors(&[
        ("profiles/a.toml", "schema = 1\ninherits = \"relaese\"\n"),
        ("profiles/b.toml", "schema = 1\ninherits = \"a\"\n"),
        ("profiles/release.toml", "schema = 1\n"),
    ]), @r###"
      × a manifest has an error

    Error:
      × there is no profile `relaese` in this folder to inherit from
       ╭─[profiles/a.toml:2:12]
     1 │ schema = 1
     2 │ inherits = "relaese"
       ·            ────┬────
       ·                ╰── no such profile
       ╰────
      help: did you mean `release`? profiles: b, release
    "###);
}

#[test]
fn an_unset_variable_is_an_error_for_those_who_use_the_manifest() {
    let manifests = load(&[
        ("profiles/base.toml", "schema = 1\nenv.KEY = \"a ${SIGN_KEY} b\"\n"),
        ("profiles/child.toml", "schema = 1\ninherits = \"base\"\n"),
        ("profiles/other.toml", "schema = 1\nenv.X = \"$${Y}\"\n"),
    ])
    .unwrap();
    let other = manifests.profiles["other"].get().unwrap();
    assert_eq!(other.env["X"].as_str(), "${Y}");
    assert_eq!(manifests.check().unwrap_err().errors().len(), 1);
    insta::assert_snapshot!(shown(&manifests.profiles["child"].get().unwrap_err()), @r###"
      × a manifest has an error

    Error:
      × the environment variable `SIGN_KEY` is not set
       ╭─[profiles/base.toml:2:14]
     1 │ schema = 1
     2 │ env.KEY = "a ${SIGN_KEY} b"
       ·              ─────┬─────
       ·                   ╰── not set
       ╰────
      help: set it: export SIGN_KEY=…; for a literal `${` write `$${`
    "###);
}

#[test]
fn a_file_that_is_not_utf8_is_shown_up_to_there() {
    let root = workspace(&[("packaging/a.toml", "")]);
    fs::write(root.path().join("packaging/a.toml"), b"schema = 1\nname = \"\xff\"\n").unwrap();
    let error = load_all(root.path(), &Folders::default(), &|_| None).unwrap_err();
    insta::assert_snapshot!(shown(&error), @r###"
      × a manifest has an error

    Error:
      × this file is not UTF-8 text
       ╭─[packaging/a.toml:2:9]
     1 │ schema = 1
     2 │ name = "�"
       ·         ┬
       ·         ╰── the first such byte
       ╰────
      help: save it as UTF-8
    "###);
}

#[test]
fn a_wrong_folder_table_is_shown_in_cargo_toml() {
    let text = "[workspace]\nmembers = []\n\n[workspace.metadata.build-tool]\nprofile = \"a\"\n\
                packaging = \"../b\"\n";
    let root = workspace(&[("Cargo.toml", text)]);
    let metadata = serde_json::json!({ "build-tool": {} });
    let error = Folders::load(&metadata, &root.path().join("Cargo.toml")).unwrap_err();
    insta::assert_snapshot!(shown(&error), @r###"
      × the manifests have 2 errors

    Error:
      × unknown key `profile` in a [workspace.metadata.build-tool] table
       ╭─[Cargo.toml:5:1]
     4 │ [workspace.metadata.build-tool]
     5 │ profile = "a"
       · ───┬───
       ·    ╰── unknown key
     6 │ packaging = "../b"
       ╰────
      help: did you mean `profiles`? known keys: profiles, packaging

    Error:
      × `packaging` leads out of the workspace
       ╭─[Cargo.toml:6:13]
     5 │ profile = "a"
     6 │ packaging = "../b"
       ·             ───┬──
       ·                ╰── not allowed
       ╰────
      help: write a path relative to the root of the workspace, with `/` and no `..`
    "###);
}

#[test]
fn a_semantic_error_is_shown_at_its_value() {
    #[derive(Debug, thiserror::Error, miette::Diagnostic)]
    #[error("there is no package `{0}` in this workspace")]
    #[diagnostic(help("packages: fd-find"))]
    struct NoSuchPackage(String);

    let manifests = load(&[("packaging/fd.toml", "schema = 1\npackage = \"fd\"\n")]).unwrap();
    let package = manifests.packages["fd"].peek().package.clone().unwrap();
    let error = package.explain(NoSuchPackage(package.to_string()), "no such package");
    insta::assert_snapshot!(shown(&error), @r###"
     × there is no package `fd` in this workspace
      ╭─[packaging/fd.toml:2:11]
    1 │ schema = 1
    2 │ package = "fd"
      ·           ──┬─
      ·             ╰── no such package
      ╰────
     help: packages: fd-find
    "###);
}

#[test]
fn what_a_target_with_its_own_standard_library_cannot_say() {
    insta::assert_snapshot!(errors(&[
        ("profiles/targets/x86_64-a.toml", "schema = 1\ntriple = \"x86_64-a\"\nspec = \"targets/x86_64-a.json\"\n"),
        ("profiles/targets/x86_64-b.toml", "schema = 1\ntriple = \"x86_64-b\"\nspec = \"aarch64-unknown-linux-gnu\"\n"),
        (
            "profiles/targets/x86_64-c.toml",
            "schema = 1\ntriple = \"x86_64-c\"\nspec = \"x86_64-unknown-linux-gnu\"\nbackend = \"cross\"\n\
             glibc = \"2.17\"\ninstallers = [\"deb\", \"msi\"]\nminimum-os = \"11.0\"\n[std]\npackage = \"my-std\"\n\
             feature = []\n",
        ),
        ("profiles/targets/x86_64-d.toml", "schema = 1\ntriple = \"x86_64-d\"\n[std]\nfeatures = [\"loud\"]\n"),
    ]));
}
