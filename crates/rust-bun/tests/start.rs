//! From start to end: variables, folders, and what can be wrong with either.
#![cfg(unix)]

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

/// The program in a folder, with PATH and nothing else.
fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rust-bun"));
    command.current_dir(folder).env_clear().env("PATH", "/usr/bin:/bin").env("HOME", folder);
    command
}

fn said(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[track_caller]
fn prints(command: &mut Command, expected: &str) {
    let (code, out, err) = said(&command.output().unwrap());
    assert_eq!((code, out.as_str()), (Some(0), expected), "{err}");
}

#[test]
fn a_run_goes_through_from_start_to_end() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("package.json"), r#"{"scripts": {"greet": "echo $GREETING $NAME; exit 3"}}"#).unwrap();
    fs::write(folder.path().join(".env"), "GREETING=hello\nNAME=\"you ${WHO:-there}\"").unwrap();
    let output = program(folder.path()).args(["--silent", "greet"]).output().unwrap();
    let (code, out, err) = said(&output);
    assert_eq!((code, out.as_str()), (Some(3), "hello you there\n"), "{err}");
    // Nothing is left behind.
    let left = fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, 2);
}

#[test]
fn children_get_the_variables_of_every_source_in_their_order() {
    let folder = tempfile::tempdir().unwrap();
    for (file, text) in [
        (".env", "A=.env\nB=.env\nC=.env\nD=.env\nE=.env\nF=.env\n"),
        (".env.test", "B=.env.test\nC=.env.test\nD=.env.test\nE=.env.test\nF=.env.test\n"),
        (".env.local", "C=.env.local\nD=.env.local\nE=.env.local\nF=.env.local\n"),
        ("own.env", "E=own.env\nF=own.env\n"),
    ] {
        fs::write(folder.path().join(file), text).unwrap();
    }
    let mut command = program(folder.path());
    command.envs([("NODE_ENV", "test"), ("D", "process"), ("E", "process"), ("F", "process")]);
    command.args(["F=word", "--env-file", "own.env", "exec", "echo $A $B $C $D $E $F"]);
    prints(&mut command, ".env .env.test .env.local process own.env word\n");
}

#[test]
fn without_env_files_children_get_what_the_process_has() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join(".env")).unwrap();
    let mut command = program(folder.path());
    prints(command.env("X", "1").args(["exec", "--no-env-file", "echo $X"]), "1\n");
}

#[test]
fn variables_need_not_be_unicode() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(".env"), b"FILE=\xFF\n").unwrap();
    let mut command = program(folder.path());
    command.env("OWN", OsStr::from_bytes(b"\xFE")).args(["exec", "printf '%s' \"$FILE$OWN\""]);
    assert_eq!(command.output().unwrap().stdout, b"\xFF\xFE");
}

#[test]
fn a_broken_env_file_is_named_with_line_and_column() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(".env"), "A=1\nSECRET='hunter2\n").unwrap();
    let (code, out, err) = said(&program(folder.path()).args(["exec", "echo ran"]).output().unwrap());
    assert_eq!((code, out.as_str()), (Some(1), ""));
    assert!(err.contains(".env:2:8: the quote `'` has no end"), "{err}");
    assert!(!err.contains("hunter2"), "{err}");
    // What the program is can be told nevertheless.
    assert_eq!(program(folder.path()).arg("--version").status().unwrap().code(), Some(0));
}

#[test]
fn an_env_file_that_is_not_there_is_wrong_usage() {
    let folder = tempfile::tempdir().unwrap();
    let (code, _, err) =
        said(&program(folder.path()).args(["--env-file", "nowhere", "exec", "true"]).output().unwrap());
    assert_eq!(code, Some(2));
    assert!(err.contains("nowhere"), "{err}");
}

#[test]
fn the_working_folder_is_changed_before_anything_is_looked_for() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().canonicalize().unwrap().join("inner");
    fs::create_dir(&inner).unwrap();
    fs::write(inner.join(".env"), "WHERE=inner").unwrap();
    fs::write(inner.join("own.env"), "OWN=inner").unwrap();
    let mut command = program(folder.path());
    command.args(["--cwd", "inner", "--env-file", "own.env", "exec", "pwd; echo $PWD $WHERE $OWN"]);
    prints(&mut command, &format!("{0}\n{0} inner inner\n", inner.display()));
}

