//! The REPL for somebody at a terminal. Each step waits for what is printed before it types on.

use std::fs::File;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Child, Stdio};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use super::support::Project;

const CTRL_C: &str = "\x03";
const CTRL_D: &str = "\x04";
const UP: &str = "\x1b[A";

/// A terminal of its own, and the REPL in it.
struct Terminal {
    child: Child,
    device: File,
    seen: Vec<u8>,
}

impl Terminal {
    fn new(project: &Project) -> Self {
        let device = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&device).unwrap();
        unlockpt(&device).unwrap();
        let name = ptsname(&device, Vec::new()).unwrap().into_string().unwrap();
        let end = || Stdio::from(File::options().read(true).write(true).open(&name).unwrap());
        // `setsid` makes it the terminal that Ctrl-C is a signal of.
        let repl = project.command();
        let mut command = std::process::Command::new("setsid");
        command.args(["--ctty", "env", "--default-signal=INT"]).arg(repl.get_program()).arg("repl");
        command.env_clear().envs(repl.get_envs().filter_map(|(name, value)| Some((name, value?))));
        command.current_dir(repl.get_current_dir().unwrap()).env("TERM", "xterm").env("NO_COLOR", "1");
        let child = command.stdin(end()).stdout(end()).stderr(end()).spawn().unwrap();
        let mut terminal = Self { child, device: device.into(), seen: Vec::new() };
        terminal.sees("QuickJS");
        terminal.sees("> ");
        terminal
    }

    fn types(&mut self, keys: &str) {
        self.device.write_all(keys.as_bytes()).unwrap();
    }

    /// Reads until this was printed, after what was seen before.
    #[track_caller]
    fn sees(&mut self, text: &str) {
        loop {
            let found = self.seen.windows(text.len()).position(|part| part == text.as_bytes());
            if let Some(at) = found {
                self.seen.drain(..at + text.len());
                return;
            }
            assert!(self.reads(), "no {text:?} in {:?}", String::from_utf8_lossy(&self.seen));
        }
    }

    /// Whether anything came before the other side was gone, or is taken to hang.
    fn reads(&mut self) -> bool {
        let most = Timespec { tv_sec: 60, tv_nsec: 0 };
        if poll(&mut [PollFd::new(&self.device, PollFlags::IN)], Some(&most)) != Ok(1) {
            self.child.kill().unwrap();
            return false;
        }
        let mut chunk = [0; 4096];
        let count = self.device.read(&mut chunk).unwrap_or(0);
        self.seen.extend_from_slice(&chunk[..count]);
        count > 0
    }

    /// Types a line, sees what comes of it, and the prompt for the next.
    #[track_caller]
    fn answers(&mut self, keys: &str, answer: &str) {
        self.types(&format!("{keys}\r"));
        self.sees(&format!("\n{answer}\r\n"));
        self.sees("> ");
    }

    /// How it ends, and what it says until then.
    fn ends(mut self) -> (Option<i32>, String) {
        // Where nobody has the terminal open any more, reading fails.
        while self.reads() {}
        (self.child.wait().unwrap().code(), String::from_utf8_lossy(&self.seen).into_owned())
    }
}

fn history(project: &Project) -> PathBuf {
    project.home().join(".local/share/rust-bun/repl-history")
}

#[test]
fn lines_are_edited_continued_and_evaluated() {
    let project = Project::new();
    let mut terminal = Terminal::new(&project);
    terminal.answers("40 + 22\x7f", "42");
    terminal.answers("_ + 1", "43");
    terminal.answers("await new Promise((done) => setTimeout(done, 1, 'later'))", "'later'");
    terminal.answers("'text'", "'text'");
    terminal.answers(&format!("{UP}.length"), "4");
    for line in ["function f() {", "return 'several';"] {
        terminal.types(&format!("{line}\r"));
        terminal.sees("… ");
    }
    terminal.answers("}", "undefined");
    terminal.answers("f()", "'several'");
    terminal.types("nope\r");
    terminal.sees("\nUncaught ReferenceError: nope is not defined");
    terminal.sees("> ");
    terminal.types(".exit\r");
    assert_eq!(terminal.ends().0, Some(0));
}

