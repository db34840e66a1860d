//! What the stages of all formats of installers have in common: the shape of their steps, and what is installed as
//! the writers take it. No stage of its own.

use std::fmt::Debug;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use release_formats::compress::Codec;
use release_formats::deb::documents::compressed;
use release_formats::elf_needs::{ElfNeeds, elf_needs};
use release_formats::payload::{Content, Mark, Node, NodeKind, Payload};
use serde::Serialize;

use super::{Input, Output, Place, Session, StageError, Step, Subject, Tool, fields};
use crate::artifact::{ArtifactId, ArtifactKind, Made};
use crate::manifest::package::{Compression, FileKind};
use crate::manifest::target::Installer as Format;
use crate::release::{Contents, Details, InstalledNode, Installer, Release};

/// Makes one installer; `D` is what only its format knows.
#[derive(Debug, Serialize)]
pub(crate) struct Make<D: 'static> {
    #[serde(skip)]
    subject: Subject,
    artifact: ArtifactId,
    /// What it holds and says.
    pub(crate) installer: Installer,
    /// What only its format knows.
    #[serde(skip)]
    pub(crate) details: D,
    /// Seconds since 1970: the time of everything in it.
    pub(crate) time: u64,
    #[serde(skip)]
    format: Maker<D>,
}

/// What a format's stage adds to the common shape.
#[derive(Debug)]
pub(crate) struct Maker<D: 'static> {
    /// What is the format's own.
    pub(crate) details: fn(&Details) -> Option<&D>,
    /// The programs that a step starts.
    pub(crate) tools: fn(&D) -> Vec<Tool>,
    /// The files that it reads besides what is installed.
    pub(crate) files: fn(&D) -> Vec<PathBuf>,
    /// Writes the file.
    pub(crate) write: fn(&Make<D>, &Session<'_>, &Path) -> Result<(), StageError>,
}

impl<D> Clone for Maker<D> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<D> Copy for Maker<D> {}

/// What the details of any format have to be.
pub(crate) trait Plain: Clone + Serialize + Debug + Send + Sync + 'static {}

impl<D: Clone + Serialize + Debug + Send + Sync + 'static> Plain for D {}

/// The steps for one format.
pub(crate) fn steps<D: Plain>(release: &Release, maker: Maker<D>) -> Vec<Box<dyn Step>> {
    let step = |installer: &Installer| {
        let details = (maker.details)(&installer.details)?.clone();
        let app = release.apps.iter().find(|app| app.name == installer.app)?;
        let kind = kind(installer.format, installer.debug);
        Some(Box::new(Make {
            subject: Subject::of(app, &installer.platform),
            artifact: ArtifactId::of(kind, &app.name, &installer.platform, installer.file.clone()),
            installer: installer.clone(),
            details,
            time: release.epoch,
            format: maker,
        }) as Box<dyn Step>)
    };
    release.installers.iter().filter_map(step).collect()
}

/// The kind of artifact that an installer is.
fn kind(format: Format, debug: bool) -> ArtifactKind {
    match (format, debug) {
        (Format::Deb, true) => ArtifactKind::DebugDeb,
        (Format::Deb, false) => ArtifactKind::Deb,
        (Format::Rpm, true) => ArtifactKind::DebugRpm,
        (Format::Rpm, false) => ArtifactKind::Rpm,
        (Format::Apk, _) => ArtifactKind::Apk,
        (Format::Msi, _) => ArtifactKind::Msi,
        (Format::Pkg, _) => ArtifactKind::Pkg,
        (Format::Dmg, _) => ArtifactKind::Dmg,
    }
}

impl<D: Plain> Step for Make<D> {
    fn subject(&self) -> Subject {
        self.subject.clone()
    }

    fn inputs(&self) -> Vec<Input> {
        let of = |contents: &Contents| match contents {
            Contents::Artifact(id) => vec![Input::Artifact(id.clone())],
            Contents::File(path) => vec![Input::File(path.clone())],
            Contents::Copyright(texts) => texts.iter().cloned().map(Input::File).collect(),
            Contents::Directory | Contents::Symlink(_) | Contents::Changelog => Vec::new(),
        };
        let scripts = &self.installer.scripts;
        let scripts = [&scripts.pre_install, &scripts.post_install, &scripts.pre_remove, &scripts.post_remove];
        let scripts = scripts.into_iter().flatten().cloned();
        let files = scripts.chain((self.format.files)(&self.details)).map(Input::File);
        self.installer.nodes.iter().flat_map(|node| of(&node.contents)).chain(files).collect()
    }

    fn outputs(&self) -> Vec<Output> {
        vec![Output { id: self.artifact.clone(), place: Place::Dist }]
    }

    fn parameters(&self) -> serde_json::Value {
        fields(self)
    }

    fn tools(&self) -> Vec<Tool> {
        (self.format.tools)(&self.details)
    }

    fn describe(&self) -> String {
        format!("pack {}", self.artifact.name)
    }

    fn why(&self) -> String {
        if self.installer.debug {
            return "split debug symbols are shipped apart".to_owned();
        }
        format!("{} is among the installers for {}", self.installer.format, self.installer.platform)
    }

