//! What repositories of both kinds share: the packages of a release, and files that are put into a folder that others
//! may have files in, too. Everything is made before anything is written.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use miette::Diagnostic;
use release_formats::apt_repository::AptRepositoryError;
use release_formats::checksums::{Checksums, Sha256Sum, sha256_file, sha256_reader};
use release_formats::deb::DebReadError;
use release_formats::yum::YumError;

use super::Mode;
use crate::artifact::ArtifactKind;
use crate::commands::verify::{default_dist, read_description};
use crate::commands::{Error, UsageError, VerifyError};
use crate::description::is_plain_name;
use crate::execute::{read_text_file, regular_file};
use crate::report::Reporter;
use crate::stages::release_json::Description;

/// A repository cannot be made.
#[derive(Debug, thiserror::Error, Diagnostic)]
pub enum RepositoryError {
    /// The release has nothing for it.
    #[error("the release in {} has no {kind}", dist.display())]
    #[diagnostic(help(
        "`build-tool release` makes one of every app for each Linux target that has it in `installers`"
    ))]
    NoPackages {
        /// The release's folder.
        dist: PathBuf,
        /// `deb` or `rpm`.
        kind: &'static str,
    },
    /// Somebody else's file is where one of the repository goes.
    #[error("{} is there already, and is not a file that this repository has put there", path.display())]
    #[diagnostic(help("name another folder by --output, or take the file out; nothing was written"))]
    NotOurs {
        /// The file.
        path: PathBuf,
    },
    /// The key's name is not one key's.
    #[error("{key:?} is the name of {} secret keys\n  {}", found.len(), found.join("\n  "))]
    #[diagnostic(help("name one by its fingerprint; gpg --list-secret-keys shows those that there are"))]
    Key {
        /// What the command line says.
        key: String,
        /// The fingerprints of the keys.
        found: Vec<String>,
    },
    /// A package is not what it should be.
    #[error("{} cannot be put into the repository", path.display())]
    #[diagnostic(help("do not publish it; `build-tool release` makes it anew"))]
    Package {
        /// The package.
        path: PathBuf,
        /// Why not.
        #[source]
        source: Box<DebReadError>,
    },
    /// There is no index.
    #[error(transparent)]
    Apt(#[from] AptRepositoryError),
    /// There are no metadata.
    #[error(transparent)]
    Yum(#[from] YumError),
}

/// The packages of a release.
pub(super) struct Packages {
    pub(super) description: Description,
    /// Their names and where they are, by name.
    pub(super) files: BTreeMap<String, PathBuf>,
}

impl Packages {
    /// Those of these kinds; each has to be what the release says of it.
    pub(super) fn read(folder: &Path, dist: &Path, kinds: [ArtifactKind; 2]) -> Result<Self, Error> {
        let dist = if dist == Path::new("dist") { default_dist(folder) } else { folder.join(dist) };
        let description = read_description(&dist)?;
        let (mut files, mut problems) = (BTreeMap::new(), Vec::new());
        for artifact in description.artifacts.iter().filter(|artifact| kinds.contains(&artifact.kind)) {
            let name = artifact.name.clone();
            if !is_plain_name(&name) {
                problems.push(format!("{name:?} is not a file name"));
                continue;
            }
            let path = dist.join(&name);
            match regular_file(&path).and_then(|_| sha256_file(&path)) {
                Ok((sum, _)) if sum.to_string() == artifact.sha256 => drop(files.insert(name, path)),
                Ok((sum, _)) => problems.push(format!("{name}: its SHA-256 is {sum}, not {}", artifact.sha256)),
                Err(error) => problems.push(format!("{name}: {error}")),
            }
        }
        if !problems.is_empty() {
            return Err(VerifyError::Failed { dist, problems }.into());
        }
        if files.is_empty() {
            return Err(RepositoryError::NoPackages { dist, kind: kinds[0].name() }.into());
        }
        Ok(Self { description, files })
    }
}

/// What goes into a file.
pub(super) enum Content {
    Bytes(Vec<u8>),
    /// Those of another file: linked where that can be, else copied.
    Of(PathBuf),
    /// A signature that is needed, and not made, since nothing is written.
    Unmade,
}

impl Content {
    fn sum(&self) -> Result<Option<Sha256Sum>, Error> {
        match self {
            Self::Bytes(bytes) => sha256_reader(bytes.as_slice()).map_err(file("hash", Path::new("memory"))),
            Self::Of(path) => sha256_file(path).map_err(file("read", path)),
            Self::Unmade => return Ok(None),
        }
        .map(|(sum, _)| Some(sum))
    }

    /// Writes it whole.
    fn write(&self, path: &Path) -> Result<(), Error> {
        let failed = |source| file("write", path)(source);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(failed)?;
        }
        let mut partial = path.as_os_str().to_owned();
        partial.push(".partial");
        let partial = PathBuf::from(partial);
        remove(&partial).map_err(failed)?;
        let written = match self {
            Self::Bytes(bytes) => {
                OpenOptions::new().write(true).create_new(true).open(&partial).and_then(|mut out| out.write_all(bytes))
            }
            // A link to a symbolic link would publish that.
            Self::Of(other) => other
                .canonicalize()
                .and_then(|other| fs::hard_link(other, &partial))
                .or_else(|_| fs::copy(other, &partial).map(drop)),
            Self::Unmade => Ok(()),
        };
        written.and_then(|()| fs::rename(&partial, path)).map_err(|error| {
            let _the_first_error_counts = fs::remove_file(&partial);
            failed(error)
        })
    }
}

