//! What a compile call needs before it can begin: the standard library of
//! those of its targets for which it is compiled from source.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use cargo_metadata::Message;
use miette::Diagnostic;

use super::backends::BackendError;
use super::{Read, Toolchain, build_std, own_std, standard_library};
use crate::release::{CompileGroup, Release};
use crate::tool::{Invocation, ToolError};

/// A target's standard library cannot be had, or was not compiled.
#[derive(Debug, thiserror::Error, Diagnostic)]
pub enum LibraryError {
    /// What it is compiled from cannot be prepared, or what was compiled not be kept.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Files(#[from] BackendError),
    /// The run was cancelled.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Tool(#[from] ToolError),
    /// A part of the toolchain's own that every standard library builds on.
    #[error("the toolchain's `{name}` for {spec} is not to be found: {reason}")]
    #[diagnostic(help("{}", standard_library::remedies(&[spec])))]
    NoCore {
        /// The library's name.
        name: &'static str,
        /// The triple.
        spec: String,
        /// What was found instead.
        reason: String,
    },
    /// The package compiled, and no library came of it.
    #[error("package `{package}` gave no library for {spec}")]
    #[diagnostic(help("is it empty there? The library is compiled with the `rustflags` of the target's manifest"))]
    NoStd {
        /// The package.
        package: String,
        /// The triple.
        spec: String,
        /// The call that should have compiled it, quoted for a POSIX shell.
        command: String,
    },
    /// There is no way to have it, or it does not compile.
    #[error("there is no standard library for {}", triples.join(", "))]
    #[diagnostic(help("{help}"))]
    Missing {
        /// The targets.
        triples: Vec<String>,
        /// What to do.
        help: String,
        /// The call that should have compiled it, quoted for a POSIX shell.
        command: Option<String>,
    },
}

impl LibraryError {
    /// The command that failed, as one can paste it.
    pub fn command(&self) -> Option<&str> {
        match self {
            Self::Files(BackendError::Tool(error)) | Self::Tool(error) => error.command(),
            Self::Files(_) | Self::NoCore { .. } => None,
            Self::NoStd { command, .. } => Some(command),
            Self::Missing { command, .. } => command.as_deref(),
        }
    }
}

/// Runs a program, handing on each line of its standard output; what it says besides reaches the user.
pub type Stream<'a> = &'a dyn Fn(&Invocation, &mut dyn FnMut(&str)) -> Result<(), ToolError>;

/// Groups run side by side and may want the same one.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Compiles the standard library for the targets of `group` that need it and do not have it yet, and the one that its
/// target brings along: then the answer is the sysroot which holds that.
///
/// # Errors
/// There is no way to have one, or it does not compile.
pub fn provide(
    release: &Release,
    toolchain: &Toolchain,
    group: &CompileGroup,
    note: &dyn Fn(String),
    stream: Stream<'_>,
    read: Read<'_>,
) -> Result<Option<PathBuf>, LibraryError> {
    from_source(release, toolchain, group, note, stream)?;
    let Some(own) = &group.own_std else { return Ok(None) };
    own_std::provide(release, toolchain, group, own, stream, read).map(Some)
}

fn from_source(
    release: &Release,
    toolchain: &Toolchain,
    group: &CompileGroup,
    note: &dyn Fn(String),
    stream: Stream<'_>,
) -> Result<(), LibraryError> {
    if !group.buildable {
        let triples: Vec<&str> = group.targets.iter().map(|triple| release.spec_of(triple)).collect();
        let help = standard_library::remedies(&triples);
        return Err(LibraryError::Missing { triples: group.targets.clone(), help, command: None });
    }
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let missing = build_std::missing(release, toolchain, &group.targets);
    if missing.is_empty() {
        return Ok(());
    }
    note(format!("compiling the standard library for {}, once", missing.join(", ")));
    let wrapper = toolchain.sccache.as_deref().filter(|_| release.sccache_for(&group.profile));
    let call = build_std::call(release, toolchain, &missing, wrapper)?;
    let mut compiled: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    let outcome = stream(&call, &mut |line| {
        let Ok(Message::CompilerArtifact(artifact)) = serde_json::from_str(line) else { return };
        for file in artifact.filenames {
            if let Some(triple) = build_std::library_of(release, toolchain, file.as_std_path()) {
                compiled.entry(triple).or_default().push(file.into());
            }
        }
    });
    match outcome {
        // What it failed for is what is still missing.
        Ok(()) | Err(ToolError::Failed { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    build_std::finish(release, toolchain, &compiled)?;
    let failed = build_std::missing(release, toolchain, &group.targets);
    // Those that went well are built, if others may fail: cargo then says of the rest what is missing.
    if failed.is_empty() || (release.keep_going && failed.len() < group.targets.len()) {
        return Ok(());
    }
    let help = advice(standard_library::vendored(&toolchain.rustc).is_some(), release.access.offline);
    Err(LibraryError::Missing { triples: failed, help: help.to_owned(), command: Some(call.command_line()) })
}

/// What may have gone wrong, and what to do.
fn advice(vendored: bool, offline: bool) -> &'static str {
    match (vendored, offline) {
        (true, _) => "what the compiler said is above: does this version of Rust support the target?",
        (false, true) => {
            "the library's source came without the packages that it is built with, and --offline forbids to fetch \
             them: leave --offline out once, or use a toolchain whose source has them in library/vendor \
             (Debian: apt install rustc-web cargo-web rust-web-src rust-web-llvm)"
        }
        (false, false) => {
            "the library's source came without the packages that it is built with: could cargo not fetch them? \
             What it said is above"
        }
    }
}
