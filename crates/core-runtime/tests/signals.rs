//! What signals do to a program that runs another, with real children, real signals and a real terminal. This test starts
//! itself as that program.
#![cfg(all(unix, not(miri)))]
#![allow(unsafe_code)] // to give a child a terminal before it starts

use std::ffi::OsStr;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::os::fd::OwnedFd;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, Stdio};

use core_runtime::environment::Variables;
use core_runtime::exit::Ending;
use core_runtime::process::{Program, run, run_labelled};
use core_runtime::signals;
use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::OpenptFlags;
use rustix::termios::{LocalModes, tcgetattr};

/// Waits for signals for as long as it takes; `$!` is what a trap ends, so that nothing is left behind. That one says when
/// all is ready: before it has left its parent's traps behind, it can miss its end.
const WAIT: &str = "{ echo ready; exec sleep 1000; } & while :; do wait $!; done";

fn program(line: &str) -> Program {
    Program::shell(OsStr::new(line), &[], "/", Variables::of_process()).unwrap()
}

fn end(ending: Ending) -> ! {
    match ending {
        Ending::Code(code) => std::process::exit(code),
        Ending::Signal(signal) => signals::end_by(signal),
    }
}

#[test]
fn a_part_in_a_program_of_its_own() {
    let (Ok(part), Ok(line)) = (std::env::var("PART"), std::env::var("LINE")) else { return };
    match part.as_str() {
        "run" => end(run(&program(&line)).unwrap()),
        "run, then again" => {
            assert!(run(&program(&line)).unwrap().is_success());
            end(run(&program("echo started; exit 5")).unwrap());
        }
        "labelled" => {
            let programs = vec![("one".to_owned(), program(&line)), ("two".to_owned(), program(&line))];
            let results = run_labelled(programs, 2, false, &|label, line| {
                println!("{label}: {}", String::from_utf8_lossy(line));
            });
            for (label, end) in results {
                println!("{label} ended: {:?}", end.unwrap());
            }
            std::process::exit(0);
        }
        "idle" => {
            assert!(run(&program("exit 0")).unwrap().is_success());
            println!("ready");
            loop {
                std::thread::park();
            }
        }
        other => panic!("no part {other:?}"),
    }
}

/// Who starts the tests in the background may have them ignore signals, which is inherited: here they do what they do.
fn part(part: &str, line: &str) -> Command {
    let itself = part_as_it_is(part, line);
    if !cfg!(target_os = "linux") {
        return itself;
    }
    let mut command = Command::new("env");
    command.arg("--default-signal=HUP,INT,QUIT,TERM").arg(itself.get_program()).args(itself.get_args());
    command.envs(itself.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command
}

fn part_as_it_is(part: &str, line: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "a_part_in_a_program_of_its_own", "--nocapture"]).env("PART", part).env("LINE", line);
    command
}

/// A started program, and what it says.
struct Started {
    child: Child,
    said: Box<dyn BufRead>,
}

impl Started {
    fn with_pipes(mut command: Command) -> Self {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let said = BufReader::new(child.stdout.take().unwrap());
        Self { child, said: Box::new(said) }
    }

