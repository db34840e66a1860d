//! What one installer holds while it is put together: each path once, nothing below a file, no path that leads out.

use std::collections::BTreeMap;
use std::path::Path;

use located::Place;
use release_formats::payload::{Content, Mark, Node, NodeKind, Payload};

use super::{Contents, Findings, InstalledNode};
use crate::manifest::target::Installer as Format;
use crate::release::error::Problem;

/// Who asked for a file: one that was found by itself gives way to one that is named.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin<'a> {
    Found,
    /// Named in Cargo.toml, where no place is known.
    Cargo,
    Manifest(&'a Place),
}

impl<'a> Origin<'a> {
    pub(super) fn place(self) -> Option<&'a Place> {
        match self {
            Self::Manifest(place) => Some(place),
            Self::Found | Self::Cargo => None,
        }
    }
}

/// The nodes so far, by path; on systems that do not tell upper case from lower, by that of lower case.
pub(super) struct Tree<'a> {
    format: Format,
    /// The workspace's root, in front of which messages name nothing.
    root: &'a Path,
    nodes: BTreeMap<String, (InstalledNode, Origin<'a>)>,
    /// The systemd units among them, and whether each starts with the system.
    pub(super) units: Vec<(String, bool)>,
}

impl<'a> Tree<'a> {
    pub(super) fn new(format: Format, root: &'a Path) -> Self {
        Self { format, root, nodes: BTreeMap::new(), units: Vec::new() }
    }

    fn key(&self, path: &str) -> String {
        let folds = matches!(self.format, Format::Msi | Format::Pkg | Format::Dmg);
        if folds { path.to_lowercase() } else { path.to_owned() }
    }

    /// Whether something is there already.
    pub(super) fn has(&self, path: &str) -> bool {
        self.nodes.contains_key(&self.key(path))
    }

    /// Whether something is below a folder.
    pub(super) fn has_below(&self, folder: &str) -> bool {
        let folder = self.key(&format!("{folder}/"));
        self.nodes.keys().any(|path| path.starts_with(&folder))
    }

    pub(super) fn add(&mut self, node: InstalledNode, origin: Origin<'a>, findings: &mut Findings) {
        let key = self.key(&node.path);
        match self.nodes.get(&key) {
            None => {}
            // What was found by itself, and by whichever way it was found first.
            Some((_, Origin::Found)) => {}
            Some(_) if origin == Origin::Found => return,
            Some((other, _)) if other.contents == node.contents => return,
            Some((other, _)) => {
                let problem = Problem::InstalledTwice {
                    format: self.format,
                    path: node.path.clone(),
                    sources: (self.shown(&other.contents), self.shown(&node.contents)),
                };
                findings.problem(problem, origin.place(), "the second");
                return;
            }
        }
        self.nodes.insert(key, (node, origin));
    }

    /// What people call the source of a file.
    fn shown(&self, contents: &Contents) -> String {
        match contents {
            Contents::Artifact(id) => id.name.clone(),
            Contents::File(path) => path.strip_prefix(self.root).unwrap_or(path).display().to_string(),
            Contents::Directory => "a directory".to_owned(),
            Contents::Symlink(target) => format!("a link to {target}"),
            Contents::Copyright(_) => "the file on licences that every deb has".to_owned(),
            Contents::Changelog => "the changelog that every deb has".to_owned(),
        }
    }

    /// The nodes, sorted by path.
    pub(super) fn finish(self, findings: &mut Findings) -> Vec<InstalledNode> {
        for (key, (node, origin)) in &self.nodes {
            let above = key.match_indices('/').find_map(|(at, _)| self.nodes.get(&key[..at]));
            if let Some((above, _)) = above.filter(|(above, _)| above.contents != Contents::Directory) {
                let (path, above) = (node.path.clone(), above.path.clone());
                findings.problem(
                    Problem::InstalledBelow { format: self.format, path, above },
                    origin.place(),
                    "below it",
                );
                continue;
            }
            if let Err(error) = Payload::new([empty(node)]) {
                let (format, reason) = (self.format, error.to_string());
                findings.problem(Problem::NotInstallable { format, reason }, origin.place(), "from here");
            }
        }
        let mut nodes: Vec<InstalledNode> = self.nodes.into_values().map(|(node, _)| node).collect();
        nodes.sort_by(|a, b| a.path.cmp(&b.path));
        nodes
    }
}

/// The node as far as its path is concerned: the rules for those are the writers'.
fn empty(node: &InstalledNode) -> Node {
    let kind = match &node.contents {
        Contents::Directory => NodeKind::Directory,
        Contents::Symlink(target) => NodeKind::Symlink(target.clone()),
        _ => NodeKind::File(Content::Bytes(Vec::new())),
    };
    let (owner, group) = (node.owner.clone(), node.group.clone());
    Node { path: node.path.clone(), kind, mode: node.mode, owner, group, mark: Mark::None }
}
