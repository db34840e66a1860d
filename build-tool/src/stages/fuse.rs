//! The slices of a universal platform → one file each. The slices are finished,
//! signed and stamped with their own target; nothing in them changes here.

use std::fs::File;

use release_formats::macho::fuse;
use serde::Serialize;

use super::session::create_for_reading;
use super::{Input, Output, Session, StageError, Step, Subject, Tool, artifact_inputs, fields, work_outputs};
use crate::artifact::ArtifactId;
use crate::release::Release;

/// The stage's name.
pub const NAME: &str = "fuse";

/// Fuses the files of one app for one universal platform.
#[derive(Debug, Serialize)]
struct Fuse {
    #[serde(skip)]
    subject: Subject,
    files: Vec<Universal>,
    slices: Vec<String>,
}

/// One universal file.
#[derive(Debug, Serialize)]
struct Universal {
    fused: ArtifactId,
    slices: Vec<ArtifactId>,
}

/// One step an app and universal platform.
pub fn plan(release: &Release) -> Vec<Box<dyn Step>> {
    let mut steps: Vec<Box<dyn Step>> = Vec::new();
    for app in &release.apps {
        for (platform, slices) in &app.universal {
            // The same names in the same order for every target.
            let of_slices: Vec<Vec<ArtifactId>> = slices.iter().map(|triple| app.products(triple).collect()).collect();
            let files = app.products(platform).enumerate().map(|(number, fused)| Universal {
                slices: of_slices.iter().filter_map(|products| products.get(number).cloned()).collect(),
                fused,
            });
            let (subject, files) = (Subject::of(app, platform), files.collect());
            steps.push(Box::new(Fuse { subject, files, slices: slices.clone() }));
        }
    }
    steps
}

impl Step for Fuse {
    fn subject(&self) -> Subject {
        self.subject.clone()
    }

    fn inputs(&self) -> Vec<Input> {
        self.files.iter().flat_map(|file| artifact_inputs(&file.slices)).collect()
    }

    fn outputs(&self) -> Vec<Output> {
        self.files.iter().flat_map(|file| work_outputs(std::slice::from_ref(&file.fused))).collect()
    }

    fn parameters(&self) -> serde_json::Value {
        fields(self)
    }

    fn tools(&self) -> Vec<Tool> {
        Vec::new()
    }

    fn describe(&self) -> String {
        format!("fuse {}", self.subject.apps.join(", "))
    }

    fn why(&self) -> String {
        format!("the target manifests say universal: {}", self.slices.join(" + "))
    }

    fn run(&self, session: &mut Session<'_>) -> Result<(), StageError> {
        for file in &self.files {
            let made: Vec<_> = file.slices.iter().map(|slice| session.input(slice)).collect::<Result<_, _>>()?;
            let mut slices = Vec::with_capacity(made.len());
            for slice in &made {
                slices.push(File::open(&slice.path).map_err(StageError::file("open", &slice.path))?);
            }
            session.make(&file.fused, |path| {
                let mut out = create_for_reading(path)?;
                fuse(&mut slices, &mut out).map_err(StageError::format(
                    "fuse",
                    made.iter().map(|slice| slice.path.display().to_string()).collect::<Vec<_>>().join(", "),
                ))?;
                Ok(made.iter().all(|slice| slice.stamped))
            })?;
        }
        Ok(())
    }
}
