//! Each script of `tests/scripts` prints what the file beside it says, and ends with the code that its first line says.
//! `UPDATE_SCRIPTS=1` writes the files anew.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scripts")
}

fn scripts() -> Vec<PathBuf> {
    let entries = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let is_script = |path: &PathBuf| path.extension().is_some_and(|end| end == "mjs" || end == "cjs");
    let mut scripts: Vec<_> = entries.filter(is_script).collect();
    scripts.sort();
    assert!(scripts.len() > 20, "{scripts:?}");
    scripts
}

/// What a script gave: its exit code, standard output, standard error.
fn run(program: &str, script: &Path) -> (Option<i32>, String, String) {
    let scratch = tempfile::tempdir().unwrap();
    let ran = Command::new(program)
        .arg(script)
        .current_dir(folder())
        .env_remove("NO_COLOR")
        .env_remove("FORCE_COLOR")
        .env("TEST_FOLDER", scratch.path())
        .env("TEST_VALUE", "a value")
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("{program}: {error}"));
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().replace(folder().to_str().unwrap(), "FOLDER");
    (ran.status.code(), text(ran.stdout), text(ran.stderr))
}

fn expected_code(script: &Path) -> i32 {
    let text = fs::read_to_string(script).unwrap();
    text.lines().next().and_then(|line| line.strip_prefix("// exit: ")).map_or(0, |code| code.parse().unwrap())
}

#[test]
fn scripts_print_and_end_as_they_should() {
    let mut wrong = Vec::new();
    for script in scripts() {
        let (code, out, error) = run(env!("CARGO_BIN_EXE_javascript"), &script);
        let all = if error.is_empty() { out } else { format!("{out}--- standard error\n{error}") };
        let file = script.with_extension("out");
        if env::var_os("UPDATE_SCRIPTS").is_some() {
            fs::write(&file, &all).unwrap();
        }
        let expected = fs::read_to_string(&file).unwrap_or_default();
        if all != expected || code != Some(expected_code(&script)) {
            wrong.push(format!("{} ended with {code:?}\n{all}\nexpected:\n{expected}", script.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// What is the engine's own: messages, and what standard error has.
const OWN_WORDS: [&str; 2] = ["modules.mjs", "recursion.mjs"];

#[test]
#[ignore = "needs Node.js 20, whose formatting other versions change"]
fn scripts_print_and_end_as_with_node() {
    let mut wrong = Vec::new();
    for script in scripts() {
        if OWN_WORDS.iter().any(|name| script.ends_with(name)) {
            continue;
        }
        let (code, out, _) = run(env!("CARGO_BIN_EXE_javascript"), &script);
        let (node_code, node_out, _) = run("node", &script);
        if (code, &out) != (node_code, &node_out) {
            wrong.push(format!("{}: {code:?}, Node.js {node_code:?}\n{out}\nNode.js:\n{node_out}", script.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
