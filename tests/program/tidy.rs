//! The design's rules that the compiler cannot hold: which module may use
//! which, who prints, who starts programs, how long a file may be. The rules
//! work on text, so each is tried on a breach of its own, too.

use std::fs;
use std::path::{Path, PathBuf};

/// A source file: its path below `src`, and its text without the tests.
struct Source {
    path: String,
    lines: usize,
    code: String,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    collect(&root, &root, &mut found);
    assert!(found.len() > 50, "only {} files", found.len());
    found
}

fn collect(root: &Path, folder: &PathBuf, found: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.strip_prefix(root).unwrap().display().to_string();
        if path.is_dir() {
            collect(root, &path, found);
        } else if name.ends_with(".rs") {
            found.push(source(&name, &fs::read_to_string(&path).unwrap()));
        }
    }
}

fn source(path: &str, text: &str) -> Source {
    let is_test = path.ends_with("tests.rs") || path.contains("/tests/");
    let code = if is_test { String::new() } else { without_tests(text) };
    Source { path: path.to_owned(), lines: text.lines().count(), code }
}

/// Leaves out comments, and items marked `#[cfg(test)]` or `#[cfg(all(test, …))]`: up to the brace or line that ends them at their own depth.
fn without_tests(text: &str) -> String {
    let mut code = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line.trim() == "#[cfg(test)]" || line.trim().starts_with("#[cfg(all(test,") {
            let indent = line.len() - line.trim_start().len();
            for item in lines.by_ref() {
                let own = item.len() - item.trim_start().len() == indent;
                if own && (item.trim() == "}" || item.trim_end().ends_with(';')) {
                    break;
                }
            }
        } else if !line.trim_start().starts_with("//") {
            code += line;
            code.push('\n');
        }
    }
    code
}

/// The modules of this crate that a file names, as `a::b`: by `use crate::…` with its braces, or in passing.
fn edges(source: &Source) -> Vec<String> {
    let own: Vec<&str> = source.path.trim_end_matches(".rs").trim_end_matches("/mod").split('/').collect();
    let mut found = Vec::new();
    let code = source.code.replace('\n', " ");
    for (word, base) in [("crate::", Vec::new()), ("super::", own[..own.len() - 1].to_vec())] {
        for (at, _) in code.match_indices(word) {
            let before = code[..at].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':' || c == '$') {
                continue;
            }
            let (mut rest, mut base) = (&code[at + word.len()..], base.clone());
            while let Some(further) = rest.strip_prefix("super::") {
                base.pop();
                rest = further;
            }
            for path in expand(rest) {
                found.push(base.iter().copied().chain(path.iter().map(String::as_str)).collect::<Vec<_>>().join("::"));
            }
        }
    }
    found.sort();
    found.dedup();
    found
}

/// `a::{b, c::d}` → [a, b], [a, c, d].
fn expand(text: &str) -> Vec<Vec<String>> {
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')).unwrap_or(text.len());
    let head: Vec<String> = text[..end].split("::").filter(|part| !part.is_empty()).map(str::to_owned).collect();
    let Some(inner) = text[end..].strip_prefix('{') else { return vec![head] };
    let mut all = Vec::new();
    for part in split_braces(inner) {
        for tail in expand(part.trim()) {
            all.push(head.iter().cloned().chain(tail).collect());
        }
    }
    all
}

/// The parts between commas, up to the brace that closes this level.
fn split_braces(text: &str) -> Vec<&str> {
    let (mut depth, mut start, mut parts) = (0, 0, Vec::new());
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => {
                parts.push(&text[start..at]);
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.retain(|part| !part.trim().is_empty());
    parts
}

/// The top-level module that a path below `src` belongs to.
fn module(path: &str) -> &str {
    path.split(['/', '.']).next().unwrap_or_default()
}

/// What a module may not use, from the design's "dependencies point downward only".
fn forbidden(module: &str) -> &'static [&'static str] {
    match module {
        "main" | "lib" | "exit" | "commands" => &[],
        "stages" => &["plan", "execute", "report", "commands", "cli", "exit"],
        "plan" => &["execute", "report", "commands", "exit"],
        "execute" => &["report", "commands", "exit", "cli"],
        "report" => &["commands", "exit"],
        "toolchain" | "release" => &["execute", "report", "commands", "exit"],
        "manifest" | "workspace" | "git" | "tool" | "event" | "artifact" => {
            &["plan", "execute", "report", "commands", "exit", "stages", "release"]
        }
        _ => &["commands", "exit"],
    }
}

fn breaches_of_layers(source: &Source) -> Vec<String> {
    let own = module(&source.path);
    let mut breaches = Vec::new();
    for edge in edges(source) {
        let mut parts = edge.split("::");
        let to = parts.next().unwrap_or_default();
        if to != own && forbidden(own).contains(&to) {
            breaches.push(format!("{}: {own} may not use {edge}", source.path));
        }
        let stem = source.path.trim_start_matches("stages/").trim_end_matches(".rs");
        let other = parts.next().filter(|_| to == "stages").unwrap_or_default();
        if STAGES.contains(&stem) && STAGES.contains(&other) && other != stem {
            breaches.push(format!("{}: a stage may not use the stage {other}", source.path));
        }
    }
    breaches
}

