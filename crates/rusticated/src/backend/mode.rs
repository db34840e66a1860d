//! The mode of a file, which all of Unix has alike: its kind, and who may do what.

const S_IFMT: u32 = 0o170_000;
const S_IFDIR: u32 = 0o040_000;
const S_IFREG: u32 = 0o100_000;
const S_IFLNK: u32 = 0o120_000;

/// The bits of a mode that tell the kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FileType(u32);

impl FileType {
    /// By a whole mode.
    pub(crate) fn of_mode(mode: u32) -> Self {
        Self(mode & S_IFMT)
    }

    /// By the kind that a folder's listing tells; None where it does not.
    pub(crate) fn listed(kind: u8) -> Option<Self> {
        (kind != 0).then_some(Self(u32::from(kind) << 12))
    }

    pub(crate) fn is_file(&self) -> bool {
        self.0 == S_IFREG
    }

    pub(crate) fn is_dir(&self) -> bool {
        self.0 == S_IFDIR
    }

    pub(crate) fn is_symlink(&self) -> bool {
        self.0 == S_IFLNK
    }
}

/// A mode, with the kind of file as std has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Permissions(u32);

impl Permissions {
    pub(crate) fn from_mode(mode: u32) -> Self {
        Self(mode)
    }

    pub(crate) fn mode(&self) -> u32 {
        self.0
    }

    pub(crate) fn readonly(&self) -> bool {
        self.0 & 0o222 == 0
    }

    pub(crate) fn set_readonly(&mut self, readonly: bool) {
        if readonly {
            self.0 &= !0o222;
        } else {
            self.0 |= 0o222;
        }
    }
}
