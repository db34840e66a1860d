//! A step's fingerprint: a hash of its parameters, of the content of its
//! inputs and of the versions of its tools. A step whose fingerprint and
//! outputs stand need not be run.

use std::io;
use std::path::Path;

use release_formats::checksums::{sha256_file, sha256_reader};
use serde_json::json;

use super::Run;
use super::journal::{Hashed, Look};
use crate::plan::PlannedInput;

/// Which build of this program runs: its version, and for those who work on it, what its file looks like.
pub(crate) fn own_identity() -> String {
    let look = std::env::current_exe().and_then(|program| Look::of(&program));
    format!("{} {:?}", env!("CARGO_PKG_VERSION"), look.ok())
}

impl Run<'_> {
    /// The hash of a workspace file; remembered as long as the file looks the same.
    pub(crate) fn hash_of(&self, path: &Path) -> io::Result<String> {
        let look = Look::of(path)?;
        if let Some(known) = self.journal().hash(path)
            && known.look == look
        {
            return Ok(known.sha256.clone());
        }
        let sha256 = sha256_file(path)?.0.to_string();
        self.journal().add_hash(path, Hashed { look, sha256: sha256.clone() });
        Ok(sha256)
    }

    /// The fingerprint of a step whose inputs are made.
    ///
    /// # Errors
    /// An input file cannot be read.
    pub(crate) fn fingerprint(&self, index: usize) -> Result<String, (std::path::PathBuf, io::Error)> {
        let step = &self.plan.steps[index];
        let mut inputs = Vec::new();
        for input in &step.inputs {
            inputs.push(match input {
                PlannedInput::Made { id, path } => {
                    let made = self.ledger.get(path);
                    json!([id, made.as_ref().map(|made| &made.sha256), made.as_ref().map(|made| made.stamped)])
                }
                PlannedInput::File(path) => {
                    let sha256 = self.hash_of(path).map_err(|error| (path.clone(), error))?;
                    json!([path.as_os_str().as_encoded_bytes(), sha256])
                }
            });
        }
        let tools: Vec<_> = step.step.tools().into_iter().map(|tool| self.toolchain.version_of(tool)).collect();
        let outputs: Vec<_> = step.outputs.iter().map(|output| output.path.as_os_str().as_encoded_bytes()).collect();
        let whole = json!({
            "build-tool": self.identity,
            "stage": step.stage,
            "parameters": step.step.parameters(),
            "inputs": inputs,
            "outputs": outputs,
            "tools": tools,
        });
        let (sum, _) =
            sha256_reader(whole.to_string().as_bytes()).map_err(|error| (std::path::PathBuf::new(), error))?;
        Ok(sum.to_string())
    }
}
