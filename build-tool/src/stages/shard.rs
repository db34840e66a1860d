//! In place of packing: the finished binaries of some targets and what the
//! ledger says of them, in one file, for `merge` on another machine.

use std::io::{BufWriter, Write};

use release_formats::archive::{ArchiveOptions, Entry, write_archive};
use serde::Serialize;

use super::session::create;
use super::{Input, Output, Place, Session, StageError, Step, Subject, Tool, fields};
use crate::artifact::{ArtifactId, ArtifactKind};
use crate::description::{DescribedApp, DescribedProgram};
use crate::release::Release;
use crate::shard::{DESCRIPTION, FORMAT, SCHEMA, ShardDescription, file_name, path_of};

/// The stage's name.
pub const NAME: &str = "shard";

/// Fast: what is in it is packed again, and better, by whoever merges it.
const LEVEL: u32 = 1;

/// Packs the shard.
#[derive(Debug, Serialize)]
struct PackShard {
    #[serde(skip)]
    subject: Subject,
    file: ArtifactId,
    description: ShardDescription,
}

/// One step for everything that this machine makes.
pub fn plan(release: &Release) -> Vec<Box<dyn Step>> {
    let description = ShardDescription {
        schema: SCHEMA,
        tool: env!("CARGO_PKG_VERSION").to_owned(),
        apps: release.apps.iter().map(DescribedApp::of).collect(),
        git: release.git.clone(),
        source_date_epoch: release.epoch,
        rustc: release.rustc.version.clone(),
        backends: release.backends(),
        zig: release.zig.clone(),
        standard_libraries: release.standard_libraries(),
        build: release.choices.clone(),
        files: Vec::new(),
    };
    let subject = Subject {
        apps: release.apps.iter().map(|app| app.name.clone()).collect(),
        targets: release.targets.keys().cloned().collect(),
        profile: None,
    };
    let name = file_name(&subject.targets);
    vec![Box::new(PackShard { subject, file: ArtifactId::whole(ArtifactKind::Shard, &name), description })]
}

impl Step for PackShard {
    fn subject(&self) -> Subject {
        self.subject.clone()
    }

    fn inputs(&self) -> Vec<Input> {
        vec![Input::Finished]
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
        format!("pack {}", self.file.name)
    }

    fn why(&self) -> String {
        "--shard: `build-tool merge` makes the release of it and of the others".to_owned()
    }

    fn run(&self, session: &mut Session<'_>) -> Result<(), StageError> {
        let session = &*session;
        let mut description = self.description.clone();
        let mut entries = Vec::new();
        for (id, made) in session.inputs() {
            let (source, executable) = (made.path.clone(), id.kind.is_program());
            let file = DescribedProgram::of(&id, made);
            entries.push(Entry { name: path_of(&file).into_bytes(), source, executable });
            description.files.push(file);
        }
        let mut text = tempfile::NamedTempFile::new().map_err(StageError::file("create", DESCRIPTION))?;
        serde_json::to_writer_pretty(&mut text, &description).map_err(StageError::format("write", text.path()))?;
        entries.push(Entry { name: DESCRIPTION.into(), source: text.path().to_owned(), executable: false });
        session.make(&self.file, |path| {
            let options = ArchiveOptions {
                format: FORMAT,
                root: String::new(),
                mtime: self.description.source_date_epoch,
                level: Some(LEVEL),
                threads: 1,
            };
            let out = write_archive(BufWriter::new(create(path)?), &options, &entries);
            let mut out = out.map_err(StageError::format("pack", path))?;
            out.flush().map_err(StageError::file("write", path))?;
            Ok(false)
        })
    }
}
