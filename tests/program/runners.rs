//! How programs of a target run on this machine: what the manifest says, what
//! is found, and that `doctor` shows it. Whatever runs them is real.

use serde_json::Value;

use crate::support::{Fixture, HOST, Run};

/// What `doctor` says of the runner of each target: (target, found, how).
fn runners(run: &Run) -> Vec<(String, bool, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let events = run.objects().into_iter().filter(|event| event["event"] == "runner");
    events.map(|event| (text(&event["target"]), event["found"].as_bool().unwrap(), text(&event["detail"]))).collect()
}

#[test]
fn doctor_shows_runners_and_misses_none_of_them() {
    let fixture = Fixture::plain();
    let targets = "aarch64-apple-darwin,aarch64-unknown-linux-gnu,x86_64-pc-windows-gnu,x86_64-unknown-linux-musl";
    let run = fixture.run(["doctor", "--message-format", "json", "--target", HOST, targets]).ok();
    let found = runners(&run);
    let expected = [
        ("aarch64-apple-darwin", false, "macOS programs run on macOS only"),
        ("aarch64-unknown-linux-gnu", true, "through qemu-aarch64"),
        ("x86_64-pc-windows-gnu", true, "through wine"),
        ("x86_64-unknown-linux-musl", true, "natively"),
    ];
    assert_eq!(found, expected.map(|(target, found, how)| (target.to_owned(), found, how.to_owned())));
}

#[test]
fn the_runner_of_the_manifest_is_used_and_starts_the_program() {
    let fixture = Fixture::full();
    let log = fixture.base().join("log");
    let script = format!("#!/bin/sh\necho \"$@\" >> {}\nexec \"$2\" \"$3\"\n", log.display());
    fixture.script("runner", &script);
    let runner = fixture.base().join("runner");
    let manifest = format!("schema = 1\ntriple = \"{HOST}\"\nrunner = [{:?}, \"a b\"]\n", runner.display().to_string());
    fixture.write(format!("profiles/targets/{HOST}.toml"), manifest).commit("a runner");
    let run = fixture.run(["build", "-p", "hello", "--smoke"]).ok();
    run.says(&["start hello through runner"]).never_says(&["does nothing about runner"]);
    let program = fixture.path(format!("target/build-tool/{HOST}/release/hello"));
    assert_eq!(std::fs::read_to_string(log).unwrap(), format!("a b {} --version\n", program.display()));
}

#[test]
fn a_runner_that_is_not_there_is_named() {
    let fixture = Fixture::full();
    let manifest = format!("schema = 1\ntriple = \"{HOST}\"\nrunner = [\"no-such-runner\"]\n");
    fixture.write(format!("profiles/targets/{HOST}.toml"), manifest).commit("a runner");
    let failed = fixture.run(["build", "-p", "hello", "--smoke"]).exits(1);
    failed.says(&["no-such-runner", "was not found"]);
}
