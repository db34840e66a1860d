//! The command line, as types. Help lives here; meaning lives elsewhere.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::generate::Language;

/// Generates the code of hosts and plugins from their API, and checks what they declare
///
/// An API (api.toml) declares types and contracts; a bundle (bundle.toml) says which of them its plugins implement and
/// which they call. From these polyplugc writes the code that stands between a program and the C ABI, in Rust, C, C++, Lua
/// and JavaScript, so that both sides only see functions with their own types.
#[derive(Debug, Parser)]
#[command(name = "polyplugc", version, max_term_width = 100)]
#[command(after_help = "Exit codes: 0 done, 1 files differ (--check) or could not be written, 2 bad usage, API, \
                        bundle or manifest.")]
pub struct Cli {
    /// Say nothing but results and errors
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write the code of a host (--api) or of a bundle (--bundle, with its manifest.toml)
    ///
    /// A host's file is called `host`, a bundle's `guest`, each with the extension of its language: callers of contracts,
    /// and what a program fills in to provide some. Files are written whole or not at all, and only if they change. What
    /// each language needs beside it, and how to use it, is in docs/polyplug.md, "Generated code".
    Generate(GenerateArgs),
    /// Check APIs, bundles, and the folders of finished bundles
    ///
    /// A file is taken for what its tables say that it is; a folder has to hold a manifest.toml, which is read as the
    /// runtime reads it, and the files that it names.
    Validate {
        /// An api.toml, a bundle.toml, a manifest.toml, or a bundle's folder
        #[arg(required = true, value_name = "PATH")]
        paths: Vec<PathBuf>,
    },
}

/// What `generate` gets.
#[derive(Debug, Args)]
pub struct GenerateArgs {
    /// From what
    #[command(flatten)]
    pub from: From,
    /// For which language
    #[arg(long, value_enum, value_name = "LANGUAGE")]
    pub lang: LanguageName,
    /// The folder to write to; it is made if it is not there
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Write nothing; fail if a file is not there or differs from what would be written
    #[arg(long, conflicts_with = "dry_run")]
    pub check: bool,
    /// Write nothing; print which files would be written and what would be in them
    #[arg(long)]
    pub dry_run: bool,
}

/// One of the two.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct From {
    /// The API that a host is written against
    #[arg(long, value_name = "FILE")]
    pub api: Option<PathBuf>,
    /// The bundle whose plugins are to be written
    #[arg(long, value_name = "FILE")]
    pub bundle: Option<PathBuf>,
}

/// The languages as they are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LanguageName {
    /// A module; needs the crate polyplug-bindings
    Rust,
    /// A header for C99; needs polyplug.h, polyplug_arena.h and polyplug_bindings.h
    C,
    /// A header for C++11; needs those and polyplug_bindings.hpp
    Cpp,
    /// A module for Lua 5.4
    Lua,
    /// A module for JavaScript
    Js,
}

impl LanguageName {
    /// The language.
    #[must_use]
    pub fn language(self) -> Language {
        match self {
            Self::Rust => Language::Rust,
            Self::C => Language::C,
            Self::Cpp => Language::Cpp,
            Self::Lua => Language::Lua,
            Self::Js => Language::JavaScript,
        }
    }
}