#[test]
fn ctrl_c_forgets_what_was_begun_and_twice_ends() {
    let project = Project::new();
    let mut terminal = Terminal::new(&project);
    terminal.types("({ a:\r");
    terminal.sees("… ");
    terminal.types(CTRL_C);
    terminal.sees("> ");
    terminal.types(&format!("1 +{CTRL_C}"));
    terminal.sees("once more ends this");
    terminal.sees("> ");
    terminal.answers("2", "2");
    terminal.types(CTRL_C);
    terminal.sees("once more ends this");
    terminal.sees("> ");
    terminal.types(CTRL_C);
    assert_eq!(terminal.ends().0, Some(0));
}

#[test]
fn ctrl_c_stops_what_runs_or_waits_and_the_repl_goes_on() {
    let project = Project::new();
    let mut terminal = Terminal::new(&project);
    for code in [
        "for (;;);",
        "try { for (;;); } finally { for (;;); }",
        "for (;;) await null;",
        "await new Promise((done) => setTimeout(done, 1e8));",
        "process.stdin.resume(); await new Promise(() => {});",
        "process.stdin.pause(); process.nextTick(function again() { process.nextTick(again); }); 1",
    ] {
        terminal.types(&format!("console.log('be' + 'gun'); {code}\r"));
        terminal.sees("begun\r\n");
        terminal.types(CTRL_C);
        terminal.sees("(stopped)\r\n");
        terminal.sees("> ");
    }
    terminal.answers("6 * 7", "42");
    terminal.types(CTRL_D);
    assert_eq!(terminal.ends().0, Some(0));
}

#[test]
fn keys_that_come_while_something_runs_are_for_the_next_line() {
    let project = Project::new();
    let mut terminal = Terminal::new(&project);
    // In a terminal that keeps lines, the end that comes early would be no end.
    terminal.types("console.log('be' + 'gun'); await new Promise((done) => setTimeout(done, 200));\r");
    terminal.sees("begun\r\n");
    terminal.types(&format!("'next'\r{CTRL_D}"));
    let (code, rest) = terminal.ends();
    assert!(rest.contains("\n'next'\r\n"), "{rest:?}");
    assert_eq!(code, Some(0));
}

#[test]
fn who_leaves_waits_for_nothing_but_listeners_of_exit() {
    let project = Project::new();
    let mut terminal = Terminal::new(&project);
    terminal.answers("setInterval(() => {}, 1000); process.on('exit', () => console.log('bye')); 5", "5");
    terminal.types(".exit\r");
    let (code, rest) = terminal.ends();
    assert!(rest.ends_with("bye\r\n"), "{rest:?}");
    assert_eq!(code, Some(0));

    let mut terminal = Terminal::new(&project);
    terminal.types("process.exit(4)\r");
    assert_eq!(terminal.ends().0, Some(4));
}

#[test]
fn what_was_typed_is_kept_for_the_next_time() {
    let project = Project::new();
    let mut terminal = Terminal::new(&project);
    terminal.answers("'first ' + 1", "'first 1'");
    terminal.types(CTRL_D);
    assert_eq!(terminal.ends().0, Some(0));
    let kept = std::fs::read_to_string(history(&project));
    assert!(kept.as_ref().is_ok_and(|text| text.contains("'first ' + 1")), "{kept:?}");

    let mut terminal = Terminal::new(&project);
    terminal.answers(UP, "'first 1'");
    terminal.types(CTRL_D);
    assert_eq!(terminal.ends().0, Some(0));
}

#[test]
fn where_the_history_cannot_be_kept_the_repl_works() {
    let project = Project::new();
    std::fs::write(project.home().join(".local"), "no folder").unwrap();
    let mut terminal = Terminal::new(&project);
    terminal.answers("1", "1");
    terminal.types(CTRL_D);
    assert_eq!(terminal.ends().0, Some(0));
}
