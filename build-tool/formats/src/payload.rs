//! What an installer puts on a system, as every format of installer takes it: files, directories and
//! symbolic links with their modes and owners, sorted, each name once and safe. The formats differ in
//! how they write it, not in what it is.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

use crate::source::{Source, SourceError};
use untrusted_archive::{MAX_NAME, NameError, check_name};

/// One thing that is installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Where: relative to the root of the system (or to the folder that the user chooses), `/` between
    /// the parts, none at the beginning or the end.
    pub path: String,
    /// What it is.
    pub kind: NodeKind,
    /// The permission bits, 0 to 0o7777. Of no meaning for a symbolic link.
    pub mode: u32,
    /// The owner's name.
    pub owner: String,
    /// The group's name.
    pub group: String,
    /// What package managers treat apart.
    pub mark: Mark,
}

/// What is installed at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NodeKind {
    /// A regular file.
    File(Content),
    /// A directory that the package owns. Directories that only lead to something need no node.
    Directory,
    /// A symbolic link to this path, absolute or relative to the link's own directory.
    Symlink(String),
}

/// Where a file's bytes come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// A file of this machine. It is streamed, never held whole.
    File(PathBuf),
    /// These bytes: for what is made on the way, such as a changelog.
    Bytes(Vec<u8>),
}

/// What package managers treat apart from other files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mark {
    /// Nothing.
    #[default]
    None,
    /// Configuration. An upgrade keeps what the user changed, beside or in place of the new one, as the system has it.
    Config,
    /// Configuration of which an upgrade never replaces what the user changed.
    ConfigNoReplace,
    /// Documentation.
    Documentation,
    /// The licence.
    Licence,
}

/// Why something cannot be installed.
#[derive(Debug, thiserror::Error)]
pub enum PayloadError {
    /// A path that is not safe, or not a path.
    #[error("{path:?} cannot be installed: {reason}")]
    Path {
        /// The path.
        path: String,
        /// What is wrong with it.
        reason: NameError,
    },
    /// Two nodes at one path.
    #[error("two things would be installed as {0:?}")]
    Duplicate(String),
    /// A node lies below something that is no directory.
    #[error("{below:?} would be installed below {above:?}, which is no directory")]
    BelowFile {
        /// The file or link.
        above: String,
        /// What lies below it.
        below: String,
    },
    /// A link without a target, with a NUL, or that climbs out of the root.
    #[error("the symbolic link {path:?} leads to {target:?}, which is no path within the system")]
    Link {
        /// The link.
        path: String,
        /// Where it leads.
        target: String,
    },
}

/// The nodes of an installer: sorted by the bytes of their paths, so that a directory comes before what is in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Payload(BTreeMap<String, Node>);

impl Payload {
    /// Sorts and checks.
    ///
    /// # Errors
    /// A path is unsafe or there twice, something lies below a file, or a link leads out of the root.
    pub fn new(nodes: impl IntoIterator<Item = Node>) -> Result<Self, PayloadError> {
        let mut sorted = BTreeMap::new();
        for node in nodes {
            check_name(node.path.as_bytes())
                .map_err(|reason| PayloadError::Path { path: node.path.clone(), reason })?;
            if let NodeKind::Symlink(target) = &node.kind
                && !stays_inside(&node.path, target)
            {
                return Err(PayloadError::Link { path: node.path, target: target.clone() });
            }
            if let Some(other) = sorted.insert(node.path.clone(), node) {
                return Err(PayloadError::Duplicate(other.path));
            }
        }
        for path in sorted.keys() {
            let above = parents(path).find(|parent| {
                sorted.get(*parent).is_some_and(|node: &Node| !matches!(node.kind, NodeKind::Directory))
            });
            if let Some(above) = above {
                return Err(PayloadError::BelowFile { above: above.to_owned(), below: path.clone() });
            }
        }
        Ok(Self(sorted))
    }

    /// The nodes in order.
    pub fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.0.values()
    }

    /// The node at a path.
    pub fn get(&self, path: &str) -> Option<&Node> {
        self.0.get(path)
    }

    /// Every path in order, with the directories that only lead to something: those have no node.
    pub fn with_parents(&self) -> BTreeMap<&str, Option<&Node>> {
        let mut all: BTreeMap<&str, Option<&Node>> = BTreeMap::new();
        for (path, node) in &self.0 {
            for parent in parents(path) {
                all.entry(parent).or_insert(None);
            }
            all.insert(path, Some(node));
        }
        all
    }
}