/// Files of a repository, in the order in which they are to be written: what names others comes after them.
pub(super) type Files = Vec<(String, Content)>;

/// Puts a repository's files into a folder, compares them, or tells of them. `list` is the name of a file there that
/// lists them by their checksums (`sha256sum -c`): by it a later run knows which files are its own to replace, and to
/// remove when the release has them no more.
pub(super) fn put(output: &Path, list: &str, files: &Files, mode: Mode, reporter: &Reporter) -> Result<(), Error> {
    let listed = output.join(list);
    let before = match read_text_file(&listed) {
        Ok(text) => String::from_utf8_lossy(&text)
            .parse::<Checksums>()
            .map_err(|_| RepositoryError::NotOurs { path: listed.clone() })?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Checksums::default(),
        Err(error) => return Err(file("read", &listed)(error)),
    };
    let (mut after, mut to_write) = (Checksums::default(), Vec::new());
    for (name, content) in files {
        let path = output.join(name);
        let sum = content.sum()?;
        after.0.extend(sum.map(|sum| (name.clone(), sum)));
        let there = sum_of(&path)?;
        match there {
            Some(there) if there.is_some() && there == sum => continue,
            Some(None) => return Err(RepositoryError::NotOurs { path }.into()),
            Some(_) if !before.0.contains_key(name) => return Err(RepositoryError::NotOurs { path }.into()),
            _ => {}
        }
        if mode == Mode::Check {
            let difference = if there.is_some() { "its bytes are others" } else { "there is no such file" };
            return Err(UsageError::Drift { path, difference: difference.to_owned() }.into());
        }
        to_write.push((path, content));
    }
    let mut to_remove = Vec::new();
    for (name, sum) in before.0.iter().filter(|(name, _)| !files.iter().any(|(other, _)| other == *name)) {
        // The list may have been altered: only what is in the folder, and as it was written, is ours to remove.
        let path = output.join(name);
        if name.split('/').all(is_plain_name) && sum_of(&path)? == Some(Some(*sum)) {
            to_remove.push(path);
        }
    }
    match mode {
        Mode::Check => match to_remove.first().cloned() {
            Some(path) => {
                Err(UsageError::Drift { path, difference: "the release has no such package".to_owned() }.into())
            }
            None => Ok(()),
        },
        Mode::Tell => {
            let lines = to_write.iter().map(|(path, _)| format!("would write {}\n", path.display()));
            let lines = lines.chain(to_remove.iter().map(|path| format!("would remove {}\n", path.display())));
            reporter.would(&lines.collect::<String>());
            Ok(())
        }
        Mode::Write => {
            if before != after {
                // If this run is cut short, the next one still knows all that was to be written.
                let mut both = before;
                both.0.extend(after.0.clone());
                Content::Bytes(both.to_string().into_bytes()).write(&listed)?;
            }
            for (path, content) in &to_write {
                content.write(path)?;
            }
            for path in &to_remove {
                remove(path).map_err(file("remove", path))?;
            }
            Content::Bytes(after.to_string().into_bytes()).write(&listed)?;
            let (written, folder) = (to_write.len(), output.display());
            reporter.say(&format!("files written to {folder}: {written}, removed: {}", to_remove.len()));
            Ok(())
        }
    }
}

/// The sum of a file; none of what is there and is no file; nothing where nothing is.
fn sum_of(path: &Path) -> Result<Option<Option<Sha256Sum>>, Error> {
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_file() => match sha256_file(path) {
            Ok((sum, _)) => Ok(Some(Some(sum))),
            Err(error) => Err(file("read", path)(error)),
        },
        Ok(_) => Ok(Some(None)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(file("look at", path)(error)),
    }
}

fn remove(path: &Path) -> io::Result<()> {
    fs::remove_file(path).or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) })
}

/// Says what could not be done to which file.
pub(super) fn file(action: &'static str, path: &Path) -> impl Fn(io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::File { action, path: path.clone(), source }
}

/// The address of a folder or file of this machine (RFC 8089).
pub(super) fn address(path: &Path) -> String {
    let mut text = String::from("file://");
    for byte in path.as_os_str().as_encoded_bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(byte) {
            text.push(char::from(*byte));
        } else {
            text += &format!("%{byte:02X}");
        }
    }
    text
}

/// Where the repository is, for those who take it on this machine.
pub(super) fn absolute(path: &Path) -> Result<PathBuf, Error> {
    std::path::absolute(path).map_err(file("find", path))
}

/// How many things may be compressed at once.
pub(super) fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// What to tell the one who publishes.
pub(super) fn say_how_to_publish(output: &Path, reporter: &Reporter) {
    reporter.say(&format!(
        "publish {} as it is; users paste the lines below, with its address in place of file:…",
        output.display()
    ));
}
