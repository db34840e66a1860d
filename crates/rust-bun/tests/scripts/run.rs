//! `run` of scripts.

use super::project::Project;

#[test]
fn a_script_runs_with_those_before_and_after_it() {
    let project = Project::with_scripts(&[("postb", "echo post"), ("b", "echo main"), ("preb", "echo pre")]);
    let ended = project.run(["run", "b"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), "pre\nmain\npost\n"));
    assert_eq!(ended.stderr, "$ echo pre\n$ echo main\n$ echo post\n");
}

#[test]
fn run_may_be_left_out() {
    let project = Project::with_scripts(&[("hello", "echo hello")]);
    assert_eq!(project.stdout(["hello"]), "hello\n");
}

#[test]
fn silent_leaves_only_what_the_script_says() {
    let project = Project::with_scripts(&[("b", "echo out")]);
    let ended = project.run(["--silent", "run", "b"]);
    assert_eq!((ended.stdout.as_str(), ended.stderr.as_str()), ("out\n", ""));
}

#[test]
fn nothing_comes_after_a_failure_and_its_code_is_passed_on() {
    let project =
        Project::with_scripts(&[("preb", "exit 42"), ("b", "echo main"), ("c", "exit 7"), ("postc", "echo post")]);
    for (script, code) in [("b", 42), ("c", 7)] {
        let ended = project.run(["run", script]);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(code), ""), "{script}");
    }
}

#[cfg(unix)]
#[test]
fn arguments_reach_the_script_as_they_are_and_no_hook() {
    use std::os::unix::ffi::OsStrExt as _;
    let project = Project::with_scripts(&[("b", "printf '<%s>'"), ("preb", "echo pre$#")]);
    let nasty: Vec<&[u8]> =
        vec![b"run", b"b", b"a b", b"", b"$HOME", b"`id`", b"'\"", b"*", b"\n", b"--flag", b"\xff\xfe", b";exit 3"];
    let output =
        project.command("").args(nasty.iter().map(|bytes| std::ffi::OsStr::from_bytes(bytes))).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let expected: Vec<u8> = nasty[2..].iter().flat_map(|bytes| [b"<", *bytes, b">"].concat()).collect();
    assert_eq!(output.stdout, [b"pre0\n", expected.as_slice()].concat());
}

#[cfg(unix)]
#[test]
fn a_script_sees_what_npm_tells_scripts() {
    let package = r#"{"name": "@s/p", "version": "1.2.3", "scripts": {
        "b": "echo $npm_lifecycle_event $npm_package_name $npm_package_version; echo $npm_package_json; echo $INIT_CWD; echo $npm_execpath; pwd",
        "preb": "echo $npm_lifecycle_event"}}"#;
    let project = Project::new(&[("package.json", package), ("sub/file", "")]);
    let ended = project.run_in("sub", ["run", "b"]);
    let expected = format!(
        "preb\nb @s/p 1.2.3\n{}\n{}\n{}\n{}\n",
        project.path("package.json").display(),
        project.path("sub").display(),
        env!("CARGO_BIN_EXE_rust-bun"),
        project.path("").display().to_string().trim_end_matches('/'),
    );
    assert_eq!((ended.code, ended.stdout), (Some(0), expected));
}