    /// Reads on until a line has this in it.
    fn wait_for(&mut self, text: &str) -> String {
        let mut all = String::new();
        loop {
            let before = all.len();
            assert_ne!(self.said.read_line(&mut all).unwrap_or(0), 0, "it ended without saying {text:?}: {all}");
            if all[before..].contains(text) {
                return all[before..].trim().to_owned();
            }
        }
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// How it ended: a code, or a signal as a negative number.
    fn end(&mut self) -> i32 {
        let status = self.child.wait().unwrap();
        status.code().unwrap_or_else(|| -status.signal().unwrap())
    }
}

#[test]
fn a_signal_goes_to_the_child_and_the_childs_own_end_is_passed_on() {
    for (name, signal) in [("INT", Signal::INT), ("TERM", Signal::TERM), ("HUP", Signal::HUP), ("QUIT", Signal::QUIT)] {
        let mut started =
            Started::with_pipes(part("run", &format!("trap 'echo got {name}; kill $!; exit 3' {name}; {WAIT}")));
        started.wait_for("ready");
        started.signal(signal);
        started.wait_for(&format!("got {name}"));
        assert_eq!(started.end(), 3, "{name}");
    }
}

#[test]
fn when_the_child_dies_of_a_signal_so_do_we() {
    for signal in [Signal::INT, Signal::TERM, Signal::HUP, Signal::USR1] {
        let mut started = Started::with_pipes(part("run", "echo ready; exec sleep 1000"));
        started.wait_for("ready");
        started.signal(signal);
        assert_eq!(started.end(), -signal.as_raw());
    }
    assert_eq!(Started::with_pipes(part("run", "ulimit -c 0; kill -SEGV $$")).end(), -Signal::SEGV.as_raw());
}

#[test]
fn a_child_may_reload_at_sighup_and_go_on() {
    let line = format!("trap 'echo reloaded' HUP; trap 'kill $!; exit 0' USR2; {WAIT}");
    let mut started = Started::with_pipes(part("run, then again", &line));
    started.wait_for("ready");
    started.signal(Signal::HUP);
    started.wait_for("reloaded");
    started.signal(Signal::HUP);
    started.wait_for("reloaded");
    started.signal(Signal::USR2);
    started.wait_for("started");
    assert_eq!(started.end(), 5, "what comes next was started");
}

#[test]
fn after_a_signal_for_the_end_nothing_further_is_started_and_we_end_by_it() {
    let mut started = Started::with_pipes(part("run, then again", &format!("trap 'kill $!; exit 0' TERM; {WAIT}")));
    started.wait_for("ready");
    started.signal(Signal::TERM);
    assert_eq!(started.end(), -Signal::TERM.as_raw());
    let mut rest = String::new();
    std::io::Read::read_to_string(&mut started.said, &mut rest).unwrap();
    assert!(!rest.contains("started"), "{rest}");
}

#[test]
fn while_no_child_runs_a_signal_does_what_it_does_to_any_program() {
    let mut started = Started::with_pipes(part("idle", ""));
    started.wait_for("ready");
    started.signal(Signal::INT);
    assert_eq!(started.end(), -Signal::INT.as_raw());
}

#[test]
fn a_signal_that_was_ignored_from_the_start_stays_ignored() {
    let mut command = Command::new("/bin/sh");
    let this = part_as_it_is("run", "echo ready; exec sleep 1000");
    command.args(["-c", "trap '' HUP; exec \"$0\" \"$@\""]).arg(this.get_program()).args(this.get_args());
    command.envs(this.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let mut started = Started::with_pipes(command);
    started.wait_for("ready");
    started.signal(Signal::HUP);
    started.signal(Signal::TERM);
    assert_eq!(started.end(), -Signal::TERM.as_raw());
}

#[test]
fn several_at_once_get_it_with_all_that_they_started() {
    // The child of each shell holds its output: the run would not end if the signal reached the shells alone.
    let mut started = Started::with_pipes(part("labelled", "sleep 1000 & echo ready; wait; exit 4"));
    started.wait_for("ready");
    started.wait_for("ready");
    started.signal(Signal::TERM);
    assert_eq!(started.wait_for("one ended"), "one ended: Signal(15)");
    assert_eq!(started.wait_for("two ended"), "two ended: Signal(15)");
    assert_eq!(started.end(), 0);
}

/// Starts a program in a session of its own, whose terminal is `said` and the file.
fn in_terminal(mut command: Command) -> (Started, File, OwnedFd) {
    let master = rustix::pty::openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    rustix::pty::grantpt(&master).unwrap();
    rustix::pty::unlockpt(&master).unwrap();
    let name = rustix::pty::ptsname(&master, Vec::new()).unwrap();
    let name = std::path::PathBuf::from(OsStr::new(name.to_str().unwrap()));
    let terminal = || File::options().read(true).write(true).open(&name).unwrap();
    command.stdin(terminal()).stdout(terminal()).stderr(terminal());
    let own = || {
        rustix::process::setsid()?;
        rustix::process::ioctl_tiocsctty(rustix::stdio::stdin())?;
        Ok(())
    };
    // SAFETY: between fork and exec it makes two system calls and allocates nothing.
    unsafe { command.pre_exec(own) };
    let child = command.spawn().unwrap();
    let settings = OwnedFd::from(terminal());
    let keys = File::from(master);
    let said = BufReader::new(keys.try_clone().unwrap());
    (Started { child, said: Box::new(said) }, keys, settings)
}

#[test]
fn ctrl_c_reaches_the_child_once() {
    let traps =
        "n=0; trap 'n=$((n+1)); echo got' INT; trap 'echo attended' USR2; trap 'echo n=$n; kill $!; exit 6' USR1";
    let (mut started, mut keys, _terminal) = in_terminal(part("run", &format!("{traps}; {WAIT}")));
    started.wait_for("ready");
    // What comes while the child starts is sent on in any case, since it may have missed it: that time is over.
    started.signal(Signal::USR2);
    started.wait_for("attended");
    keys.write_all(b"\x03").unwrap();
    started.wait_for("got");
    // A second one, if it were sent on, would come before this.
    started.signal(Signal::USR1);
    assert_eq!(started.wait_for("n="), "n=1");
    assert_eq!(started.end(), 6);
}

#[test]
fn ctrl_c_ends_a_run_as_it_would_end_the_program_itself() {
    let (mut started, mut keys, _terminal) = in_terminal(part("run", "echo ready; exec sleep 1000"));
    started.wait_for("ready");
    keys.write_all(b"\x03").unwrap();
    assert_eq!(started.end(), -Signal::INT.as_raw());
}

#[test]
fn the_terminal_is_as_before_after_a_child_that_died_and_as_it_was_set_by_one_that_succeeded() {
    let modes = |terminal: &OwnedFd| tcgetattr(terminal).unwrap().local_modes & (LocalModes::ECHO | LocalModes::ICANON);
    for (line, code, expected) in [
        ("stty raw -echo; kill -9 $$", -9, LocalModes::ECHO | LocalModes::ICANON),
        ("stty raw -echo; exit 1", 1, LocalModes::ECHO | LocalModes::ICANON),
        ("stty -echo; exit 0", 0, LocalModes::ICANON),
    ] {
        let (mut started, _keys, terminal) = in_terminal(part("run", line));
        assert_eq!(started.end(), code, "{line}");
        assert_eq!(modes(&terminal), expected, "{line}");
    }
}
