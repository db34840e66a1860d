//! `pm bin`, `pm ls`, `pm hash`, `pm pkg`.

use super::project::Project;

#[test]
fn bin_names_the_projects_folder_of_commands() {
    let project = Project::new(&[("package.json", "{}"), ("sub/file", "")]);
    let expected = format!("{}\n", project.path("node_modules").join(".bin").display());
    assert_eq!(project.run_in("sub", ["pm", "bin"]).stdout, expected);
    Project::new(&[]).run(["pm", "bin"]).failed(1, &["no package.json"]);
}

fn modules() -> Project {
    let project = Project::new(&[
        (
            "package.json",
            r#"{"name": "app", "version": "1.0.0", "dependencies": {"a": "^1.0.0", "@s/b": "*"}, "devDependencies": {"d": "*"}, "optionalDependencies": {"o": "*"}}"#,
        ),
        (
            "node_modules/a/package.json",
            r#"{"version": "1.2.3", "dependencies": {"inner": "*", "d": "*"}, "devDependencies": {"never": "*"}}"#,
        ),
        ("node_modules/a/node_modules/inner/package.json", r#"{"version": "0.1.0", "dependencies": {"a": "*"}}"#),
        ("node_modules/@s/b/package.json", r#"{"version": "2.0.0"}"#),
        ("node_modules/d/package.json", r#"{"version": "3.0.0"}"#),
        ("node_modules/extra/package.json", r#"{"version": "4.0.0"}"#),
        ("node_modules/.cache/package.json", "{}"),
    ]);
    project.write("node_modules/.bin/x", "");
    project
}

#[test]
fn ls_lists_what_the_project_names() {
    let project = modules();
    let root = project.path("").display().to_string();
    let expected =
        format!("app@1.0.0 {}\n├── @s/b@2.0.0\n├── a@1.2.3\n└── d@3.0.0\n", root.trim_end_matches(['/', '\\']));
    assert_eq!(project.stdout(["pm", "ls"]), expected);
}

#[test]
fn ls_all_goes_down_without_end_and_shows_what_nobody_names() {
    let project = modules();
    let listed = project.stdout(["pm", "ls", "--all"]);
    let tree: Vec<&str> = listed.lines().skip(1).collect();
    assert_eq!(
        tree,
        [
            "├── @s/b@2.0.0",
            "├── a@1.2.3",
            "│   ├── d@3.0.0",
            "│   └── inner@0.1.0",
            "│       └── a@1.2.3 (see above)",
            "├── d@3.0.0 (see above)",
            "└── extra@4.0.0 (extraneous: nobody names it)",
        ]
    );
}

#[test]
fn ls_as_json_has_versions_and_problems() {
    let project = modules();
    project.write("node_modules/a/package.json", "{ broken");
    std::fs::remove_dir_all(project.path("node_modules/d")).unwrap();
    let ended = project.run(["pm", "ls", "--json"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let expected = "  \"dependencies\": {\n    \"@s/b\": {\n      \"version\": \"2.0.0\"\n    },\n    \"a\": {\n      \"problem\": \"broken\"\n    },\n    \"d\": {\n      \"version\": \"*\",\n      \"problem\": \"missing\"\n    }\n  }\n}\n";
    assert!(ended.stdout.ends_with(expected), "{}", ended.stdout);
    assert!(
        ended.stdout.starts_with("{\n  \"name\": \"app\",\n  \"version\": \"1.0.0\",\n  \"path\": "),
        "{}",
        ended.stdout
    );
}

#[test]
fn ls_of_nothing_says_so() {
    let project = Project::new(&[("package.json", "{}")]);
    assert!(project.stdout(["pm", "ls"]).ends_with("\n└── (nothing)\n"));
}

#[test]
fn hash_is_the_sha256_of_the_lockfile() {
    let project = Project::new(&[
        ("package.json", "{}"),
        ("package-lock.json", "other"),
        ("bun.lock", "abc"),
        ("sub/package.json", "{}"),
    ]);
    // From FIPS 180-4's examples.
    let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n";
    assert_eq!(project.stdout(["pm", "hash"]), abc);
    assert_eq!(project.run_in("sub", ["pm", "hash"]).stdout, abc);
    std::fs::remove_file(project.path("bun.lock")).unwrap();
    assert_ne!(project.stdout(["pm", "hash"]), abc);
}

#[test]
fn hash_without_a_lockfile_says_which_are_looked_for() {
    Project::new(&[("package.json", "{}")])
        .run(["pm", "hash"])
        .failed(1, &["no lockfile", "bun.lock, bun.lockb, package-lock.json"]);
    let folder = Project::new(&[("package.json", "{}"), ("bun.lock/file", "")]);
    folder.run(["pm", "hash"]).failed(1, &["bun.lock cannot be read"]);
}

#[test]
fn pkg_gets_values_as_json() {
    let project =
        Project::new(&[("package.json", r#"{"name": "x", "scripts": {"b.c": "d"}, "files": ["a", {"n": 1.50}]}"#)]);
    let get = |keys: &[&str]| project.stdout(["pm", "pkg", "get"].iter().chain(keys));
    assert_eq!(get(&["name"]), "\"x\"\n");
    assert_eq!(get(&["scripts[\"b.c\"]"]), "\"d\"\n");
    assert_eq!(get(&["files[1].n"]), "1.50\n");
    assert_eq!(get(&["nothing"]), "{}\n");
    assert_eq!(get(&["name", "files[0]", "nothing"]), "{\n  \"name\": \"x\",\n  \"files[0]\": \"a\"\n}\n");
    assert!(get(&[]).starts_with("{\n  \"name\": \"x\",\n  \"scripts\""));
}

#[test]
fn pkg_sets_and_deletes_and_leaves_the_rest_as_it_was() {
    let text = "{\r\n\t// ours\r\n\t\"name\": \"x\",\r\n\t\"b\": [1]\r\n}\r\n";
    let project = Project::new(&[("package.json", text)]);
    project.stdout(["pm", "pkg", "set", "scripts.build=echo a=b", "b[]=2", "name=y"]);
    let expected = "{\r\n\t// ours\r\n\t\"name\": \"y\",\r\n\t\"b\": [1, \"2\"],\r\n\t\"scripts\": {\r\n\t\t\"build\": \"echo a=b\"\r\n\t}\r\n}\r\n";
    assert_eq!(project.read("package.json"), expected);
    project.stdout(["pm", "pkg", "set", "--json", "b=[true,{\"k\":null}]"]);
    assert_eq!(project.stdout(["pm", "pkg", "get", "b[1]"]), "{\n  \"k\": null\n}\n");
    project.stdout(["pm", "pkg", "set", "--json", "b=[1]"]);
    project.stdout(["pm", "pkg", "delete", "scripts", "nothing"]);
    assert_eq!(project.read("package.json"), text.replace("\"x\"", "\"y\""));
}

#[test]
fn pkg_refuses_what_it_cannot_mean_and_changes_nothing() {
    let text = "{\"name\": \"x\"}";
    let project = Project::new(&[("package.json", text)]);
    for (args, words) in [
        (&["set", "name"][..], "sets nothing"),
        (&["set", "ok=1", "a..b=1"], "is no key"),
        (&["set", "--json", "a=x"], "is not JSON"),
        (&["set", "--json", "a="], "is not JSON"),
        (&["get", "["], "is no key"),
        (&["delete", "a]b["], "is no key"),
    ] {
        project.run(["pm", "pkg"].iter().chain(args)).failed(2, &[words]);
    }
    project
        .run(["pm", "pkg", "set", "ok=1", "name.inner=1"])
        .failed(1, &["name.inner cannot be set: name holds no values"]);
    assert_eq!(project.read("package.json"), text);
}

#[cfg(unix)]
#[test]
fn a_package_json_that_may_not_be_written_stays_and_is_named() {
    use std::os::unix::fs::PermissionsExt as _;
    let project = Project::new(&[("package.json", "{}")]);
    std::fs::set_permissions(project.path("package.json"), std::fs::Permissions::from_mode(0o444)).unwrap();
    project.run(["pm", "pkg", "set", "a=1"]).failed(1, &["package.json cannot be written", "The file is as it was"]);
    assert_eq!(project.read("package.json"), "{}");
}
