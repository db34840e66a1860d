//! `release.json`: the whole release as data, for `verify`, for programs that
//! install or update, and for the next tool. It holds nothing that differs
//! from machine to machine.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Input, Output, Place, Session, Signature, StageError, Step, Subject, Tool, fields, platforms, signature};
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
    /// The version of zig, where it compiled or linked for one of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zig: Option<String>,
    /// Where each target's standard library came from: `prebuilt`, `source`, or `own` for one of the workspace.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub standard_libraries: BTreeMap<String, String>,
    /// The targets with names of their own: what rustc compiles for.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub specs: BTreeMap<String, String>,
    /// The universal platforms: which targets each is fused of.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub universal: BTreeMap<String, Vec<String>>,
    /// The choices of the command line that change bytes: `verify --rebuild` repeats them.
    pub build: BuildChoices,
    /// The finished programs and libraries that the artifacts hold, by app, target and name.
    pub programs: Vec<DescribedProgram>,
    /// Everything shipped, by name; this file and the checksums do not list themselves.
    pub artifacts: Vec<DescribedArtifact>,
}

impl Description {
    /// What rustc compiled for where the release says `target`; of a universal platform, `universal-` and the system.
    pub fn spec_of(&self, target: &str) -> String {
        let spec = |target: &str| self.specs.get(target).map_or(target, String::as_str).to_owned();
        let slice = self.universal.get(target).and_then(|slices| slices.first()).map(|slice| spec(slice));
        match slice.as_deref().and_then(|slice| slice.split_once('-')) {
            Some((_, system)) => format!("universal-{system}"),
            None => spec(target),
        }
    }
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
    /// What stands behind its own signature; none where it has none. What signs the programs in it is said there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<Signature>,
}

/// Writes the document.
#[derive(Debug, Serialize)]
struct Describe {
    file: ArtifactId,
    programs: Vec<(ArtifactId, Option<Signature>)>,
    /// The installers that a key or certificate signs.
    signed: BTreeSet<String>,
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
        zig: release.zig.clone(),
        standard_libraries: release.standard_libraries(),
        specs: release.specs(),
        universal: universal(release),
        build: release.choices.clone(),
        programs: Vec::new(),
        artifacts: Vec::new(),
    };
    let programs = release
        .apps
        .iter()
        .flat_map(|app| platforms(release, app).map(move |platform| (app, platform)))
        .flat_map(|(app, platform)| {
            let signature = signature(release, app, platform);
            app.products(platform).map(move |id| {
                let signature = signature.filter(|_| id.kind.is_program());
                (id, signature)
            })
        })
        .collect();
    let signed = release.installers.iter().filter(|installer| installer.has_identity());
    let signed = signed.map(|installer| installer.file.clone()).collect();
    let file = ArtifactId::whole(ArtifactKind::ReleaseDescription, FILE);
    vec![Box::new(Describe { file, programs, signed, description })]
}

fn universal(release: &Release) -> BTreeMap<String, Vec<String>> {
    let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for app in &release.apps {
        for platform in platforms(release, app) {
            if let Some(slices) = app.universal.get(platform) {
                all.entry(platform.clone()).or_default().extend(slices.iter().cloned());
            }
        }
    }
    all.into_iter().map(|(platform, slices)| (platform, slices.into_iter().collect())).collect()
}

impl Step for Describe {
    fn subject(&self) -> Subject {
        Subject::default()
    }

    fn inputs(&self) -> Vec<Input> {
        let programs = self.programs.iter().map(|(id, _)| Input::Artifact(id.clone()));
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
        for (id, signature) in &self.programs {
            let program = DescribedProgram::of(id, session.input(id)?);
            description.programs.push(DescribedProgram { signature: *signature, ..program });
        }
        description.artifacts = session
            .shipped()
            .into_iter()
            .map(|(id, made)| DescribedArtifact {
                signature: self.signed.contains(&id.name).then_some(Signature::Identity),
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
