//! `link` and `unlink`.
#![cfg(unix)]

use std::path::PathBuf;

use super::project::Project;

const TOOL: &str = r#"{"name": "@s/tool", "version": "1.0.0", "bin": {"tl": "./cli.sh"}}"#;

/// A package to link, and a project to link it into; `links` is where the user's links are.
fn two() -> (Project, PathBuf) {
    let project = Project::new(&[
        ("tool/package.json", TOOL),
        ("tool/cli.sh", "#!/bin/sh\necho tool \"$@\""),
        ("app/package.json", "{\n    \"name\": \"app\"\n}\n"),
    ]);
    let links = project.path("../home/.local/share/rust-bun");
    (project, links)
}

#[test]
fn a_package_is_linked_saved_run_and_unlinked_again() {
    let (project, _) = two();
    assert_eq!(project.run_in("tool", ["link"]).code, Some(0));
    assert_eq!(project.run_in("app", ["link", "@s/tool", "--save"]).code, Some(0));
    assert_eq!(project.path("app/node_modules/@s/tool").canonicalize().unwrap(), project.path("tool"));
    assert_eq!(
        project.read("app/package.json"),
        "{\n    \"name\": \"app\",\n    \"dependencies\": {\n        \"@s/tool\": \"link:@s/tool\"\n    }\n}\n"
    );
    for command in [&["bunx", "tl", "x"][..], &["bunx", "@s/tool", "x"], &["run", "tl", "x"]] {
        assert_eq!(project.run_in("app", command).stdout, "tool x\n", "{command:?}");
    }
    assert_eq!(project.run_in("app", ["unlink", "@s/tool"]).code, Some(0));
    assert!(!project.path("app/node_modules/@s").exists());
    assert!(!project.path("app/node_modules/.bin/tl").is_symlink());
    assert!(!project.read("app/package.json").contains("tool"), "{}", project.read("app/package.json"));
    // The package itself is as it was.
    assert_eq!(project.read("tool/package.json"), TOOL);
}

#[test]
fn a_linked_packages_commands_are_everywhere_until_it_is_unlinked() {
    let (project, links) = two();
    let ended = project.run_in("tool", ["link"]);
    assert!(ended.stderr.contains("on PATH"), "{ended:?}");
    let command = links.canonicalize().unwrap().join("bin/tl");
    assert_eq!(std::process::Command::new(&command).arg("y").output().unwrap().stdout, b"tool y\n");
    assert_eq!(project.run_in("app", ["bunx", "tl"]).stdout, "tool\n");
    assert_eq!(project.run_in("app", ["bunx", "@s/tool"]).stdout, "tool\n");
    assert_eq!(project.run_in("tool", ["link"]).code, Some(0), "a second time");
    assert_eq!(project.run_in("tool", ["unlink"]).code, Some(0));
    assert!(!command.is_symlink());
    project.run_in("tool", ["unlink"]).failed(1, &["no package named @s/tool is linked"]);
}

#[test]
fn bun_install_says_where_links_are() {
    let (project, links) = two();
    let status = project.command("tool").arg("link").env("BUN_INSTALL", project.path("mine")).status().unwrap();
    assert!(status.success());
    assert!(project.path("mine/install/global/node_modules/@s/tool").is_symlink());
    assert!(project.path("mine/bin/tl").is_symlink());
    assert!(!links.exists());
}

#[test]
fn without_a_home_the_variables_to_set_are_named() {
    let (project, _) = two();
    let output =
        project.command("tool").args(["pm", "bin", "-g"]).env("BUN_INSTALL", "/b").env_remove("HOME").output().unwrap();
    assert_eq!(output.stdout, b"/b/bin\n");
}

#[test]
fn a_link_whose_target_is_gone_is_a_clear_error() {
    let (project, _) = two();
    project.run_in("tool", ["link"]);
    project.run_in("app", ["link", "@s/tool"]);
    std::fs::rename(project.path("tool"), project.path("moved")).unwrap();
    project.run_in("app", ["link", "@s/tool"]).failed(1, &["which is gone", "run `rust-bun link` again"]);
    project.run_in("app", ["bunx", "@s/tool"]).failed(1, &["which is gone"]);
    project.run_in("app", ["run", "tl"]).failed(127, &["which is gone"]);
    project.run_in("app", ["pm", "ls"]).failed(1, &[]);
    // And it can be taken away, and made again from where the package is now.
    assert_eq!(project.run_in("app", ["unlink", "@s/tool"]).code, Some(0));
    assert_eq!(project.run_in("moved", ["link"]).code, Some(0));
    assert_eq!(project.run_in("app", ["link", "@s/tool"]).code, Some(0));
    assert_eq!(project.run_in("app", ["bunx", "tl"]).stdout, "tool\n");
}

