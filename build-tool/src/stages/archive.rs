//! Binaries and documents → what users download, and split symbols → an
//! archive of their own. The bytes are `release-formats`' business.

use std::io::{BufWriter, Write};
use std::path::Path;

use release_formats::archive::{ArchiveError, ArchiveFormat, ArchiveOptions, Entry, write_archive};
use serde::Serialize;

use super::session::create;
use super::{
    Input, Output, Place, Session, StageError, Step, Subject, Tool, fields, for_each_app_target, path_in_archive,
    platforms, programs, symbols,
};
use crate::artifact::{ArtifactId, ArtifactKind};
use crate::release::{PackagedFile, Release};

/// The stage's name.
pub const NAME: &str = "archive";

/// Packs one archive.
#[derive(Debug, Serialize)]
struct Pack {
    #[serde(skip)]
    subject: Subject,
    archive: ArtifactId,
    folder: String,
    format: ArchiveFormat,
    contents: Vec<ArtifactId>,
    files: Vec<PackagedFile>,
    /// Seconds since 1970: the modification time of every entry.
    time: u64,
}

/// One archive an app and target, and one of debug symbols where they are split off.
pub fn plan(release: &Release) -> Vec<Box<dyn Step>> {
    let cells = release.apps.iter().flat_map(|app| platforms(release, app).map(move |platform| (app, platform)));
    let programs_and_documents = cells.map(|(app, target)| {
        let folder = app.full_name(target);
        let format = release.archive_format(app, target);
        let name = format!("{folder}.{}", format.extension());
        Box::new(Pack {
            subject: Subject::of(app, target),
            archive: ArtifactId::of(ArtifactKind::Archive, &app.name, target, name),
            folder,
            format,
            contents: app.products(target).collect(),
            files: app.files.clone(),
            time: release.epoch,
        }) as Box<dyn Step>
    });
    let debug_symbols = for_each_app_target(release, |app, target| {
        let contents: Vec<_> =
            programs(app, target).iter().map(|binary| symbols(binary, app.spec_of(target))).collect();
        let wanted = super::splits_symbols(release, app) && !contents.is_empty();
        wanted.then(|| {
            let folder = format!("{}-debug", app.full_name(target));
            let format = ArchiveFormat::TarGz;
            Pack {
                subject: Subject::of(app, target),
                archive: ArtifactId::of(
                    ArtifactKind::DebugArchive,
                    &app.name,
                    target,
                    format!("{folder}.{}", format.extension()),
                ),
                folder,
                format,
                contents,
                files: Vec::new(),
                time: release.epoch,
            }
        })
    });
    programs_and_documents.chain(debug_symbols).collect()
}

impl Step for Pack {
    fn subject(&self) -> Subject {
        self.subject.clone()
    }

    fn inputs(&self) -> Vec<Input> {
        let artifacts = self.contents.iter().cloned().map(Input::Artifact);
        artifacts.chain(self.files.iter().map(|file| Input::File(file.source.clone()))).collect()
    }

    fn outputs(&self) -> Vec<Output> {
        vec![Output { id: self.archive.clone(), place: Place::Dist }]
    }

    fn parameters(&self) -> serde_json::Value {
        fields(self)
    }

    fn tools(&self) -> Vec<Tool> {
        Vec::new()
    }

    fn describe(&self) -> String {
        format!("pack {}", self.archive.name)
    }

    fn why(&self) -> String {
        match self.archive.kind {
            ArtifactKind::DebugArchive => "split debug symbols are shipped apart".to_owned(),
            _ => format!("{} is what the target's archive is", self.format.extension()),
        }
    }

    fn run(&self, session: &mut Session<'_>) -> Result<(), StageError> {
        let session = &*session;
        let mut stamped = true;
        let mut entries = Vec::new();
        for id in &self.contents {
            let made = session.input(id)?;
            stamped &= made.stamped || !id.kind.is_program();
            entries.push(Entry {
                name: path_in_archive(id).into_bytes(),
                source: made.path,
                executable: id.kind.is_program(),
            });
        }
        entries.extend(self.files.iter().map(|file| Entry {
            name: archive_name(&file.destination),
            source: file.source.clone(),
            executable: file.executable,
        }));
        let spare = session.spare_threads();
        session.make(&self.archive, |path| {
            let options = ArchiveOptions {
                format: self.format,
                root: self.folder.clone(),
                mtime: self.time,
                level: None,
                threads: 1 + spare.len(),
            };
            let out = session.cancellable(BufWriter::new(create(path)?));
            let mut out = write_archive(out, &options, &entries).map_err(|error| archive_error(error, path))?;
            out.flush().map_err(StageError::file("write", path))?;
            Ok(stamped && self.contents.iter().any(|id| id.kind.is_program()))
        })
    }
}

/// A path as archives name it: `/` between its parts.
fn archive_name(path: &Path) -> Vec<u8> {
    let bytes = path.as_os_str().as_encoded_bytes().to_vec();
    if cfg!(windows) { bytes.into_iter().map(|byte| if byte == b'\\' { b'/' } else { byte }).collect() } else { bytes }
}

/// A full disk deserves its own advice, however deep in the archive writer it was met.
fn archive_error(error: ArchiveError, path: &Path) -> StageError {
    match error {
        ArchiveError::Write(source) => StageError::File { action: "write", path: path.to_owned(), source },
        other => StageError::Format { action: "pack", path: path.to_owned(), source: other.into() },
    }
}
