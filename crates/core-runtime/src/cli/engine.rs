//! build, test, repl, and the options of whatever runs JavaScript: parsed in full here, done by a JavaScript engine.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// The part of the help that these options are in.
const JAVASCRIPT: &str = "JavaScript";

/// Options for the JavaScript engine.
#[derive(Clone, Debug, Default, Args)]
pub struct EngineOptions {
    /// Start again when a file changes
    #[arg(long, conflicts_with = "hot", help_heading = JAVASCRIPT)]
    pub watch: bool,
    /// Load changed files without starting again
    #[arg(long, help_heading = JAVASCRIPT)]
    pub hot: bool,
    /// Load this module before others. May repeat
    #[arg(short = 'r', long, value_name = "MODULE", help_heading = JAVASCRIPT)]
    pub preload: Vec<OsString>,
    /// Replace KEY by VALUE while parsing. May repeat
    #[arg(short = 'd', long, value_name = "KEY:VALUE", help_heading = JAVASCRIPT)]
    pub define: Vec<String>,
    /// How files with an extension are read, as in .svg:text. May repeat
    #[arg(short = 'l', long, value_name = "EXTENSION:LOADER", help_heading = JAVASCRIPT)]
    pub loader: Vec<String>,
    /// Conditions for resolving packages. May repeat
    #[arg(long, value_name = "NAME", help_heading = JAVASCRIPT)]
    pub conditions: Vec<String>,
    /// The tsconfig.json to use
    #[arg(long, value_name = "FILE", help_heading = JAVASCRIPT)]
    pub tsconfig_override: Option<PathBuf>,
    /// Use less memory, at the price of speed
    #[arg(long, help_heading = JAVASCRIPT)]
    pub smol: bool,
    /// Wait for a debugger at this address
    #[arg(long, value_name = "ADDRESS", num_args = 0..=1, require_equals = true, default_missing_value = "", help_heading = JAVASCRIPT)]
    pub inspect: Option<String>,
}

/// `rust-bun build`
#[derive(Debug, Args)]
pub struct BuildOptions {
    /// Where to begin
    #[arg(required = true, value_name = "FILE")]
    pub entrypoints: Vec<PathBuf>,
    /// The folder for the output
    #[arg(long, value_name = "FOLDER", conflicts_with = "outfile")]
    pub outdir: Option<PathBuf>,
    /// The file for the output
    #[arg(long, value_name = "FILE")]
    pub outfile: Option<PathBuf>,
    /// What will run the output
    #[arg(long, value_enum, default_value_t)]
    pub target: BuildTarget,
    /// The module format of the output
    #[arg(long, value_enum, default_value_t)]
    pub format: ModuleFormat,
    /// Share code between entry files
    #[arg(long)]
    pub splitting: bool,
    /// Make the output small
    #[arg(long)]
    pub minify: bool,
    /// Whether and where source maps go
    #[arg(long, value_enum, num_args = 0..=1, require_equals = true, default_missing_value = "linked")]
    pub sourcemap: Option<SourceMap>,
    /// Leave these imports alone. May repeat
    #[arg(short = 'e', long, value_name = "MODULE")]
    pub external: Vec<String>,
    /// Replace KEY by VALUE while parsing. May repeat
    #[arg(short = 'd', long, value_name = "KEY:VALUE")]
    pub define: Vec<String>,
    /// How files with an extension are read, as in .svg:text. May repeat
    #[arg(short = 'l', long, value_name = "EXTENSION:LOADER")]
    pub loader: Vec<String>,
    /// Begin the output's paths with this
    #[arg(long, value_name = "PREFIX")]
    pub public_path: Option<String>,
    /// Make one executable file
    #[arg(long)]
    pub compile: bool,
    /// Build again when a file changes
    #[arg(long)]
    pub watch: bool,
}

/// What will run the output of `build`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum BuildTarget {
    /// A browser
    #[default]
    Browser,
    /// This runtime
    Bun,
    /// Node.js
    Node,
}

/// The module format of the output of `build`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ModuleFormat {
    /// ECMAScript modules
    #[default]
    Esm,
    /// CommonJS
    Cjs,
    /// One function that is called at once
    Iife,
}

/// Where source maps go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SourceMap {
    /// Beside the output, which names them
    Linked,
    /// In the output
    Inline,
    /// Beside the output, which does not name them
    External,
    /// Nowhere
    None,
}

/// `rust-bun test`
#[derive(Debug, Args)]
pub struct TestOptions {
    /// Only files whose path has one of these words in it
    pub filters: Vec<OsString>,
    /// Only tests whose name matches
    #[arg(short = 't', long, value_name = "PATTERN")]
    pub test_name_pattern: Option<String>,
    /// How long a test may take, in milliseconds
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 5000)]
    pub timeout: u64,
    /// Stop after this many failures
    #[arg(long, value_name = "COUNT", num_args = 0..=1, require_equals = true, default_missing_value = "1")]
    pub bail: Option<u32>,
    /// Write the snapshots anew
    #[arg(short = 'u', long)]
    pub update_snapshots: bool,
    /// Run each test file this many times
    #[arg(long, value_name = "COUNT")]
    pub rerun_each: Option<u32>,
    /// Only tests marked with only
    #[arg(long)]
    pub only: bool,
    /// Tests marked as todo, too
    #[arg(long)]
    pub todo: bool,
    /// Measure which lines ran
    #[arg(long)]
    pub coverage: bool,
    /// For the test files
    #[command(flatten)]
    pub engine: EngineOptions,
}

/// `rust-bun repl`
#[derive(Debug, Default, Args)]
pub struct ReplOptions {
    /// Run this code instead of asking
    #[arg(short = 'e', long, value_name = "CODE")]
    pub eval: Option<OsString>,
    /// As --eval, and print the result
    #[arg(short = 'p', long, value_name = "CODE", conflicts_with = "eval")]
    pub print: Option<OsString>,
    /// For the code
    #[command(flatten)]
    pub engine: EngineOptions,
    /// What the code gets
    #[arg(trailing_var_arg = true)]
    pub args: Vec<OsString>,
}
