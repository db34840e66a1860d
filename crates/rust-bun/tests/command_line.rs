//! The program as its user meets it: words in; output and exit code out.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn rust_bun(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rust-bun")).args(arguments).bare().output().unwrap()
}

/// Nothing of what this machine has set.
trait Bare {
    fn bare(&mut self) -> &mut Self;
}

impl Bare for Command {
    fn bare(&mut self) -> &mut Self {
        for name in ["RUST_BUN_LOG", "NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "NODE_ENV", "BUN_ENV"] {
            self.env_remove(name);
        }
        self
    }
}

fn stdout(arguments: &[&str]) -> String {
    let output = rust_bun(arguments);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn version_is_one_short_line() {
    let line = format!("rust-bun {}\n", env!("CARGO_PKG_VERSION"));
    for words in [&["--version"][..], &["-V"], &["version"]] {
        assert_eq!(stdout(words), line, "{words:?}");
    }
    assert_eq!(stdout(&["--revision"]), concat!(env!("CARGO_PKG_VERSION"), "+unknown\n"));
}

#[test]
fn verbose_version_says_everything() {
    let text = stdout(&["--version", "--verbose"]);
    let keys: Vec<&str> = text.lines().filter_map(|line| Some(line.split_once(": ")?.0)).collect();
    let all: Vec<&str> = build_info::Field::ALL.iter().map(|field| field.name()).collect();
    assert_eq!(keys, all);
    assert!(text.starts_with(concat!("version: ", env!("CARGO_PKG_VERSION"), "\n")), "{text}");
    assert!(text.contains("\ngit_dirty: false\n"), "{text}");
    assert_eq!(stdout(&["version", "--verbose"]), text);
}

#[test]
fn no_words_at_all_print_help() {
    let help = stdout(&[]);
    assert!(help.contains("Usage: rust-bun"), "{help}");
    assert_eq!(help, stdout(&["--help"]));
    assert_eq!(help, stdout(&["help"]));
    assert!(help.contains("Exit codes:"), "{help}");
}

#[test]
fn help_of_a_command_is_the_same_in_both_ways() {
    for command in ["run", "pm", "upgrade"] {
        assert_eq!(stdout(&["help", command]), stdout(&[command, "--help"]), "{command}");
    }
    let output = rust_bun(&["help", "isntall"]);
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("no command `isntall`: did you mean `install`?"), "{said}");
}

#[test]
fn bad_usage_exits_2() {
    for arguments in [&["--no-such-flag"][..], &["run", "--no-such-flag"], &["build"], &["--feature", "smid", "run"]] {
        let output = rust_bun(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {output:?}");
        assert!(output.stdout.is_empty() && !output.stderr.is_empty(), "{output:?}");
    }
}

#[test]
fn what_is_not_there_exits_127_with_the_nearest_names() {
    let output = rust_bun(&["isntall"]);
    assert_eq!(output.status.code(), Some(127), "{output:?}");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("isntall") && said.contains("`install`"), "{said}");
}

#[test]
fn what_needs_an_engine_or_a_package_manager_says_so_and_exits_127() {
    for (arguments, need) in [
        (&["build", "a.ts"][..], "a JavaScript engine"),
        (&["test"], "a JavaScript engine"),
        (&["repl"], "a JavaScript engine"),
        (&["-e", "1"], "a JavaScript engine"),
        (&["install"], "a package manager"),
        (&["add", "left"], "a package manager"),
        (&["remove", "left"], "a package manager"),
        (&["update"], "a package manager"),
    ] {
        let output = rust_bun(arguments);
        assert_eq!(output.status.code(), Some(127), "{arguments:?}: {output:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains(need), "{arguments:?}: {said}");
    }
}

#[test]
fn completions_name_every_command() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let text = stdout(&["completions", shell]);
        for command in ["run", "bunx", "upgrade", "env-file"] {
            assert!(text.contains(command), "{shell}: no {command}");
        }
    }
}

#[test]
fn the_packages_hold_the_man_pages_that_there_are() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(stdout(&["man", folder.path().to_str().unwrap()]), "");
    let written: BTreeSet<String> =
        fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packaging/rust-bun.toml");
    let manifest = fs::read_to_string(manifest).unwrap();
    let listed: BTreeSet<String> = manifest.split('"').filter(|word| word.ends_with(".1")).map(str::to_owned).collect();
    assert_eq!(written, listed);
    let page = fs::read_to_string(folder.path().join("rust-bun.1")).unwrap();
    assert!(page.contains(".TH rust-bun 1"), "{page}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_behind_standard_output_exits_1() {
    for words in [&["--version"][..], &["--help"], &["completions", "bash"]] {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_rust-bun"));
        assert_eq!(command.args(words).stdout(full).status().unwrap().code(), Some(1), "{words:?}");
    }
}

#[test]
fn man_pages_go_nowhere_where_there_is_no_folder() {
    let folder = tempfile::tempdir().unwrap();
    let output = rust_bun(&["man", folder.path().join("missing").to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("rust-bun.1"), "{said}");
}
