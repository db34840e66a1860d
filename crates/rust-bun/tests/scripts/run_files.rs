//! `run` of files and commands: what a word means, and what cannot be executed.
#![cfg(unix)]

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

use super::project::Project;

const SH: &str = "#!/bin/sh\necho $0 \"$@\"";

#[test]
fn the_order_is_script_file_package_path() {
    let project = Project::new(&[("package.json", r#"{"scripts": {"ls": "echo script"}}"#)]);
    project.program("ls", "#!/bin/sh\necho file");
    project.program("node_modules/.bin/ls", "#!/bin/sh\necho package");
    assert_eq!(project.stdout(["--silent", "run", "ls"]), "script\n");
    assert_eq!(project.stdout(["run", "./ls"]), "file\n");
    project.write("package.json", "{}");
    assert_eq!(project.stdout(["run", "ls"]), "file\n");
    std::fs::remove_file(project.path("ls")).unwrap();
    assert_eq!(project.stdout(["run", "ls"]), "package\n");
    std::fs::remove_file(project.path("node_modules/.bin/ls")).unwrap();
    assert_eq!(project.stdout(["run", "ls"]), "node_modules\npackage.json\n");
}

#[test]
fn a_folder_named_like_a_command_is_not_in_its_way() {
    let project = Project::new(&[("echo/file", "")]);
    assert_eq!(project.stdout(["run", "echo", "hi"]), "hi\n");
    project.run(["run", "./echo"]).failed(126, &["is a folder"]);
}

#[test]
fn files_are_executed_with_their_arguments() {
    let project = Project::new(&[]);
    project.program("bin/tool", SH);
    let path = project.path("bin/tool");
    assert_eq!(project.stdout(["run", "bin/tool", "a b", "--x"]), format!("{} a b --x\n", path.display()));
    assert_eq!(project.stdout([OsStr::new("run"), path.as_os_str()]), format!("{}\n", path.display()));
}

#[test]
fn a_programs_code_is_passed_on() {
    let project = Project::new(&[]);
    project.program("tool", "#!/bin/sh\nexit 99");
    assert_eq!(project.run(["./tool"]).code, Some(99));
}

#[test]
fn what_cannot_be_executed_is_126() {
    let project = Project::new(&[("tool", SH), ("node_modules/.bin/cmd", SH)]);
    project.run(["run", "./tool"]).failed(126, &["cannot be executed: this user may not run it", "chmod +x"]);
    project.run(["run", "tool"]).failed(126, &["chmod +x"]);
    project.run(["run", "cmd"]).failed(126, &["chmod +x"]);
    project.program("text", "no program\n");
    assert_eq!(project.run(["run", "./text"]).code, Some(126));
    project.program("lost", "#!/no/such/interpreter\n");
    assert_eq!(project.run(["run", "./lost"]).code, Some(126));
}

#[test]
fn a_path_that_leads_nowhere_is_127_with_names_beside_it() {
    let project = Project::new(&[("src/server.ts", "")]);
    project.run(["run", "./src/sever.ts"]).failed(127, &["there is no file", "did you mean `server.ts`?"]);
    project.run(["run", "/no/such/file"]).failed(127, &["there is no file /no/such/file"]);
    project.run(["run", "./src/server.ts/x"]).failed(127, &["there is no file"]);
    let long = "x".repeat(5000);
    assert_eq!(project.run(["run", &format!("./{long}")]).code, Some(127));
    assert_eq!(project.run(["run", &long]).code, Some(127));
}

#[test]
fn names_may_be_any_bytes() {
    let project = Project::new(&[]);
    project.program("x", "#!/bin/sh\necho ran \"$1\"");
    let name = OsStr::from_bytes(b"./b\xff\xfen \xe2\x82\xac");
    std::fs::rename(project.path("x"), project.path("").join(name)).unwrap();
    assert_eq!(project.stdout([OsStr::new("run"), name, OsStr::new("€")]), "ran €\n");
    project.run([OsStr::new("run"), OsStr::from_bytes(b"no\xff")]).failed(127, &["named `no\u{fffd}`"]);
}

#[test]
fn a_folder_whose_name_is_any_bytes_runs_its_scripts() {
    let project = Project::new(&[]);
    let folder = project.path("").join(OsStr::from_bytes(b"p\xff"));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("package.json"), r#"{"scripts": {"b": "echo $npm_lifecycle_event; pwd"}}"#).unwrap();
    let output = project.command("").current_dir(&folder).args(["run", "b"]).output().unwrap();
    let expected = [b"b\n", folder.as_os_str().as_bytes(), b"\n"].concat();
    assert_eq!((output.status.code(), output.stdout), (Some(0), expected));
}

#[test]
fn javascript_is_for_an_engine_and_says_so() {
    let project = Project::new(&[("app.ts", ""), ("lib/index.js", ""), ("tool.mjs", "")]);
    for (word, file) in [
        ("app.ts", "app.ts"),
        ("./app", "app.ts"),
        ("tool.mjs", "tool.mjs"),
        ("./lib", "lib/index.js"),
        ("app", "app.ts"),
        ("-", "-"),
    ] {
        project.run(["run", word]).failed(127, &["a JavaScript engine", &format!("{file} needs")]);
    }
}

#[test]
fn a_command_of_a_package_with_a_first_line_is_executed_and_one_without_is_for_an_engine() {
    let project = Project::new(&[("package.json", "{}")]);
    project.program("node_modules/tool/cli.js", SH);
    project.symlink("../tool/cli.js", "node_modules/.bin/tool");
    project.program("node_modules/plain/cli.js", "console.log(1)");
    project.symlink("../plain/cli.js", "node_modules/.bin/plain");
    assert!(project.stdout(["run", "tool", "x"]).ends_with("node_modules/.bin/tool x\n"));
    project.run(["run", "plain"]).failed(127, &["a JavaScript engine"]);
}

#[test]
fn a_command_whose_file_is_gone_is_told_of() {
    let project = Project::new(&[("package.json", "{}")]);
    project.symlink("../gone/cli.js", "node_modules/.bin/gone");
    project.run(["run", "gone"]).failed(127, &["is a link to ../gone/cli.js, which is gone"]);
}

#[test]
fn a_folder_that_may_not_be_entered_is_an_error() {
    use std::os::unix::fs::PermissionsExt as _;
    let project = Project::new(&[("closed/tool", SH)]);
    std::fs::set_permissions(project.path("closed"), std::fs::Permissions::from_mode(0o000)).unwrap();
    let ended = project.run(["run", "./closed/tool"]);
    std::fs::set_permissions(project.path("closed"), std::fs::Permissions::from_mode(0o755)).unwrap();
    let user = std::process::Command::new("id").arg("-u").output().unwrap().stdout;
    // Nothing is closed to root, but the file has no run bit.
    if user == b"0\n" { ended.failed(126, &["chmod +x"]) } else { ended.failed(1, &["cannot be looked at"]) }
}
