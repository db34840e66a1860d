//! `--smoke`: finished programs are started by whatever runs them here, real
//! qemu and real Wine included, and what they say is held against their stamp.

use std::time::Duration;

use rustix::process::Signal;
use serde_json::Value;

use crate::support::{Fixture, HOST, Run, Running, assert_nothing_left, files, processes_of, wait_until, with_wine};

const ARM: &str = "aarch64-unknown-linux-gnu";
const MUSL: &str = "x86_64-unknown-linux-musl";
const WINDOWS: &str = "x86_64-pc-windows-gnu";
const MSVC: &str = "x86_64-pc-windows-msvc";

/// What was started, as the events say it: (app, target, outcome, how).
fn started(run: &Run) -> Vec<[String; 4]> {
    let events = run.objects().into_iter().filter(|event| event["event"] == "smoke");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    events.map(|event| ["app", "target", "outcome", "how"].map(|key| text(&event[key]))).collect()
}

/// A workspace of one program that says this with `--version`; it has a slot.
fn saying(format: &str) -> Fixture {
    let fixture = Fixture::full();
    let main = format!("fn main() {{\n    let info = build_info::build_info!();\n    {format}\n}}\n");
    fixture.write("hello/src/main.rs", main).commit("says another thing");
    fixture
}

const LINE: &str = "println!(\"hello {}\", info.version_string());";

#[test]
fn programs_for_linux_run_natively_or_behind_qemu_and_show_their_stamp() {
    let fixture = saying(LINE);
    let targets = format!("{HOST},{ARM},{MUSL}");
    let arguments = ["build", "--smoke", "--message-format", "json", "-p", "hello", "--target", &targets];
    let run = fixture.run(arguments).ok();
    let expect = |outcome: &str| {
        [(ARM, "through qemu-aarch64"), (HOST, "natively"), (MUSL, "natively")]
            .map(|(target, how)| ["hello", target, outcome, how].map(str::to_owned))
    };
    assert_eq!(started(&run), expect("right"));
    // They are the same programs: they are not started again.
    assert_eq!(started(&fixture.run(arguments).ok()), expect("stands"));
    fixture.commit("another commit, another stamp");
    assert_eq!(started(&fixture.run(arguments).ok()), expect("right"));
}

#[test]
fn programs_for_windows_run_in_wine_and_nothing_stays_behind() {
    let fixture = saying(LINE);
    with_wine(&fixture);
    let targets = format!("{WINDOWS},{MSVC},aarch64-apple-darwin");
    let arguments = ["release", "--smoke", "--message-format", "json", "-p", "hello", "--target", &targets];
    let run = fixture.run(arguments).ok();
    let expected = [
        ["hello", "aarch64-apple-darwin", "not-run", "macOS programs run on macOS only"],
        ["hello", WINDOWS, "right", "through wine"],
        ["hello", MSVC, "right", "through wine"],
    ];
    assert_eq!(started(&run), expected.map(|one| one.map(str::to_owned)));
    assert_nothing_left(fixture.base());
    // What differs from machine to machine is in the report, and in nothing that is shipped.
    assert!(fixture.text("dist/report.json").contains("through wine"));
    assert!(!fixture.text("dist/release.json").contains("wine"));
}

#[test]
fn files_that_a_program_in_wine_prints_are_not_waited_for_until_wine_has_gone() {
    let fixture = Fixture::plain();
    with_wine(&fixture);
    // What was not printed by this machine's own program can be printed by that for Windows; macOS packs it.
    let package = "schema = 1\n[[generated]]\ncommand = [\"plain\"]\nfiles = [\"plain.1\"]\nkind = \"man\"\n";
    fixture.write("packaging/plain.toml", package).commit("a page");
    let targets = format!("{WINDOWS},aarch64-apple-darwin");
    let run = fixture.run(["release", "--target", &targets]).ok();
    run.says(&["print plain.1 with plain"]);
    assert_nothing_left(fixture.base());
}

/// Ends a run while what it started sleeps in Wine; the exit code, if it has one.
fn ended_in_wine(arguments: &[&str], signal: Signal) -> Option<i32> {
    let fixture = Fixture::plain();
    with_wine(&fixture);
    let sleeps =
        "fn main() { std::thread::sleep(std::time::Duration::from_secs(60)); }\n#[test]\nfn sleeps() { main() }\n";
    fixture.write("src/main.rs", sleeps).commit("sleeps");
    let run = Running::start(&fixture, arguments.iter().chain(&["--target", WINDOWS]));
    let program = |process: &String| {
        let words = process.trim_end().trim_end_matches(" --version");
        // A linker has more to say.
        words.contains("plain") && words.ends_with(".exe") && !words.contains(" -")
    };
    let runs = wait_until(Duration::from_secs(60), || processes_of(fixture.base()).iter().any(program));
    assert!(runs, "{}", run.said());
    run.signal(signal);
    let (code, ..) = run.end();
    assert_nothing_left(fixture.base());
    code
}

#[test]
fn killed_while_a_program_runs_in_wine_nothing_stays_behind() {
    assert_eq!(ended_in_wine(&["build", "--smoke"], Signal::KILL), None);
}

