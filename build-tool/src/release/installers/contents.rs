//! What an installer holds: programs and libraries, documents, what the package manifest names, what the app prints,
//! and on Linux the assets of `[package.metadata.deb]`.

use std::path::{Path, PathBuf};

use located::Located;

use super::places::{System, Unplaceable};
use super::tree::{Origin, Tree};
use super::{Contents, Findings, InstalledNode, Sources, generated};
use crate::artifact::ArtifactKind;
use crate::manifest::Destination;
use crate::manifest::package::{FileEntry, FileKind};
use crate::manifest::target::Installer as Format;
use crate::release::bundles::files_in_archives;
use crate::release::error::Problem;
use crate::release::{PackagedFile, files};

/// A file on its way into an installer.
struct Incoming<'s> {
    kind: FileKind,
    contents: Contents,
    /// Its name, with folders where a glob kept them.
    name: PathBuf,
    destination: Option<&'s Destination>,
    /// Whether `destination` is a folder.
    several: bool,
    /// Whether the manifest says outright that this format holds it.
    asked_for: bool,
    owner: Option<String>,
    group: Option<String>,
    mode: Option<u32>,
    /// Whether a service starts with the system.
    enable: bool,
}

/// Fills a tree with everything for one platform.
pub(super) fn fill<'s>(
    tree: &mut Tree<'s>,
    system: &System<'_>,
    platform: &str,
    sources: &'s Sources<'_>,
    findings: &mut Findings,
) {
    products(tree, system, platform, sources, findings);
    bundles(tree, system, sources, findings);
    documents(tree, system, sources, findings);
    for entry in sources.manifest.and_then(|manifest| manifest.files.as_deref()).unwrap_or_default() {
        files_of(entry, tree, system, sources, findings);
    }
    if sources.generate {
        printed(tree, system, sources, findings);
    }
    if matches!(system.format, Format::Deb | Format::Rpm | Format::Apk) {
        assets(tree, system, sources, findings);
    }
}

fn products(tree: &mut Tree<'_>, system: &System<'_>, platform: &str, sources: &Sources<'_>, findings: &mut Findings) {
    let linux = matches!(system.format, Format::Deb | Format::Rpm | Format::Apk);
    for id in sources.app.products(platform) {
        if sources.app.bundle_of(&id).is_some() {
            let node = system.node(system.below(&id.path()), FileKind::Library, Contents::Artifact(id));
            tree.add(node, Origin::Cargo, findings);
            continue;
        }
        let kind = if id.kind == ArtifactKind::Binary { FileKind::Program } else { FileKind::Library };
        // Windows looks for libraries beside the program.
        let place =
            if id.kind == ArtifactKind::Cdylib && system.format == Format::Msi { FileKind::Program } else { kind };
        let elsewhere = sources.cargo_deb.programs.get(&id.name).filter(|_| linux && kind == FileKind::Program);
        let path = match elsewhere {
            Some(path) => path.clone(),
            None => match system.place(place, &id.name, None) {
                Ok(Some(placed)) => join(&placed.folder, &placed.name),
                Ok(None) | Err(_) => continue,
            },
        };
        let node = system.node(path, kind, Contents::Artifact(id));
        tree.add(node, Origin::Cargo, findings);
    }
}

/// The manifests of bundles, and what lies beside their libraries.
fn bundles(tree: &mut Tree<'_>, system: &System<'_>, sources: &Sources<'_>, findings: &mut Findings) {
    for file in sources.app.bundles.iter().flat_map(files_in_archives) {
        let kind = FileKind::Library;
        let node = system.node(system.below(&slashes(&file.destination)), kind, Contents::File(file.source));
        tree.add(node, Origin::Found, findings);
    }
}

/// The folders that there are for bundles alone: each bundle's own, and those that lead to it below the folder of all
/// libraries.
pub(super) fn folders_of_bundles(system: &System<'_>, sources: &Sources<'_>) -> Vec<String> {
    let files = sources.app.bundles.iter().flat_map(files_in_archives);
    let above = |file: PackagedFile| {
        let folders = file.destination.ancestors().skip(1).map(slashes);
        folders.filter(|folder| folder.contains('/')).collect::<Vec<_>>()
    };
    files.flat_map(above).map(|folder| system.below(&folder)).collect()
}

/// READMEs, changelogs and licences that are found by themselves.
fn documents(tree: &mut Tree<'_>, system: &System<'_>, sources: &Sources<'_>, findings: &mut Findings) {
    let root = &sources.inputs.workspace.root;
    for (name, source) in files::documents_of(root, sources.package) {
        let name = name.to_string_lossy();
        let kind = if is_licence(&name) { FileKind::Licence } else { FileKind::Doc };
        if is_changelog(&name) {
            continue;
        }
        if let Ok(Some(placed)) = system.place(kind, &name, None) {
            let node = system.node(join(&placed.folder, &placed.name), kind, Contents::File(source));
            tree.add(node, Origin::Found, findings);
        }
    }
    let Some(source) = changelog(sources, findings) else { return };
    let name = source.file_name().unwrap_or_default().to_string_lossy().into_owned();
    // Debian's name for it (Policy 12.7).
    let name = if system.format == Format::Deb { "changelog.gz".to_owned() } else { name };
    if let Ok(Some(placed)) = system.place(FileKind::Doc, &name, None) {
        let node = system.node(join(&placed.folder, &placed.name), FileKind::Doc, Contents::File(source));
        tree.add(InstalledNode { compressed: system.format == Format::Deb, ..node }, Origin::Found, findings);
    }
}