#[cfg(unix)]
#[test]
fn commands_of_packages_come_first_the_nearest_before_all() {
    let project = Project::new(&[("package.json", "{}"), ("a/package.json", r#"{"scripts": {"b": "ls; near; far"}}"#)]);
    project.program("a/node_modules/.bin/near", "#!/bin/sh\necho nearest");
    project.program("a/node_modules/.bin/ls", "#!/bin/sh\necho not the system\\'s");
    project.program("node_modules/.bin/near", "#!/bin/sh\necho wrong");
    project.program("node_modules/.bin/far", "#!/bin/sh\necho far");
    assert_eq!(project.run_in("a", ["run", "b"]).stdout, "not the system's\nnearest\nfar\n");
}

#[test]
fn scripts_are_listed_in_the_order_of_the_file() {
    let project = Project::with_scripts(&[("zebra", "echo z"), ("a", "echo a")]);
    assert_eq!(project.stdout(["run"]), "  zebra  echo z\n  a      echo a\n");
    let none = Project::new(&[("package.json", "{}")]);
    let ended = none.run(["run"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), ""));
    assert!(ended.stderr.contains("has no scripts"), "{ended:?}");
}

#[test]
fn what_is_not_there_is_127_with_the_nearest_names() {
    let project = Project::with_scripts(&[("build", "true"), ("test", "true")]);
    project.write("server.ts", "");
    project.run(["run", "biuld"]).failed(127, &["no script, file or command named `biuld`", "did you mean `build`?"]);
    project.run(["sever.ts"]).failed(127, &["did you mean `server.ts`?"]);
    project.run(["run", "utterly-unknown"]).failed(127, &["lists the scripts"]);
}

#[test]
fn if_present_makes_a_missing_script_a_success_and_nothing_else() {
    let project = Project::with_scripts(&[("b", "exit 3")]);
    let missing = project.run(["run", "--if-present", "nothing"]);
    assert_eq!((missing.code, missing.stdout.as_str(), missing.stderr.as_str()), (Some(0), "", ""));
    assert_eq!(project.run(["run", "--if-present", "b"]).code, Some(3));
    project.write("package.json", "{");
    assert_eq!(project.run(["run", "--if-present", "nothing"]).code, Some(1));
}

#[test]
fn an_empty_name_is_wrong_usage() {
    Project::new(&[("package.json", "{}")]).run(["run", ""]).failed(2, &["the name of what to run is empty"]);
}

#[test]
fn without_a_package_json_there_are_no_scripts_to_list() {
    Project::new(&[]).run(["run"]).failed(1, &["no package.json", "rust-bun init"]);
}

#[test]
fn a_broken_package_json_is_shown_with_its_place() {
    let project =
        Project::new(&[("package.json", "{\n  \"scripts\": {\n    \"a\": \"b\"\n    \"c\": \"d\"\n  }\n}\n")]);
    let ended = project.run(["run", "a"]);
    ended.failed(1, &["package.json is not JSON: expected comma", "package.json:3:13", "put a comma between"]);
    project.write("package.json", "{\"scripts\": {\"a\": 1}}");
    project.run(["run", "a"]).failed(1, &["scripts.a", "is a number", "package.json:1:19", "it must be a text"]);
}

#[test]
fn a_package_json_that_is_no_text_or_no_file_is_an_error() {
    let project = Project::new(&[("sub/file", "")]);
    std::fs::write(project.path("package.json"), b"{\"name\":\n\"\xff\"}").unwrap();
    project.run(["run", "a"]).failed(1, &["package.json:2:2", "is not UTF-8"]);
    std::fs::create_dir(project.path("sub/package.json")).unwrap();
    project.run_in("sub", ["run", "a"]).failed(1, &["package.json is a folder"]);
}

#[cfg(unix)]
#[test]
fn a_package_json_that_is_a_pipe_is_not_waited_for() {
    let project = Project::new(&[("file", "")]);
    assert!(std::process::Command::new("mkfifo").arg(project.path("package.json")).status().unwrap().success());
    project.run(["run", "a"]).failed(1, &["is a device or a pipe"]);
}

#[test]
fn scripts_that_call_each_other_in_a_circle_are_named() {
    let exe = env!("CARGO_BIN_EXE_rust-bun").replace('\\', "/");
    let call = |name: &str| format!("\"{exe}\" run {name}");
    let project =
        Project::with_scripts(&[("start", &call("a")), ("a", &call("b")), ("b", &call("a")), ("own", &call("own"))]);
    project.run(["run", "start"]).failed(1, &["scripts call each other in a circle: a → b → a"]);
    project.run(["run", "own"]).failed(1, &["in a circle: own → own"]);
}

#[test]
fn a_script_may_call_others_and_one_of_its_name_elsewhere() {
    let exe = env!("CARGO_BIN_EXE_rust-bun").replace('\\', "/");
    let project = Project::new(&[
        ("package.json", &format!("{{\"scripts\": {{\"b\": \"\\\"{exe}\\\" --cwd sub run b\"}}}}")),
        ("sub/package.json", "{\"scripts\": {\"b\": \"echo inner\"}}"),
    ]);
    assert_eq!(project.stdout(["run", "b"]), "inner\n");
}

#[cfg(unix)]
#[test]
fn a_script_that_dies_of_a_signal_ends_us_alike() {
    use std::os::unix::process::ExitStatusExt as _;
    let project = Project::with_scripts(&[("b", "kill -KILL $$"), ("postb", "echo post")]);
    let output = project.command("").args(["run", "b"]).output().unwrap();
    assert_eq!((output.status.signal(), output.stdout.as_slice()), (Some(9), &b""[..]));
}

#[test]
fn standard_input_is_the_scripts() {
    use std::io::Write as _;
    use std::process::Stdio;
    let project = Project::with_scripts(&[("b", if cfg!(windows) { "findstr ." } else { "cat" })]);
    let mut child =
        project.command("").args(["run", "b"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"through\n").unwrap();
    assert_eq!(String::from_utf8_lossy(&child.wait_with_output().unwrap().stdout).trim_end(), "through");
}
