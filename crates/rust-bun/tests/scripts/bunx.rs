//! `bunx`.
#![cfg(unix)]

use super::project::Project;

fn installed() -> Project {
    let project = Project::new(&[
        ("package.json", "{}"),
        ("sub/file", ""),
        (
            "node_modules/typescript/package.json",
            r#"{"name": "typescript", "version": "5.4.3", "bin": {"tsc": "tsc.sh", "tsserver": "tsserver.sh"}}"#,
        ),
        (
            "node_modules/single/package.json",
            r#"{"name": "single", "version": "1.0.0", "bin": {"other-name": "cli.sh"}}"#,
        ),
        ("node_modules/none/package.json", r#"{"name": "none"}"#),
        ("node_modules/unbuilt/package.json", r#"{"name": "unbuilt", "bin": "dist/cli.js"}"#),
    ]);
    project.program("node_modules/typescript/tsc.sh", "#!/bin/sh\necho tsc \"$@\"");
    project.symlink("../typescript/tsc.sh", "node_modules/.bin/tsc");
    project.program("node_modules/single/cli.sh", "#!/bin/sh\necho single; exit 6");
    project
}

#[test]
fn commands_are_found_by_their_name_and_by_their_packages() {
    let project = installed();
    assert_eq!(project.run_in("sub", ["bunx", "tsc", "--version", "a b"]).stdout, "tsc --version a b\n");
    assert_eq!(project.stdout(["bunx", "--package", "typescript", "tsc"]), "tsc\n");
    assert_eq!(project.stdout(["bunx", "-p", "typescript@5", "tsc"]), "tsc\n");
    let single = project.run(["bunx", "single"]);
    assert_eq!((single.code, single.stdout.as_str()), (Some(6), "single\n"));
}

#[test]
fn a_command_that_the_package_has_not_is_127_with_those_it_has() {
    let project = installed();
    project.run(["bunx", "typescript"]).failed(127, &["typescript has no command named `typescript`", "tsc, tsserver"]);
    project.run(["bunx", "-p", "typescript", "tcs"]).failed(127, &["no command named `tcs`"]);
    project.run(["bunx", "none"]).failed(127, &["it has none at all"]);
    project.run(["bunx", "unbuilt"]).failed(127, &["there is no file", "dist/cli.js"]);
}

#[test]
fn what_is_not_installed_is_for_a_package_manager() {
    let project = installed();
    project.run(["bunx", "cowsay", "hi"]).failed(127, &["fetching cowsay needs a package manager"]);
    project.run(["bunx", "--no-install", "cowsay"]).failed(127, &["cowsay is neither installed nor linked"]);
    // Another version than the one that is there, and the newest, whichever that is.
    project.run(["bunx", "single@2.0.0"]).failed(127, &["fetching single@2.0.0"]);
    project.run(["bunx", "single@latest"]).failed(127, &["fetching single@latest"]);
    assert_eq!(project.run(["bunx", "single@^1"]).code, Some(6));
}

#[test]
fn what_cannot_be_a_package_is_wrong_usage() {
    let project = installed();
    for name in ["../x", "", "@s", "a b"] {
        project.run(["bunx", name]).failed(2, &["cannot be the name of a package"]);
    }
    project.run(["bunx"]).failed(2, &[]);
}

#[test]
fn a_command_without_the_run_bit_is_126() {
    let project = installed();
    project.write("node_modules/.bin/closed", "#!/bin/sh\n");
    project.run(["bunx", "closed"]).failed(126, &["chmod +x"]);
}

#[test]
fn a_broken_package_is_located() {
    let project = installed();
    project.write("node_modules/single/package.json", "{\"bin\": [}");
    project.run(["bunx", "single"]).failed(1, &["single/package.json:1:"]);
}
