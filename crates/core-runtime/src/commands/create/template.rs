//! What a project is made from: a folder or an archive, read into one list before anything is written.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use super::Error;
use super::staging::Staging;
use crate::archive::{self, Entry, Format, Kind, Limits, Stop};

/// A thing to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Item {
    /// Relative to the project's folder.
    pub(super) path: PathBuf,
    kind: ItemKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum ItemKind {
    Folder,
    File { executable: bool },
    Link(PathBuf),
}

impl Item {
    pub(super) fn is_folder(&self) -> bool {
        self.kind == ItemKind::Folder
    }
}

/// A template that is there.
#[derive(Debug)]
pub(super) enum Template {
    Folder(PathBuf),
    Archive { path: PathBuf, format: Format, file: File },
}

/// All that will be made, folders before what is in them.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) items: Vec<Item>,
    /// The one folder that all of an archive lies in, which the project goes without.
    top: Option<Vec<u8>>,
}

impl Template {
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        let meta = fs::metadata(path).map_err(|reason| match reason.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Error::NoTemplate { path: path.to_owned() },
            _ => Error::files("look at", path)(reason),
        })?;
        let path = path.canonicalize().map_err(Error::files("find", path))?;
        if meta.is_dir() {
            return Ok(Self::Folder(path));
        }
        // To open a pipe would wait for its writer.
        if !meta.is_file() {
            return Err(Error::NotATemplate { path });
        }
        let mut file = File::open(&path).map_err(Error::files("read", &path))?;
        match Format::of(&mut file).map_err(Error::files("read", &path))? {
            Some(format) => Ok(Self::Archive { path, format, file }),
            None => Err(Error::NotATemplate { path }),
        }
    }

    pub(super) fn path(&self) -> &Path {
        match self {
            Self::Folder(path) | Self::Archive { path, .. } => path,
        }
    }

    /// The template's name, an archive's without what says its format: the name of a destination that has none.
    pub(super) fn stem(&self) -> Result<PathBuf, Error> {
        let nameless = || Error::Destination { path: self.path().to_owned(), reason: "the template has no name" };
        let name = self.path().file_name().ok_or_else(nameless)?;
        let stem = match (self, name.to_str()) {
            (Self::Archive { .. }, Some(text)) => Format::EXTENSIONS
                .iter()
                .find_map(|extension| text.strip_suffix(extension))
                .filter(|stem| !stem.is_empty()),
            _ => None,
        };
        Ok(stem.map_or_else(|| PathBuf::from(name), PathBuf::from))
    }

    /// A project within its own template would be part of the next project.
    pub(super) fn keeps_out(&self, destination: &Path) -> Result<(), Error> {
        let Self::Folder(folder) = self else { return Ok(()) };
        let there = destination.ancestors().find_map(|above| above.canonicalize().ok());
        if there.is_some_and(|there| there.starts_with(folder)) {
            return Err(Error::Destination { path: destination.to_owned(), reason: "it lies within the template" });
        }
        Ok(())
    }

    /// Looks at everything, and refuses what cannot be made. Nothing is written yet.
    pub(super) fn plan(&self) -> Result<Plan, Error> {
        match self {
            Self::Folder(folder) => Ok(Plan { items: walk(folder)?, top: None }),
            Self::Archive { path, format, file } => {
                let entries = archive::list(file, *format, Limits::default()).map_err(refused(path))?;
                let top = common_top(&entries);
                let items = entries.iter().filter_map(|entry| item(entry, top.as_deref()).transpose());
                let items = items.collect::<Result<Vec<_>, _>>().map_err(refused(path))?;
                Ok(Plan { items: with_folders(items), top })
            }
        }
    }

    /// Makes all of it.
    pub(super) fn unpack(&self, plan: &Plan, staging: &Staging) -> Result<(), Error> {
        let items = &plan.items;
        for folder in items.iter().filter(|item| item.is_folder()) {
            let path = staging.path().join(&folder.path);
            fs::create_dir(&path).map_err(Error::files("make", path))?;
        }
        match self {
            Self::Folder(folder) => {
                for file in items {
                    if let ItemKind::File { executable } = file.kind {
                        let from = folder.join(&file.path);
                        let mut content = File::open(&from).map_err(Error::files("read", &from))?;
                        write(staging, &file.path, executable, &mut content)?;
                    }
                }
            }
            Self::Archive { path, format, file } => unpack_archive((path, *format, file), plan, staging)?,
        }
        // At the end, so that no file can be written through one.
        for link in items {
            if let ItemKind::Link(target) = &link.kind {
                staging.go_on()?;
                let path = staging.path().join(&link.path);
                make_link(target, &path).map_err(Error::files("make the link", path))?;
            }
        }
        Ok(())
    }
}

