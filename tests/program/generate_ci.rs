//! `generate ci`: the workflow is YAML that means what it should, asks the
//! program only for what it has, and this repository's own has not drifted.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::{Fixture, HOST, Run, assert_same, bytes_of, tool};

const WORKFLOW: &str = ".github/workflows/release.yml";

/// A workflow as a YAML parser understands it. (YAML 1.1 takes the key `on` for a truth value.)
fn parsed(path: &Path) -> Value {
    let script = "import json, sys, yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1]))))";
    serde_json::from_str(&tool("python3", &["-c", script, path.to_str().unwrap()])).unwrap()
}

fn generated(fixture: &Fixture, flags: &[&str]) -> Value {
    fixture.run(["generate", "ci"].iter().chain(flags)).ok().prints(&[WORKFLOW]);
    parsed(&fixture.path(WORKFLOW))
}

/// The steps of all jobs.
fn steps(workflow: &Value) -> Vec<Value> {
    let jobs = workflow["jobs"].as_object().unwrap().values();
    jobs.flat_map(|job| job["steps"].as_array().unwrap().clone()).collect()
}

fn texts(workflow: &Value, key: &str) -> Vec<String> {
    steps(workflow).iter().filter_map(|step| step[key].as_str().map(str::to_owned)).collect()
}

#[test]
fn one_linux_job_makes_the_release_and_another_publishes_it() {
    let fixture = Fixture::plain();
    let workflow = generated(&fixture, &[]);
    let jobs = workflow["jobs"].as_object().unwrap();
    assert_eq!(jobs.keys().collect::<Vec<_>>(), ["publish", "release"]);
    let runs = texts(&workflow, "run").join("\n");
    assert!(runs.contains("build-tool release --all-targets\nbuild-tool verify"), "{runs}");
    assert_eq!(jobs["publish"]["needs"], "release");
    assert_eq!(jobs["publish"]["if"], "startsWith(github.ref, 'refs/tags/')");
}

#[test]
fn a_matrix_has_a_job_for_each_target_and_one_that_merges() {
    let fixture = Fixture::plain();
    let workflow = generated(&fixture, &["--matrix", "--tier", "2"]);
    let jobs = workflow["jobs"].as_object().unwrap();
    assert_eq!(jobs.keys().collect::<Vec<_>>(), ["plan", "publish", "release", "shard"]);
    assert_eq!(jobs["shard"]["runs-on"], "${{ matrix.runner }}");
    assert_eq!(jobs["shard"]["strategy"]["matrix"], "${{ fromJSON(needs.plan.outputs.matrix) }}");
    assert_eq!((&jobs["shard"]["needs"], &jobs["release"]["needs"]), (&"plan".into(), &"shard".into()));
    let runs = texts(&workflow, "run").join("\n");
    for command in [
        "build-tool plan --all-targets --tier 2 --format github-matrix",
        "build-tool release --target \"$TARGET\" --package \"$APPS\" --shard",
        "build-tool merge \"$RUNNER_TEMP/shards\" --all-targets --tier 2\nbuild-tool verify",
    ] {
        assert!(runs.contains(command), "{command}\n{runs}");
    }
    // What it takes of a row is in every row.
    let text = fixture.text(WORKFLOW);
    let plan = fixture.run(["plan", "--all-targets", "--tier", "2", "--format", "github-matrix"]).ok().json();
    let rows = plan["include"].as_array().unwrap();
    let used = text.split("{{ matrix.").skip(1).map(|rest| rest.split(' ').next().unwrap());
    for key in used {
        assert!(rows.len() == 6 && rows.iter().all(|row| row[key].is_string()), "{key}: {rows:?}");
    }
}

#[test]
fn versions_are_exact_and_only_publishing_may_write() {
    let fixture = Fixture::plain();
    for flags in [&[][..], &["--matrix"]] {
        let workflow = generated(&fixture, flags);
        let uses = texts(&workflow, "uses");
        let exact = |version: &str| version.strip_prefix('v').is_some_and(|v| v.split('.').count() == 3);
        assert!(
            uses.iter().all(|action| action.split_once('@').is_some_and(|(_, version)| exact(version))),
            "{uses:?}"
        );
        assert!(uses.len() > 3, "{uses:?}");
        assert_eq!(workflow["permissions"], serde_json::json!({ "contents": "read" }));
        for (name, job) in workflow["jobs"].as_object().unwrap() {
            assert_eq!(job["permissions"].is_object(), name == "publish", "{name}");
            assert!(job["timeout-minutes"].is_number(), "{name}");
        }
        for step in steps(&workflow).iter().filter(|step| step["uses"].as_str().unwrap_or("").contains("checkout")) {
            assert_eq!(step["with"]["persist-credentials"], false);
            assert_eq!(step["with"]["fetch-depth"], 0);
        }
        // What comes from outside reaches a shell by variables only.
        assert!(texts(&workflow, "run").iter().all(|run| !run.contains("${{")));
    }
}

