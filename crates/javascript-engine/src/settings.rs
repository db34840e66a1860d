//! What a run is told by whoever starts it.

use std::ffi::OsString;
use std::path::PathBuf;

/// What every run knows of its surroundings.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The program that runs scripts: `process.execPath` and the first of `process.argv`.
    pub executable: OsString,
    /// `process.env`
    pub environment: Vec<(OsString, OsString)>,
    /// Modules that are loaded before others.
    pub preload: Vec<OsString>,
    /// How many bytes scripts may use; 0 for as many as there are.
    pub memory_limit: usize,
    /// Collect garbage often.
    pub frugal: bool,
}

/// How tests are chosen and run.
#[derive(Clone, Debug, Default)]
pub struct TestSettings {
    /// Only files whose path has one of these words in it; none: all.
    pub filters: Vec<OsString>,
    /// Only tests whose name matches this regular expression.
    pub name_pattern: Option<String>,
    /// How long a test may take, in milliseconds; 0 for as long as it likes.
    pub timeout: u64,
    /// Stop after this many failures; 0 for never.
    pub bail: u32,
    /// Run each file this many times.
    pub rerun_each: u32,
    /// Only tests that are marked so.
    pub only: bool,
    /// Tests marked as todo, too.
    pub todo: bool,
}

/// Where the REPL keeps what was typed.
#[derive(Clone, Debug, Default)]
pub struct ReplSettings {
    /// The file; none: nowhere.
    pub history: Option<PathBuf>,
}
