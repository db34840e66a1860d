//! `test`: unit and integration tests for several targets, run by whatever
//! runs their programs here, as cargo would run them.

use crate::support::{Fixture, HOST, Run, assert_nothing_left, with_wine};

const ARM: &str = "aarch64-unknown-linux-gnu";
const MUSL: &str = "x86_64-unknown-linux-musl";
const WINDOWS: &str = "x86_64-pc-windows-gnu";

/// One program with tests: target, package, tests, outcome, and how many passed, failed and were ignored.
type Row<'a> = (&'a str, &'a str, &'a str, &'a str, [Option<u64>; 3]);

/// The events say these results, in this order.
#[track_caller]
fn assert_results(run: &Run, expected: &[Row<'_>]) {
    let objects = run.objects();
    let found: Vec<Row<'_>> = objects
        .iter()
        .filter(|event| event["event"] == "tests")
        .map(|event| {
            let text = |key: &str| event[key].as_str().unwrap();
            let counts = ["passed", "failed", "ignored"].map(|key| event[key].as_u64());
            (text("target"), text("package"), text("name"), text("outcome"), counts)
        })
        .collect();
    assert_eq!(found, expected, "{run}");
}

const fn counts(passed: u64, failed: u64, ignored: u64) -> [Option<u64>; 3] {
    [Some(passed), Some(failed), Some(ignored)]
}

/// A library without a program, an app that tests itself from outside, and a procedural macro.
fn tested() -> Fixture {
    let fixture = Fixture::empty("workspace");
    fixture
        .workspace(&["app", "library", "macros"], "")
        .member("app", "", APP)
        .write("app/tests/whole.rs", WHOLE)
        .write("app/build.rs", "fn main() { println!(\"cargo::rustc-env=FROM_BUILD_SCRIPT=yes\"); }\n")
        .write("library/Cargo.toml", "[package]\nname = \"library\"\nversion = \"1.2.3\"\nedition = \"2024\"\npublish = false\n[dev-dependencies]\nmacros = { path = \"../macros\" }\n")
        .write("library/src/lib.rs", LIBRARY)
        .write("macros/Cargo.toml", "[package]\nname = \"macros\"\nversion = \"1.2.3\"\nedition = \"2024\"\n[lib]\nproc-macro = true\ndoctest = false\n")
        .write("macros/src/lib.rs", "#[proc_macro]\npub fn yes(_: proc_macro::TokenStream) -> proc_macro::TokenStream { \"true\".parse().unwrap() }\n#[test]\nfn runs_here() {}\n")
        .lock()
        .commit("first");
    fixture
}

const APP: &str = r#"fn main() { println!("app speaks"); }
#[test]
fn environment_is_cargos() {
    let var = |name: &str| std::env::var(name).unwrap_or_else(|_| panic!("no {name}"));
    assert_eq!(var("CARGO_PKG_NAME"), "app");
    assert_eq!(var("CARGO_PKG_VERSION_MINOR"), "2");
    assert_eq!(var("FROM_BUILD_SCRIPT"), "yes");
    assert!(var("OUT_DIR").contains("app"));
    assert!(var("CARGO_MANIFEST_DIR").ends_with("app"));
    assert!(std::path::Path::new("src/main.rs").is_file(), "{:?}", std::env::current_dir());
}
#[test]
#[ignore]
fn slow() {}
"#;

const WHOLE: &str = r#"#[test]
fn the_program_speaks() {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_app")).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "app speaks");
}
"#;

const LIBRARY: &str = r#"/// ```
/// assert!(library::double(2) == 4);
/// ```
pub fn double(number: u32) -> u32 { number * 2 }
#[test]
fn doubles() { assert_eq!(double(3), 6); assert!(macros::yes!()); }
"#;

#[test]
fn tests_of_all_members_run_on_the_host_and_their_documentation_is_tested() {
    let fixture = tested();
    let run = fixture.run(["test", "--message-format", "json"]).ok();
    assert_results(
        &run,
        &[
            (HOST, "app", "bin app", "passed", counts(1, 0, 1)),
            (HOST, "app", "test whole", "passed", counts(1, 0, 0)),
            (HOST, "library", "lib", "passed", counts(1, 0, 0)),
            (HOST, "macros", "lib", "passed", counts(1, 0, 0)),
            (HOST, "library", "documentation", "passed", counts(1, 0, 0)),
        ],
    );
}

#[test]
fn foreign_tests_run_behind_what_runs_their_programs_and_the_others_are_compiled() {
    let fixture = tested();
    with_wine(&fixture);
    let targets = format!("{ARM},{MUSL},{WINDOWS},aarch64-apple-darwin");
    let arguments = ["test", "--message-format", "json", "-p", "library", "--target", &targets];
    let run = fixture.run(arguments).ok();
    assert_results(
        &run,
        &[
            ("aarch64-apple-darwin", "library", "lib", "not-run", [None; 3]),
            (ARM, "library", "lib", "passed", counts(1, 0, 0)),
            (WINDOWS, "library", "lib", "passed", counts(1, 0, 0)),
            (MUSL, "library", "lib", "passed", counts(1, 0, 0)),
        ],
    );
    assert_nothing_left(fixture.base());
}

#[test]
fn a_windows_test_finds_the_program_of_its_package() {
    let fixture = tested();
    with_wine(&fixture);
    let run = fixture.run(["test", "--message-format", "json", "-p", "app", "--target", WINDOWS]).ok();
    let expected =
        [("bin app", counts(1, 0, 1)), ("test whole", counts(1, 0, 0))].map(|(n, c)| (WINDOWS, "app", n, "passed", c));
    assert_results(&run, &expected);
}

#[test]
fn a_failed_test_is_shown_once_and_is_exit_1() {
    let fixture = tested();
    fixture.write("library/src/lib.rs", LIBRARY.replace("number * 2", "number * 3")).commit("wrong");
    let run = fixture.run(["test", "-p", "library,macros"]).exits(1);
    let run = run.says_times("left: 9", 1).says(&["library lib for", "doubles ... FAILED"]);
    run.prints(&["library  lib            FAILED  0       1", "1 passed, 2 failed, 0 ignored"]);
}

#[test]
fn a_test_program_that_crashes_has_failed() {
    let fixture = Fixture::plain();
    fixture.write("src/main.rs", "fn main() {}\n#[test]\nfn crashes() { std::process::abort() }\n").commit("crashes");
    fixture.run(["test"]).exits(1).prints(&[
        "FAILED",
        "natively, ended with signal 6",
        "0 failed, 0 ignored; 1 program broke off",
    ]);
}

#[test]
fn a_test_that_does_not_compile_is_shown_once_and_the_others_run_where_that_is_wanted() {
    let fixture = tested();
    fixture.write("app/tests/whole.rs", "#[test]\nfn wrong() { let number: u32 = \"text\"; }\n").commit("broken");
    fixture.run(["test"]).exits(1).says_times("error[E0308]", 1);
    let run = fixture.run(["test", "--keep-going"]).exits(1).says_times("error[E0308]", 1);
    run.prints(&["library  lib", "macros   lib"]);
}

/// cargo went on with what it had begun and began nothing more: whether the others were compiled was a matter of luck.
#[test]
fn tests_that_cargo_has_not_begun_when_one_does_not_compile_are_compiled_too() {
    let fixture = Fixture::empty("many");
    let names: Vec<String> = (1..9).map(|n| format!("part{n}")).collect();
    let members: Vec<&str> = names.iter().map(String::as_str).collect();
    fixture.workspace(&members, "");
    for name in &members {
        let text = if *name == "part4" { "\"text\"" } else { "1" };
        fixture.member(name, "", &format!("fn main() {{}}\n#[test]\nfn works() {{ let _: u32 = {text}; }}\n"));
    }
    fixture.lock().commit("first");
    let run = fixture.run(["test", "--keep-going", "-j", "1"]).exits(1);
    run.prints(&["7 passed, 0 failed"]);
}

#[test]
fn without_running_the_programs_are_named() {
    let fixture = tested();
    let run = fixture.run(["test", "--no-run", "-p", "library", "--target", ARM]).ok();
    let paths: Vec<&str> = run.stdout.lines().collect();
    assert_eq!(paths.len(), 1, "{run}");
    assert!(paths[0].contains(&format!("/target/{ARM}/debug/deps/library-")), "{run}");
    assert!(std::path::Path::new(paths[0]).is_file(), "{run}");
}

#[test]
fn the_profile_is_dev_unless_another_is_named() {
    let fixture = Fixture::plain();
    let main = "fn main() {}\n#[test]\nfn checks() { assert!(cfg!(debug_assertions)) }\n";
    fixture.write("src/main.rs", main).commit("checks");
    fixture.run(["test"]).ok();
    fixture.run(["test", "--profile", "release"]).exits(1);
}

#[test]
fn a_dry_run_compiles_nothing() {
    let fixture = tested();
    let run = fixture.run(["test", "--dry-run", "--target", ARM, "x86_64-apple-darwin"]).ok();
    run.prints(&[
        "would compile the tests of app, library, macros [dev] for aarch64-unknown-linux-gnu, x86_64-apple-darwin",
        "would run those for aarch64-unknown-linux-gnu through qemu-aarch64",
        "would not run those for x86_64-apple-darwin: macOS programs run on macOS only",
    ]);
    assert!(!fixture.path("target/debug").exists());
}

#[test]
fn an_unknown_package_is_exit_2() {
    tested().run(["test", "-p", "librari"]).exits(2).says(&["librari", "did you mean `library`?"]);
}
