//! Features do not leak from one app into another, whichever way cargo is
//! asked for them: the plan puts apps into one cargo call only where each gets
//! what it gets alone.

use serde_json::Value;

use crate::support::{Fixture, HOST};

/// The apps of each cargo call that a release with these arguments would make.
fn calls(fixture: &Fixture, arguments: &[&str]) -> Vec<Vec<String>> {
    let plan = fixture.run(["plan", "--format", "json"].iter().chain(arguments)).ok().json();
    let steps = plan["steps"].as_array().unwrap().iter().filter(|step| step["stage"] == "compile");
    let names = |apps: &Value| apps.as_array().unwrap().iter().map(|app| app.as_str().unwrap().to_owned()).collect();
    steps.map(|step| names(&step["apps"])).collect()
}

fn library(fixture: &Fixture, folder: &str, name: &str, version: &str, more: &str) {
    let manifest = format!("[package]\nname = \"{name}\"\nversion = \"{version}\"\nedition = \"2024\"\n{more}\n");
    fixture.write(format!("{folder}/Cargo.toml"), manifest).write(format!("{folder}/src/lib.rs"), "");
}

const MAIN: &str = "fn main() {}\n";

#[test]
fn an_optional_dependency_that_a_flag_brings_in_is_not_overlooked() {
    let fixture = Fixture::empty("workspace");
    library(&fixture, "lib", "lib", "1.0.0", "[features]\nx = []");
    library(&fixture, "middle", "middle", "1.0.0", "[dependencies]\nlib = { path = \"../lib\", features = [\"x\"] }");
    fixture
        .workspace(&["a", "b", "lib"], "exclude = [\"middle\"]")
        .member(
            "a",
            "[features]\nextra = [\"dep:middle\"]\n[dependencies]\nlib = { path = \"../lib\" }\n\
             middle = { path = \"../middle\", optional = true }\n",
            MAIN,
        )
        .member("b", "[dependencies]\nlib = { path = \"../lib\" }\n", MAIN)
        .lock()
        .commit("first");
    assert_eq!(calls(&fixture, &[]), [["a", "b"]]);
    assert_eq!(calls(&fixture, &["--features", "a/extra"]), [["a"], ["b"]]);
}

#[test]
fn a_dependencys_feature_on_the_command_line_is_not_overlooked() {
    let fixture = Fixture::empty("workspace");
    library(&fixture, "lib", "lib", "1.0.0", "[features]\nx = []");
    library(&fixture, "middle", "middle", "1.0.0", "[dependencies]\nlib = { path = \"../lib\" }");
    fixture
        .workspace(&["a", "b", "lib", "middle"], "")
        .member("a", "[dependencies]\nlib = { path = \"../lib\" }\n", MAIN)
        .member("b", "[dependencies]\nmiddle = { path = \"../middle\" }\n", MAIN)
        .lock()
        .commit("first");
    assert_eq!(calls(&fixture, &[]), [["a", "b"]]);
    assert_eq!(calls(&fixture, &["--features", "lib/x"]), [["a"], ["b"]]);
}

#[test]
fn two_versions_of_one_package_are_not_taken_for_each_other() {
    let fixture = Fixture::empty("workspace");
    library(&fixture, "lib1", "lib", "1.0.0", "[features]\nx = []");
    library(&fixture, "lib2", "lib", "2.0.0", "[features]\nx = []");
    let both = "[dependencies]\n\
        l1 = { package = \"lib\", path = \"../lib1\", version = \"1\", features = [\"x\"] }\n\
        l2 = { package = \"lib\", path = \"../lib2\", version = \"2\" }\n";
    let second =
        "[dependencies]\nl2 = { package = \"lib\", path = \"../lib2\", version = \"2\", features = [\"x\"] }\n";
    fixture
        .workspace(&["a", "b"], "exclude = [\"lib1\", \"lib2\"]")
        .member("a", both, MAIN)
        .member("b", second, MAIN)
        .lock()
        .commit("first");
    assert_eq!(calls(&fixture, &[]), [["a"], ["b"]]);
}

