//! Writes version and git metadata into the slot that `build-info` reserved in
//! the linked file. A binary without the slot passes through unstamped.

use std::fs::{self, OpenOptions};

use release_formats::stamp::{self, Stamp, StampError};
use serde::Serialize;

use super::{
    Input, Output, Session, StageError, Step, Subject, Tool, artifact_inputs, fields, for_each_app_target, programs,
    work_outputs,
};
use crate::artifact::ArtifactId;
use crate::release::Release;

/// The stage's name.
pub const NAME: &str = "stamp";

/// Stamps the binaries of one app for one target.
#[derive(Debug, Serialize)]
struct StampBinaries {
    #[serde(skip)]
    subject: Subject,
    binaries: Vec<ArtifactId>,
    stamp: Stamp,
}

/// One step an app and target.
pub fn plan(release: &Release) -> Vec<Box<dyn Step>> {
    for_each_app_target(release, |app, target| {
        let binaries = programs(app, target);
        (!binaries.is_empty()).then(|| StampBinaries {
            subject: Subject::of(app, target),
            binaries,
            stamp: release.stamp_of(app, target),
        })
    })
}

impl Step for StampBinaries {
    fn subject(&self) -> Subject {
        self.subject.clone()
    }

    fn inputs(&self) -> Vec<Input> {
        artifact_inputs(&self.binaries)
    }

    fn outputs(&self) -> Vec<Output> {
        work_outputs(&self.binaries)
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
        format!("version {} and commit {} go into the binary", self.stamp.version, self.stamp.git_hash)
    }

    fn run(&self, session: &mut Session<'_>) -> Result<(), StageError> {
        for binary in &self.binaries {
            let linked = session.input(binary)?;
            session.make(binary, |path| {
                fs::copy(&linked.path, path).map_err(StageError::file("copy", &linked.path))?;
                let mut file =
                    OpenOptions::new().read(true).write(true).open(path).map_err(StageError::file("open", path))?;
                match stamp::write_stamp(&mut file, &self.stamp) {
                    Ok(()) => Ok(true),
                    Err(StampError::NoSlot) => Ok(false),
                    Err(error) => Err(StageError::format("stamp", &linked.path)(error)),
                }
            })?;
        }
        Ok(())
    }
}