    fn run(&self, session: &mut Session<'_>) -> Result<(), StageError> {
        let session = &*session;
        if self.installer.identity.is_orphan() && !self.installer.debug {
            session.note(format!(
                "{} names nobody to write to: say `maintainer = \"Name <mail>\"` in the app's package manifest, or give \
                 an author in Cargo.toml a mail",
                self.artifact.name
            ));
        }
        let stamped = self.programs(session)?;
        let stamped = !self.installer.debug && !stamped.is_empty() && stamped.iter().all(|(_, made)| made.stamped);
        session.make(&self.artifact, |path| (self.format.write)(self, session, path).map(|()| stamped))
    }
}

impl<D> Make<D> {
    /// The finished programs and libraries in it.
    pub(crate) fn programs(&self, session: &Session<'_>) -> Result<Vec<(ArtifactId, Made)>, StageError> {
        let artifacts = self.installer.nodes.iter().filter_map(|node| match &node.contents {
            Contents::Artifact(id) if id.kind.is_program() => Some(id),
            _ => None,
        });
        artifacts.map(|id| Ok((id.clone(), session.input(id)?))).collect()
    }

    /// What its programs and libraries need of a Linux system.
    pub(crate) fn needs(&self, session: &Session<'_>) -> Result<Vec<ElfNeeds>, StageError> {
        let of = |(_, made): (ArtifactId, Made)| {
            let file = File::open(&made.path).map_err(StageError::file("open", &made.path))?;
            elf_needs(file).map_err(StageError::format("read what it needs of", &made.path))
        };
        self.programs(session)?.into_iter().map(of).collect()
    }

    /// An error of its content, where the writer names no file.
    pub(crate) fn wrong<E: std::error::Error + Send + Sync + 'static>(
        &self,
    ) -> impl FnOnce(E) -> StageError + use<'_, D, E> {
        StageError::format("pack", &self.artifact.name)
    }

    /// What is installed, as writers take it.
    pub(crate) fn payload(&self, session: &Session<'_>) -> Result<Payload, StageError> {
        // Only Debian's packages have documents that are made on the way.
        self.payload_with(session, |_| {
            Err(StageError::file("make a document of", &self.artifact.name)(io::ErrorKind::Unsupported.into()))
        })
    }

    /// The same; `made` gives what only this format has.
    pub(crate) fn payload_with(
        &self,
        session: &Session<'_>,
        made: impl Fn(&Contents) -> Result<Content, StageError>,
    ) -> Result<Payload, StageError> {
        let node = |node: &InstalledNode| -> Result<Node, StageError> {
            let kind = match &node.contents {
                Contents::Artifact(id) => NodeKind::File(content(session.input(id)?.path, node)?),
                Contents::File(path) => NodeKind::File(content(path.clone(), node)?),
                Contents::Directory => NodeKind::Directory,
                Contents::Symlink(target) => NodeKind::Symlink(target.clone()),
                own @ (Contents::Copyright(_) | Contents::Changelog) => NodeKind::File(made(own)?),
            };
            let (path, owner, group) = (node.path.clone(), node.owner.clone(), node.group.clone());
            Ok(Node { path, kind, mode: node.mode, owner, group, mark: mark(node.kind) })
        };
        let nodes = self.installer.nodes.iter().map(node).collect::<Result<Vec<_>, _>>()?;
        Payload::new(nodes).map_err(self.wrong())
    }
}

/// A file as it is, or compressed on the way: documents and man pages, which are small.
fn content(path: PathBuf, node: &InstalledNode) -> Result<Content, StageError> {
    if !node.compressed {
        return Ok(Content::File(path));
    }
    let text = fs::read(&path).map_err(StageError::file("read", &path))?;
    compressed(&text).map_err(StageError::file("compress", &path))
}

fn mark(kind: FileKind) -> Mark {
    match kind {
        FileKind::Config => Mark::Config,
        FileKind::ConfigNoReplace => Mark::ConfigNoReplace,
        FileKind::Doc | FileKind::Man => Mark::Documentation,
        FileKind::Licence => Mark::Licence,
        _ => Mark::None,
    }
}

/// A full disk deserves its own advice, however deep in a writer it was met.
pub(crate) fn failed<E: std::error::Error + Send + Sync + 'static>(
    path: &Path,
    error: E,
    write: impl FnOnce(E) -> Result<io::Error, E>,
) -> StageError {
    match write(error) {
        Ok(source) => StageError::File { action: "write", path: path.to_owned(), source },
        Err(error) => StageError::Format { action: "pack", path: path.to_owned(), source: error.into() },
    }
}

/// A script of the manifest.
pub(crate) fn script(path: &Option<PathBuf>) -> Result<Option<Vec<u8>>, StageError> {
    path.as_ref().map(|path| fs::read(path).map_err(StageError::file("read", path))).transpose()
}

/// Texts that are shown, one after another.
pub(crate) fn texts(files: &[PathBuf]) -> Result<String, StageError> {
    let mut all = Vec::new();
    for file in files {
        let bytes = fs::read(file).map_err(StageError::file("read", file))?;
        all.push(String::from_utf8_lossy(&bytes).trim_end().to_owned());
    }
    Ok(all.join("\n\n") + "\n")
}

/// The manifest's word → the codec.
pub(crate) fn codec(compression: Compression) -> Codec {
    match compression {
        Compression::Gzip => Codec::Gzip,
        Compression::Xz => Codec::Xz,
        Compression::Zstd => Codec::Zstd,
    }
}
