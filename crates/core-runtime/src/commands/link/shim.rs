//! `.cmd` files that stand for a command of a package on Windows, where a file's `#!` line means nothing.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};

/// The `#!` line of a file: `node`, not `/usr/bin/env node`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Interpreter {
    /// A name for PATH.
    pub(crate) program: String,
    /// What stands before the file's name.
    pub(crate) args: Vec<String>,
}

/// What stands before the path in [`text`], so that it can be read back.
const FOLDER: &str = "%~dp0\\";

/// What is to run the file, if it says so; a file that ends like a program needs nobody.
pub(crate) fn interpreter_of(file: &Path) -> Option<Interpreter> {
    let ending = file.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    if ["exe", "com", "bat", "cmd"].contains(&ending.as_str()) {
        return None;
    }
    let mut line = Vec::new();
    // A program without line breaks is not read to its end.
    BufReader::new(std::fs::File::open(file).ok()?.take(512)).read_until(b'\n', &mut line).ok()?;
    parse(&String::from_utf8_lossy(&line))
}

fn parse(line: &str) -> Option<Interpreter> {
    let mut words = line.strip_prefix("#!")?.split_whitespace().peekable();
    let name = |word: &str| word.rsplit(['/', '\\']).next().unwrap_or(word).to_owned();
    let mut program = name(words.next()?);
    if program == "env" {
        words.next_if_eq(&"-S");
        // env's settings of variables are for a shell; cmd.exe has none.
        program = name(words.find(|word| !word.contains('='))?);
    }
    Some(Interpreter { program, args: words.map(str::to_owned).collect() })
}

/// The file's text. `target` is absolute, or relative to the folder that the file is in.
pub(crate) fn text(target: &Path, interpreter: Option<&Interpreter>) -> String {
    let target = target.to_string_lossy().replace('/', "\\").replace('%', "%%");
    let before = if Path::new(&target).is_absolute() { "" } else { FOLDER };
    let program = interpreter.map_or_else(String::new, |interpreter| {
        let args = interpreter.args.iter().map(|arg| format!("{} ", arg.replace('%', "%%"))).collect::<String>();
        format!("\"{}\" {args}", interpreter.program.replace('%', "%%"))
    });
    format!("@{program}\"{before}{target}\" %*\r\n")
}

/// The target of a file that [`text`] made.
pub(crate) fn target_of(text: &str) -> Option<PathBuf> {
    let path = text.strip_suffix("\" %*\r\n")?.strip_prefix('@')?.rsplit('"').next()?;
    Some(path.strip_prefix(FOLDER).unwrap_or(path).replace("%%", "%").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interpreter(program: &str, args: &[&str]) -> Option<Interpreter> {
        Some(Interpreter { program: program.to_owned(), args: args.iter().map(|&arg| arg.to_owned()).collect() })
    }

    #[test]
    fn the_first_line_says_who_runs_a_file() {
        assert_eq!(parse("#!/usr/bin/env node\r\n"), interpreter("node", &[]));
        assert_eq!(parse("#!/usr/bin/env -S node --no-warnings\n"), interpreter("node", &["--no-warnings"]));
        assert_eq!(parse("#!/usr/bin/env A=b python3 -u"), interpreter("python3", &["-u"]));
        assert_eq!(parse("#! /bin/sh -e"), interpreter("sh", &["-e"]));
        assert_eq!(parse("#!"), None);
        assert_eq!(parse("MZ"), None);
    }

    #[test]
    fn a_file_that_ends_like_a_program_needs_nobody() {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes, expected) in [
            ("cli.js", &b"#!/usr/bin/env node\nmore"[..], interpreter("node", &[])),
            ("tool.CMD", b"#!/usr/bin/env node\n", None),
            ("plain", b"\x7fELF", None),
        ] {
            let file = folder.path().join(name);
            std::fs::write(&file, bytes).unwrap();
            assert_eq!(interpreter_of(&file), expected, "{name}");
        }
    }

    #[test]
    fn the_text_quotes_what_cmd_would_expand_and_is_read_back() {
        let node = interpreter("node", &[]);
        let made = text(Path::new("../100% @s/b.js"), node.as_ref());
        assert_eq!(made, "@\"node\" \"%~dp0\\..\\100%% @s\\b.js\" %*\r\n");
        assert_eq!(target_of(&made), Some("..\\100% @s\\b.js".into()));
        assert_eq!(text(Path::new("../a/b.exe"), None), "@\"%~dp0\\..\\a\\b.exe\" %*\r\n");
        assert_eq!(target_of("@echo off\r\n"), None);
    }
}
