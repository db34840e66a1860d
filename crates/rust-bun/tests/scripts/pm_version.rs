//! `pm version`, with real git.

use std::process::Command;

use super::project::Project;

fn git(project: &Project, args: &[&str]) -> String {
    let output = Command::new("git")
        .args(["-c", "user.name=T", "-c", "user.email=t@example.org"])
        .args(args)
        .current_dir(project.path(""))
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn repository(package: &str) -> Project {
    let project = Project::new(&[("package.json", package)]);
    git(&project, &["init", "--quiet"]);
    for (name, value) in [("user.name", "T"), ("user.email", "t@example.org")] {
        git(&project, &["config", name, value]);
    }
    git(&project, &["add", "."]);
    git(&project, &["commit", "--quiet", "-m", "begin"]);
    project
}

#[test]
fn without_a_word_the_version_is_printed() {
    let project = Project::new(&[("package.json", "{\"version\": \"1.2.3\"}")]);
    assert_eq!(project.stdout(["pm", "version"]), "1.2.3\n");
    project.write("package.json", "{}");
    project.run(["pm", "version"]).failed(1, &["has no version", "pkg set version="]);
    project.run(["pm", "version", "patch"]).failed(1, &["has no version"]);
}

#[test]
fn a_version_is_raised_or_set() {
    let project = Project::new(&[("package.json", "{\"version\": \"1.2.3\"}\n")]);
    assert_eq!(project.stdout(["pm", "version", "minor"]), "v1.3.0\n");
    assert_eq!(project.read("package.json"), "{\"version\": \"1.3.0\"}\n");
    assert_eq!(project.stdout(["pm", "version", "prerelease", "--preid", "beta"]), "v1.3.1-beta.0\n");
    assert_eq!(project.stdout(["pm", "version", "v2.0.0"]), "v2.0.0\n");
    project.run(["pm", "version", "2.0.0"]).failed(1, &["the version is 2.0.0 already", "--allow-same-version"]);
    assert_eq!(project.stdout(["pm", "version", "2.0.0", "--allow-same-version"]), "v2.0.0\n");
    assert_eq!(project.stdout(["pm", "version", "major", "--dry-run"]), "v3.0.0\n");
    assert_eq!(project.stdout(["pm", "version"]), "2.0.0\n");
}

#[test]
fn what_is_no_version_is_refused() {
    let project = Project::new(&[("package.json", "{\"version\": \"1.2.3\"}")]);
    for word in ["1.2", "next", "", "1.2.3.4"] {
        project.run(["pm", "version", word]).failed(2, &["is no version"]);
    }
    project.run(["pm", "version", "prerelease", "--preid", "a b"]).failed(2, &["is no version"]);
    project.write("package.json", "{\"version\": \"one\"}");
    project.run(["pm", "version", "patch"]).failed(1, &["cannot be raised", "package.json:1:13"]);
}

#[test]
fn the_version_is_committed_and_tagged() {
    let project = repository("{\"version\": \"1.2.3\"}\n");
    assert_eq!(project.stdout(["pm", "version", "patch", "-m", "Release %s (%s)"]), "v1.2.4\n");
    assert_eq!(git(&project, &["log", "-1", "--format=%s"]), "Release 1.2.4 (1.2.4)");
    assert_eq!(git(&project, &["describe", "--exact-match"]), "v1.2.4");
    assert_eq!(git(&project, &["status", "--porcelain"]), "");
    assert_eq!(git(&project, &["show", "HEAD:package.json"]), "{\"version\": \"1.2.4\"}");
    project.stdout(["pm", "version", "patch"]);
    assert_eq!(git(&project, &["log", "-1", "--format=%s"]), "v1.2.5");
}

#[test]
fn nothing_is_committed_that_nobody_meant() {
    let project = repository("{\"version\": \"1.2.3\"}\n");
    git(&project, &["tag", "v1.3.0"]);
    project.run(["pm", "version", "minor"]).failed(1, &["git has a tag v1.3.0 already"]);
    let changed = "{\"version\": \"1.2.3\", \"x\": 1}\n";
    project.write("package.json", changed);
    project.run(["pm", "version", "patch"]).failed(1, &["not committed", "M package.json", "--no-git-tag-version"]);
    assert_eq!(project.read("package.json"), changed);
    assert_eq!(project.stdout(["pm", "version", "patch", "--no-git-tag-version"]), "v1.2.4\n");
    assert_eq!(git(&project, &["rev-list", "--count", "HEAD"]), "1");
}

#[cfg(unix)]
#[test]
fn scripts_run_around_the_change_and_can_stop_it() {
    let scripts = r#"{"version": "1.0.0", "scripts": {"preversion": "echo pre $npm_package_version", "version": "echo at $npm_package_version > log; git add log", "postversion": "git log -1 --format=%s"}}"#;
    let project = repository(scripts);
    assert_eq!(project.stdout(["pm", "version", "major"]), "pre 1.0.0\nv2.0.0\nv2.0.0\n");
    assert_eq!(git(&project, &["show", "HEAD:log"]), "at 2.0.0");
    let project = repository(r#"{"version": "1.0.0", "scripts": {"preversion": "exit 3"}}"#);
    assert_eq!(project.run(["pm", "version", "major"]).code, Some(3));
    assert_eq!(project.stdout(["pm", "version"]), "1.0.0\n");
}

#[cfg(unix)]
#[test]
fn a_commit_that_a_hook_refuses_says_how_to_go_back() {
    let project = repository("{\"version\": \"1.0.0\"}");
    project.program(".git/hooks/pre-commit", "#!/bin/sh\necho no commits today >&2; exit 1");
    project
        .run(["pm", "version", "patch"])
        .failed(1, &["`git commit", "no commits today", "git checkout HEAD -- package.json"]);
}

#[test]
fn without_git_the_option_is_named() {
    let project = repository("{\"version\": \"1.0.0\"}");
    let output = project.command("").args(["pm", "version", "patch"]).env("PATH", "").output().unwrap();
    super::project::Ended::of(&output).failed(1, &["git is not on PATH", "--no-git-tag-version"]);
}
