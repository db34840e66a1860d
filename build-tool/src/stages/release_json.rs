//! `release.json`: the whole release as data, for `verify`, for programs that
//! install or update, and for the next tool. It holds nothing that differs
//! from machine to machine.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Input, Output, Place, Session, StageError, Step, Subject, Tool, fields};
use crate::artifact::{ArtifactId, ArtifactKind};
use crate::description::{DescribedApp, DescribedProgram};
use crate::git::GitState;
use crate::release::{BuildChoices, Release};

/// The stage's name.
pub const NAME: &str = "release-json";
/// The file's name.
pub const FILE: &str = "release.json";
/// The version of the document's form. Fields are added without a new number;
/// a field that goes or changes its meaning takes one.
pub const SCHEMA: u32 = 1;

/// The document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Description {
    /// The version of this form.
    pub schema: u32,
    /// The apps, by name.
    pub apps: Vec<DescribedApp>,
    /// The tree that was released.
    pub git: GitState,
    /// Seconds since 1970 that stand for every time in the release.
    pub source_date_epoch: u64,
    /// The compiler's version, as `rustc --version` says it.
    pub rustc: String,
    /// How each target was compiled and linked.
    pub backends: BTreeMap<String, String>,
    /// The choices of the command line that change bytes: `verify --rebuild` repeats them.
    pub build: BuildChoices,
    /// The finished programs and libraries that the artifacts hold, by app, target and name.
    pub programs: Vec<DescribedProgram>,
    /// Everything shipped, by name; this file and the checksums do not list themselves.
    pub artifacts: Vec<DescribedArtifact>,
}

/// One artifact of the document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DescribedArtifact {
    /// The file's name in the dist folder.
    pub name: String,
    /// What it is.
    pub kind: ArtifactKind,
    /// The app.
    pub app: Option<String>,
    /// The target's triple.
    pub target: Option<String>,
    /// Bytes.
    pub size: u64,
    /// SHA-256, lower-case hexadecimal.
    pub sha256: String,
    /// Whether every program in it carries its version and git metadata.
    pub stamped: bool,
}

/// Writes the document.
#[derive(Debug, Serialize)]
struct Describe {
    file: ArtifactId,
    programs: Vec<ArtifactId>,
    description: Description,
}

/// One step for the whole release.
pub fn plan(release: &Release) -> Vec<Box<dyn Step>> {
    let description = Description {
        schema: SCHEMA,
        apps: release.apps.iter().map(DescribedApp::of).collect(),
        git: release.git.clone(),
        source_date_epoch: release.epoch,
        rustc: release.rustc.version.clone(),
        backends: release.backends(),
        build: release.choices.clone(),
        programs: Vec::new(),
        artifacts: Vec::new(),
    };
    let programs =
        release.apps.iter().flat_map(|app| app.targets.iter().flat_map(|target| app.products(target))).collect();
    vec![Box::new(Describe { file: ArtifactId::whole(ArtifactKind::ReleaseDescription, FILE), programs, description })]
}

impl Step for Describe {
    fn subject(&self) -> Subject {
        Subject::default()
    }

    fn inputs(&self) -> Vec<Input> {
        let programs = self.programs.iter().cloned().map(Input::Artifact);
        programs.chain([Input::Shipped]).collect()
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
        "write release.json".to_owned()
    }

    fn why(&self) -> String {
        "programs read what the release holds".to_owned()
    }

    fn run(&self, session: &mut Session<'_>) -> Result<(), StageError> {
        let mut description = self.description.clone();
        for id in &self.programs {
            description.programs.push(DescribedProgram::of(id, session.input(id)?));
        }
        description.artifacts = session
            .shipped()
            .into_iter()
            .map(|(id, made)| DescribedArtifact {
                name: id.name,
                kind: id.kind,
                app: id.app,
                target: id.target,
                size: made.size,
                sha256: made.sha256,
                stamped: made.stamped,
            })
            .collect();
        let text = serde_json::to_string_pretty(&description).map_err(StageError::format("write", FILE))?;
        session.make_text(&self.file, &(text + "\n"))
    }
}