impl Content {
    /// Its size in bytes.
    ///
    /// # Errors
    /// It is not a file that can be read.
    pub fn size(&self) -> Result<u64, SourceError> {
        match self {
            Self::File(path) => Ok(Source::open(path)?.size),
            Self::Bytes(bytes) => Ok(bytes.len() as u64),
        }
    }

    /// Streams it to `out`. Neither less nor more than `size` bytes are written, since a header has promised them.
    ///
    /// # Errors
    /// It cannot be read, has another size by now, or `out` does not take it.
    pub fn copy_to(&self, size: u64, out: &mut (impl Write + ?Sized)) -> Result<(), SourceError> {
        match self {
            Self::File(path) => {
                let mut source = Source::open(path)?;
                if source.size != size {
                    return Err(SourceError::Changed(path.clone()));
                }
                source.copy_to(out)
            }
            Self::Bytes(bytes) => Ok(out.write_all(bytes)?),
        }
    }
}

/// The directories that lead to a path, the outermost first.
pub(crate) fn parents(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(at, _)| &path[..at])
}

/// Whether the link's target is a path that does not climb above the root.
pub(crate) fn stays_inside(link: &str, target: &str) -> bool {
    if target.is_empty() || target.len() > MAX_NAME || target.contains(['\0', '\\']) {
        return false;
    }
    let mut depth = if target.starts_with('/') { 0 } else { link.matches('/').count() };
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." if depth == 0 => return false,
            ".." => depth -= 1,
            _ => depth += 1,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(path: &str, kind: NodeKind) -> Node {
        let (owner, group) = ("root".to_owned(), "root".to_owned());
        Node { path: path.to_owned(), kind, mode: 0o644, owner, group, mark: Mark::None }
    }

    fn file(path: &str) -> Node {
        node(path, NodeKind::File(Content::Bytes(path.into())))
    }

    #[test]
    fn nodes_are_sorted_and_their_parents_known() {
        let payload = Payload::new([file("usr/bin/b"), node("etc/x", NodeKind::Directory), file("usr/bin/a")]).unwrap();
        let paths: Vec<_> = payload.nodes().map(|node| node.path.as_str()).collect();
        assert_eq!(paths, ["etc/x", "usr/bin/a", "usr/bin/b"]);
        let all = payload.with_parents();
        let paths: Vec<_> = all.iter().map(|(path, node)| (*path, node.is_some())).collect();
        let expected = [("etc", false), ("etc/x", true), ("usr", false), ("usr/bin", false)];
        assert_eq!(paths[..4], expected);
        assert_eq!(payload.get("usr/bin/a"), Some(&file("usr/bin/a")));
    }

    #[test]
    fn what_cannot_be_installed_is_refused() {
        for bad in ["/usr/a", "a/../b", "", "a//b", "a\\b"] {
            assert!(matches!(Payload::new([file(bad)]), Err(PayloadError::Path { .. })), "{bad}");
        }
        assert!(matches!(Payload::new([file("a"), file("a")]), Err(PayloadError::Duplicate(_))));
        // `a-b` sorts between `a` and `a/b`.
        let below = Payload::new([file("a/b/c"), file("a-b"), file("a")]);
        assert!(matches!(below, Err(PayloadError::BelowFile { .. })));
        let link = |target: &str| Payload::new([node("usr/bin/a", NodeKind::Symlink(target.to_owned()))]);
        for bad in ["", "../../../x", "/..", "b\0", "../../.."] {
            assert!(matches!(link(bad), Err(PayloadError::Link { .. })), "{bad}");
        }
        for good in ["b", "../lib/x", "/usr/lib/x", "../../etc"] {
            assert!(link(good).is_ok(), "{good}");
        }
    }

    #[test]
    fn content_of_another_size_than_promised_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, b"four").unwrap();
        let content = Content::File(path);
        assert_eq!(content.size().unwrap(), 4);
        let mut out = Vec::new();
        content.copy_to(4, &mut out).unwrap();
        assert_eq!(out, b"four");
        assert!(matches!(content.copy_to(5, &mut out), Err(SourceError::Changed(_))));
        assert!(matches!(Content::File(folder.path().to_owned()).size(), Err(SourceError::NotAFile(_))));
    }
}
