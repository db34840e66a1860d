//! Standard input and the REPL, through a pipe.

use std::io::{Read, Write};
use std::process::Stdio;

use super::support::{Project, Run};

fn fed(project: &Project, words: &[&str], input: &str) -> Run {
    let mut child = project
        .command()
        .args(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that does not read all of it is no mistake here.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    Run::of(&child.wait_with_output().unwrap())
}

#[test]
fn scripts_read_standard_input_at_once_by_events_and_by_iteration() {
    for code in [
        "import fs from 'node:fs'; console.log(fs.readFileSync(0, 'utf8').length);",
        "let n = 0; process.stdin.setEncoding('utf8'); process.stdin.on('data', (c) => { n += c.length; }); process.stdin.on('end', () => console.log(n));",
        "let n = 0; for await (const c of process.stdin) n += c.length; console.log(n);",
    ] {
        fed(&Project::of(code), &["main.mjs"], &"x".repeat(200_000)).prints("200000\n");
        fed(&Project::of(code), &["main.mjs"], "").prints("0\n");
    }
}

#[test]
fn timers_run_while_input_is_waited_for() {
    let project = Project::of(
        "process.stdin.on('end', () => console.log('end')); process.stdin.resume(); setTimeout(() => console.log('timer'), 1);",
    );
    let mut child = project.command().arg("main.mjs").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut first = [0; 6];
    child.stdout.as_mut().unwrap().read_exact(&mut first).unwrap();
    assert_eq!(&first, b"timer\n");
    drop(child.stdin.take());
    assert_eq!(child.wait_with_output().unwrap().stdout, b"end\n");
}

#[test]
fn the_repl_reads_a_pipe_to_its_end() {
    let project = Project::new();
    let input = "1 + 1\nlet x = {\n  a: 1\n}\nx\nawait Promise.resolve(_)\nnope\nconst { sep } = await import('node:path')\nsep\n{ b: 2 }\n.help\n";
    let run = fed(&project, &["repl"], input);
    assert_eq!(run.code, Some(0), "{run:?}");
    let expected = ["2", "undefined", "{ a: 1 }", "{ a: 1 }", "Uncaught ReferenceError: nope is not defined"];
    assert!(run.stdout.starts_with(&expected.join("\n")), "{run:?}");
    assert!(run.stdout.contains("undefined\n'/'\n{ b: 2 }\n.exit "), "{run:?}");
    assert_eq!(fed(&project, &["repl"], "1\nprocess.exit(4)\n2\n").code, Some(4));
    assert_eq!(fed(&project, &["repl"], ".exit\nprocess.exit(4)\n").code, Some(0));
    fed(&project, &["repl"], "").prints("");
}
