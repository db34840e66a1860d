//! What the stages of all formats of installers have in common: the shape of their steps, and what is installed as
//! the writers take it. No stage of its own.

use std::fs;
use std::io;
use std::path::Path;

use release_formats::deb::documents::compressed;
use release_formats::payload::{Content, Mark, Node, NodeKind, Payload};
use serde::Serialize;

use super::{Input, Output, Place, Session, StageError, Step, Subject, Tool, fields};
use crate::artifact::{ArtifactId, ArtifactKind, Made};
use crate::manifest::package::FileKind;
use crate::manifest::target::Installer as Format;
use crate::release::{Contents, InstalledNode, Installer, Release};

/// Makes one installer.
#[derive(Debug, Serialize)]
pub(crate) struct Make {
    #[serde(skip)]
    subject: Subject,
    artifact: ArtifactId,
    /// What it holds and says.
    pub(crate) installer: Installer,
    /// Seconds since 1970: the time of everything in it.
    pub(crate) time: u64,
    #[serde(skip)]
    format: Maker,
}

/// What a format's stage adds to the common shape.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Maker {
    /// The programs that a step starts.
    pub(crate) tools: fn(&Installer) -> Vec<Tool>,
    /// Writes the file.
    pub(crate) write: fn(&Make, &Session<'_>, &Path) -> Result<(), StageError>,
    /// The files that it reads besides what is installed.
    pub(crate) files: fn(&Installer) -> Vec<std::path::PathBuf>,
}

/// The steps for one format.
pub(crate) fn steps(release: &Release, format: Format, maker: Maker) -> Vec<Box<dyn Step>> {
    let own = release.installers.iter().filter(|installer| installer.format == format);
    own.filter_map(|installer| {
        let app = release.apps.iter().find(|app| app.name == installer.app)?;
        let kind = kind(format, installer.debug);
        Some(Box::new(Make {
            subject: Subject::of(app, &installer.platform),
            artifact: ArtifactId::of(kind, &app.name, &installer.platform, installer.file.clone()),
            installer: installer.clone(),
            time: release.epoch,
            format: maker,
        }) as Box<dyn Step>)
    })
    .collect()
}

/// The kind of artifact that an installer is.
fn kind(format: Format, debug: bool) -> ArtifactKind {
    match (format, debug) {
        (Format::Deb, true) => ArtifactKind::DebugDeb,
        _ => ArtifactKind::Deb,
    }
}

impl Step for Make {
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
        let files = scripts.chain((self.format.files)(&self.installer)).map(Input::File);
        self.installer.nodes.iter().flat_map(|node| of(&node.contents)).chain(files).collect()
    }

    fn outputs(&self) -> Vec<Output> {
        vec![Output { id: self.artifact.clone(), place: Place::Dist }]
    }

    fn parameters(&self) -> serde_json::Value {
        fields(self)
    }

    fn tools(&self) -> Vec<Tool> {
        (self.format.tools)(&self.installer)
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

impl Make {
    /// The finished programs and libraries in it.
    pub(crate) fn programs(&self, session: &Session<'_>) -> Result<Vec<(ArtifactId, Made)>, StageError> {
        let artifacts = self.installer.nodes.iter().filter_map(|node| match &node.contents {
            Contents::Artifact(id) if id.kind.is_program() => Some(id),
            _ => None,
        });
        artifacts.map(|id| Ok((id.clone(), session.input(id)?))).collect()
    }

    /// What is installed, as writers take it; `made` gives what only this format has.
    pub(crate) fn payload(
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
        Payload::new(nodes).map_err(StageError::format("pack", &self.artifact.name))
    }
}

/// A file as it is, or compressed on the way: documents and man pages, which are small.
fn content(path: std::path::PathBuf, node: &InstalledNode) -> Result<Content, StageError> {
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
