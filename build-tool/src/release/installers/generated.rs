//! What the app itself prints for its installers: which of its programs can run here, and what each run makes.

use std::collections::BTreeMap;

use located::nearest;
use serde::Serialize;

use super::{Contents, Findings, Installer, Sources};
use crate::artifact::{ArtifactId, ArtifactKind};
use crate::manifest::package::{FOLDER, GeneratedEntry};
use crate::release::error::Problem;
use crate::release::{App, Runner, Target};

/// One run of a finished program, and the files that it prints or writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Generation {
    /// The app.
    pub app: String,
    /// The target whose program runs.
    pub target: String,
    /// The program.
    pub program: ArtifactId,
    /// Its arguments; [`FOLDER`] in one of them stands for the folder that it writes to.
    pub arguments: Vec<String>,
    /// What it makes, and the file's name where it writes to a folder.
    pub files: Vec<(ArtifactId, String)>,
}

impl Generation {
    /// Whether it writes files to a folder, and does not print one.
    pub fn writes_to_folder(&self) -> bool {
        self.arguments.iter().any(|argument| argument.contains(FOLDER))
    }
}

/// The target of an app whose programs run here best: this machine's own, then others that need nobody's help.
pub(super) fn printer(app: &App, host: &str, targets: &BTreeMap<String, Target>) -> Option<String> {
    let rank = |triple: &&String| match &targets.get(*triple)?.runner {
        _ if *triple == host => Some(0),
        Runner::Natively => Some(1),
        Runner::Behind(_) | Runner::Wine(_) => Some(2),
        Runner::Nowhere(_) => None,
    };
    app.targets.iter().filter_map(|triple| Some((rank(&triple)?, triple))).min().map(|(_, triple)| triple.clone())
}

/// The artifact that a printed file is.
pub(super) fn file(app: &App, target: &str, name: &str) -> ArtifactId {
    ArtifactId::of(ArtifactKind::Generated, &app.name, target, format!("generated/{}/{name}", app.name))
}

/// The runs that the installers need.
pub(super) fn resolve(
    sources: &Sources<'_>,
    installers: &[Installer],
    targets: &BTreeMap<String, Target>,
    findings: &mut Findings,
) -> Vec<Generation> {
    let (app, host) = (sources.app, &sources.inputs.rustc.host);
    let entries = sources.manifest.and_then(|manifest| manifest.generated.as_deref()).unwrap_or_default();
    let is_needed = |entry: &GeneratedEntry, triple: &str| {
        let needs = |contents: &Contents, name: &str| *contents == Contents::Artifact(file(app, triple, name));
        let mut nodes = installers.iter().flat_map(|installer| &installer.nodes);
        nodes.any(|node| entry.files.iter().any(|name| needs(&node.contents, name)))
    };
    let printer = printer(app, host, targets);
    let mut all = Vec::new();
    for entry in entries {
        // Nodes of it stand for a program of this machine where none can run.
        if !is_needed(entry, printer.as_deref().unwrap_or(host)) {
            continue;
        }
        let Some(target) = &printer else {
            let why = |triple: &String| Some(format!("{triple}: {}", targets.get(triple)?.runner.describe()));
            let reasons = app.targets.iter().filter_map(why).collect();
            let problem = Problem::NothingRuns { app: app.name.clone(), host: host.clone(), reasons };
            findings.problem(problem, Some(entry.place()), "needs one of its programs");
            continue;
        };
        let Some((program, arguments)) = entry.command.split_first() else { continue };
        if !app.binaries.contains(program) {
            let problem = Problem::UnknownProgram {
                app: app.name.clone(),
                name: program.to_string(),
                nearest: nearest(program, app.binaries.iter().map(String::as_str)).map(str::to_owned),
                known: app.binaries.clone(),
            };
            findings.problem(problem, Some(program.place()), "no such program");
            continue;
        }
        all.push(Generation {
            app: app.name.clone(),
            target: target.clone(),
            program: app.program(program, target),
            arguments: arguments.iter().map(|argument| argument.to_string()).collect(),
            files: entry.files.iter().map(|name| (file(app, target, name), name.to_string())).collect(),
        });
    }
    all
}
