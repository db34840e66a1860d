//! Runs that end too early: killed at every stage, or stopped by a signal. No
//! process stays behind, nothing half-written stands, and the next run ends
//! with the bytes of an undisturbed one.

use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::time::Duration;

use rustix::process::Signal;

use crate::support::{Fixture, Running, assert_nothing_left, assert_same, bytes_of, wait_until};

fn with_symbols() -> Fixture {
    let fixture = Fixture::full();
    fixture
        .write("profiles/release.toml", "schema = 1\ncargo-profile = \"release\"\ndebug = 1\nsplit-debug = true\n")
        .commit("symbols too");
    fixture
}

/// What an undisturbed run makes, in whatever folder: the fixture's commit has always the same hash.
fn undisturbed() -> &'static BTreeMap<String, Vec<u8>> {
    static BYTES: OnceLock<BTreeMap<String, Vec<u8>>> = OnceLock::new();
    BYTES.get_or_init(|| {
        let fixture = with_symbols();
        fixture.release();
        bytes_of(&fixture.dist())
    })
}

/// Kills a run as a step of `stage` starts, looks at what is left, and runs again.
fn killed_at(stage: &str) {
    let (fixture, undisturbed) = (with_symbols(), undisturbed());
    let run = Running::start(&fixture, ["release", "--message-format", "json"]);
    let reached = run.reaches(stage);
    assert!(reached, "no step of {stage}: {}", run.said());
    run.signal(Signal::KILL);
    let (code, _, said) = run.end();
    // The last step may have been over before the signal came; every other one was interrupted.
    assert!(code.is_none() || stage == "checksums" || stage == "release-json", "{code:?}\n{said}");
    assert_nothing_left(fixture.base());
    let dist = fixture.dist();
    for (name, bytes) in bytes_of(&dist) {
        assert!(undisturbed.get(&name) == Some(&bytes), "{name} stands half-written in the dist folder");
    }
    if dist.join("SHA256SUMS").exists() {
        assert_same(&dist, undisturbed, "right after the kill");
    }
    fixture.release();
    assert_same(&dist, undisturbed, "after the next run");
    fixture.run(["verify"]).ok();
}

#[test]
fn killed_while_compiling() {
    killed_at("compile");
}

#[test]
fn killed_while_splitting_symbols() {
    killed_at("split-debug");
}

#[test]
fn killed_while_stripping() {
    killed_at("strip");
}

#[test]
fn killed_while_stamping() {
    killed_at("stamp");
}

#[test]
fn killed_while_packing() {
    killed_at("archive");
}

#[test]
fn killed_while_describing() {
    killed_at("release-json");
}

#[test]
fn killed_while_writing_checksums() {
    killed_at("checksums");
}

/// A workspace whose build script starts a child of its own, then both sleep for a minute.
fn sleepy() -> Fixture {
    let fixture = Fixture::plain();
    let script = "fn main() {\n    let mut child = std::process::Command::new(\"sleep\").arg(\"60\").spawn().unwrap();\n    \
                  std::fs::write(\"target/sleeping\", \"\").unwrap();\n    child.wait().unwrap();\n}\n";
    fixture.write("build.rs", script).commit("a long build");
    fixture
}

fn stopped_by(signal: Signal, code: i32) {
    let fixture = sleepy();
    let run = Running::start(&fixture, ["release"]);
    let asleep = wait_until(Duration::from_secs(30), || fixture.path("target/sleeping").exists());
    assert!(asleep, "{}", run.said());
    run.signal(signal);
    let (ended, took, said) = run.end();
    assert_eq!(ended, Some(code), "{said}");
    assert!(took < Duration::from_secs(3), "it took {took:?}\n{said}");
    assert_nothing_left(fixture.base());
    assert!(!fixture.dist().join("SHA256SUMS").exists());
    fixture.write("build.rs", "fn main() {}\n").commit("mended");
    fixture.release();
}

#[test]
fn ctrl_c_ends_the_children_and_exits_130() {
    stopped_by(Signal::INT, 130);
}

#[test]
fn a_request_to_terminate_ends_the_children_and_exits_143() {
    stopped_by(Signal::TERM, 143);
}

#[test]
fn killed_outright_the_children_end_too() {
    let fixture = sleepy();
    let run = Running::start(&fixture, ["release"]);
    assert!(wait_until(Duration::from_secs(30), || fixture.path("target/sleeping").exists()), "{}", run.said());
    run.signal(Signal::KILL);
    let (ended, ..) = run.end();
    assert_eq!(ended, None);
    assert_nothing_left(fixture.base());
}

#[test]
fn children_that_ignore_the_request_are_made_to_end() {
    let fixture = Fixture::plain();
    let script = "fn main() {\n    let mut child = std::process::Command::new(\"sh\")\n        .args([\"-c\", \"trap '' TERM INT; touch target/sleeping; while :; do sleep 1; done\"]).spawn().unwrap();\n    \
                  child.wait().unwrap();\n}\n";
    fixture.write("build.rs", script).commit("a stubborn child");
    let run = Running::start(&fixture, ["release"]);
    assert!(wait_until(Duration::from_secs(30), || fixture.path("target/sleeping").exists()), "{}", run.said());
    run.signal(Signal::INT);
    let (ended, took, said) = run.end();
    assert_eq!(ended, Some(130), "{said}");
    assert!(took < Duration::from_secs(10), "it took {took:?}");
    assert_nothing_left(fixture.base());
}

#[test]
fn a_run_goes_on_where_a_signal_stopped_it() {
    let fixture = Fixture::empty("workspace");
    fixture.workspace(&["one"], "").member("one", "", "fn main() {}\n").lock().commit("first");
    let run = Running::start(&fixture, ["release", "--message-format", "json"]);
    assert!(run.reaches("archive"), "{}", run.said());
    run.signal(Signal::INT);
    let (code, _, said) = run.end();
    assert!(code == Some(130) || code == Some(0), "{code:?}\n{said}");
    let again = fixture.run(["release", "--message-format", "json"]).ok();
    for (step, outcome) in
        again.outcomes().into_iter().filter(|(step, _)| step.starts_with("strip") || step.starts_with("compile"))
    {
        assert_eq!(outcome, "cached", "{step}");
    }
}
