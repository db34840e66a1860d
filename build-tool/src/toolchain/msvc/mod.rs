//! Links for `*-pc-windows-msvc` without Microsoft's SDK. Import libraries are
//! made from the export lists that zig carries, the start-up library is our own
//! (`crt/`), C dependencies are compiled by zig, and LLVM's `lld` links. cargo
//! calls this same program back as linker, compiler and archiver ([`roles`]).

mod compile;
mod diagnose;
mod environment;
mod exports;
mod import_library;
mod kit;
mod link;
mod link_folder;
mod link_line;
mod mingw;
pub mod roles;
mod startup;

use std::path::PathBuf;

use miette::Diagnostic;
use serde::{Deserialize, Serialize};

pub use environment::environment;
pub use kit::{Kit, prepare};

use crate::tool::{Invocation, ToolError};

/// What to do where this way of linking ends.
pub(crate) const XWIN: &str = "needs the xwin backend: put `backend = \"xwin\"` into the target's manifest \
     (profiles/targets/TRIPLE.toml) and `cargo install cargo-xwin`, which downloads Microsoft's SDK \
     once its licence is accepted";

/// The processors that Windows runs on and that this way of linking knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Arch {
    /// x86-64.
    X86_64,
    /// arm64.
    Aarch64,
}

impl Arch {
    /// Of a Rust triple; `None` where this way of linking does not lead.
    pub fn of_triple(triple: &str) -> Option<Self> {
        match triple {
            "x86_64-pc-windows-msvc" => Some(Self::X86_64),
            "aarch64-pc-windows-msvc" => Some(Self::Aarch64),
            _ => None,
        }
    }

    /// As zig, LLVM and Rust write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64",
            Self::Aarch64 => "aarch64",
        }
    }

    /// What zig compiles C for. Its headers for Windows are mingw-w64's; the C ABI is the same.
    pub(crate) fn zig_target(self) -> String {
        format!("{}-windows-gnu", self.name())
    }
}

/// Runs a program to its end and returns what it wrote.
pub type Read<'a> = &'a dyn Fn(&Invocation) -> Result<Vec<u8>, ToolError>;

/// The kit for linking could not be made.
#[derive(Debug, thiserror::Error, Diagnostic)]
pub enum MsvcError {
    /// zig, or the program that makes the link, failed.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Tool(#[from] ToolError),
    /// zig does not answer as it should.
    #[error("`zig env` does not name {what}, so this is no zig that carries the export lists of Windows")]
    #[diagnostic(help("install a current zig: pip install ziglang"))]
    Zig {
        /// What is missing from its answer.
        what: &'static str,
    },
    /// zig carries no export list for a library that is to be linked.
    #[error("no export list for `{name}.lib` is among zig's ({}), so its import library cannot be made", folder.display())]
    #[diagnostic(help(
        "check the name (`cargo:rustc-link-lib`, `#[link(name = …)]`); if {name} is a library of the project \
         itself, its folder is missing from the link line (`cargo:rustc-link-search`); a library that only \
         Microsoft's SDK has {XWIN}"
    ))]
    NoExports {
        /// The library, without its ending.
        name: String,
        /// Where the lists are.
        folder: PathBuf,
    },
    /// An export list that cannot be understood.
    #[error("the export list {} is not one: {reason}", path.display())]
    #[diagnostic(help("it is part of zig's installation: install zig again (pip install --force-reinstall ziglang)"))]
    Exports {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// A file of the kit could not be read or written.
    #[error("cannot {doing} {}", path.display())]
    File {
        /// `read`, `write`, …
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: std::io::Error,
    },
    /// Who calls the linker did not say what this way of linking must know.
    #[error("the settings beside {} are not this program's", path.display())]
    #[diagnostic(help("run the build through `build-tool` again: it writes them"))]
    Settings {
        /// The linker's or compiler's name that was called.
        path: PathBuf,
    },
}

/// Adds what was done to which file to the system's reason.
pub(crate) fn at<'a>(
    doing: &'static str,
    path: &'a std::path::Path,
) -> impl FnOnce(std::io::Error) -> MsvcError + use<'a> {
    move |source| MsvcError::File { doing, path: path.to_owned(), source }
}
