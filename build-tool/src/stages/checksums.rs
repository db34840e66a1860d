//! `SHA256SUMS`, in the form that `sha256sum -c` reads, over everything shipped.

use release_formats::checksums::Checksums as Sums;
use serde::Serialize;

use super::{Input, Output, Place, Session, StageError, Step, Subject, Tool, fields};
use crate::artifact::{ArtifactId, ArtifactKind};
use crate::release::Release;

/// The stage's name.
pub const NAME: &str = "checksums";
/// The file's name.
pub const FILE: &str = "SHA256SUMS";

/// Writes the checksums.
#[derive(Debug, Serialize)]
struct Checksums {
    file: ArtifactId,
}

/// One step for the whole release.
pub fn plan(_release: &Release) -> Vec<Box<dyn Step>> {
    vec![Box::new(Checksums { file: ArtifactId::whole(ArtifactKind::Checksums, FILE) })]
}

impl Step for Checksums {
    fn subject(&self) -> Subject {
        Subject::default()
    }

    fn inputs(&self) -> Vec<Input> {
        vec![Input::Shipped]
    }

    fn outputs(&self) -> Vec<Output> {
        vec![Output { id: self.file.clone(), place: Place::Dist }]
    }

    fn parameters(&self) -> serde_json::Value {
        fields(self)
    }

    fn tools(&self) -> Vec<Tool> {
        Vec::new()
    }

    fn describe(&self) -> String {
        "write SHA256SUMS".to_owned()
    }

    fn why(&self) -> String {
        "users check what they downloaded: sha256sum -c SHA256SUMS".to_owned()
    }

    fn run(&self, session: &mut Session<'_>) -> Result<(), StageError> {
        // The ledger knows every hash already: no file is read a second time.
        let mut sums = Sums::default();
        for (id, made) in session.shipped() {
            let sum = made.sha256.parse().map_err(StageError::format("list", &made.path))?;
            sums.0.insert(id.name, sum);
        }
        session.make_text(&self.file, &sums.to_string())
    }
}