/// The stages' files, as they lie in the folder.
const STAGES: [&str; 19] = [
    "apk",
    "archive",
    "checksums",
    "compile",
    "deb",
    "dmg",
    "fuse",
    "generate",
    "import",
    "msi",
    "pkg",
    "release_json",
    "rpm",
    "shard",
    "sign",
    "smoke",
    "split_debug",
    "stamp",
    "strip",
];

fn breaches_of_words(source: &Source) -> Vec<String> {
    let module = module(&source.path);
    let mut words: Vec<&str> = vec![".unwrap()", "panic!(", "todo!(", "unimplemented!(", "dbg!(", "unreachable!("];
    if module != "report" {
        words.extend(["println!(", "eprintln!(", "print!(", "eprint!(", "io::stdout", "io::stderr", "stdout()"]);
    }
    if module != "tool" {
        words.extend(["process::Command", "Command::new(\"", "process::{Command"]);
    }
    let found = words.into_iter().filter(|word| contains_word(&source.code, word));
    found.map(|word| format!("{}: {word}", source.path)).collect()
}

/// `eprintln!(` is not a `println!(`, and a launcher's field `.stdout()` is no printing.
fn contains_word(code: &str, word: &str) -> bool {
    code.match_indices(word).any(|(at, _)| {
        let before = code[..at].chars().next_back().unwrap_or(' ');
        word.starts_with('.') || !(before.is_alphanumeric() || before == '_' || before == '.')
    })
}

#[track_caller]
fn assert_none(breaches: Vec<String>) {
    assert!(breaches.is_empty(), "{} breaches:\n{}", breaches.len(), breaches.join("\n"));
}

#[test]
fn the_stages_listed_here_are_those_in_the_folder() {
    let mut there: Vec<String> = sources()
        .iter()
        .filter_map(|source| source.path.strip_prefix("stages/"))
        .map(|name| name.trim_end_matches(".rs").to_owned())
        .filter(|name| {
            !["authenticode", "installer", "mod", "open_pgp", "session"].contains(&name.as_str()) && !name.contains('/')
        })
        .collect();
    there.sort();
    assert_eq!(there, STAGES);
}

#[test]
fn dependencies_point_downward_only() {
    assert_none(sources().iter().flat_map(breaches_of_layers).collect());
}

#[test]
fn who_prints_who_starts_programs_and_nobody_panics() {
    assert_none(sources().iter().flat_map(breaches_of_words).collect());
}

#[test]
fn no_file_holds_two_things() {
    let long = sources().into_iter().filter(|source| source.lines > 450);
    assert_none(long.map(|source| format!("{}: {} lines", source.path, source.lines)).collect());
}

#[test]
fn every_file_says_what_it_is_for() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let silent = sources().into_iter().filter(|source| {
        let text = fs::read_to_string(root.join(&source.path)).unwrap();
        !text.starts_with("//!")
    });
    assert_none(silent.map(|source| source.path).collect());
}

#[test]
fn each_rule_notices_a_breach() {
    let layer = |path: &str, text: &str| breaches_of_layers(&source(path, text)).len();
    assert_eq!(layer("stages/strip.rs", "use crate::plan::Plan;\n"), 1);
    assert_eq!(layer("stages/strip.rs", "use crate::{\n    artifact::Made,\n    report::Reporter,\n};\n"), 1);
    assert_eq!(layer("stages/strip.rs", "use super::archive::NAME;\n"), 1);
    assert_eq!(layer("stages/strip.rs", "use super::{Input, stamp};\n"), 1);
    assert_eq!(layer("stages/strip.rs", "fn f() { crate::execute::run() }\n"), 1);
    assert_eq!(
        layer("stages/strip.rs", "use super::session::create;\nuse super::Step;\nuse crate::release::App;\n"),
        0
    );
    assert_eq!(layer("execute/scheduler.rs", "use super::super::report::Reporter;\n"), 1);
    assert_eq!(layer("manifest/load.rs", "use crate::commands::Error;\n"), 1);
    assert_eq!(layer("stages/strip.rs", "#[cfg(test)]\nmod tests {\n    use crate::plan::Plan;\n}\n"), 0);
    let word = |path: &str, text: &str| breaches_of_words(&source(path, text)).len();
    assert_eq!(word("git.rs", "fn f() { println!(\"x\"); }\n"), 1);
    assert_eq!(word("report/live.rs", "fn f() { eprintln!(\"x\"); }\n"), 0);
    assert_eq!(word("git.rs", "use std::process::Command;\n"), 1);
    assert_eq!(word("tool/guard.rs", "use std::process::Command;\n"), 0);
    assert_eq!(word("git.rs", "fn f() { x.unwrap(); }\n"), 1);
    assert_eq!(
        word("git.rs", "// x.unwrap()\n#[cfg(test)]\nmod tests {\n    fn f() { x.unwrap(); }\n}\nfn g() {}\n"),
        0
    );
    assert_eq!(word("git.rs", "#[cfg(all(test, unix))]\nmod tests {\n    fn f() { x.unwrap(); }\n}\n"), 0);
    assert_eq!(word("git.rs", "#[cfg(test)]\nuse a::b;\nfn g() { todo!() }\n"), 1);
}