#[test]
fn the_program_has_every_command_that_a_workflow_calls() {
    let fixture = Fixture::plain();
    let mut calls = 0;
    for flags in [&[][..], &["--matrix"]] {
        let runs = texts(&generated(&fixture, flags), "run").join("\n");
        for (at, _) in runs.match_indices("build-tool ") {
            let line = runs[at..].lines().next().unwrap().trim_end_matches(')');
            let args: Vec<String> = line.split_whitespace().skip(1).map(|word| word.replace('"', "")).collect();
            if ["plan", "release", "merge", "verify", "doctor"].contains(&args[0].as_str()) {
                // Flags are read before help is shown: one that is not known is an error.
                fixture.run(args.iter().map(String::as_str).chain(["--help"])).ok();
                calls += 1;
            }
        }
    }
    assert!(calls >= 8, "{calls}");
}

#[test]
fn a_workspace_gets_the_tool_by_its_version_and_rust_as_its_toolchain_file_says() {
    let fixture = Fixture::plain();
    let runs = texts(&generated(&fixture, &[]), "run");
    let version = concat!("cargo install --locked build-tool --version ", env!("CARGO_PKG_VERSION"));
    assert!(runs.iter().any(|run| run == version), "{runs:?}");
    assert!(runs.iter().any(|run| run.starts_with("rustup toolchain install stable")), "{runs:?}");
    fixture.write("rust-toolchain.toml", "[toolchain]\nchannel = \"stable\"\n");
    let runs = texts(&generated(&fixture, &[]), "run");
    assert!(runs.iter().any(|run| run == "rustup toolchain install"), "{runs:?}");
}

#[test]
fn a_workspace_below_its_repository_is_built_where_it_lies() {
    let fixture = Fixture::plain();
    for name in ["Cargo.toml", "Cargo.lock", "src/main.rs"] {
        fixture.write(format!("deep/own \"er/{name}"), fixture.text(name));
        fs::remove_file(fixture.path(name)).unwrap();
    }
    fixture.run(["-C", "deep/own \"er", "generate", "ci"]).ok();
    let workflow = parsed(&fixture.path(WORKFLOW));
    assert_eq!(workflow["defaults"]["run"]["working-directory"], "deep/own \"er");
    let uploads: Vec<_> =
        steps(&workflow).into_iter().filter_map(|step| step["with"]["path"].as_str().map(str::to_owned)).collect();
    assert!(uploads.contains(&"deep/own \"er/dist/\n!deep/own \"er/dist/report.json\n".to_owned()), "{uploads:?}");
    assert_eq!(workflow["jobs"]["publish"]["defaults"]["run"]["working-directory"], ".");
}

#[test]
fn drift_is_shown_at_the_first_line_that_differs() {
    let fixture = Fixture::plain();
    fixture.run(["generate", "ci", "--check"]).exits(2).says(&[WORKFLOW, "No such file"]);
    generated(&fixture, &[]);
    fixture.run(["generate", "ci", "--check"]).ok();
    let text = fixture.text(WORKFLOW);
    fixture.write(WORKFLOW, text.replace("name: release\n\non", "name: mine\n\non"));
    let drifted = fixture.run(["generate", "ci", "--check"]).exits(2);
    drifted.says(&["line 3 is `name: mine`, and should be `name: release`", "without --check"]);
    assert!(fixture.text(WORKFLOW).contains("name: mine"), "--check wrote the file");
    fixture.write(WORKFLOW, text.clone() + "more: 1\n");
    fixture.run(["generate", "ci", "--check"]).exits(2).says(&["is `more: 1`, and should be nothing"]);
    fixture.write(WORKFLOW, text.replace('\n', "\r\n"));
    fixture.run(["generate", "ci", "--check"]).exits(2).says(&["its line ends are others"]);
}

#[test]
fn this_repository_s_own_workflow_has_not_drifted() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_build-tool"));
    command.current_dir(root).args(["generate", "ci", "--check"]).arg(root.join(WORKFLOW));
    Run::of(command).ok();
    let runs = texts(&parsed(&root.join(WORKFLOW)), "run");
    assert!(runs.iter().any(|run| run == "cargo install --locked --path build-tool"), "{runs:?}");
}

#[test]
fn a_row_of_the_matrix_is_all_that_its_job_needs() {
    let fixture = Fixture::full();
    fixture
        .write("packaging/hello.toml", "schema = 1\ntargets = [\"aarch64-apple-darwin\"]\n")
        .commit("hello for a mac");
    let both = [HOST, "aarch64-apple-darwin"];
    let plan = fixture.run(["plan", "--format", "github-matrix", "--target"].iter().chain(&both)).ok();
    let rows = plan.json()["include"].as_array().unwrap().clone();
    let row = |at: usize, key: &str| rows[at][key].as_str().unwrap().to_owned();
    assert_eq!(
        (row(0, "target"), row(0, "apps"), row(0, "runner")),
        (both[1].into(), "hello,plain".into(), "macos-15".into())
    );
    assert_eq!((row(1, "target"), row(1, "apps")), (HOST.into(), "plain".into()));
    fixture.run(["release", "--target", HOST, "--package", "plain"]).ok();
    let whole = bytes_of(&fixture.dist());
    let shard = ["release", "--target", &row(1, "target"), "--package", &row(1, "apps"), "--shard", "--dist", "part"];
    fixture.run(shard).ok();
    fixture.run(["merge", "part", "--target", HOST, "--dist", "merged"]).ok();
    assert_same(&fixture.path("merged"), &whole, "merged");
}
