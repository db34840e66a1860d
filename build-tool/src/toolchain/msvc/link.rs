//! The linker for MSVC targets: makes the import libraries that the link line
//! names, adds what the kit has, and runs lld.

use std::collections::BTreeSet;
use std::ffi::OsString;

use super::{Kit, MsvcError, at, diagnose, link_line, roles, startup};
use crate::tool::{Invocation, Launcher, Output};

/// Links as rustc asked: lld's exit code.
///
/// # Errors
/// A library that is named cannot be made, or lld not be started.
pub(super) fn run(
    launcher: &Launcher,
    kit: &Kit,
    arguments: Vec<OsString>,
    say: &dyn Fn(&str),
) -> Result<u8, MsvcError> {
    let read = |call: &Invocation| launcher.read(call);
    let arguments = link_line::expand(arguments)?;
    let named = link_line::named(&arguments);
    for library in named.missing().into_iter().chain(["ucrt"]) {
        kit.library(&read, library)?;
    }
    let mut made = BTreeSet::new();
    loop {
        let output = link(launcher, kit, &arguments)?;
        let errors = String::from_utf8_lossy(&output.stderr);
        // Objects may name libraries of their own (`#pragma comment(lib, …)`); lld is the first to read that.
        let asked = diagnose::missing_libraries(&errors);
        let new: Vec<_> = asked.into_iter().filter(|library| !made.contains(library)).collect();
        if output.status.success() || new.is_empty() {
            tell(&output, say);
            if !output.status.success()
                && let Some(advice) = diagnose::runtime_advice(&errors)
            {
                say(&advice);
            }
            return Ok(roles::exit_code(output.status));
        }
        for library in new {
            kit.library(&read, &library)?;
            made.insert(library);
        }
    }
}

/// lld's own words, whole.
fn tell(output: &Output, say: &dyn Fn(&str)) {
    for text in [&output.stdout, &output.stderr] {
        let text = String::from_utf8_lossy(text);
        if !text.trim().is_empty() {
            say(text.trim_end());
        }
    }
}

fn link(launcher: &Launcher, kit: &Kit, arguments: &[OsString]) -> Result<Output, MsvcError> {
    let mut line = vec![kit.libraries.join(startup::FIRST).into_os_string()];
    line.extend(arguments.iter().cloned());
    let mut folder = OsString::from("/libpath:");
    folder.push(&kit.libraries);
    line.push(folder);
    // A hash where a time would be, and the PDB's name without the folder that it was made in.
    line.extend(["ucrt.lib", "/Brepro", "/PDBALTPATH:%_PDB%"].map(OsString::from));
    // As a file: lines of hundreds of objects are longer than some systems allow.
    let file = tempfile::NamedTempFile::new().map_err(at("write into", &std::env::temp_dir()))?;
    std::fs::write(file.path(), link_line::response_file(&line)).map_err(at("write", file.path()))?;
    let mut response = OsString::from("@");
    response.push(file.path());
    let mut call = Invocation::new(&kit.linker, "link for Windows");
    if kit.linker.file_stem().is_some_and(|stem| stem == "rust-lld") {
        call = call.args(["-flavor", "link"]);
    }
    Ok(launcher.output(&call.arg(response))?)
}
