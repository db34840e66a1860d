//! `plan` in all its formats, and `--dry-run`: what is shown is what would be
//! done, and nothing is touched.

use serde_json::Value;

use crate::support::{Fixture, HOST, Run, tool, tree};

/// What differs from machine to machine and from fixture to fixture, by a word.
fn redacted(fixture: &Fixture, text: &str) -> String {
    text.replace(fixture.root().to_str().unwrap(), "ROOT")
        .replace(&fixture.git(&["rev-parse", "HEAD"]), "COMMIT")
        .replace(&fixture.short_commit(), "SHORT")
        .replace(tool("rustc", &["--version"]).trim(), "rustc VERSION")
}

#[test]
fn plan_json_as_documented() {
    let fixture = Fixture::full();
    let plan = fixture.run(["plan", "--format", "json"]).ok();
    assert_eq!(plan.json()["schema"], 1);
    insta::assert_snapshot!(redacted(&fixture, &plan.stdout));
}

#[test]
fn plan_table_as_people_see_it() {
    let fixture = Fixture::full();
    insta::assert_snapshot!(redacted(&fixture, &fixture.run(["plan"]).ok().stdout));
}

#[test]
fn plan_dot_has_a_node_for_every_step_and_an_edge_for_every_need() {
    let fixture = Fixture::full();
    let plan = fixture.run(["plan", "--format", "json"]).ok().json();
    let steps = plan["steps"].as_array().unwrap();
    let needs: usize = steps.iter().map(|step| step["needs"].as_array().unwrap().len()).sum();
    let dot = fixture.run(["plan", "--format", "dot"]).ok().stdout;
    assert!(dot.starts_with("digraph {"), "{dot}");
    assert_eq!(dot.matches("label=").count(), steps.len(), "{dot}");
    assert_eq!(dot.matches("->").count(), needs, "{dot}");
}

#[test]
fn plan_github_matrix_is_one_line_with_a_job_for_each_target() {
    let fixture = Fixture::full();
    let run = fixture.run(["plan", "--format", "github-matrix", "--all-targets"]).ok();
    assert_eq!(run.stdout.lines().count(), 1);
    let jobs = run.json()["include"].as_array().unwrap().clone();
    let triples: Vec<_> = jobs.iter().map(|job| job["target"].as_str().unwrap()).collect();
    let expected =
        ["aarch64-apple-darwin", "aarch64-unknown-linux-gnu", "x86_64-apple-darwin", "x86_64-pc-windows-msvc", HOST];
    assert_eq!(triples, expected);
    assert!(jobs.iter().all(|job| job["apps"] == "hello,plain" && job["runner"].is_string()), "{jobs:?}");
}

#[test]
fn what_is_planned_is_what_runs() {
    let fixture = Fixture::full();
    let plan = fixture.run(["plan", "--format", "json"]).ok().json();
    let ids =
        |value: &Value| value.as_array().unwrap().iter().map(|step| step["id"].as_str().unwrap().to_owned()).collect();
    let mut planned: Vec<String> = ids(&plan["steps"]);
    let mut ran: Vec<String> = fixture
        .run(["release", "--message-format", "json"])
        .ok()
        .outcomes()
        .into_iter()
        .map(|(step, _)| step)
        .collect();
    planned.sort();
    ran.sort();
    assert_eq!(ran, planned);
}

#[test]
fn dry_runs_touch_nothing() {
    let fixture = Fixture::full();
    fixture.run(["release"]).ok();
    let prebuilt = format!("prebuilt/{HOST}");
    fixture.write(format!("{prebuilt}/hello"), "").write(format!("{prebuilt}/plain"), "");
    fixture.write("hello/src/main.rs", "fn main() {}\n").commit("something to do");
    let before = tree(fixture.base());
    let verbs: [&[&str]; 9] = [
        &["plan"],
        &["release", "--dry-run"],
        &["build", "--dry-run"],
        &["package", "--dry-run", "--prebuilt", "prebuilt"],
        &["dev", "--dry-run", "-p", "hello"],
        &["verify", "--dry-run", "--rebuild"],
        &["init", "--dry-run"],
        &["clean", "--dry-run"],
        &["check"],
    ];
    for verb in verbs {
        let run = fixture.run(verb).ok();
        assert!(!run.stdout.is_empty(), "{run}");
        let after = tree(fixture.base());
        let touched: Vec<_> =
            after.iter().filter(|(path, node)| before.get(*path) != Some(node)).map(|(p, _)| p).collect();
        assert!(touched.is_empty() && after.len() == before.len(), "{verb:?} touched {touched:?}\n{run}");
    }
}

#[test]
fn a_dry_run_in_a_fresh_checkout_makes_no_folder() {
    let fixture = Fixture::plain();
    let before = tree(fixture.base());
    fixture.run(["release", "--dry-run"]).ok().prints(&["compile plain", "SHA256SUMS"]);
    assert!(tree(fixture.base()) == before, "the tree was touched");
}

#[test]
fn a_dry_run_of_a_dirty_tree_is_allowed() {
    let fixture = Fixture::plain();
    fixture.write("src/main.rs", "fn main() {}\n");
    fixture.run(["release", "--dry-run"]).ok();
}

#[test]
fn a_plan_for_a_reader_that_goes_away_ends_in_good_order() {
    let fixture = Fixture::full();
    let mut command = std::process::Command::new("bash");
    let line = "\"$0\" plan --format json | head -n 1; exit \"${PIPESTATUS[0]}\"";
    command.args(["-c", line, env!("CARGO_BIN_EXE_build-tool")]);
    let run = Run::of(fixture.in_place(command)).ok();
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("{\n", ""));
}

#[test]
fn a_plan_that_cannot_be_written_is_said() {
    for format in [&["plan"][..], &["plan", "--format", "json"]] {
        let fixture = Fixture::plain();
        let mut command = std::process::Command::new("sh");
        command.args(["-c", "exec \"$0\" \"$@\" > /dev/full", env!("CARGO_BIN_EXE_build-tool")]).args(format);
        Run::of(fixture.in_place(command)).exits(1).says(&["cannot write to standard output", "No space left"]);
    }
}

#[test]
fn a_dry_run_for_a_program_says_something_and_nothing_but_objects() {
    let fixture = Fixture::plain();
    fixture.release();
    for verb in [&["verify"][..], &["dev"], &["generate", "completions", "bash"], &["plan", "--format", "dot"]] {
        let run = fixture.run(["--message-format=json", "--dry-run"].iter().chain(verb)).ok();
        assert!(!run.stdout.is_empty(), "{verb:?}");
        for line in run.stdout.lines() {
            assert!(serde_json::from_str::<serde_json::Value>(line).is_ok_and(|value| value.is_object()), "{line}");
        }
    }
}
