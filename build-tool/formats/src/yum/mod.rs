//! The metadata of a yum repository, from which dnf, yum and zypper install: `repodata/repomd.xml` and the three
//! lists that it names by their SHA-256, as createrepo_c writes them. Nothing in them but the packages and the time
//! that is given.

mod lists;
mod primary;
mod requires;
mod xml;

use crate::checksums::{Sha256Sum, Sha256Writer, sha256_file};
use crate::compress::{Codec, Compressor};
use crate::read_archive::Limits;
use crate::rpm::{RpmPackage, RpmReadError, read_rpm_header};
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use untrusted_archive::{NameError, check_name};

/// A package of the repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct YumPackage {
    /// Where it is, relative to the folder that holds `repodata`, `/` between the parts.
    pub location: String,
    /// The file.
    pub path: PathBuf,
}

/// How to write the metadata. All of it but `threads` is in the bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct YumOptions {
    /// The compression of the lists. Every dnf and yum reads gzip, those since 2021 zstd.
    pub codec: Codec,
    /// The repository's revision and the time of all files: seconds since 1970, UTC.
    pub time: u64,
    /// What the packages may be.
    pub limits: Limits,
    /// How many threads may compress at once.
    pub threads: usize,
}

/// Why a repository's metadata cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum YumError {
    /// A package that cannot be read.
    #[error("{path} cannot be put into the repository: {error}")]
    Package {
        /// The file.
        path: PathBuf,
        /// Why not.
        error: RpmReadError,
    },
    /// A location that is not within the repository.
    #[error("a package cannot be at {location:?} of a repository: {reason}")]
    Location {
        /// The location.
        location: String,
        /// What is wrong with it.
        reason: NameError,
    },
    /// Two packages at one place.
    #[error("two packages would be at {0:?} of the repository")]
    Duplicate(String),
    /// The metadata themselves cannot be written.
    #[error("cannot write the repository's metadata into {folder}: {error}")]
    Write {
        /// The folder.
        folder: PathBuf,
        /// Why not.
        error: io::Error,
    },
}

/// Writes the metadata of these packages into `folder`, an empty one that is to be the repository's `repodata`.
/// Gives the names of the files; the last is `repomd.xml`, the one to sign. What is there counts only when this
/// returns `Ok`.
///
/// # Errors
/// A package cannot be read, two are at one place, or the folder does not take the files.
pub fn write_yum_metadata(
    packages: &[YumPackage],
    options: &YumOptions,
    folder: &Path,
) -> Result<Vec<String>, YumError> {
    let mut sorted: Vec<&YumPackage> = packages.iter().collect();
    sorted.sort_by(|a, b| a.location.cmp(&b.location));
    check_locations(&sorted)?;
    let written = |error| YumError::Write { folder: folder.to_owned(), error };
    let mut lists = Vec::new();
    for kind in Kind::ALL {
        let mut list = List::create(folder, kind, options).map_err(written)?;
        list.write(&kind.beginning(sorted.len())).map_err(written)?;
        lists.push(list);
    }
    for package in sorted {
        let found = Found::read(package, options)?;
        for list in &mut lists {
            list.write(&list.kind.package(&found)).map_err(written)?;
        }
    }
    let mut repomd = String::from(REPOMD);
    let _ = writeln!(repomd, "  <revision>{}</revision>", options.time);
    let mut names = Vec::new();
    for list in lists {
        let name = list.finish(folder, options, &mut repomd).map_err(written)?;
        names.push(name);
    }
    repomd += "</repomd>\n";
    fs::write(folder.join("repomd.xml"), repomd).map_err(written)?;
    names.push("repomd.xml".to_owned());
    Ok(names)
}

const REPOMD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
    <repomd xmlns=\"http://linux.duke.edu/metadata/repo\" xmlns:rpm=\"http://linux.duke.edu/metadata/rpm\">\n";

/// Locations are sorted, so that equal ones are neighbours.
fn check_locations(sorted: &[&YumPackage]) -> Result<(), YumError> {
    for YumPackage { location, .. } in sorted {
        check_name(location.as_bytes()).map_err(|reason| YumError::Location { location: location.clone(), reason })?;
    }
    match sorted.windows(2).find(|pair| pair[0].location == pair[1].location) {
        Some(pair) => Err(YumError::Duplicate(pair[0].location.clone())),
        None => Ok(()),
    }
}

