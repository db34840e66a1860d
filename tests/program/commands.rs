//! The smaller verbs: generate, init, check, doctor, clean; and the command
//! line itself.

use std::fs;

use crate::support::{Fixture, HOST, Running, files, tree};

#[test]
fn an_unknown_flag_is_bad_usage() {
    let fixture = Fixture::plain();
    fixture.run(["release", "--no-such-flag"]).exits(2).says(&["unexpected argument '--no-such-flag'", "Usage:"]);
    fixture.run(["relaese"]).exits(2).says(&["relaese", "release"]);
    fixture.run([""; 0]).exits(2);
}

#[test]
fn version_and_help_go_to_standard_output() {
    let fixture = Fixture::empty("nothing");
    let version = fixture.run(["--version"]).ok();
    assert!(version.stdout.starts_with(&format!("build-tool {} (", env!("CARGO_PKG_VERSION"))), "{version}");
    assert_eq!(version.stdout.lines().count(), 1, "{version}");
    let help = fixture.run(["--help"]).ok();
    for verb in ["plan", "release", "build", "dev", "package", "verify", "check", "doctor", "init", "generate", "clean"]
    {
        assert!(help.stdout.lines().any(|line| line.trim_start().starts_with(&format!("{verb} "))), "{verb}\n{help}");
    }
}

#[test]
fn completions_are_accepted_by_their_shell() {
    let fixture = Fixture::empty("nothing");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let run = fixture.run(["generate", "completions", shell]).ok();
        assert!(run.stdout.contains("prebuilt"), "{shell}: {run}");
    }
    let bash = fixture.run(["generate", "completions", "bash"]).ok().stdout;
    fixture.write("completions.bash", bash);
    let mut check = std::process::Command::new("bash");
    check.args(["-n", "completions.bash"]);
    crate::support::Run::of(fixture.in_place(check)).ok();
}

#[test]
fn man_pages_are_written_for_every_verb_and_drift_is_noticed() {
    let fixture = Fixture::empty("nothing");
    fixture.run(["generate", "man"]).ok();
    let pages = files(&fixture.path("man"));
    for page in ["build-tool.1", "build-tool-release.1", "build-tool-generate-man.1"] {
        assert!(pages.contains(&page.to_owned()), "{pages:?}");
    }
    fixture.run(["generate", "man", "--check"]).ok();
    let before = tree(fixture.base());
    fixture.write("man/build-tool-plan.1", "something else\n");
    let drifted = fixture.run(["generate", "man", "--check"]).exits(2);
    drifted.says(&["man/build-tool-plan.1", "run the same command without --check"]);
    assert_eq!(fixture.text("man/build-tool-plan.1"), "something else\n");
    fixture.run(["generate", "man"]).ok();
    assert_eq!(tree(fixture.base()).len(), before.len());
    fixture.run(["generate", "man", "--check"]).ok();
}

#[test]
fn the_schema_is_json_and_drift_is_noticed() {
    let fixture = Fixture::empty("nothing");
    let schema = fixture.run(["generate", "schema"]).ok().json();
    assert!(schema.to_string().contains("split-debug"), "{schema}");
    fixture.run(["generate", "schema", "--output", "schema.json"]).ok();
    fixture.run(["generate", "schema", "--output", "schema.json", "--check"]).ok();
    fixture.write("schema.json", "{}");
    fixture.run(["generate", "schema", "--output", "schema.json", "--check"]).exits(2).says(&["schema.json"]);
    fixture.run(["generate", "schema", "--output", "missing.json", "--check"]).exits(2).says(&["missing.json"]);
}

#[test]
fn init_writes_manifests_that_change_nothing() {
    let fixture = Fixture::full();
    let before = fixture.run(["plan", "--format", "json", "--all-targets"]).ok().stdout;
    let written = fixture.run(["init"]).ok();
    for file in ["profiles/release.toml", "profiles/dev.toml", "packaging/hello.toml", "packaging/plain.toml"] {
        assert!(written.stdout.contains(file), "{written}");
        assert!(fixture.text(file).lines().filter(|line| line.starts_with('#')).count() > 3, "{file} has no comments");
    }
    assert!(fixture.path(format!("profiles/targets/{HOST}.toml")).is_file());
    fixture.run(["check"]).ok().prints(&["all well"]);
    let after = fixture.run(["plan", "--format", "json", "--all-targets"]).ok().stdout;
    assert_eq!(after, before);
}

