//! Code on the command line.

use super::support::Project;

#[test]
fn code_runs_as_a_module_and_may_await() {
    let project = Project::new().with("lib.mjs", "export const x = 'lib';");
    project.run(["-e", "console.log(1 + 1, process.argv.length)"]).prints("2 1\n");
    project.run(["-e", "import { x } from './lib.mjs'; console.log(x, await Promise.resolve(3))"]).prints("lib 3\n");
    project
        .run(["-e", "console.log(require('node:path').sep, process.argv.slice(1))", "a", "b"])
        .prints("/ [ 'a', 'b' ]\n");
    project.run(["-e", ""]).prints("");
}

#[test]
fn the_value_of_code_is_printed_when_asked_for() {
    let project = Project::new();
    for (code, expected) in [
        ("1 + 1", "2\n"),
        ("'text'", "text\n"),
        ("({ a: [1] })", "{ a: [ 1 ] }\n"),
        ("await Promise.resolve('later')", "later\n"),
        ("let x = 1; x + 1", "2\n"),
        ("undefined", "undefined\n"),
        ("(await import('node:path')).join('a', 'b')", "a/b\n"),
    ] {
        project.run(["-p", code]).prints(expected);
    }
}

#[test]
fn wrong_code_is_shown_with_its_place() {
    let project = Project::new();
    project.run(["-e", "const a = ;"]).fails(1, &["[eval]:1", "const a = ;", "SyntaxError"]);
    project.run(["-p", "nope"]).fails(1, &["ReferenceError: nope is not defined", "[eval]:1"]);
    project.run(["-e", "throw new Error('mine')"]).fails(1, &["Error: mine", "throw new Error('mine')"]);
}

#[cfg(unix)]
#[test]
fn code_that_is_no_text_is_refused() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    Project::new().run([OsStr::new("-e"), OsStr::from_bytes(b"'\xff'")]).fails(2, &["UTF-8"]);
}
