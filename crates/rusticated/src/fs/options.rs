//! How a file is opened.
use super::File;
use crate::io;
use crate::path::Path;

/// How a file is opened; begins with nothing, as std's.
///
/// ```
/// use rusticated::{fs, rt};
///
/// rt::block_on(async {
///     let file = fs::OpenOptions::new().create_new(true).write(true).open("new.txt").await?;
///     drop(file);
///     fs::remove_file("new.txt").await
/// }).unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct OpenOptions {
    pub(crate) read: bool,
    pub(crate) write: bool,
    pub(crate) append: bool,
    pub(crate) truncate: bool,
    pub(crate) create: bool,
    pub(crate) create_new: bool,
    pub(crate) mode: u32,
    pub(crate) flags: u32,
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl OpenOptions {
    /// Nothing is allowed yet; a new file may be read and written by everybody whom the process's mask does not bar.
    pub const fn new() -> Self {
        Self {
            read: false,
            write: false,
            append: false,
            truncate: false,
            create: false,
            create_new: false,
            mode: 0o666,
            flags: 0,
        }
    }

    /// Whether it can be read.
    pub const fn read(&mut self, read: bool) -> &mut Self {
        self.read = read;
        self
    }

    /// Whether it can be written.
    pub const fn write(&mut self, write: bool) -> &mut Self {
        self.write = write;
        self
    }

    /// Whether every write goes to the end, wherever that is by then.
    pub const fn append(&mut self, append: bool) -> &mut Self {
        self.append = append;
        self
    }

    /// Whether what it holds is cut off.
    pub const fn truncate(&mut self, truncate: bool) -> &mut Self {
        self.truncate = truncate;
        self
    }

    /// Whether it is made if it is not there.
    pub const fn create(&mut self, create: bool) -> &mut Self {
        self.create = create;
        self
    }

    /// Whether it must not be there yet, and is made: at once, so that nobody can come in between.
    pub const fn create_new(&mut self, create_new: bool) -> &mut Self {
        self.create_new = create_new;
        self
    }

    /// The permissions of a file that is made, before the process's mask; without meaning on Windows.
    pub const fn mode(&mut self, mode: u32) -> &mut Self {
        self.mode = mode;
        self
    }

    /// More flags for the system's call: `O_DIRECT` and its kin, or `FILE_FLAG_…` on Windows.
    pub const fn custom_flags(&mut self, flags: u32) -> &mut Self {
        self.flags = flags;
        self
    }

    /// Opens the file.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidInput`] for options that contradict each other, else the system's.
    pub async fn open(&self, path: impl AsRef<Path>) -> io::Result<File> {
        self.check()?;
        File::open_with(path.as_ref(), self).await
    }

    /// What std refuses, too: nothing to be done with the file; making or cutting it without writing.
    fn check(&self) -> io::Result<()> {
        let makes = self.create || self.create_new || self.truncate;
        let contradiction = match (self.read, self.write, self.append) {
            (false, false, false) => Some("a file is opened to be read, written or appended to"),
            (_, false, false) if makes => Some("a file that is made or cut off must be opened for writing"),
            (_, _, true) if self.truncate && !self.create_new => Some("a file that is appended to is not cut off"),
            _ => None,
        };
        contradiction.map_or(Ok(()), |text| Err(io::Error::message(io::ErrorKind::InvalidInput, text)))
    }
}
