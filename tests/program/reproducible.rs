//! The same commit gives the same bytes, whoever makes the release and
//! wherever; and an app's bytes do not depend on what is released with it.

use std::fs;
use std::os::unix::process::CommandExt;
use std::process::Command;

use crate::support::{Fixture, HOST, Run, bytes_of, sums};

/// Clones the fixture's repository and releases there as somebody else would.
fn released_elsewhere(fixture: &Fixture, folder: &str, umask: &str, jobs: &str, env: &[(&str, &str)]) -> String {
    let clone = fixture.base().join(folder);
    // Another umask gives the files of the checkout other modes, too.
    let mut git = Command::new("sh");
    git.args(["-c", "umask \"$0\"; git clone --quiet \"$1\" \"$2\"", umask]).arg(fixture.root()).arg(&clone);
    Run::of(fixture.in_place(git)).ok();
    let mut shell = Command::new("sh");
    shell.args(["-c", "umask \"$0\"; exec \"$@\"", umask, env!("CARGO_BIN_EXE_build-tool"), "release", "--jobs", jobs]);
    let mut shell = fixture.in_place(shell);
    shell.current_dir(&clone).envs(env.iter().copied());
    Run::of(shell).ok();
    sums(&clone.join("dist"))
}

#[test]
fn two_people_in_two_folders_make_the_same_release() {
    let fixture = Fixture::full();
    fixture
        .write("profiles/release.toml", "schema = 1\ncargo-profile = \"release\"\ndebug = true\nsplit-debug = true\n")
        .write("tool.sh", "#!/bin/sh\n")
        .write("packaging/plain.toml", "schema = 1\n[[files]]\nsource = \"tool.sh\"\n");
    Run::of({
        let mut chmod = Command::new("chmod");
        chmod.arg("755").arg(fixture.path("tool.sh"));
        chmod
    })
    .ok();
    fixture.commit("symbols, and a file that can be run");
    let home = |name: &str| {
        let home = fixture.base().join(name);
        fs::create_dir_all(&home).unwrap();
        home.to_str().unwrap().to_owned()
    };
    let (a, b) = (home("home-a"), home("home-b"));
    let one = released_elsewhere(
        &fixture,
        "one",
        "022",
        "1",
        &[("LC_ALL", "C"), ("TZ", "UTC"), ("USER", "alice"), ("HOME", &a)],
    );
    let two = released_elsewhere(
        &fixture,
        "a much longer folder/two",
        "077",
        "4",
        &[
            ("LC_ALL", "de_DE.UTF-8"),
            ("TZ", "Asia/Kathmandu"),
            ("USER", "bob"),
            ("HOME", &b),
            ("HOSTNAME", "elsewhere"),
        ],
    );
    assert!(one.contains("-debug.tar.gz"), "{one}");
    assert_eq!(one, two);
}

#[test]
fn a_rebuild_in_another_folder_gives_the_same_bytes() {
    let fixture = Fixture::full();
    fixture.release();
    fixture.run(["verify", "--rebuild"]).ok().prints(&["every byte the same"]);
}

#[test]
fn a_rebuild_repeats_the_choices_of_the_command_line() {
    let fixture = Fixture::empty("workspace");
    fixture
        .workspace(&["app"], "[profile.tiny]\ninherits = \"release\"\nopt-level = \"z\"\n")
        .member("app", "[features]\nloud = []\nquiet = []\ndefault = [\"quiet\"]\n", FEATURES)
        .write("profiles/tiny.toml", "schema = 1\ncargo-profile = \"tiny\"\n")
        .lock()
        .commit("first");
    fixture
        .run(["release", "--features", "loud", "--no-default-features", "--profile", "tiny", "--skip", "strip"])
        .ok();
    fixture.run(["verify", "--rebuild"]).ok();
}

const FEATURES: &str =
    "fn main() { println!(\"loud {} quiet {}\", cfg!(feature = \"loud\"), cfg!(feature = \"quiet\")); }\n";