fn unpack_archive(
    (path, format, mut file): (&Path, Format, &File),
    plan: &Plan,
    staging: &Staging,
) -> Result<(), Error> {
    file.rewind().map_err(Error::files("read", path))?;
    // The file may have been changed since it was read first: what is not on the list is not made.
    let listed: BTreeSet<&Path> = plan.items.iter().map(|item| item.path.as_path()).collect();
    archive::read(file, format, Limits::default(), |entry, content| {
        if let Some(Item { path, kind: ItemKind::File { executable } }) = item(entry, plan.top.as_deref())?
            && listed.contains(path.as_path())
        {
            write(staging, &path, executable, content).map_err(Stop::Visitor)?;
        }
        Ok(())
    })
    .map_err(|stop: Stop<Error>| stop.into_visitors(refused(path)))
}

fn refused(path: &Path) -> impl FnOnce(archive::Error) -> Error {
    let path = path.to_owned();
    |reason| Error::Refused { path, reason }
}

/// What a project never takes over: another repository's settings would be obeyed by git, and installed
/// packages are installed anew. `git~1` is Windows' other name for `.git`.
fn is_left_out(part: &[u8]) -> bool {
    [&b".git"[..], b"git~1", b"node_modules"].iter().any(|name| part.eq_ignore_ascii_case(name))
}

/// The one folder that all entries lie in, as forges and npm pack them.
fn common_top(entries: &[Entry]) -> Option<Vec<u8>> {
    let first = |entry: &Entry| entry.path.split(|&byte| byte == b'/').next().map(<[u8]>::to_vec);
    let top = first(entries.first()?)?;
    let is_folder = entries.iter().any(|entry| entry.path.len() > top.len());
    let all = entries.iter().all(|entry| first(entry).as_ref() == Some(&top));
    (all && is_folder).then_some(top)
}

/// The entry as a thing to make; none for what is left out.
fn item(entry: &Entry, top: Option<&[u8]>) -> Result<Option<Item>, archive::Error> {
    let mut path = &entry.path[..];
    if let Some(top) = top {
        path = match path.strip_prefix(top).and_then(|rest| rest.strip_prefix(b"/")) {
            Some(rest) => rest,
            None => return Ok(None),
        };
    }
    if path.split(|&byte| byte == b'/').any(is_left_out) {
        return Ok(None);
    }
    let kind = match &entry.kind {
        Kind::Folder => ItemKind::Folder,
        Kind::File { executable, .. } => ItemKind::File { executable: *executable },
        Kind::Link { target } => {
            // Again, since without the top folder it lies one higher.
            archive::check_link(path, target)?;
            ItemKind::Link(native(target))
        }
    };
    Ok(Some(Item { path: native(path), kind }))
}

#[cfg(unix)]
fn native(path: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(std::ffi::OsStr::from_bytes(path))
}

#[cfg(not(unix))]
fn native(path: &[u8]) -> PathBuf {
    // Paths that are no UTF-8 were refused; only a link's target can come here with one.
    String::from_utf8_lossy(path).split('/').collect()
}

