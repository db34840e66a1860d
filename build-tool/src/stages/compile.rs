//! One cargo call for every group of apps that may share one, with all of the
//! group's targets. cargo's JSON messages are read as they come, so an app's
//! later steps start the moment it is linked, while others still compile.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use cargo_metadata::{CrateType, Message, TargetKind};
use serde::Serialize;

use super::{Input, Output, Place, Session, StageError, Step, Subject, Tool, fields, linked};
use crate::artifact::{ArtifactId, ArtifactKind};
use crate::release::{Caller, CompileGroup, Release};
use crate::tool::Invocation;
use crate::toolchain::backends::cross;
use crate::toolchain::cargo_build::{self, StderrLine, Subject as What, stderr_line};
use crate::toolchain::{own_std, provision};

/// The stage's name.
pub const NAME: &str = "compile";

/// Compiles one group.
#[derive(Debug, Serialize)]
struct Compile {
    #[serde(skip)]
    subject: Subject,
    group: CompileGroup,
    #[serde(skip)]
    products: Vec<ArtifactId>,
    #[serde(skip)]
    tools: Vec<Tool>,
}

/// One step a group; none where finished binaries were given.
pub fn plan(release: &Release) -> Vec<Box<dyn Step>> {
    if release.imported.is_some() {
        return Vec::new();
    }
    release.groups.iter().map(|group| Box::new(compile(release, group)) as Box<dyn Step>).collect()
}

fn compile(release: &Release, group: &CompileGroup) -> Compile {
    let apps = || release.apps.iter().filter(|app| group.apps.contains(&app.name));
    Compile {
        subject: Subject {
            apps: group.apps.clone(),
            targets: group.targets.clone(),
            profile: Some(group.profile.clone()),
        },
        products: apps().flat_map(|app| group.targets.iter().flat_map(|target| linked(release, app, target))).collect(),
        group: group.clone(),
        tools: cargo_build::tools(release, group),
    }
}

impl Step for Compile {
    fn subject(&self) -> Subject {
        self.subject.clone()
    }

    fn inputs(&self) -> Vec<Input> {
        Vec::new() // the sources are cargo's business
    }

    fn outputs(&self) -> Vec<Output> {
        self.products.iter().map(|id| Output { id: id.clone(), place: Place::Work }).collect()
    }

    fn parameters(&self) -> serde_json::Value {
        fields(self)
    }

    fn tools(&self) -> Vec<Tool> {
        self.tools.clone()
    }

    fn describe(&self) -> String {
        format!("compile {} [{}]", self.subject.apps.join(", "), self.group.profile)
    }

    fn why(&self) -> String {
        self.group.why.clone()
    }

    fn always_runs(&self) -> bool {
        true
    }

    fn run(&self, session: &mut Session<'_>) -> Result<(), StageError> {
        let (release, toolchain, group) = (session.release, session.toolchain, &self.group);
        let tell = |line: &str| match &group.own_std {
            Some(own) => narrate(session, &own_std::as_written(release, own, line)),
            None => narrate(session, line),
        };
        let stream = |call: &Invocation, line: &mut dyn FnMut(&str)| session.stream(call, line, &mut |line| tell(line));
        let note = |text| session.note(text);
        let read = |invocation: &Invocation| session.read(invocation);
        let sysroot = provision::provide(release, toolchain, group, &note, &stream, &read)?;
        let invocation = cargo_build::invocation(release, toolchain, group, What::Products, sysroot.as_deref(), &read)?;
        let mut missing: BTreeSet<&ArtifactId> = self.products.iter().collect();
        let mut all_fresh = true;
        let mut delivered = Ok(());
        let messenger = &*session;
        let ran = messenger.stream(
            &invocation,
            &mut |line| {
                let Ok(Message::CompilerArtifact(artifact)) = serde_json::from_str(line) else { return };
                all_fresh &= artifact.fresh;
                for (id, file) in self.outputs_of(release, &artifact) {
                    missing.remove(id);
                    if delivered.is_ok() {
                        delivered = messenger.make_copy(id, &file);
                    }
                }
            },
            &mut |line| narrate(messenger, line),
        );
        delivered?;
        ran?;
        if !missing.is_empty() {
            let names = missing.iter().map(ToString::to_string).collect();
            return Err(StageError::NotBuilt { names, command: invocation.command_line() });
        }
        if all_fresh {
            session.nothing_changed();
        }
        Ok(())
    }
}