#[test]
fn a_condition_on_another_platform_keeps_no_two_apps_apart() {
    let fixture = Fixture::empty("workspace");
    library(&fixture, "lib", "lib", "1.0.0", "[features]\nx = []");
    fixture
        .workspace(&["a", "b", "lib"], "")
        .member(
            "a",
            "[target.'cfg(windows)'.dependencies]\nlib = { path = \"../lib\", features = [\"x\"] }\n\
             [target.'cfg(some_flag)'.dependencies]\nlib = { path = \"../lib\", features = [\"x\"] }\n",
            MAIN,
        )
        .member("b", "[dependencies]\nlib = { path = \"../lib\" }\n", MAIN)
        .lock()
        .commit("first");
    assert_eq!(calls(&fixture, &["--target", "x86_64-unknown-linux-gnu"]), [["a", "b"]]);
    assert_eq!(calls(&fixture, &["--target", "x86_64-pc-windows-msvc"]), [["a"], ["b"]]);
    let mut fixture = fixture;
    fixture.set_env("RUSTFLAGS", "--cfg some_flag");
    assert_eq!(calls(&fixture, &["--target", "x86_64-unknown-linux-gnu"]), [["a"], ["b"]]);
}

#[test]
fn a_library_alone_is_released_though_its_binaries_are_narrowed_to_none() {
    let fixture = Fixture::empty("workspace");
    fixture
        .workspace(&["both"], "")
        .member("both", "[lib]\ncrate-type = [\"cdylib\"]\n", MAIN)
        .write("both/src/lib.rs", "")
        .write("both/src/bin/other.rs", MAIN)
        .write("packaging/both.toml", "schema = 1\nbinaries = [\"other\"]\ncdylib = true\n")
        .lock()
        .commit("first");
    fixture.release();
    let names = fixture.run(["build"]).ok().stdout;
    assert!(names.contains("other") && names.contains("libboth.so"), "{names}");
    assert!(!names.contains("release/both\n"), "{names}");
}

#[test]
fn a_binary_that_only_some_targets_have_the_features_for_is_refused() {
    let fixture = Fixture::empty("workspace");
    fixture
        .workspace(&["app"], "")
        .member("app", "[features]\ngui = []\n[[bin]]\nname = \"gui\"\npath = \"src/gui.rs\"\nrequired-features = [\"gui\"]\n[[bin]]\nname = \"app\"\npath = \"src/main.rs\"\n", MAIN)
        .write("app/src/gui.rs", MAIN)
        .write("profiles/release.toml", "schema = 1\n[target.aarch64-unknown-linux-gnu]\nfeatures = [\"gui\"]\n")
        .lock()
        .commit("first");
    let failed = fixture.run(["plan", "--target", HOST, "aarch64-unknown-linux-gnu"]).exits(2);
    failed.says(&["binary `gui` of package `app` needs gui"]);
    fixture.run(["plan", "--target", HOST]).ok();
}

#[test]
fn a_secret_from_the_environment_is_never_printed() {
    let mut fixture = Fixture::plain();
    fixture.set_env("MY_SECRET", "hunter2");
    fixture.write("profiles/release.toml", "schema = 1\nenv = { TOKEN = \"${MY_SECRET}\" }\n").commit("secret");
    for arguments in [["-v", "release"], ["--message-format=json", "release"]] {
        let run = fixture.run(arguments).ok();
        assert!(!run.stdout.contains("hunter2") && !run.stderr.contains("hunter2"), "{run}");
        assert!(run.stdout.contains("${MY_SECRET}") || run.stderr.contains("${MY_SECRET}"), "{run}");
        std::fs::remove_dir_all(fixture.path("target")).unwrap();
    }
    fixture.write("src/main.rs", "fn main() { broken }\n").commit("broken");
    let failed = fixture.run(["release"]).exits(1);
    assert!(!failed.stderr.contains("hunter2"), "{failed}");
}

#[test]
fn from_a_members_folder_the_release_is_the_same() {
    let fixture = Fixture::full();
    fixture.release();
    let sums = fixture.text("dist/SHA256SUMS");
    let mut command = fixture.command(["release"]);
    command.current_dir(fixture.path("hello/src"));
    crate::support::Run::of(command).ok();
    assert_eq!(fixture.text("dist/SHA256SUMS"), sums);
    assert!(!fixture.path("hello/target").exists() && !fixture.path("hello/dist").exists());
}