/// The changelog that is named, else the one that is found.
fn changelog(sources: &Sources<'_>, findings: &mut Findings) -> Option<PathBuf> {
    let root = &sources.inputs.workspace.root;
    if let Some(said) = sources.manifest.and_then(|manifest| manifest.changelog.as_ref()) {
        return findings.file(root, said);
    }
    if let Some(named) = &sources.cargo_deb.changelog {
        return Some(named.clone());
    }
    let found = files::documents_of(root, sources.package);
    found.into_iter().find(|(name, _)| is_changelog(&name.to_string_lossy())).map(|(_, path)| path)
}

fn is_changelog(name: &str) -> bool {
    name.to_ascii_uppercase().starts_with("CHANGELOG")
}

/// Whether a document is the text of a licence.
pub(super) fn is_licence(name: &str) -> bool {
    const WORDS: [&str; 5] = ["LICENSE", "LICENCE", "UNLICENSE", "COPYING", "COPYRIGHT"];
    let upper = name.to_ascii_uppercase();
    WORDS.iter().any(|word| upper.starts_with(word))
}

fn files_of<'s>(
    entry: &'s Located<FileEntry>,
    tree: &mut Tree<'s>,
    system: &System<'_>,
    sources: &Sources<'_>,
    findings: &mut Findings,
) {
    let Some(kind) = entry.kind.as_ref().map(|kind| *kind.value()) else { return };
    let listed = entry.formats.as_ref();
    if listed.is_some_and(|formats| !formats.iter().any(|format| *format.value() == system.format)) {
        return;
    }
    let root = &sources.inputs.workspace.root;
    let found = match kind {
        FileKind::Directory => vec![(Contents::Directory, PathBuf::new())],
        FileKind::Symlink => {
            let target = entry.link.as_ref().map_or("", |link| link.as_str());
            vec![(Contents::Symlink(target.to_owned()), PathBuf::new())]
        }
        _ => {
            let mut problems = Vec::new();
            let found = files::matches(root, entry, "", &mut problems);
            for problem in problems {
                findings.problem(problem.error().clone(), problem.place(), "matches nothing");
            }
            let inside = found.into_iter().filter(|(source, _)| findings.is_inside(root, source));
            inside.map(|(source, name)| (Contents::File(source), name)).collect()
        }
    };
    let several = found.len() > 1;
    for (contents, name) in found {
        let incoming = Incoming {
            kind,
            contents,
            name,
            destination: entry.destination.as_ref().map(|said| said.value()),
            several,
            asked_for: listed.is_some(),
            owner: entry.owner.as_ref().map(|owner| owner.to_string()),
            group: entry.group.as_ref().map(|group| group.to_string()),
            mode: entry.mode.as_ref().map(|mode| mode.0),
            enable: entry.enable.as_ref().is_none_or(|enable| *enable.value()),
        };
        put(incoming, Origin::Manifest(entry.place()), tree, system, findings);
    }
}

fn printed<'s>(tree: &mut Tree<'s>, system: &System<'_>, sources: &'s Sources<'_>, findings: &mut Findings) {
    let target = sources.printer.as_deref().unwrap_or(&sources.inputs.rustc.host);
    for entry in sources.manifest.and_then(|manifest| manifest.generated.as_deref()).unwrap_or_default() {
        let listed = entry.formats.as_ref();
        if listed.is_some_and(|formats| !formats.iter().any(|format| *format.value() == system.format)) {
            continue;
        }
        for name in entry.files.iter() {
            let incoming = Incoming {
                kind: *entry.kind.value(),
                contents: Contents::Artifact(generated::file(sources.app, target, name)),
                name: PathBuf::from(name.as_str()),
                destination: entry.destination.as_ref().map(|said| said.value()),
                several: entry.files.len() > 1,
                asked_for: listed.is_some(),
                owner: None,
                group: None,
                mode: None,
                enable: true,
            };
            put(incoming, Origin::Manifest(entry.place()), tree, system, findings);
        }
    }
}

