//! Running tests: which files there are, each in a world of its own, and what became of all of them.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use rquickjs::function::Constructor;
use rquickjs::{Ctx, Object};

use crate::output;
use crate::run::{self, Failure};
use crate::settings::{Settings, TestSettings};
use crate::state::Progress;
use crate::{event_loop, strings};

/// What the stem of a test file ends with.
const MARKS: [&str; 4] = [".test", "_test", ".spec", "_spec"];
/// What a test file ends with.
const EXTENSIONS: [&str; 3] = ["js", "mjs", "cjs"];
/// Test files that this engine does not understand, which must not be passed over in silence.
const FOREIGN: [&str; 5] = ["ts", "tsx", "jsx", "mts", "cts"];

/// Runs the tests below a folder. The exit code: 0 if all passed, 1 if one failed or there are none.
///
/// # Errors
///
/// The pattern for names is none, or the engine did not begin.
pub fn test(settings: &Settings, folder: &Path, chosen: &TestSettings) -> Result<i32, Failure> {
    if let Some(pattern) = &chosen.name_pattern {
        check(settings, pattern)?;
    }
    let started = Instant::now();
    let mut found = Found::default();
    found.search(folder, folder, &chosen.filters);
    found.files.sort();
    for file in &found.foreign {
        say_error(&format!("warning: {} is not run: this engine understands JavaScript only\n", shown(file, folder)));
    }
    if found.files.is_empty() {
        let which = if chosen.filters.is_empty() { "" } else { " that match" };
        say_error(&format!(
            "error: no test files{which} below {}: they are called *.test.js, *_test.js, *.spec.js or *_spec.js (or .mjs, .cjs)\n",
            folder.display()
        ));
        return Ok(1);
    }
    let mut counts = [0; 4];
    let mut files = 0;
    'files: for file in &found.files {
        for _ in 0..chosen.rerun_each.max(1) {
            files += 1;
            let failures = counts[1];
            let progress = run_one(settings, file, &shown(file, folder), chosen, failures)?;
            for (sum, count) in counts.iter_mut().zip(progress.counts) {
                *sum += count;
            }
            if chosen.bail > 0 && counts[1] >= chosen.bail {
                say(&format!("\nStopped after {} failure{}\n", counts[1], plural(counts[1])));
                break 'files;
            }
        }
    }
    let [passed, failed, skipped, todo] = counts;
    let mut text = format!("\n {passed} pass\n");
    for (count, what) in [(skipped, "skip"), (todo, "todo")] {
        if count > 0 {
            text += &format!(" {count} {what}\n");
        }
    }
    let ran = passed + failed;
    text += &format!(
        " {failed} fail\nRan {ran} test{} across {files} file{}. [{:.2}ms]\n",
        plural(ran),
        plural(files),
        started.elapsed().as_secs_f64() * 1000.0
    );
    if ran + skipped + todo == 0 {
        text += "error: no test was chosen\n";
        say(&text);
        return Ok(1);
    }
    say(&text);
    Ok(i32::from(failed > 0))
}

/// Whether the pattern for names is one: only JavaScript itself knows.
fn check(settings: &Settings, pattern: &str) -> Result<(), Failure> {
    run::apart(settings, Vec::new(), |ctx, _| {
        let constructor: rquickjs::Result<Constructor<'_>> = ctx.globals().get("RegExp");
        let made = constructor.and_then(|constructor| constructor.construct::<_, Object<'_>>((pattern,)));
        made.map(drop).map_err(|_| {
            let why = ctx.catch().as_exception().and_then(rquickjs::Exception::message).unwrap_or_default();
            Failure::Unusable(format!("the pattern for names is no regular expression: {why}"))
        })
    })?
}

fn plural(count: u32) -> &'static str {
    if count == 1 { "" } else { "s" }
}

fn say(text: &str) {
    // A reader that has gone has what it wanted; the exit code is told all the same.
    let _ = output::write(text.as_bytes());
}

fn say_error(text: &str) {
    let _ = output::write_error(text.as_bytes());
}

