//! The linker for MSVC targets: makes the import libraries that the link line
//! names, adds what the kit has, and runs lld.

use std::collections::BTreeSet;
use std::ffi::OsString;

use super::link_folder::{LINE, LinkFolder};
use super::{Kit, MsvcError, diagnose, link_line, mingw, startup};
use crate::tool::{Invocation, Launcher};
use crate::toolchain::roles::Played;

/// Links as rustc asked.
///
/// # Errors
/// A library that is named cannot be made, or lld not be started.
pub(super) fn run(launcher: &Launcher, kit: &Kit, arguments: Vec<OsString>) -> Result<Played, MsvcError> {
    let read = |call: &Invocation| launcher.read(call);
    let mut arguments = link_line::expand(arguments)?;
    // To a linker of our name rustc says first that it is to be lld in link.exe's manner; whether the real one has to
    // be told depends on its own name.
    if arguments.first().is_some_and(|first| first == "-flavor") {
        arguments.drain(..arguments.len().min(2));
    }
    let named = link_line::named(&arguments);
    for library in named.missing().into_iter().chain(["ucrt"]) {
        kit.library(&read, library)?;
    }
    let mut made = BTreeSet::new();
    loop {
        let linked = link(launcher, kit, &arguments)?;
        // Objects may name libraries of their own (`#pragma comment(lib, …)`); lld is the first to read that.
        let asked = diagnose::missing_libraries(&linked.said);
        let new: Vec<_> = asked.into_iter().filter(|library| !made.contains(library)).collect();
        if linked.status.success() || new.is_empty() {
            return Ok(tell(kit, linked));
        }
        for library in new {
            kit.library(&read, &library)?;
            made.insert(library);
        }
    }
}

/// What lld said, once, and what it means.
fn tell(kit: &Kit, linked: Linked) -> Played {
    let failed = !linked.status.success();
    let of_mingw = |symbol: &str| mingw::may_define(&kit.zig_library, symbol);
    let advice = if failed { diagnose::runtime_advice(&linked.said, &of_mingw) } else { None };
    Played { says: linked.said + &advice.map_or_else(String::new, |advice| advice + "\n"), failed }
}

/// One run of lld: what it said, with paths that lead somewhere, and whether it succeeded.
struct Linked {
    said: String,
    status: std::process::ExitStatus,
}

fn link(launcher: &Launcher, kit: &Kit, arguments: &[OsString]) -> Result<Linked, MsvcError> {
    let mut folder = LinkFolder::new()?;
    let mut line = vec![kit.libraries.join(startup::FIRST).into_os_string()];
    line.extend(arguments.iter().cloned());
    let mut libraries = OsString::from("/libpath:");
    libraries.push(&kit.libraries);
    line.push(libraries);
    line.push(OsString::from("ucrt.lib"));
    let mut line = folder.shorten(&line)?;
    // A hash where a time would be, the PDB's name without the folder that it was made in, and one and the same
    // folder in the PDB for all relative paths.
    line.extend(["/Brepro", "/PDBALTPATH:%_PDB%", "/PDBSOURCEPATH:/"].map(OsString::from));
    folder.write_line(&line)?;
    let output = launcher.output(&folder.linker(&kit.linker)?.arg(LINE))?;
    Ok(Linked { said: folder.said(&output), status: output.status })
}
