//! What a compile call needs before it can begin: the standard library of
//! those of its targets for which it is compiled from source.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use cargo_metadata::Message;

use super::super::{Session, StageError};
use crate::release::CompileGroup;
use crate::tool::ToolError;
use crate::toolchain::{build_std, standard_library};

/// Groups run side by side and may want the same one.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Compiles the standard library for the targets of `group` that need it and do not have it yet.
///
/// # Errors
/// There is no way to have one, or it does not compile.
pub(super) fn provide(session: &Session<'_>, group: &CompileGroup) -> Result<(), StageError> {
    let (release, toolchain) = (session.release, session.toolchain);
    if !group.buildable {
        let triples: Vec<&str> = group.targets.iter().map(String::as_str).collect();
        let help = standard_library::remedies(&triples);
        return Err(StageError::NoStandardLibrary { triples: group.targets.clone(), help, command: None });
    }
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let missing = build_std::missing(release, toolchain, &group.targets);
    if missing.is_empty() {
        return Ok(());
    }
    session.note(format!("compiling the standard library for {}, once", missing.join(", ")));
    let wrapper = toolchain.sccache.as_deref().filter(|_| release.sccache_for(&group.profile));
    let call = build_std::call(release, toolchain, &missing, wrapper)?;
    let mut compiled: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    let outcome = session.stream(
        &call,
        &mut |line| {
            let Ok(Message::CompilerArtifact(artifact)) = serde_json::from_str(line) else { return };
            for file in artifact.filenames {
                if let Some(triple) = build_std::library_of(release, toolchain, file.as_std_path()) {
                    compiled.entry(triple).or_default().push(file.into());
                }
            }
        },
        &mut |line| super::narrate(session, line),
    );
    if let Err(ToolError::Cancelled { signal }) = outcome {
        return Err(ToolError::Cancelled { signal }.into());
    }
    build_std::finish(release, toolchain, &compiled)?;
    let failed = build_std::missing(release, toolchain, &missing);
    // Those that went well are built, if others may fail: cargo then says of the rest what is missing.
    if failed.is_empty() || (release.keep_going && failed.len() < group.targets.len()) {
        return Ok(());
    }
    let fetched = standard_library::vendored(&toolchain.rustc).is_none();
    let help = match (fetched, release.access.offline) {
        (true, true) => {
            "its source came without the packages that it is built with, and --offline forbids to fetch them: leave \
             --offline out once, or use a toolchain whose source has them in library/vendor (Debian's rust-web-src)"
        }
        (true, false) => {
            "its source came without the packages that it is built with: are they what could not be fetched? \
             What cargo said is above"
        }
        (false, _) => "what the compiler said is above: does this version of Rust support the target?",
    };
    Err(StageError::NoStandardLibrary { triples: failed, help: help.to_owned(), command: Some(call.command_line()) })
}