/// Finds the place of a file and puts it there; leaves it out where this format has no place for its kind.
fn put<'s>(
    incoming: Incoming<'_>,
    origin: Origin<'s>,
    tree: &mut Tree<'s>,
    system: &System<'_>,
    findings: &mut Findings,
) {
    let kind = incoming.kind;
    let file_name = incoming.name.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let no_place = |findings: &mut Findings| {
        if incoming.asked_for {
            let destination = incoming.destination.map(|path| path.to_string());
            let problem = Problem::NoPlace { format: system.format, kind, destination };
            findings.problem(problem, origin.place(), "asks for it");
        }
    };
    let source = match &incoming.contents {
        Contents::File(path) => Some(path.as_path()),
        _ => None,
    };
    let absolute = incoming.destination.and_then(|path| path.strip_prefix('/'));
    let mut compressed = false;
    let path = if let Some(path) = absolute {
        if !system.has_paths() {
            return no_place(findings);
        }
        compressed = kind == FileKind::Man && !file_name.ends_with(".gz");
        let name =
            if compressed { incoming.name.with_file_name(format!("{file_name}.gz")) } else { incoming.name.clone() };
        let is_folder = path.ends_with('/') || incoming.several;
        if is_folder && !matches!(incoming.contents, Contents::Directory | Contents::Symlink(_)) {
            join(path, &slashes(&name))
        } else {
            path.trim_end_matches('/').to_owned()
        }
    } else {
        let placed = match system.place(kind, &file_name, source) {
            Ok(Some(placed)) => placed,
            Ok(None) => return no_place(findings),
            Err(Unplaceable(reason)) => {
                let problem = Problem::Unplaceable { name: file_name, kind, reason };
                return findings.problem(problem, origin.place(), "names it");
            }
        };
        compressed |= placed.compressed;
        match incoming.destination {
            Some(path) if path.ends_with('/') || incoming.several => {
                let name = if placed.name == file_name { slashes(&incoming.name) } else { placed.name };
                join(&placed.folder, &join(path, &name))
            }
            Some(path) => join(&placed.folder, path.trim_end_matches('/')),
            // Folders that a glob kept say nothing where the name alone tells the place.
            None if placed.name == file_name && !matches!(kind, FileKind::Icon | FileKind::Completion) => {
                join(&placed.folder, &slashes(&incoming.name))
            }
            None => join(&placed.folder, &placed.name),
        }
    };
    let node = system.node(path, kind, incoming.contents);
    if let Some((_, unit)) = node.path.rsplit_once("systemd/system/").filter(|_| kind == FileKind::Service) {
        tree.units.push((unit.to_owned(), incoming.enable));
    }
    let node = InstalledNode {
        mode: incoming.mode.unwrap_or(node.mode),
        owner: incoming.owner.unwrap_or(node.owner),
        group: incoming.group.unwrap_or(node.group),
        compressed,
        ..node
    };
    tree.add(node, origin, findings);
}

fn assets(tree: &mut Tree<'_>, system: &System<'_>, sources: &Sources<'_>, findings: &mut Findings) {
    for asset in &sources.cargo_deb.assets {
        let node = system.node(asset.path.clone(), asset.kind, Contents::File(asset.source.clone()));
        let compressed = asset.kind == FileKind::Man && asset.source.extension().is_none_or(|ending| ending != "gz");
        // The manifest's own files come first, and it is read for those who move over.
        if !tree.has(&node.path) {
            tree.add(InstalledNode { mode: asset.mode, compressed, ..node }, Origin::Cargo, findings);
        }
    }
    for (source, unit, enable) in &sources.cargo_deb.units {
        if let Ok(Some(placed)) = system.place(FileKind::Service, unit, None) {
            let path = join(&placed.folder, &placed.name);
            if !tree.has(&path) {
                tree.units.push((unit.clone(), *enable));
                tree.add(system.node(path, FileKind::Service, Contents::File(source.clone())), Origin::Cargo, findings);
            }
        }
    }
}

impl System<'_> {
    /// A node with what its kind says of it.
    pub(super) fn node(&self, path: String, kind: FileKind, contents: Contents) -> InstalledNode {
        let (owner, group) = ("root".to_owned(), self.group().to_owned());
        InstalledNode { path, kind, contents, mode: self.mode(kind), owner, group, compressed: false }
    }
}

impl Findings {
    /// A file of the workspace that the manifest names.
    pub(super) fn file(&mut self, root: &Path, said: &Located<crate::manifest::Expanded>) -> Option<PathBuf> {
        let path = root.join(said.as_str());
        if !path.is_file() {
            self.problem(Problem::NoFile { path: said.to_string() }, Some(said.place()), "not there");
            return None;
        }
        Some(path)
    }

    /// Whether a file is really in the workspace; if not, says so.
    fn is_inside(&mut self, root: &Path, source: &Path) -> bool {
        let path = source.to_owned();
        match files::leads_outside(root, source) {
            Ok(None) => return true,
            Ok(Some(leads_to)) => self.problem(Problem::Outside { path, leads_to }, None, ""),
            Err(error) => self.problem(Problem::Unreadable { path, reason: error.to_string() }, None, ""),
        }
        false
    }
}

/// `folder/name`, or the name alone.
pub(super) fn join(folder: &str, name: &str) -> String {
    match folder.trim_end_matches('/') {
        "" => name.to_owned(),
        folder => format!("{folder}/{name}"),
    }
}

fn slashes(path: &Path) -> String {
    path.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/")
}