/// Adds the folders that an archive only implies, and puts folders first, upper ones before lower ones.
fn with_folders(mut items: Vec<Item>) -> Vec<Item> {
    let mut folders: BTreeSet<PathBuf> =
        items.iter().filter(|item| item.is_folder()).map(|item| item.path.clone()).collect();
    for item in &items {
        folders.extend(item.path.ancestors().skip(1).filter(|path| !path.as_os_str().is_empty()).map(Path::to_owned));
    }
    items.retain(|item| !item.is_folder());
    folders.into_iter().map(|path| Item { path, kind: ItemKind::Folder }).chain(items).collect()
}

/// The items of a folder, in a fixed order.
fn walk(root: &Path) -> Result<Vec<Item>, Error> {
    let (mut items, mut open) = (Vec::new(), vec![PathBuf::new()]);
    let limits = Limits::default();
    while let Some(folder) = open.pop() {
        let path = root.join(&folder);
        let entries = fs::read_dir(&path).map_err(Error::files("read", &path))?;
        let mut entries = entries.collect::<io::Result<Vec<_>>>().map_err(Error::files("read", &path))?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            if is_left_out(entry.file_name().as_encoded_bytes()) {
                continue;
            }
            let (path, own) = (entry.path(), folder.join(entry.file_name()));
            let meta = entry.metadata().map_err(Error::files("look at", &path))?;
            let kind = if meta.is_dir() {
                open.push(own.clone());
                ItemKind::Folder
            } else if meta.is_file() {
                ItemKind::File { executable: executable(&meta) }
            } else if meta.is_symlink() {
                ItemKind::Link(inner_target(root, &path)?)
            } else {
                return Err(Error::NotCopied { path, what: "which is a device, a pipe or a socket" });
            };
            items.push(Item { path: own, kind });
            if items.len() as u64 > limits.entries {
                let reason = archive::Error::TooMany(limits.entries);
                return Err(Error::Refused { path: root.to_owned(), reason });
            }
        }
    }
    Ok(with_folders(items))
}

/// Where a link of a folder points, if that is inside of the folder and will be there in the project, too.
fn inner_target(root: &Path, link: &Path) -> Result<PathBuf, Error> {
    let target = fs::read_link(link).map_err(Error::files("read the link", link))?;
    let out = || Error::NotCopied { path: link.to_owned(), what: "a link that leads out of the template, or nowhere" };
    let leads_to = link.canonicalize().map_err(|_| out())?;
    if target.is_absolute() || !leads_to.starts_with(root) {
        return Err(out());
    }
    Ok(target)
}

/// Writes a new file, a piece at a time, so that a signal ends a large one, too.
fn write(staging: &Staging, path: &Path, executable: bool, content: &mut dyn Read) -> Result<(), Error> {
    let path = staging.path().join(path);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, if executable { 0o777 } else { 0o666 });
    #[cfg(not(unix))]
    let _ = executable;
    let mut file = options.open(&path).map_err(Error::files("make", &path))?;
    let mut piece = vec![0; 1 << 16];
    loop {
        staging.go_on()?;
        let read = match content.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(Error::files("read the content of", &path)(error)),
        };
        file.write_all(&piece[..read]).map_err(Error::files("write", &path))?;
    }
}

#[cfg(unix)]
fn executable(meta: &fs::Metadata) -> bool {
    std::os::unix::fs::PermissionsExt::mode(&meta.permissions()) & 0o111 != 0
}

#[cfg(not(unix))]
fn executable(_: &fs::Metadata) -> bool {
    false
}

#[cfg(unix)]
fn make_link(target: &Path, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, link)
}

/// Windows has two kinds, by what they lead to. Everything else has been made by now.
#[cfg(windows)]
fn make_link(target: &Path, link: &Path) -> io::Result<()> {
    let folder = link.parent().is_some_and(|parent| parent.join(target).is_dir());
    if folder {
        std::os::windows::fs::symlink_dir(target, link)
    } else {
        std::os::windows::fs::symlink_file(target, link)
    }
}