#[test]
fn every_line_that_init_comments_out_is_valid_when_it_is_switched_on() {
    let fixture = Fixture::full();
    fixture.run(["init"]).ok();
    for file in ["profiles/release.toml", "packaging/plain.toml"] {
        let text = fixture.text(file);
        for line in text.lines().filter(|line| line.starts_with("# ") && line.contains(" = ")) {
            let key = line.trim_start_matches("# ").split(" = ").next().unwrap();
            if !key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-') || key == "inherits" {
                continue; // prose, and a profile that would inherit from itself
            }
            fixture.write(file, text.replace(line, line.trim_start_matches("# ")));
            fixture.run(["check"]).ok();
        }
        fixture.write(file, text);
    }
}

#[test]
fn init_again_refuses_without_force() {
    let fixture = Fixture::plain();
    fixture.run(["init"]).ok();
    fixture.write("profiles/release.toml", "schema = 1\n# mine\n");
    let refused = fixture.run(["init"]).exits(2);
    refused.says(&["profiles/release.toml", "init --force"]);
    assert_eq!(fixture.text("profiles/release.toml"), "schema = 1\n# mine\n");
    fixture.run(["init", "--force"]).ok();
    assert!(!fixture.text("profiles/release.toml").contains("# mine"));
}

#[test]
fn doctor_asks_for_what_this_plan_needs_and_no_more() {
    let fixture = Fixture::plain();
    let run = fixture.run(["doctor"]).ok();
    run.prints(&["cargo", "cc", "rust-objcopy", HOST]);
    let objects = fixture.run(["doctor", "--skip", "strip", "--message-format", "json"]).ok().objects();
    let names: Vec<_> = objects.iter().map(|object| object["name"].as_str().unwrap().to_owned()).collect();
    assert_eq!(names, ["cargo", "cc", &format!("std for {HOST}")]);
}

#[test]
fn clean_removes_what_is_ours_and_nothing_else() {
    let fixture = Fixture::plain();
    fixture.release();
    fixture.write("dist/notes.txt", "mine\n").write("target/mine.txt", "mine\n");
    fixture.run(["clean"]).ok();
    assert_eq!(files(&fixture.dist()), ["notes.txt"]);
    assert_eq!(files(&fixture.path("target/build-tool")), ["lock"]);
    assert!(fixture.path("target/mine.txt").exists() && fixture.path(format!("target/{HOST}")).exists());
    fs::remove_file(fixture.path("dist/notes.txt")).unwrap();
    fixture.release();
    fixture.run(["clean", "--cache"]).ok();
    assert!(!fixture.dist().exists() && !fixture.path("target").join(HOST).exists());
    fixture.release();
    fixture.run(["verify"]).ok();
}

#[test]
fn clean_leaves_a_stranger_s_files_whatever_their_names() {
    let fixture = Fixture::plain();
    for name in ["SHA256SUMS", "release.json", "report.json"] {
        fixture.write(format!("dist/{name}"), "{}\n");
    }
    fixture.run(["clean"]).ok();
    assert_eq!(files(&fixture.dist()), ["SHA256SUMS", "release.json", "report.json"]);
}

#[test]
fn clean_waits_for_the_run_whose_files_it_removes() {
    let fixture = Fixture::plain();
    fixture.write("build.rs", "fn main() { std::thread::sleep(std::time::Duration::from_secs(2)); }\n").commit("slow");
    let release = Running::start(&fixture, ["release", "--message-format", "json"]);
    assert!(release.reaches("compile"), "{}", release.said());
    let clean = fixture.run(["clean"]).ok().says(&["waiting for another build-tool"]);
    let (code, _, said) = release.end();
    assert_eq!(code, Some(0), "{said}");
    assert!(!fixture.dist().exists(), "{clean}");
    assert_eq!(files(&fixture.path("target/build-tool")), ["lock"]);
}

#[test]
fn clean_follows_no_name_out_of_the_dist_folder() {
    let fixture = Fixture::plain();
    fixture.release();
    let text = fixture.text("dist/release.json").replace(&format!("plain-1.2.3-{HOST}.tar.gz"), "../Cargo.toml");
    fixture.write("dist/release.json", text);
    fixture.run(["clean"]).ok();
    assert!(fixture.path("Cargo.toml").is_file());
}

#[test]
fn colour_is_for_terminals_and_on_request() {
    let fixture = Fixture::plain();
    fixture.write("src/main.rs", "fn main() { let number: u32 = \"text\"; }\n").commit("wrong");
    let plain = fixture.run(["build"]).exits(1);
    assert!(!plain.stderr.contains('\u{1b}'), "{plain}");
    let coloured = fixture.run(["build", "--color", "always"]).exits(1);
    assert!(coloured.stderr.contains("\u{1b}["), "{coloured}");
}
