//! What a package holds, as its reader tells of it: the counterpart of [`crate::payload`]. Nothing of it is taken
//! on trust: paths are safe, nothing lies below a file or a link, and links stay inside of the root.

use crate::payload;
use crate::read_archive::ReadError;
use crate::read_archive::tar::{TarEntry, TarKind};
use untrusted_archive::{Conflict, NameError, Tree, check_name, readable};

/// An entry of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackagedEntry {
    /// Relative to the root of the system, `/` between the parts, none at the beginning or the end.
    pub path: String,
    /// What it is.
    pub kind: PackagedKind,
    /// Bytes of content.
    pub size: u64,
    /// The permission bits, 0 to 0o7777.
    pub mode: u32,
    /// The owner's name.
    pub owner: String,
    /// The group's name.
    pub group: String,
    /// The time of its last change, in seconds since 1970.
    pub mtime: u64,
}

/// What an entry of a package is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PackagedKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link to this path, absolute or relative to the link's own directory.
    Symlink(String),
}

/// Why a package's entry must not be unpacked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnsafeEntry {
    /// A path that could escape.
    #[error("the package has an entry {path:?}: {reason}")]
    Path {
        /// The path.
        path: String,
        /// What is wrong with it.
        reason: NameError,
    },
    /// Two entries at one path.
    #[error("the package has two entries {0:?}")]
    Duplicate(String),
    /// A name, an owner or a link's target that is no text.
    #[error("the package's entry {0:?} is not UTF-8, or its link or owner is not")]
    NotUtf8(String),
    /// A link that climbs out of the root, or leads nowhere.
    #[error("the symbolic link {path:?} leads to {target:?}, which is no path within the system")]
    Link {
        /// The link.
        path: String,
        /// Where it leads.
        target: String,
    },
    /// An entry below another that is no directory: through a link, it would be written elsewhere.
    #[error("the package has {below:?} below {above:?}, which is no directory")]
    Below {
        /// The file or link.
        above: String,
        /// What lies below it.
        below: String,
    },
}

impl PackagedEntry {
    pub(crate) fn new(entry: &TarEntry) -> Result<Self, UnsafeEntry> {
        let text = |bytes: &[u8]| {
            let text = String::from_utf8(bytes.to_vec());
            text.map_err(|_| UnsafeEntry::NotUtf8(readable(&entry.name)))
        };
        let kind = match &entry.kind {
            TarKind::File => PackagedKind::File,
            TarKind::Directory => PackagedKind::Directory,
            TarKind::Symlink(target) => PackagedKind::Symlink(text(target)?),
        };
        Ok(Self {
            path: text(&entry.name)?,
            kind,
            size: entry.size,
            mode: entry.mode,
            owner: text(&entry.owner)?,
            group: text(&entry.group)?,
            mtime: entry.mtime,
        })
    }
}

/// What ends the reading of a package early: an error of the package's own, or the visitor's.
pub(crate) enum Stop<P, V> {
    Package(P),
    Visitor(V),
}

impl<P: From<ReadError>, V> From<ReadError> for Stop<P, V> {
    fn from(error: ReadError) -> Self {
        Self::Package(error.into())
    }
}

impl<P, V: From<P>> Stop<P, V> {
    pub(crate) fn into_visitors(self) -> V {
        match self {
            Self::Package(error) => error.into(),
            Self::Visitor(error) => error,
        }
    }
}

/// The entries seen so far; each new one is held against them.
#[derive(Debug, Default)]
pub(crate) struct Seen(Tree);

impl Seen {
    /// Takes an entry, if it may be unpacked beside the others.
    pub(crate) fn take(&mut self, path: &str, kind: &PackagedKind) -> Result<(), UnsafeEntry> {
        check_name(path.as_bytes()).map_err(|reason| UnsafeEntry::Path { path: path.to_owned(), reason })?;
        if let PackagedKind::Symlink(target) = kind
            && !payload::stays_inside(path, target)
        {
            return Err(UnsafeEntry::Link { path: path.to_owned(), target: target.clone() });
        }
        match self.0.add(path.as_bytes(), *kind == PackagedKind::Directory) {
            Ok(()) => Ok(()),
            Err(Conflict::Twice | Conflict::DirectoryAgain) => Err(UnsafeEntry::Duplicate(path.to_owned())),
            Err(Conflict::Below { above, below }) => {
                Err(UnsafeEntry::Below { above: readable(&above), below: readable(&below) })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::PackagedKind::{Directory, File, Symlink};
    use super::*;

    fn take(entries: &[(&str, PackagedKind)]) -> Result<(), UnsafeEntry> {
        let mut seen = Seen::default();
        entries.iter().try_for_each(|(path, kind)| seen.take(path, kind))
    }

    fn link(target: &str) -> PackagedKind {
        Symlink(target.to_owned())
    }

    #[test]
    fn links_within_the_root_are_taken() {
        assert_eq!(
            take(&[("usr", Directory), ("usr/a-b", File), ("usr/a", link("../bin/x")), ("b", link("/c"))]),
            Ok(())
        );
    }

    #[test]
    fn tricks_with_links_are_refused_in_either_order() {
        assert!(matches!(take(&[("a", link("../x"))]), Err(UnsafeEntry::Link { .. })));
        assert!(matches!(take(&[("a", link("/b")), ("a-", File), ("a/x", File)]), Err(UnsafeEntry::Below { .. })));
        assert!(matches!(take(&[("a/x", File), ("a-", File), ("a", link("/b"))]), Err(UnsafeEntry::Below { .. })));
        assert!(matches!(take(&[("a", Directory), ("a", link("/b"))]), Err(UnsafeEntry::Duplicate(_))));
        assert!(matches!(take(&[("a/../b", File)]), Err(UnsafeEntry::Path { .. })));
    }
}
