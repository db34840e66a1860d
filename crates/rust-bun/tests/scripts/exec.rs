//! `exec`.

use super::project::Project;

#[test]
fn a_line_of_shell_runs_and_its_code_is_passed_on() {
    let project = Project::new(&[]);
    assert_eq!(project.stdout(["exec", "echo one && echo two"]).replace(' ', ""), "one\ntwo\n");
    assert_eq!(project.run(["exec", "exit 5"]).code, Some(5));
}

#[cfg(unix)]
#[test]
fn a_line_has_its_arguments_and_the_packages_commands() {
    let project = Project::new(&[("sub/file", "")]);
    project.program("node_modules/.bin/tool", "#!/bin/sh\necho tool \"$@\"");
    let ended = project.run_in("sub", ["exec", "tool \"$2\" \"$1\"", "a b", "--c"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), "tool --c a b\n"));
    assert_eq!(project.run(["exec", "no-such-command-here"]).code, Some(127));
}
