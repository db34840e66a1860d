//! Ordinary programs, each compiled for the workspace's standard library and for Rust's own: they print the same. What
//! only the former has is held by what it says.

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use crate::built::{ARM, LINUX, WINDOWS, compile, flags, root, scratch, show};

/// Compiles a program of `programs/`, with these flags.
fn program(name: &str, kind: &str, flags: &[String]) -> PathBuf {
    let program = scratch().join(format!("{name}-{kind}"));
    compile(&root().join(format!("tests/demo/programs/{name}.rs")), &program, flags);
    program
}

fn ours(name: &str) -> PathBuf {
    program(name, LINUX, &flags(LINUX))
}

fn run(program: PathBuf) -> Output {
    run_by(Command::new(program))
}

fn run_by(mut command: Command) -> Output {
    let folder = tempfile::tempdir().unwrap();
    command
        .args(["one", "two words", "drei"])
        .env("DEMO", "a=b")
        .env_remove("NOTHING")
        .env_remove("RUST_BACKTRACE")
        .current_dir(&folder);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let _it_may_not_read_all = std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"first\nsecond\r\nthird");
    child.wait_with_output().unwrap()
}

/// Panic messages name the thread's number, and end with a note on backtraces, of which there are none.
fn comparable(output: &Output) -> (Option<i32>, String, String) {
    let errors = String::from_utf8(output.stderr.clone()).unwrap();
    let lines = errors.lines().filter(|line| !line.starts_with("note: run with `RUST_BACKTRACE=1`"));
    let lines = lines.map(|line| match (line.find("thread 'main' ("), line.find(") panicked at")) {
        (Some(_), Some(end)) => format!("thread 'main'{}", &line[end + 1..]),
        _ => line.to_owned(),
    });
    let signal = std::os::unix::process::ExitStatusExt::signal(&output.status);
    let code = output.status.code().or(signal.map(|signal| -signal));
    (code, String::from_utf8(output.stdout.clone()).unwrap(), lines.collect::<Vec<_>>().join("\n"))
}

#[track_caller]
fn same(name: &str) {
    let own = run(ours(name));
    assert_eq!(comparable(&own), comparable(&run(program(name, "theirs", &[]))));
    assert!(!show(&own).is_empty());
}

#[test]
fn collections_and_hashing_are_as_on_rusts_own_library() {
    same("collections");
}

#[test]
fn numbers_are_as_on_rusts_own_library() {
    same("numbers");
}

#[test]
fn files_and_folders_are_as_on_rusts_own_library() {
    same("files");
}

#[test]
fn reading_writing_and_buffering_are_as_on_rusts_own_library() {
    same("streams");
}

#[test]
fn arguments_variables_and_processes_are_as_on_rusts_own_library() {
    same("processes");
}

#[test]
fn sockets_are_as_on_rusts_own_library() {
    same("sockets");
}

#[test]
fn sharing_and_time_are_as_on_rusts_own_library() {
    same("sharing");
}

#[test]
fn panics_are_told_as_on_rusts_own_library_and_abort() {
    same("panics");
}

#[test]
fn a_main_that_fails_is_told_as_on_rusts_own_library() {
    same("failing");
}

#[test]
fn for_arm64_programs_are_as_on_rusts_own_library() {
    for name in ["collections", "files", "numbers", "sharing", "sockets", "streams"] {
        let mut qemu = Command::new("qemu-aarch64");
        qemu.arg(program(name, ARM, &flags(ARM)));
        assert_eq!(comparable(&run_by(qemu)), comparable(&run(program(name, "theirs", &[]))), "{name}");
    }
}

#[test]
fn on_windows_programs_are_as_on_rusts_own_library() {
    let folder = tempfile::tempdir().unwrap();
    let wine = |program: &str| {
        let mut wine = Command::new("wine");
        wine.arg(program).env("WINEPREFIX", folder.path()).env("WINEDEBUG", "-all");
        wine
    };
    // Wine makes its folder first, and talks about it.
    run_by(wine("hostname"));
    // What these print has nothing of the system.
    for name in ["collections", "numbers", "sharing", "streams"] {
        let own = program(name, "windows.exe", &flags(WINDOWS));
        let output = run_by(wine(own.to_str().unwrap()));
        assert_eq!(comparable(&output), comparable(&run(program(name, "theirs", &[]))), "{name}");
    }
}

#[test]
fn memory_is_given_back() {
    let output = run(ours("memory"));
    assert!(output.status.success(), "{}", show(&output));
}

#[test]
fn an_asynchronous_main_runs_tasks_side_by_side_and_may_print() {
    let output = run(ours("asynchronous"));
    assert_eq!(output.status.code(), Some(7), "{}", show(&output));
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "before\none\ntwo\nabc\nafter\n");
}