#[test]
fn stopped_while_a_program_runs_in_wine_nothing_stays_behind() {
    assert_eq!(ended_in_wine(&["build", "--smoke"], Signal::INT), Some(130));
}

#[test]
fn stopped_while_wines_folder_is_made_nothing_stays_behind() {
    let fixture = Fixture::plain();
    let run = Running::start(&fixture, ["build", "--smoke", "--target", WINDOWS]);
    // Its services are there before it is ready.
    let service = |process: &String| process.contains("services.exe");
    let runs = wait_until(Duration::from_secs(60), || processes_of(fixture.base()).iter().any(service));
    assert!(runs, "{}", run.said());
    run.signal(Signal::INT);
    assert_eq!(run.end().0, Some(130));
    assert_nothing_left(fixture.base());
}

#[test]
fn killed_while_tests_run_in_wine_nothing_stays_behind() {
    assert_eq!(ended_in_wine(&["test"], Signal::KILL), None);
}

#[test]
fn stopped_while_tests_run_in_wine_nothing_stays_behind() {
    assert_eq!(ended_in_wine(&["test"], Signal::INT), Some(130));
}

#[test]
fn another_stamp_is_exit_4() {
    for (says, message) in [
        (
            "println!(\"hello {} (0123456789ab) built {} [release]\", info.version, info.build_time);",
            "its stamp `1.2.3",
        ),
        ("println!(\"hello {}\", info.version.replace('2', \"3\"));", "does not say `1.2.3`"),
        ("println!(\"hello {}\", info.version); std::process::exit(3);", "ended with exit code 3"),
    ] {
        let fixture = saying(says);
        let failed = fixture.run(["build", "-p", "hello", "--smoke"]).exits(4);
        failed.says(&["hello (x86_64-unknown-linux-gnu): `--version`", message, "it said: hello 1."]);
    }
}

#[test]
fn a_dirty_tree_has_to_show() {
    let fixture = saying(LINE);
    fixture.write("README.md", "changed\n");
    let run = fixture.run(["build", "-p", "hello", "--smoke", "--message-format", "json"]).ok();
    assert_eq!(started(&run), [["hello", HOST, "right", "natively"].map(str::to_owned)]);
    // One that hides it does not say the stamp's line.
    let hides = "println!(\"{}\", info.version_string().replace(\"-dirty\", \"\"));";
    fixture.write("hello/src/main.rs", format!("fn main() {{ let info = build_info::build_info!(); {hides} }}\n"));
    fixture.run(["build", "-p", "hello", "--smoke"]).exits(4).says(&["-dirty) built"]);
}

#[test]
fn a_version_alone_is_right_and_noted() {
    let fixture = saying("println!(\"hello {}\", info.version);");
    let run = fixture.run(["build", "-p", "hello", "--smoke"]).ok();
    run.says(&["its version is right; `--version` does not say the commit", "right natively"]);
}

#[test]
fn without_a_slot_a_program_has_to_start_and_not_to_crash() {
    let fixture = Fixture::plain();
    fixture.run(["build", "--smoke"]).ok().says(&["right natively"]);
    let exits = |how: &str| fixture.write("src/main.rs", format!("fn main() {{ {how} }}\n")).commit(how);
    exits("std::process::exit(2)");
    fixture.run(["build", "--smoke"]).ok().says(&["it starts; `--version` ended with exit code 2"]);
    exits("panic!(\"so soon\")");
    fixture.run(["build", "--smoke"]).exits(4).says(&["`--version` ended with exit code 101", "so soon"]);
    exits("std::process::abort()");
    fixture.run(["build", "--smoke"]).exits(4).says(&["`--version` ended with signal 6"]);
}

#[test]
fn nothing_seals_a_release_whose_program_crashes() {
    let fixture = Fixture::plain();
    fixture.write("src/main.rs", "fn main() { std::process::abort() }\n").commit("crashes");
    fixture.run(["release", "--smoke", "--keep-going"]).exits(4);
    assert!(!fixture.dist().join("SHA256SUMS").exists() && !fixture.dist().join("release.json").exists());
}

#[test]
fn what_does_not_end_is_ended() {
    let fixture = Fixture::plain();
    let forever = "fn main() { println!(\"begun\"); loop { std::thread::park() } }\n";
    fixture.write("src/main.rs", forever).commit("hangs");
    let failed = fixture.run(["build", "--smoke"]).exits(4);
    let took = failed.took;
    failed.says(&["`--version` did not end within 30 seconds", "it said: begun"]);
    assert!(took < Duration::from_secs(55), "{took:?}");
    assert_nothing_left(fixture.base());
}

#[test]
fn without_the_flag_nothing_is_started() {
    let fixture = Fixture::plain();
    fixture.write("src/main.rs", "fn main() { panic!() }\n").commit("panics");
    fixture.release();
    assert!(files(&fixture.dist()).contains(&"SHA256SUMS".to_owned()));
    assert!(!fixture.text("dist/report.json").contains("smoke"));
}
