//! What is known of a file.
use crate::backend;
use crate::io;
use crate::time::SystemTime;

/// What is known of a file or folder.
#[derive(Clone, Debug)]
pub struct Metadata(pub(crate) backend::fs::Metadata);

impl Metadata {
    /// What kind of thing it is.
    pub fn file_type(&self) -> FileType {
        FileType(self.0.file_type())
    }

    /// Whether it is a folder.
    pub fn is_dir(&self) -> bool {
        self.file_type().is_dir()
    }

    /// Whether it is a regular file.
    pub fn is_file(&self) -> bool {
        self.file_type().is_file()
    }

    /// Whether it is a symbolic link.
    pub fn is_symlink(&self) -> bool {
        self.file_type().is_symlink()
    }

    /// How many bytes it holds.
    #[allow(clippy::len_without_is_empty, reason = "as std's")]
    pub fn len(&self) -> u64 {
        self.0.len()
    }

    /// Who may do what.
    pub fn permissions(&self) -> Permissions {
        Permissions(self.0.permissions())
    }

    /// When what it holds was last changed.
    pub fn modified(&self) -> io::Result<SystemTime> {
        self.0.modified()
    }

    /// When it was last read.
    pub fn accessed(&self) -> io::Result<SystemTime> {
        self.0.accessed()
    }

    /// When it was made.
    ///
    /// # Errors
    /// [`io::ErrorKind::Unsupported`] where the file system does not know.
    pub fn created(&self) -> io::Result<SystemTime> {
        self.0.created()
    }
}

/// What kind of thing it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileType(pub(crate) backend::fs::FileType);

impl FileType {
    /// Whether it is a folder.
    pub fn is_dir(&self) -> bool {
        self.0.is_dir()
    }

    /// Whether it is a regular file.
    pub fn is_file(&self) -> bool {
        self.0.is_file()
    }

    /// Whether it is a symbolic link.
    pub fn is_symlink(&self) -> bool {
        self.0.is_symlink()
    }
}

/// Who may do what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permissions(pub(crate) backend::fs::Permissions);

impl Permissions {
    /// Whether nobody may write.
    pub fn readonly(&self) -> bool {
        self.0.readonly()
    }

    /// Bars everybody from writing, or lets everybody.
    pub fn set_readonly(&mut self, readonly: bool) {
        self.0.set_readonly(readonly);
    }

    /// The permission bits, `0o755` and their kin.
    #[cfg(unix)]
    pub fn mode(&self) -> u32 {
        self.0.mode()
    }

    /// Permissions of these bits.
    #[cfg(unix)]
    pub fn from_mode(mode: u32) -> Self {
        Self(backend::fs::Permissions::from_mode(mode))
    }
}

/// When a file was read and changed; what is not set stays as it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct FileTimes {
    pub(crate) accessed: Option<SystemTime>,
    pub(crate) modified: Option<SystemTime>,
}

impl FileTimes {
    /// Nothing is to change.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets when it was last read.
    #[must_use]
    pub fn set_accessed(mut self, time: SystemTime) -> Self {
        self.accessed = Some(time);
        self
    }

    /// Sets when it was last changed.
    #[must_use]
    pub fn set_modified(mut self, time: SystemTime) -> Self {
        self.modified = Some(time);
        self
    }
}
