//! Files, directories and links as macOS's own formats (cpio, Bill of Materials, HFS+) tell of them:
//! with a Unix mode and with numbers for the owners.

use crate::payload::{Node, NodeKind};

/// The bits of a mode that say what a thing is (`S_IFMT` of `sys/stat.h`), and their values.
pub(crate) const TYPE_MASK: u32 = 0o170_000;
pub(crate) const TYPE_FILE: u32 = 0o100_000;
pub(crate) const TYPE_DIRECTORY: u32 = 0o040_000;
pub(crate) const TYPE_LINK: u32 = 0o120_000;

/// The mode of directories that have no node.
pub(crate) const PARENT_MODE: u32 = 0o755;

/// What an entry is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnixKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link, with its target. The content that goes with it is empty.
    Symlink(String),
}

/// An entry that a reader has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnixEntry {
    /// A safe relative path, `/` between the parts.
    pub path: String,
    /// What it is.
    pub kind: UnixKind,
    /// The permission bits, 0 to 0o7777.
    pub mode: u32,
    /// The owner.
    pub uid: u32,
    /// The group.
    pub gid: u32,
    /// The time of the last change, in seconds since 1970.
    pub mtime: u64,
    /// Bytes of content: of a link, of its target.
    pub size: u64,
}

/// An owner or a group that has no number on every Mac.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path:?} is to belong to {name:?}, which is none of {known} and no number")]
pub struct UnknownOwner {
    path: String,
    name: String,
    known: &'static str,
}

/// The numbers of a node's owner and group, as every Mac has them (`/etc/passwd`, `/etc/group`), or as decimal numbers.
pub(crate) fn owner_numbers(node: &Node) -> Result<(u32, u32), UnknownOwner> {
    let unknown = |name: &str, known| UnknownOwner { path: node.path.clone(), name: name.to_owned(), known };
    let user = match node.owner.as_str() {
        "root" => Some(0),
        "daemon" => Some(1),
        number => number.parse().ok(),
    };
    // `root` is the group of that number on Linux, where manifests are written.
    let group = match node.group.as_str() {
        "root" | "wheel" => Some(0),
        "daemon" => Some(1),
        "staff" => Some(20),
        "admin" => Some(80),
        number => number.parse().ok(),
    };
    // The largest that cpio's six octal digits hold.
    let fits = |number: &u32| *number < 0o1_000_000;
    Ok((
        user.filter(fits).ok_or_else(|| unknown(&node.owner, "root, daemon"))?,
        group.filter(fits).ok_or_else(|| unknown(&node.group, "wheel, root, daemon, staff, admin"))?,
    ))
}

/// The type and the permissions of a node; a link's permissions mean nothing and are all there.
pub(crate) fn full_mode(node: &Node) -> u32 {
    match node.kind {
        NodeKind::File(_) => TYPE_FILE | (node.mode & 0o7777),
        NodeKind::Directory => TYPE_DIRECTORY | (node.mode & 0o7777),
        NodeKind::Symlink(_) => TYPE_LINK | 0o755,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payload::Mark;

    #[test]
    fn owners_have_the_numbers_of_every_mac() {
        let numbers = |owner: &str, group: &str| {
            let (owner, group) = (owner.to_owned(), group.to_owned());
            let kind = NodeKind::Directory;
            owner_numbers(&Node { path: "a".to_owned(), kind, mode: 0o755, owner, group, mark: Mark::None })
        };
        assert_eq!(numbers("root", "wheel"), Ok((0, 0)));
        assert_eq!(numbers("daemon", "admin"), Ok((1, 80)));
        assert_eq!(numbers("501", "staff"), Ok((501, 20)));
        for (owner, group) in [("www-data", "root"), ("root", "www-data"), ("262144", "root"), ("root", "-2")] {
            assert!(numbers(owner, group).is_err(), "{owner} {group}");
        }
    }
}
