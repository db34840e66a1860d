//! Starts programs of any target that can run here: what the release chose as
//! its runner, made ready.

use std::path::{Path, PathBuf};

use super::Read;
use super::wine::{self, WineError};
use crate::release::{Probe, Release, Runner};
use crate::tool::Invocation;

/// This machine, as the choice of runners looks at it.
pub const MACHINE: Probe<'static> = Probe { find: &|name| super::find(&[name]), exists: &|path: &Path| path.exists() };

/// The call of a program of `triple`, to which arguments can be added. `read` runs what has to be made ready first.
///
/// # Errors
/// Wine cannot be made ready.
pub fn invocation(
    release: &Release,
    triple: &str,
    program: &Path,
    purpose: &str,
    read: Read<'_>,
) -> Result<Invocation, WineError> {
    match release.runner_of(triple) {
        // The release promises nothing of those: to try is the honest answer.
        Runner::Natively | Runner::Nowhere(_) => Ok(Invocation::new(program, purpose)),
        Runner::Behind(command) => {
            let mut words = command.iter();
            let first = words.next().map(PathBuf::from).unwrap_or_default();
            let call = Invocation::new(first, purpose).args(words).arg(program);
            // Where the system starts qemu by itself, the programs that this one starts need their libraries, too.
            let libraries = command.iter().skip_while(|word| *word != "-L").nth(1);
            Ok(libraries.iter().fold(call, |call, libraries| call.env("QEMU_LD_PREFIX", libraries)))
        }
        Runner::Wine(wine) => {
            let state = release.folders.state();
            wine::prepare(wine, &state, read)?;
            Ok(wine::invocation(wine, &state, program, purpose))
        }
    }
}
