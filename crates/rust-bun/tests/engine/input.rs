//! Standard input and the REPL, through a pipe and on a terminal.

use std::io::{Read, Write};
use std::process::Stdio;

use super::support::{Project, Run};

fn fed(project: &Project, words: &[&str], input: &str) -> Run {
    let mut child =
        project.command().args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
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
    let project = Project::of("process.stdin.on('end', () => console.log('end')); process.stdin.resume(); setTimeout(() => console.log('timer'), 1);");
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

/// Somebody at a terminal.
struct Terminal {
    child: std::process::Child,
    device: std::fs::File,
    seen: String,
}

impl Terminal {
    fn new(project: &Project, words: &[&str]) -> Self {
        use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
        let device = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&device).unwrap();
        unlockpt(&device).unwrap();
        let name = ptsname(&device, Vec::new()).unwrap().into_string().unwrap();
        let end = || Stdio::from(std::fs::File::options().read(true).write(true).open(&name).unwrap());
        let mut command = project.command();
        command.args(words).env("TERM", "xterm").env("NO_COLOR", "1");
        let child = command.stdin(end()).stdout(end()).stderr(end()).spawn().unwrap();
        Self { child, device: device.into(), seen: String::new() }
    }

    fn types(&mut self, keys: &str) {
        self.device.write_all(keys.as_bytes()).unwrap();
    }

    /// Reads until something was printed since it last saw something.
    #[track_caller]
    fn sees(&mut self, text: &str) {
        while !self.seen.contains(text) {
            let mut chunk = [0; 4096];
            let count = self.device.read(&mut chunk).unwrap_or(0);
            assert!(count > 0, "no {text:?} in {:?}", self.seen);
            self.seen.push_str(&String::from_utf8_lossy(&chunk[..count]));
        }
        let end = self.seen.find(text).unwrap() + text.len();
        self.seen.drain(..end);
    }

    fn ends(mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }
}

#[test]
fn the_repl_on_a_terminal_edits_remembers_and_ends() {
    let project = Project::new();
    let mut terminal = Terminal::new(&project, &["repl"]);
    terminal.sees("QuickJS");
    terminal.sees("> ");
    // A letter too much, taken back.
    terminal.types("40 + 22\x7f\r");
    terminal.sees("\n42\r\n");
    // The arrow up brings the line back.
    terminal.types("\x1b[A * 2\r");
    terminal.sees("\n44\r\n");
    terminal.types("function f() {\r");
    terminal.sees("… ");
    terminal.types("return 'multi';\r}\rf()\r");
    terminal.sees("'multi'");
    terminal.types("({ a:");
    terminal.types("\x03");
    terminal.types("1 +\x03\x03");
    let code = terminal.ends();
    assert_eq!(code, Some(0));
    let history = std::fs::read_to_string(project.home().join(if cfg!(target_os = "macos") {
        "Library/Application Support/rust-bun/repl-history"
    } else {
        ".local/share/rust-bun/repl-history"
    }));
    assert!(history.as_ref().is_ok_and(|text| text.contains("40 + 2")), "{history:?}");

    let mut terminal = Terminal::new(&project, &["repl"]);
    terminal.sees("> ");
    // What was typed before is there.
    terminal.types("\x1b[A\r");
    terminal.sees("'multi'");
    terminal.types("\x04");
    assert_eq!(terminal.ends(), Some(0));
}
