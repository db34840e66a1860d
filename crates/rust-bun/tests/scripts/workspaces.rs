//! `run` over the packages of a workspace.

use super::project::Project;

/// c needs b, b needs a; none without scripts but d.
fn workspace() -> Project {
    let package = |name: &str, needs: &str| {
        format!(
            "{{\"name\": \"{name}\", \"dependencies\": {{{needs}}}, \"scripts\": {{\"b\": \"echo {name}\", \"only-{name}\": \"echo only\"}}}}"
        )
    };
    Project::new(&[
        ("package.json", r#"{"name": "root", "workspaces": ["packages/*"], "scripts": {"b": "echo root"}}"#),
        ("packages/1/package.json", &package("c", r#""b": "*""#)),
        ("packages/2/package.json", &package("b", r#""a": "workspace:*""#)),
        ("packages/3/package.json", &package("a", "")),
        ("packages/4/package.json", r#"{"name": "@s/d"}"#),
    ])
}

#[test]
fn packages_come_after_those_they_depend_on() {
    let project = workspace();
    assert_eq!(project.stdout(["run", "--workspaces", "b"]), "a\nb\nc\n");
    assert_eq!(project.stdout(["run", "--filter", "*", "b"]), "a\nb\nc\n");
    assert_eq!(project.run_in("packages/1", ["run", "--workspaces", "b"]).stdout, "a\nb\nc\n");
}

#[test]
fn filters_choose_by_name_and_folder() {
    let project = workspace();
    for (filters, expected) in [
        (&["c", "a"][..], "a\nc\n"),
        (&["./packages/1"], "c\n"),
        (&["./packages/*", "!b"], "a\nc\n"),
        (&["!c"], "a\nb\n"),
        (&["root"], "root\n"),
    ] {
        let mut args = vec!["run"];
        args.extend(filters.iter().flat_map(|filter| ["--filter", filter]));
        args.push("b");
        assert_eq!(project.stdout(args), expected, "{filters:?}");
    }
}

#[test]
fn a_filter_that_means_nobody_is_an_error_with_names() {
    let project = workspace();
    project
        .run(["run", "--filter", "roott", "b"])
        .failed(1, &["no package of the workspace matches roott", "did you mean `root`?"]);
    project.run(["run", "--filter", "a[", "b"]).failed(2, &["`a[` matches nothing"]);
    Project::new(&[("package.json", "{}")])
        .run(["run", "--workspaces", "b"])
        .failed(1, &["there is no workspace here"]);
}

#[test]
fn a_script_that_no_package_has_is_127_unless_it_need_not_be_there() {
    let project = workspace();
    project.run(["run", "--workspaces", "only-x"]).failed(127, &["none of the 4 matching packages", "only-a"]);
    assert_eq!(project.run(["run", "--workspaces", "--if-present", "nothing"]).code, Some(0));
    assert_eq!(project.stdout(["run", "--workspaces", "only-a"]), "only\n");
}

#[test]
fn a_failure_stops_those_after_it_unless_told_to_go_on() {
    let project = workspace();
    project.write("packages/3/package.json", r#"{"name": "a", "scripts": {"b": "exit 4"}}"#);
    let ended = project.run(["run", "--workspaces", "b"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(4), ""));
    assert!(ended.stderr.contains("a: exited with 4"), "{ended:?}");
    let ended = project.run(["run", "--workspaces", "--no-exit-on-error", "b"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(4), "b\nc\n"));
}

#[test]
fn parallel_marks_every_line_with_its_package() {
    let project = workspace();
    project.write(
        "packages/3/package.json",
        r#"{"name": "a", "scripts": {"preb": "echo pre", "b": "echo a", "postb": "echo post"}}"#,
    );
    let mut lines: Vec<String> = project
        .stdout(["run", "--workspaces", "--parallel", "b"])
        .lines()
        .map(|line| line.trim_end().to_owned())
        .collect();
    let of_a: Vec<_> = lines.iter().filter(|line| line.starts_with("a: ")).cloned().collect();
    assert_eq!(of_a, ["a: pre", "a: a", "a: post"]);
    lines.sort();
    assert_eq!(lines, ["a: a", "a: post", "a: pre", "b: b", "c: c"]);
}

#[test]
fn a_failure_in_parallel_is_the_code_of_all() {
    let project = workspace();
    project.write("packages/3/package.json", r#"{"name": "a", "scripts": {"b": "exit 4"}}"#);
    let ended = project.run(["run", "--workspaces", "--parallel", "--no-exit-on-error", "b"]);
    assert_eq!(ended.code, Some(4), "{ended:?}");
    let mut lines: Vec<_> = ended.stdout.lines().map(str::trim_end).collect();
    lines.sort_unstable();
    assert_eq!(lines, ["b: b", "c: c"]);
}

#[test]
fn packages_that_depend_on_each_other_are_named_and_run_at_once_all_the_same() {
    let project = workspace();
    project
        .write("packages/3/package.json", r#"{"name": "a", "dependencies": {"c": "*"}, "scripts": {"b": "echo a"}}"#);
    project.run(["run", "--workspaces", "b"]).failed(1, &["in a circle: c → b → a → c", "--parallel"]);
    assert_eq!(project.run(["run", "--workspaces", "--parallel", "b"]).code, Some(0));
    assert_eq!(project.stdout(["run", "--filter", "a", "b"]), "a\n");
}

#[test]
fn the_roots_script_may_run_the_packages_of_the_same_name() {
    let project = workspace();
    let exe = env!("CARGO_BIN_EXE_rust-bun").replace('\\', "/");
    let line = format!("\\\"{exe}\\\" --silent run --filter root --filter a b");
    project.write(
        "package.json",
        &format!("{{\"name\": \"root\", \"workspaces\": [\"packages/*\"], \"scripts\": {{\"b\": \"{line}\"}}}}"),
    );
    assert_eq!(project.stdout(["run", "b"]), "a\n");
}

#[test]
fn a_broken_package_of_the_workspace_is_located() {
    let project = workspace();
    project.write("packages/2/package.json", "{\"name\": }");
    project.run(["run", "--workspaces", "b"]).failed(1, &["2/package.json:1:10"]);
    project.write("package.json", "{\"workspaces\": [\"packages/4\", \"../outside\"]}");
    project.run(["run", "--workspaces", "b"]).failed(1, &["leads out of", "package.json:1:31"]);
}

#[test]
fn scripts_of_all_packages_are_listed() {
    let project = workspace();
    let listed = project.stdout(["run", "--filter", "a", "--filter", "@s/d"]);
    assert_eq!(listed, "a\n  b       echo a\n  only-a  echo only\n");
}