/// A package with all that the lists say of it.
struct Found<'a> {
    location: &'a str,
    package: RpmPackage,
    sum: Sha256Sum,
    size: u64,
    /// The time of the file.
    time: u64,
}

impl<'a> Found<'a> {
    fn read(from: &'a YumPackage, options: &YumOptions) -> Result<Self, YumError> {
        let failed = |error| YumError::Package { path: from.path.clone(), error };
        let file = File::open(&from.path).map_err(|error| failed(error.into()))?;
        let package = read_rpm_header(file, options.limits).map_err(failed)?;
        let (sum, size) = sha256_file(&from.path).map_err(|error| failed(error.into()))?;
        Ok(Self { location: &from.location, package, sum, size, time: options.time })
    }

    /// The element that says the version.
    fn version(&self) -> String {
        let metadata = &self.package.metadata;
        let (epoch, version) = (metadata.epoch.unwrap_or(0), xml::attribute(&metadata.version));
        format!("  <version epoch=\"{epoch}\" ver=\"{version}\" rel=\"{}\"/>\n", xml::attribute(&metadata.release))
    }
}

/// The three lists.
#[derive(Clone, Copy)]
enum Kind {
    Primary,
    Filelists,
    Other,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Primary, Self::Filelists, Self::Other];

    const fn name(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Filelists => "filelists",
            Self::Other => "other",
        }
    }

    /// The element around all packages.
    const fn element(self) -> &'static str {
        match self {
            Self::Primary => "metadata",
            Self::Filelists => "filelists",
            Self::Other => "otherdata",
        }
    }

    fn beginning(self, packages: usize) -> String {
        let namespaces = match self {
            Self::Primary => {
                "xmlns=\"http://linux.duke.edu/metadata/common\" xmlns:rpm=\"http://linux.duke.edu/metadata/rpm\""
            }
            Self::Filelists => "xmlns=\"http://linux.duke.edu/metadata/filelists\"",
            Self::Other => "xmlns=\"http://linux.duke.edu/metadata/other\"",
        };
        let element = self.element();
        format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{element} {namespaces} packages=\"{packages}\">\n")
    }

    fn package(self, found: &Found<'_>) -> String {
        match self {
            Self::Primary => primary::package(found),
            Self::Filelists => lists::files(found),
            Self::Other => lists::changes(found),
        }
    }
}

/// A list that is being written, under a name of its own until its sum is known.
struct List {
    kind: Kind,
    path: PathBuf,
    out: Sha256Writer<Compressor<Sha256Writer<BufWriter<File>>>>,
}

impl List {
    fn create(folder: &Path, kind: Kind, options: &YumOptions) -> io::Result<Self> {
        let path = folder.join(format!("{}.partial", kind.name()));
        let file = Sha256Writer::new(BufWriter::new(File::create(&path)?));
        let codec = options.codec;
        let compressor = Compressor::new(file, codec, codec.default_level(), options.threads)?;
        Ok(Self { kind, path, out: Sha256Writer::new(compressor) })
    }

    fn write(&mut self, text: &str) -> io::Result<()> {
        self.out.write_all(text.as_bytes())
    }

    /// Ends the list, gives it its name, and describes it in `repomd`.
    fn finish(mut self, folder: &Path, options: &YumOptions, repomd: &mut String) -> io::Result<String> {
        self.write(&format!("</{}>\n", self.kind.element()))?;
        let (compressor, open_sum, open_size) = self.out.finish();
        let (file, sum, size) = compressor.finish()?.finish();
        file.into_inner()?;
        let kind = self.kind.name();
        let name = format!("{sum}-{kind}.xml.{}", extension(options.codec));
        fs::rename(&self.path, folder.join(&name))?;
        let _ = write!(
            repomd,
            "  <data type=\"{kind}\">\n    \
             <checksum type=\"sha256\">{sum}</checksum>\n    \
             <open-checksum type=\"sha256\">{open_sum}</open-checksum>\n    \
             <location href=\"repodata/{name}\"/>\n    \
             <timestamp>{}</timestamp>\n    \
             <size>{size}</size>\n    \
             <open-size>{open_size}</open-size>\n  \
             </data>\n",
            options.time
        );
        Ok(name)
    }
}

const fn extension(codec: Codec) -> &'static str {
    match codec {
        Codec::Gzip => "gz",
        Codec::Xz => "xz",
        Codec::Zstd => "zst",
    }
}
