//! In place of compile: takes binaries that were built elsewhere, so that what
//! was tested is what is packaged. They come from a folder and are then treated
//! like what cargo links, or from shards, which hold them finished.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use release_formats::checksums::Sha256Writer;
use release_formats::read_archive::ReadError;
use serde::Serialize;

use super::session::create;
use super::{
    Input, Output, Session, StageError, Step, Subject, Tool, fields, for_each_app_target, linked, work_outputs,
};
use crate::artifact::ArtifactId;
use crate::description::DescribedProgram;
use crate::release::{Imported, ImportedShard, Release};
use crate::shard;

/// The stage's name.
pub const NAME: &str = "import";

/// Takes binaries.
#[derive(Debug, Serialize)]
struct Import {
    #[serde(skip)]
    subject: Subject,
    artifacts: Vec<ArtifactId>,
    #[serde(skip)]
    source: Source,
}

/// Where an import finds its artifacts.
#[derive(Debug)]
enum Source {
    /// Each is a file, in the artifacts' order.
    Files(Vec<PathBuf>),
    /// They are in a shard, each as described there, in the artifacts' order.
    Shard(PathBuf, Vec<DescribedProgram>),
}

/// Where binaries come from elsewhere: one step an app and target of a folder, one a shard and profile.
pub fn plan(release: &Release) -> Vec<Box<dyn Step>> {
    match &release.imported {
        None => Vec::new(),
        Some(Imported::Folder(folder)) => for_each_app_target(release, |app, target| {
            let artifacts = linked(release, app, target);
            let files = artifacts.iter().map(|id| folder.join(target).join(&id.name)).collect();
            Some(Import { subject: Subject::of(app, target), artifacts, source: Source::Files(files) })
        }),
        Some(Imported::Shards(shards)) => {
            let steps = shards.shards.iter().flat_map(|shard| imports_of(release, shard));
            steps.map(|step| Box::new(step) as Box<dyn Step>).collect()
        }
    }
}

/// A step has one profile, by which its outputs find their folder.
fn imports_of(release: &Release, shard: &ImportedShard) -> Vec<Import> {
    let mut by_profile: BTreeMap<&str, Vec<DescribedProgram>> = BTreeMap::new();
    for file in &shard.files {
        if let Some(app) = release.apps.iter().find(|app| app.name == file.app) {
            by_profile.entry(&app.profile).or_default().push(file.clone());
        }
    }
    let sorted = |names: BTreeSet<&String>| names.into_iter().cloned().collect::<Vec<_>>();
    let step = |(profile, files): (&str, Vec<DescribedProgram>)| Import {
        subject: Subject {
            apps: sorted(files.iter().map(|file| &file.app).collect()),
            targets: sorted(files.iter().map(|file| &file.target).collect()),
            profile: Some(profile.to_owned()),
        },
        artifacts: files.iter().map(DescribedProgram::id).collect(),
        source: Source::Shard(shard.path.clone(), files),
    };
    by_profile.into_iter().map(step).collect()
}

impl Step for Import {
    fn subject(&self) -> Subject {
        self.subject.clone()
    }

    fn inputs(&self) -> Vec<Input> {
        match &self.source {
            Source::Files(files) => files.iter().cloned().map(Input::File).collect(),
            Source::Shard(shard, _) => vec![Input::File(shard.clone())],
        }
    }

    fn outputs(&self) -> Vec<Output> {
        work_outputs(&self.artifacts)
    }

    fn parameters(&self) -> serde_json::Value {
        fields(self)
    }

    fn tools(&self) -> Vec<Tool> {
        Vec::new()
    }

    fn describe(&self) -> String {
        let apps = self.subject.apps.join(", ");
        match &self.source {
            Source::Files(_) => format!("take {apps} prebuilt"),
            Source::Shard(shard, _) => format!("take {apps} from {}", name_of(shard)),
        }
    }

    fn why(&self) -> String {
        match &self.source {
            Source::Files(_) => "--prebuilt names the folder of finished binaries".to_owned(),
            Source::Shard(..) => "the shard holds them finished".to_owned(),
        }
    }

    fn run(&self, session: &mut Session<'_>) -> Result<(), StageError> {
        match &self.source {
            Source::Files(files) => {
                self.artifacts.iter().zip(files).try_for_each(|(id, file)| session.make_copy(id, file))
            }
            Source::Shard(shard, files) => take_from_shard(session, shard, files),
        }
    }
}

fn name_of(shard: &Path) -> String {
    shard.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Why the taking of files from a shard ends.
enum Stop {
    Stage(StageError),
    Archive(ReadError),
}

impl From<ReadError> for Stop {
    fn from(error: ReadError) -> Self {
        Self::Archive(error)
    }
}

/// The shard was checked before the run; whether it has changed since is seen by the same sums.
fn take_from_shard(session: &Session<'_>, shard: &Path, files: &[DescribedProgram]) -> Result<(), StageError> {
    let changed =
        || StageError::file("take binaries from", shard)(io::Error::other("it has changed since it was checked"));
    let mut wanted: BTreeMap<String, &DescribedProgram> =
        files.iter().map(|file| (shard::path_of(file), file)).collect();
    let walked = shard::walk(shard, |name, _, content| match wanted.remove(name) {
        Some(file) => take(session, file, content, &changed).map_err(Stop::Stage),
        None => Ok(()),
    });
    match walked {
        Ok(()) if wanted.is_empty() => Ok(()),
        Ok(()) => Err(changed()),
        Err(Stop::Stage(error)) => Err(error),
        Err(Stop::Archive(error)) => Err(StageError::format("read", shard)(error)),
    }
}

fn take(
    session: &Session<'_>,
    file: &DescribedProgram,
    content: &mut dyn Read,
    changed: &dyn Fn() -> StageError,
) -> Result<(), StageError> {
    session.make(&file.id(), |path| {
        session.check_cancelled().map_err(StageError::file("write", path))?;
        let mut out = Sha256Writer::new(create(path)?);
        io::copy(content, &mut out).map_err(StageError::file("write", path))?;
        let (_, sum, _) = out.finish();
        if sum.to_string() == file.sha256 { Ok(file.stamped) } else { Err(changed()) }
    })
}
