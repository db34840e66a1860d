//! The systems' own tools, asked of an installer where they are on this machine. Their absence proves nothing.

use std::collections::BTreeSet;
use std::path::Path;

use super::Proof;
use crate::artifact::ArtifactKind;
use crate::tool::{Invocation, Launcher};
use crate::toolchain::find_program;

/// A tool that reads a format: its names, and the arguments before the file.
fn inspector(kind: ArtifactKind) -> Option<(&'static [&'static str], &'static [&'static str])> {
    Some(match kind {
        ArtifactKind::Deb | ArtifactKind::DebugDeb => (&["dpkg-deb"], &["--contents"]),
        // Whose key signed it is for the user's machine to know.
        ArtifactKind::Rpm | ArtifactKind::DebugRpm => (&["rpm"], &["--checksig", "--nosignature"]),
        ArtifactKind::Apk => (&["apk"], &["verify", "--allow-untrusted"]),
        ArtifactKind::Msi => (&["msiinfo"], &["tables"]),
        ArtifactKind::Pkg | ArtifactKind::Dmg => (&["7zz", "7z"], &["t", "-bso0", "-bsp0"]),
        _ => return None,
    })
}

/// What the tools said, over all files.
#[derive(Default)]
pub(super) struct Inspectors {
    accepted: BTreeSet<&'static str>,
    absent: BTreeSet<&'static str>,
}

impl Inspectors {
    /// Lets the format's tool read a file.
    pub(super) fn ask(&mut self, dist: &Path, name: &str, kind: ArtifactKind, proof: &mut Proof) {
        let Some((names, arguments)) = inspector(kind) else { return };
        let Some((own, program)) = names.iter().find_map(|name| Some((*name, find_program(name)?))) else {
            self.absent.extend(names.last());
            return;
        };
        let call = Invocation::new(program, format!("read {name}")).args(arguments).arg(dist.join(name)).cwd(dist);
        match Launcher::new().read(&call) {
            Ok(_) => _ = self.accepted.insert(own),
            Err(error) => proof.problems.push(format!("{name}: {own} refuses it: {error}")),
        }
    }

    /// The lines that tell of it.
    pub(super) fn tell(self, proof: &mut Proof) {
        let list = |names: &BTreeSet<&str>| names.iter().copied().collect::<Vec<_>>().join(", ");
        if !self.accepted.is_empty() {
            proof.proved.push(format!("installers that their systems' own tools read: {}", list(&self.accepted)));
        }
        if !self.absent.is_empty() {
            proof.proved.push(format!("not asked, since they are not on this machine: {}", list(&self.absent)));
        }
    }
}