impl Compile {
    /// Which planned artifacts a message of cargo's is about, and the files that it names.
    fn outputs_of<'a>(
        &'a self,
        release: &Release,
        message: &'a cargo_metadata::Artifact,
    ) -> Vec<(&'a ArtifactId, PathBuf)> {
        let is_of = |id: &ArtifactId| {
            let app = release.apps.iter().find(|app| id.app.as_deref() == Some(&app.name));
            let package = app.map(|app| app.bundle_of(id).map_or(&app.package_id, |bundle| &bundle.package_id));
            package == Some(&message.package_id.repr)
        };
        let mut found = Vec::new();
        for file in message.filenames.iter().map(|file| file.as_std_path()) {
            let Some((kind, triple, inside)) = self.made(release, message, file) else { continue };
            let path = self.group.target_directory(&release.folders).join(inside);
            let is_it = |id: &&ArtifactId| {
                let name = file.file_name().and_then(|name| name.to_str());
                id.kind == kind && name == Some(&id.name) && id.target.as_deref() == Some(triple) && is_of(id)
            };
            // One library may be in several apps' bundles.
            found.extend(self.products.iter().filter(is_it).map(|id| (id, path.clone())));
        }
        found
    }

    /// What a file that cargo names is, for which target, and its path below the folder that cargo builds in.
    fn made<'a>(
        &'a self,
        release: &Release,
        message: &cargo_metadata::Artifact,
        file: &'a Path,
    ) -> Option<(ArtifactKind, &'a str, &'a Path)> {
        let triple = self.triple_of(release, file)?;
        let name = file.file_name()?.to_str()?;
        let kind = if name.ends_with(".pdb") {
            ArtifactKind::DebugSymbols
        } else if message.target.kind.contains(&TargetKind::Bin) {
            (message.executable.as_ref()?.as_std_path() == file).then_some(ArtifactKind::Binary)?
        } else {
            library_kind(&message.target.crate_types, name)?
        };
        Some((kind, triple, self.inside_target_folder(release, file)?))
    }

    /// A file's path below the folder that cargo builds in, which in cross's containers has another name.
    fn inside_target_folder<'p>(&self, release: &Release, file: &'p Path) -> Option<&'p Path> {
        let own = file.strip_prefix(self.group.target_directory(&release.folders)).ok();
        let in_container =
            || file.strip_prefix(cross::TARGET_FOLDER).ok().filter(|_| self.group.caller == Caller::Cross);
        own.or_else(in_container)
    }

    /// cargo puts a target's files into the target's own folder, wherever its target directory is.
    fn triple_of<'a>(&'a self, release: &Release, file: &Path) -> Option<&'a str> {
        let inside = self.inside_target_folder(release, file)?;
        let first = inside.components().next()?.as_os_str().to_str()?;
        self.group.targets.iter().map(String::as_str).find(|target| release.spec_of(target) == first)
    }
}

/// Hands on what a line of cargo's standard error says.
fn narrate(session: &Session<'_>, line: &str) {
    match stderr_line(line) {
        StderrLine::Progress { done, total, current } => session.units(done, total, current),
        StderrLine::Waiting(text) => session.note(text),
        StderrLine::Status => {}
        StderrLine::Diagnostic => session.tool_output(line),
    }
}

fn library_kind(crate_types: &[CrateType], name: &str) -> Option<ArtifactKind> {
    let is_static = name.ends_with(".a") || name.ends_with(".lib");
    let is_dynamic = name.ends_with(".so") || name.ends_with(".dylib") || name.ends_with(".dll");
    if is_dynamic && crate_types.contains(&CrateType::CDyLib) {
        Some(ArtifactKind::Cdylib)
    } else if is_static && crate_types.contains(&CrateType::StaticLib) {
        Some(ArtifactKind::Staticlib)
    } else {
        None
    }
}
