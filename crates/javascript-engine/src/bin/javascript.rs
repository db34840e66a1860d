//! Runs a file, with `-e` and `-p` a piece of code, with `--test` tests, or with `--repl` what is typed: the engine without anything around it.

use std::ffi::OsString;
use std::path::Path;

use javascript_engine::{ReplSettings, Settings, TestSettings, evaluate, repl, run_file, test};

fn main() {
    let words: Vec<OsString> = std::env::args_os().collect();
    let settings = Settings {
        executable: words.first().cloned().unwrap_or_default(),
        environment: std::env::vars_os().collect(),
        ..Settings::default()
    };
    let ended = match words.get(1).map(|word| word.to_string_lossy()).as_deref() {
        Some(how @ ("-e" | "-p")) => {
            let code = words.get(2).map(|code| code.to_string_lossy()).unwrap_or_default();
            evaluate(&settings, &code, words.get(3..).unwrap_or_default(), how == "-p")
        }
        Some("--test") => {
            let chosen = TestSettings { timeout: 1000, filters: words[2..].to_vec(), ..TestSettings::default() };
            test(&settings, &std::env::current_dir().unwrap_or_default(), &chosen)
        }
        Some("--repl") => repl(&settings, &words[2..], &ReplSettings::default()),
        Some(file) => run_file(&settings, Path::new(file), &words[2..]),
        None => {
            eprintln!(
                "javascript FILE [ARGUMENTS], javascript -e CODE, javascript -p CODE, javascript --test [FILTERS], javascript --repl"
            );
            std::process::exit(2);
        }
    };
    match ended {
        Ok(code) => std::process::exit(code),
        Err(failure) => {
            eprintln!("{failure}");
            std::process::exit(1);
        }
    }
}
