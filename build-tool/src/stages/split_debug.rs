//! Debug information → a file of its own. ELF and MinGW binaries get a link to it
//! (`.gnu_debuglink`; the build ID leads there, too), Mach-O binaries know theirs by
//! their UUID. Microsoft's linkers split it off themselves: there is no step.

use std::fs::{self, File};
use std::path::Path;

use release_formats::macho::MachO;

use serde::Serialize;

use super::{
    Input, Output, Place, Session, StageError, Step, Subject, Tool, artifact_inputs, fields, for_each_app_target,
    has_pdb, programs, symbols,
};
use crate::artifact::ArtifactId;
use crate::release::Release;

/// The stage's name.
pub const NAME: &str = "split-debug";

/// Splits the binaries of one app for one target.
#[derive(Debug, Serialize)]
struct SplitDebug {
    #[serde(skip)]
    subject: Subject,
    binaries: Vec<ArtifactId>,
    #[serde(skip)]
    is_mach_o: bool,
    #[serde(skip)]
    spec: String,
}

/// One step an app and target, where the profile asks for it.
pub fn plan(release: &Release) -> Vec<Box<dyn Step>> {
    for_each_app_target(release, |app, target| {
        let binaries = programs(app, target);
        let spec = app.spec_of(target).to_owned();
        let is_mach_o = spec.contains("-apple-");
        (release.profile_of(app).split_debug && !binaries.is_empty() && !has_pdb(&spec)).then(|| SplitDebug {
            subject: Subject::of(app, target),
            binaries,
            is_mach_o,
            spec,
        })
    })
}

impl Step for SplitDebug {
    fn subject(&self) -> Subject {
        self.subject.clone()
    }

    fn inputs(&self) -> Vec<Input> {
        artifact_inputs(&self.binaries)
    }

    fn outputs(&self) -> Vec<Output> {
        let changed = |binary: &ArtifactId| (!self.is_mach_o).then(|| binary.clone());
        let both =
            |binary: &ArtifactId| changed(binary).into_iter().chain([symbols(binary, &self.spec)]).collect::<Vec<_>>();
        self.binaries.iter().flat_map(both).map(|id| Output { id, place: Place::Work }).collect()
    }

    fn parameters(&self) -> serde_json::Value {
        fields(self)
    }

    fn tools(&self) -> Vec<Tool> {
        vec![if self.is_mach_o { Tool::Dsymutil } else { Tool::Objcopy }]
    }

    fn describe(&self) -> String {
        format!("split debug symbols of {}", self.subject.apps.join(", "))
    }

    fn why(&self) -> String {
        format!("profile {} says split-debug = true", self.subject.profile.as_deref().unwrap_or_default())
    }

    fn run(&self, session: &mut Session<'_>) -> Result<(), StageError> {
        let session = &*session;
        for binary in &self.binaries {
            let linked = session.input(binary)?;
            if self.is_mach_o {
                session.make(&symbols(binary, &self.spec), |path| {
                    split_mach_o(&linked.path, path, session).map(|()| false)
                })?;
                continue;
            }
            // The link names the symbols' file, so objcopy has to see it under its final name.
            let folder =
                tempfile::tempdir().map_err(StageError::file("create a temporary folder for", &linked.path))?;
            let named = folder.path().join(symbols(binary, &self.spec).name);
            let keep = session.toolchain.objcopy("split debug symbols").arg("--only-keep-debug");
            session.read(&keep.arg(&linked.path).arg(&named))?;
            session.make(binary, |path| {
                let mut link = std::ffi::OsString::from("--add-gnu-debuglink=");
                link.push(&named);
                let objcopy = session.toolchain.objcopy("link a binary to its debug symbols").arg(link);
                session.read(&objcopy.arg(&linked.path).arg(path))?;
                Ok(false)
            })?;
            session.make(&symbols(binary, &self.spec), |path| {
                std::fs::copy(&named, path).map(|_| false).map_err(StageError::file("write", path))
            })?;
        }
        Ok(())
    }
}

/// The linker leaves debug information in the object files and a map to them in the binary; dsymutil gathers it.
/// Without it, or without those files, the binary as it was linked still has the names.
fn split_mach_o(linked: &Path, out: &Path, session: &Session<'_>) -> Result<(), StageError> {
    if session.toolchain.dsymutil.is_some() {
        let call = session.toolchain.program(Tool::Dsymutil, "gather debug information");
        session.read(&call.args(["--flat", "--quiet", "-o"]).arg(out).arg(linked))?;
        if has_debug_information(out)? {
            return Ok(());
        }
    }
    session.note(format!("{}: its symbols are those of the unstripped binary, without lines", linked.display()));
    fs::copy(linked, out).map(drop).map_err(StageError::file("copy", linked))
}

fn has_debug_information(path: &Path) -> Result<bool, StageError> {
    let Ok(mut file) = File::open(path) else { return Ok(false) };
    let read = MachO::read(&mut file).map_err(StageError::format("read", path))?;
    Ok(read.section("__DWARF", "__debug_info").is_some_and(|section| section.size != 0))
}