#[test]
fn a_rebuild_notices_what_the_commit_does_not_give() {
    let fixture = Fixture::plain();
    // Something that git ignores and the program takes in: no commit tells of it.
    fixture
        .write("build.rs", "fn main() { println!(\"cargo::rustc-env=SAID={}\", std::fs::read_to_string(\"ignored.txt\").unwrap_or_default()); }\n")
        .write("src/main.rs", "fn main() { println!(\"said {}\", env!(\"SAID\")); }\n")
        .write(".gitignore", "/target/\n/dist/\nignored.txt\n")
        .write("ignored.txt", "from here only")
        .commit("something ignored");
    fixture.release();
    fixture.run(["verify"]).ok();
    let failed = fixture.run(["verify", "--rebuild"]).exits(4);
    failed.says(&[&format!("plain-1.2.3-{HOST}.tar.gz: built again it has SHA-256")]);
}

/// Two apps that share a dependency and ask it for different features.
fn sharing(resolver: &str) -> Fixture {
    let fixture = Fixture::empty("workspace");
    let shared = "pub fn said() -> &'static str {\n    if cfg!(feature = \"loud\") { \"LOUD\" } else { \"quiet\" }\n}\n\
                  pub fn more() -> usize {\n    if cfg!(feature = \"more\") { 17 } else { 3 }\n}\n";
    let main = "fn main() { println!(\"{} {}\", shared::said(), shared::more()); }\n";
    fixture
        .workspace(&["loud", "quiet", "shared"], "")
        .write(
            "Cargo.toml",
            format!("[workspace]\nresolver = \"{resolver}\"\nmembers = [\"loud\", \"quiet\", \"shared\"]\n"),
        )
        .write(
            "shared/Cargo.toml",
            "[package]\nname = \"shared\"\nversion = \"1.2.3\"\nedition = \"2021\"\n[features]\nloud = []\nmore = []\n",
        )
        .write("shared/src/lib.rs", shared)
        .member("loud", "[dependencies]\nshared = { path = \"../shared\", features = [\"loud\"] }\n", main)
        .member("quiet", "[dependencies]\nshared = { path = \"../shared\", features = [\"more\"] }\n", main)
        .lock()
        .commit("first");
    fixture
}

/// Released alone and together, an app must have the same bytes.
fn alone_and_together(resolver: &str) {
    let fixture = sharing(resolver);
    fixture.run(["release", "--dist", "together"]).ok();
    let together = bytes_of(&fixture.path("together"));
    for (app, says) in [("loud", "LOUD 3\n"), ("quiet", "quiet 17\n")] {
        fs::remove_dir_all(fixture.path("target")).unwrap();
        let alone = format!("alone-{app}");
        fixture.run(["release", "-p", app, "--dist", &alone]).ok();
        let name = format!("{app}-1.2.3-{HOST}.tar.gz");
        assert!(
            bytes_of(&fixture.path(alone))[&name] == together[&name],
            "{app} differs alone, with resolver {resolver}"
        );
        let program = fixture.path(format!("target/build-tool/{HOST}/release/{app}"));
        assert_eq!(Run::of(Command::new(program)).ok().stdout, says);
    }
}

#[test]
fn features_do_not_leak_between_apps_with_resolver_2() {
    alone_and_together("2");
}

#[test]
fn features_do_not_leak_between_apps_with_resolver_1() {
    alone_and_together("1");
}

#[test]
fn apps_that_agree_are_compiled_in_one_call() {
    let plan = Fixture::full().run(["plan", "--format", "json"]).ok().json();
    let compiles = plan["steps"].as_array().unwrap().iter().filter(|step| step["stage"] == "compile").count();
    assert_eq!(compiles, 1, "{plan:#}");
}

#[test]
fn a_low_niceness_or_another_process_name_changes_nothing() {
    let fixture = Fixture::plain();
    fixture.release();
    let first = sums(&fixture.dist());
    fs::remove_dir_all(fixture.path("target")).unwrap();
    let mut command = fixture.command(["release", "--jobs", "3"]);
    command.arg0("another-name").env("TERM", "dumb").env("COLUMNS", "20").env("CI", "true").env("NO_COLOR", "1");
    Run::of(command).ok();
    assert_eq!(sums(&fixture.dist()), first);
}