#[test]
fn a_working_folder_that_is_none_is_wrong_usage() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    for wrong in ["missing", "file", ""] {
        let (code, _, err) = said(&program(folder.path()).args(["--cwd", wrong, "exec", "true"]).output().unwrap());
        assert_eq!(code, Some(2), "{wrong}: {err}");
        assert!(err.contains("cannot work in") || err.contains("--cwd"), "{err}");
    }
}

#[test]
fn a_working_folder_that_is_gone_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let gone = folder.path().join("gone");
    fs::create_dir(&gone).unwrap();
    let mut command = Command::new("/bin/sh");
    command.current_dir(&gone).args(["-c", "rmdir \"$PWD\" && exec \"$0\" exec true", env!("CARGO_BIN_EXE_rust-bun")]);
    let (code, _, err) = said(&command.output().unwrap());
    assert_eq!(code, Some(1));
    assert!(err.contains("cannot tell which folder this is"), "{err}");
}

#[test]
fn paths_need_not_be_unicode() {
    let folder = tempfile::tempdir().unwrap();
    let odd = folder.path().join(OsStr::from_bytes(b"\xFFfolder"));
    fs::create_dir(&odd).unwrap();
    fs::write(odd.join(".env"), "A=1").unwrap();
    let script = odd.join(OsStr::from_bytes(b"\xFEscript"));
    fs::write(&script, "#!/bin/sh\necho $A $1").unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = program(folder.path());
    command.arg("--cwd").arg(&odd).arg(OsStr::from_bytes(b"./\xFEscript")).arg("x");
    prints(&mut command, "1 x\n");
    let missing = program(folder.path()).arg(OsStr::from_bytes(b"./\xFD")).output().unwrap();
    assert_eq!(missing.status.code(), Some(127));
}

#[test]
fn empty_words_are_an_error_and_no_crash() {
    let folder = tempfile::tempdir().unwrap();
    for words in [&[""][..], &["run", ""], &["bunx", ""]] {
        let (code, _, err) = said(&program(folder.path()).args(words).output().unwrap());
        assert!(matches!(code, Some(2 | 127)), "{words:?}: {code:?} {err}");
    }
}

#[test]
fn a_missing_home_hinders_only_who_needs_it() {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
    let mut command = program(folder.path());
    command.env_remove("HOME").args(["exec", "echo works"]);
    prints(&mut command, "works\n");
    prints(program(folder.path()).env("HOME", "").args(["exec", "echo works"]), "works\n");
    prints(program(folder.path()).env("HOME", "/does/not/exist").args(["exec", "echo works"]), "works\n");
}

#[test]
fn switches_and_logs_follow_the_environment() {
    let folder = tempfile::tempdir().unwrap();
    let run = |name: &str, value: &str| {
        said(&program(folder.path()).env(name, value).args(["exec", "true"]).output().unwrap())
    };
    let (code, _, err) = run("BUN_FEATURE_FLAG_SIMD", "perhaps");
    assert_eq!(code, Some(2));
    assert!(err.contains("BUN_FEATURE_FLAG_SIMD=perhaps"), "{err}");
    let (code, _, err) = run("RUST_BUN_LOG", "a=loud");
    assert_eq!(code, Some(2));
    assert!(err.contains("RUST_BUN_LOG=a=loud"), "{err}");
    let (code, _, err) = run("RUST_BUN_LOG", "debug");
    assert_eq!(code, Some(0));
    assert!(err.contains("debug: Exec("), "{err}");
    let (code, _, err) = run("BUN_FEATURE_FLAG_LOGS", "1");
    assert_eq!(code, Some(0));
    assert!(err.contains("debug: Exec("), "{err}");
}

#[test]
fn the_heap_report_comes_at_the_end_on_standard_error() {
    let folder = tempfile::tempdir().unwrap();
    let (code, out, err) = said(&program(folder.path()).args(["--heap-report", "exec", "echo x"]).output().unwrap());
    assert_eq!((code, out.as_str()), (Some(0), "x\n"));
    assert!(err.contains("live blocks"), "{err}");
}
