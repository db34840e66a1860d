//! The program as its user meets it: arguments in; output and exit code out.

use std::process::{Command, Output};

fn rust_bun(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rust-bun")).args(arguments).output().unwrap()
}

fn stdout(arguments: &[&str]) -> String {
    let output = rust_bun(arguments);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn version_is_one_short_line() {
    let line = format!("rust-bun {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(stdout(&["--version"]), line);
    assert_eq!(stdout(&["-V"]), line);
}

#[test]
fn verbose_version_says_everything() {
    let text = stdout(&["--version", "--verbose"]);
    let keys: Vec<&str> = text.lines().filter_map(|line| Some(line.split_once(": ")?.0)).collect();
    let all: Vec<&str> = build_info::Field::ALL.iter().map(|field| field.name()).collect();
    assert_eq!(keys, all);
    assert!(text.starts_with(concat!("version: ", env!("CARGO_PKG_VERSION"), "\n")), "{text}");
    assert!(text.contains("\ngit_dirty: false\n"), "{text}");
}

#[test]
fn help_goes_to_stdout() {
    let help = stdout(&["--help"]);
    assert!(help.contains("Usage: rust-bun"), "{help}");
    assert!(help.contains("--verbose"), "{help}");
}

#[test]
fn bad_usage_exits_2() {
    for arguments in [&["--no-such-flag"][..], &["--verbose"], &["word"], &[]] {
        assert_eq!(rust_bun(arguments).status.code(), Some(2), "{arguments:?}");
    }
}