#[test]
fn an_installed_copy_waits_while_a_link_has_its_place() {
    let (project, _) = two();
    project.write("app/node_modules/@s/tool/package.json", TOOL);
    project.program("app/node_modules/@s/tool/cli.sh", "#!/bin/sh\necho installed");
    project.symlink("../@s/tool/cli.sh", "app/node_modules/.bin/tl");
    project.run_in("tool", ["link"]);
    assert_eq!(project.run_in("app", ["link", "@s/tool"]).code, Some(0));
    assert_eq!(project.run_in("app", ["run", "tl"]).stdout, "tool\n");
    assert_eq!(project.run_in("app", ["unlink", "@s/tool"]).code, Some(0));
    assert_eq!(project.run_in("app", ["run", "tl"]).stdout, "installed\n");
    assert!(!project.path("app/node_modules/.replaced-by-links").exists());
    project.run_in("app", ["unlink", "@s/tool"]).failed(1, &["is not a link: it was installed"]);
    assert_eq!(project.run_in("app", ["run", "tl"]).stdout, "installed\n");
}

#[test]
fn nothing_is_linked_over_files_of_others() {
    let (project, links) = two();
    std::fs::create_dir_all(links.join("bin")).unwrap();
    std::fs::write(links.join("bin/tl"), "mine").unwrap();
    project.run_in("tool", ["link"]).failed(1, &["bin/tl is in the way"]);
    assert_eq!(std::fs::read(links.join("bin/tl")).unwrap(), b"mine");
    assert!(!links.join("install").exists());
}

#[test]
fn unknown_and_impossible_names_are_refused_before_anything_changes() {
    let (project, _) = two();
    project.run_in("tool", ["link"]);
    project
        .run_in("app", ["link", "@s/tool", "@s/tol"])
        .failed(1, &["no package named @s/tol", "did you mean `@s/tool`?"]);
    for name in ["../tool", "/etc", "a/../../b", ""] {
        project.run_in("app", ["link", name]).failed(2, &["cannot be the name of a package"]);
        project.run_in("app", ["unlink", name]).failed(2, &["cannot be the name of a package"]);
    }
    assert!(!project.path("app/node_modules").exists());
}

#[test]
fn a_package_that_cannot_be_linked_says_why() {
    let project = Project::new(&[
        ("nameless/package.json", "{}"),
        ("evil/package.json", r#"{"name": "../../evil"}"#),
        ("escape/package.json", r#"{"name": "escape", "bin": {"x": "../../../bin/sh"}}"#),
    ]);
    project.run_in("nameless", ["link"]).failed(1, &["has no name", "pkg set name="]);
    project.run_in("evil", ["link"]).failed(1, &["cannot be the name of a package", "package.json:1:10"]);
    project.run_in("escape", ["link"]).failed(1, &["is no file of this package", "package.json:1:33"]);
    assert!(!project.path("../home/.local").exists());
}

#[test]
fn a_dry_run_changes_nothing() {
    let (project, links) = two();
    let ended = project.run_in("tool", ["link", "--dry-run"]);
    assert_eq!(ended.code, Some(0));
    assert!(ended.stderr.contains("bin/tl -> "), "{ended:?}");
    assert!(!links.exists());
    project.run_in("tool", ["link"]);
    assert_eq!(project.run_in("app", ["link", "--dry-run", "--save", "@s/tool"]).code, Some(0));
    assert!(!project.path("app/node_modules").exists());
    assert!(!project.read("app/package.json").contains("tool"));
    project.run_in("app", ["link", "@s/tool"]);
    assert_eq!(project.run_in("app", ["unlink", "--dry-run", "@s/tool"]).code, Some(0));
    assert!(project.path("app/node_modules/@s/tool").is_symlink());
}

#[test]
fn where_nothing_can_be_written_the_place_is_named() {
    let (project, links) = two();
    // A file where a folder has to be stops root, too.
    std::fs::create_dir_all(links.parent().unwrap()).unwrap();
    std::fs::write(&links, "").unwrap();
    project.run_in("tool", ["link"]).failed(1, &["cannot be made", "may this user write"]);
}