fn shown(file: &Path, folder: &Path) -> String {
    file.strip_prefix(folder).unwrap_or(file).display().to_string()
}

/// Runs one file.
fn run_one(
    settings: &Settings,
    file: &Path,
    name: &str,
    chosen: &TestSettings,
    failures: u32,
) -> Result<Progress, Failure> {
    say(&format!("\n{name}:\n"));
    let mut progress = run::apart(settings, vec![file.as_os_str().to_owned()], |ctx, state| {
        let first = run::start(ctx, state, "runTests", |ctx| {
            let options = options(ctx, chosen, failures)?;
            Ok(vec![strings::to_js(ctx, file.as_os_str())?, options.into_value()])
        });
        event_loop::run(ctx, state, first);
        state.progress.borrow().clone()
    })?;
    // The runner says when it is done; otherwise something ended it.
    if !progress.running.is_empty() {
        let why = if progress.interrupted {
            "it never gave way, and was ended when its time was over"
        } else {
            "it ended the run"
        };
        say(&format!("✗ {}: {why}; the rest of this file was not run\n", progress.running));
        progress.counts[1] += 1;
    }
    Ok(progress)
}

fn options<'js>(ctx: &Ctx<'js>, chosen: &TestSettings, failures: u32) -> rquickjs::Result<Object<'js>> {
    let options = Object::new(ctx.clone())?;
    options.set("pattern", chosen.name_pattern.as_deref())?;
    #[expect(clippy::cast_precision_loss, reason = "nobody waits for 2 to the power of 53 milliseconds")]
    options.set("timeout", chosen.timeout as f64)?;
    options.set("bail", chosen.bail)?;
    options.set("failures", failures)?;
    options.set("only", chosen.only)?;
    options.set("todo", chosen.todo)?;
    Ok(options)
}

#[derive(Debug, Default)]
struct Found {
    files: Vec<PathBuf>,
    foreign: Vec<PathBuf>,
}

impl Found {
    /// Looks for test files below a folder; what cannot be looked at has none.
    fn search(&mut self, folder: &Path, root: &Path, filters: &[OsString]) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let name = entry.file_name();
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() {
                if name != "node_modules" && !name.as_encoded_bytes().starts_with(b".") {
                    self.search(&path, root, filters);
                }
            } else if is_marked(&path) && is_chosen(path.strip_prefix(root).unwrap_or(&path), filters) {
                match path.extension().and_then(|end| end.to_str()) {
                    Some(end) if EXTENSIONS.contains(&end) => self.files.push(path),
                    Some(end) if FOREIGN.contains(&end) => self.foreign.push(path),
                    _ => {}
                }
            }
        }
    }
}

fn is_marked(path: &Path) -> bool {
    let stem = path.file_stem().unwrap_or_default().as_encoded_bytes();
    MARKS.iter().any(|mark| stem.ends_with(mark.as_bytes()))
}

/// Whether one of the words is in the path; `./` before a word is no part of it.
fn is_chosen(path: &Path, filters: &[OsString]) -> bool {
    let path = path.as_os_str().as_encoded_bytes();
    filters.is_empty()
        || filters.iter().any(|filter| {
            let word = filter.as_encoded_bytes();
            let word = word.strip_prefix(b"./").unwrap_or(word);
            word.is_empty() || path.windows(word.len()).any(|part| part == word)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_files_are_known_by_their_names() {
        for (name, expected) in [
            ("a.test.js", true),
            ("a_test.mjs", true),
            ("x/a.spec.cjs", true),
            ("a_spec.ts", true),
            ("test.js", false),
            ("a.tests.js", false),
            ("atest.js", false),
        ] {
            assert_eq!(is_marked(Path::new(name)), expected, "{name}");
        }
    }

    #[test]
    fn a_filter_is_a_part_of_the_path() {
        let chosen = |words: &[&str]| {
            is_chosen(Path::new("src/math/add.test.js"), &words.iter().map(OsString::from).collect::<Vec<_>>())
        };
        assert!(chosen(&[]));
        assert!(chosen(&["math"]));
        assert!(chosen(&["other", "./src/math"]));
        assert!(!chosen(&["other"]));
    }
}
