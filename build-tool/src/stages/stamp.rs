//! Writes version and git metadata into the slot that `build-info` reserved in
//! the linked file. A binary without the slot passes through unstamped.

use std::fs::{self, OpenOptions};

use release_formats::stamp::{Stamp, StampError, write_stamp};
use serde::Serialize;

use super::{Input, Output, Place, Session, StageError, Step, Subject, Tool, fields, for_each_app_target, programs};
use crate::artifact::ArtifactId;
use crate::release::Release;

/// The stage's name.
pub const NAME: &str = "stamp";

/// Stamps the binaries of one app for one target.
#[derive(Debug, Serialize)]
struct StampBinaries {
    #[serde(skip)]
    subject: Subject,
    stamps: Vec<(ArtifactId, Stamp)>,
}

/// One step an app and target.
pub fn plan(release: &Release) -> Vec<Box<dyn Step>> {
    for_each_app_target(release, |app, target| {
        let stamp = |id: ArtifactId| (id.clone(), release.stamp_for(app, &id));
        let stamps: Vec<_> = programs(app, target).into_iter().map(stamp).collect();
        (!stamps.is_empty()).then(|| StampBinaries { subject: Subject::of(app, target), stamps })
    })
}

impl Step for StampBinaries {
    fn subject(&self) -> Subject {
        self.subject.clone()
    }

    fn inputs(&self) -> Vec<Input> {
        self.stamps.iter().map(|(id, _)| Input::Artifact(id.clone())).collect()
    }

    fn outputs(&self) -> Vec<Output> {
        self.stamps.iter().map(|(id, _)| Output { id: id.clone(), place: Place::Work }).collect()
    }

    fn parameters(&self) -> serde_json::Value {
        fields(self)
    }

    fn tools(&self) -> Vec<Tool> {
        Vec::new()
    }

    fn describe(&self) -> String {
        format!("stamp {}", self.subject.apps.join(", "))
    }

    fn why(&self) -> String {
        let mut versions: Vec<_> = self.stamps.iter().map(|(_, stamp)| stamp.version.as_str()).collect();
        versions.dedup();
        let commit = self.stamps.first().map_or("", |(_, stamp)| &stamp.git_hash);
        format!("version {} and commit {commit} go into the binary", versions.join(", "))
    }

    fn run(&self, session: &mut Session<'_>) -> Result<(), StageError> {
        for (binary, stamp) in &self.stamps {
            let linked = session.input(binary)?;
            session.make(binary, |path| {
                fs::copy(&linked.path, path).map_err(StageError::file("copy", &linked.path))?;
                let mut file =
                    OpenOptions::new().read(true).write(true).open(path).map_err(StageError::file("open", path))?;
                match write_stamp(&mut file, stamp) {
                    Ok(()) => Ok(true),
                    Err(StampError::NoSlot) => Ok(false),
                    Err(error) => Err(StageError::format("stamp", &linked.path)(error)),
                }
            })?;
        }
        Ok(())
    }
}
