//! What a package will hold, with every size known before the first byte is written.

use super::cpio;
use super::tags::{self, TYPE_DIRECTORY, TYPE_FILE, TYPE_LINK};
use super::write::RpmError;
use crate::payload::{Content, Mark, Node, NodeKind, Payload};

/// A node with what the header and the archive say of it.
pub(super) struct Planned<'a> {
    pub(super) node: &'a Node,
    /// The name in the archive, `./path`.
    pub(super) name: String,
    /// Type and permissions.
    pub(super) mode: u16,
    /// Bytes in the archive: a file's content, a link's target.
    pub(super) size: u64,
}

/// Everything that is in the payload, in its order.
pub(super) struct Plan<'a> {
    pub(super) files: Vec<Planned<'a>>,
    /// Whether the archive is of the form without metadata.
    pub(super) stripped: bool,
    /// Bytes of the archive before it is compressed.
    pub(super) archive_size: u64,
    /// Bytes of the files' contents.
    pub(super) installed_size: u64,
}

/// Directories that belong to the distributions' package `filesystem`. A package that owned one would remove or
/// change it for all others. `*` stands for the rest of one part.
const STANDARD_DIRECTORIES: &[&str] = &[
    "bin",
    "boot",
    "dev",
    "etc",
    "etc/opt",
    "etc/profile.d",
    "etc/xdg",
    "home",
    "lib",
    "lib64",
    "media",
    "mnt",
    "opt",
    "proc",
    "root",
    "run",
    "sbin",
    "srv",
    "sys",
    "tmp",
    "usr",
    "usr/bin",
    "usr/games",
    "usr/include",
    "usr/lib",
    "usr/lib/systemd",
    "usr/lib/systemd/system",
    "usr/lib/systemd/user",
    "usr/lib/sysusers.d",
    "usr/lib/tmpfiles.d",
    "usr/lib64",
    "usr/libexec",
    "usr/local",
    "usr/local/*",
    "usr/sbin",
    "usr/share",
    "usr/share/applications",
    "usr/share/bash-completion",
    "usr/share/bash-completion/completions",
    "usr/share/doc",
    "usr/share/fish",
    "usr/share/fish/vendor_completions.d",
    "usr/share/icons",
    "usr/share/icons/hicolor",
    "usr/share/info",
    "usr/share/licenses",
    "usr/share/locale",
    "usr/share/man",
    "usr/share/man/man*",
    "usr/share/metainfo",
    "usr/share/pixmaps",
    "usr/share/zsh",
    "usr/share/zsh/site-functions",
    "usr/src",
    "var",
    "var/cache",
    "var/lib",
    "var/lock",
    "var/log",
    "var/mail",
    "var/opt",
    "var/run",
    "var/spool",
    "var/tmp",
];

impl<'a> Plan<'a> {
    pub(super) fn new(payload: &'a Payload) -> Result<Self, RpmError> {
        let mut files = Vec::new();
        for node in payload.nodes() {
            let mode = (node.mode & 0o7777) as u16;
            let (mode, size) = match &node.kind {
                NodeKind::File(content) => (TYPE_FILE | mode, content.size()?),
                NodeKind::Directory if is_standard(&node.path) => {
                    return Err(RpmError::StandardDirectory(node.path.clone()));
                }
                NodeKind::Directory => (TYPE_DIRECTORY | mode, 0),
                NodeKind::Symlink(target) => (TYPE_LINK | 0o777, target.len() as u64),
            };
            for owner in [&node.owner, &node.group] {
                if owner.is_empty() || owner.contains(|c: char| c.is_whitespace() || c.is_control()) {
                    return Err(RpmError::Owner { path: node.path.clone(), owner: owner.clone() });
                }
            }
            files.push(Planned { node, name: format!("./{}", node.path), mode, size });
        }
        if files.is_empty() {
            return Err(RpmError::Nothing);
        }
        let stripped = files.iter().any(|file| u32::try_from(file.size).is_err());
        let entries = files.iter().map(|file| cpio::entry_size(&file.name, file.size, stripped));
        let archive_size = entries.fold(cpio::trailer_size(), u64::saturating_add);
        let contents = files.iter().filter(|file| file.content().is_some()).map(|file| file.size);
        let installed_size = contents.fold(0, u64::saturating_add);
        Ok(Self { files, stripped, archive_size, installed_size })
    }
}

impl Planned<'_> {
    /// The content of a file.
    pub(super) fn content(&self) -> Option<&Content> {
        match &self.node.kind {
            NodeKind::File(content) => Some(content),
            _ => None,
        }
    }

    /// Where a link leads; empty for others.
    pub(super) fn link_target(&self) -> &str {
        match &self.node.kind {
            NodeKind::Symlink(target) => target,
            _ => "",
        }
    }

    /// What the spec file would have marked it with.
    pub(super) fn flags(&self) -> u32 {
        match self.node.mark {
            Mark::None => 0,
            Mark::Config => tags::FLAG_CONFIG,
            Mark::ConfigNoReplace => tags::FLAG_CONFIG | tags::FLAG_NO_REPLACE,
            Mark::Documentation => tags::FLAG_DOC,
            Mark::Licence => tags::FLAG_LICENSE,
        }
    }
}

fn is_standard(path: &str) -> bool {
    STANDARD_DIRECTORIES.iter().any(|standard| match standard.strip_suffix('*') {
        Some(prefix) => path.strip_prefix(prefix).is_some_and(|rest| !rest.contains('/')),
        None => path == *standard,
    })
}

#[cfg(test)]
mod tests {
    use super::is_standard;

    #[test]
    fn directories_of_the_distribution_are_known() {
        for path in ["usr/bin", "etc", "usr/share/man/man1", "usr/local/bin", "usr/lib/systemd/system"] {
            assert!(is_standard(path), "{path}");
        }
        for path in ["usr/share/man/man1/x", "etc/tool", "usr/share/doc/tool", "opt/tool", "usr/local/share/tool"] {
            assert!(!is_standard(path), "{path}");
        }
    }
}
