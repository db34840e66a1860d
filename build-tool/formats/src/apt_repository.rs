//! The index files of an apt repository (the "Debian Repository Format" of Debian's wiki, and apt-secure(8)): what
//! `apt-ftparchive` would make, from packages that were read and checked. Signing `Release` is the caller's matter.

use crate::checksums::Sha256Writer;
use crate::compress::{Codec, Compressor};
use crate::deb::documents::date;
use crate::deb::{DebReadError, Paragraph, read_deb};
use crate::read_archive::{Limits, ReadError};
use crate::sums::{Hashing, hexadecimal};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read, Seek, SeekFrom, Write};

/// A package of the repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexedPackage {
    /// Its path below the root of the repository, `pool/main/hello_1.0.0-1_amd64.deb`.
    pub file_name: String,
    /// Its control file.
    pub control: Paragraph,
    /// Bytes of the file.
    pub size: u64,
    /// The file's hashes, in hexadecimal: MD5, SHA-1 and SHA-256.
    hashes: [String; 3],
}

/// The names of the hashes in `Packages`, and in `Release`.
const HASHES: [(&str, &str); 3] = [("MD5sum", "MD5Sum"), ("SHA1", "SHA1"), ("SHA256", "SHA256")];

/// What the repository says of itself. Texts are one line each; an empty one is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AptRepository {
    /// The folder below `dists` and the word in `sources.list`: `stable`.
    pub suite: String,
    /// A name that stays when the suite moves on; the suite's where it is empty.
    pub codename: String,
    /// The part of the suite: `main`.
    pub component: String,
    /// Whose it is.
    pub origin: String,
    /// The same for programs that choose by it.
    pub label: String,
    /// One line for people.
    pub description: String,
    /// When it was made: seconds since 1970, UTC.
    pub time: u64,
    /// When it must have been made anew: seconds since 1970. apt refuses it after that.
    pub valid_until: Option<u64>,
    /// Indexes are there by their hash, too, so that a client in the middle of an update is not disturbed.
    pub by_hash: bool,
}

/// Why there is no index.
#[derive(Debug, thiserror::Error)]
pub enum AptRepositoryError {
    /// A word that would become a folder or a field, and cannot.
    #[error("the repository's {field} cannot be {value:?}: {reason}")]
    Field {
        /// Which one.
        field: &'static str,
        /// What it was to be.
        value: String,
        /// What would be right.
        reason: &'static str,
    },
    /// A package without a field that every one has.
    #[error("the package {file_name} has no field {field}")]
    Missing {
        /// The package.
        file_name: String,
        /// The field.
        field: &'static str,
    },
    /// Two packages of one name, version and architecture: apt would take either.
    #[error("{first} and {second} are of the same name, version and architecture; take one out")]
    Twice {
        /// The one.
        first: String,
        /// The other.
        second: String,
    },
    /// Something cannot be compressed or dated.
    #[error("cannot make the index: {0}")]
    Io(#[from] io::Error),
}

/// Reads and checks a package, and hashes it. `file_name` is its path below the root of the repository.
///
/// # Errors
/// The package is refused, or cannot be read.
pub fn index_package<R: Read + Seek>(
    mut file: R,
    file_name: &str,
    limits: Limits,
) -> Result<IndexedPackage, DebReadError> {
    let deb = read_deb(&mut file, limits, |_, _| Ok::<_, DebReadError>(()))?;
    file.seek(SeekFrom::Start(0)).map_err(ReadError::Io)?;
    let mut all = Hashing::<_, Md5>::new(Hashing::<_, Sha1>::new(Sha256Writer::new(io::sink())));
    io::copy(&mut file, &mut all).map_err(ReadError::Io)?;
    let md5 = hexadecimal(&all.sum());
    let sha1 = hexadecimal(&all.inner.sum());
    let (_, sha256, size) = all.inner.inner.finish();
    let hashes = [md5, sha1, sha256.to_string()];
    Ok(IndexedPackage { file_name: file_name.to_owned(), control: deb.control, size, hashes })
}

impl AptRepository {
    /// Every index file by its path below the root of the repository: `dists/SUITE/Release`, and for each
    /// architecture `dists/SUITE/COMPONENT/binary-ARCH/Packages` with its compressed forms. Packages for all
    /// architectures are in each one's list.
    ///
    /// # Errors
    /// A word that is none, or packages that cannot be in one repository.
    pub fn files(
        &self,
        packages: &[IndexedPackage],
        threads: usize,
    ) -> Result<BTreeMap<String, Vec<u8>>, AptRepositoryError> {
        self.check()?;
        let (architectures, lists) = self.lists(packages)?;
        let suite = format!("dists/{}", self.suite);
        let mut files = BTreeMap::new();
        let mut indexes = BTreeMap::new();
        for (architecture, list) in lists {
            let folder = format!("{}/binary-{architecture}", self.component);
            for (extension, bytes) in [
                ("", list.clone().into_bytes()),
                (".gz", compressed(&list, Codec::Gzip, threads)?),
                (".xz", compressed(&list, Codec::Xz, threads)?),
            ] {
                if self.by_hash {
                    let hash = hexadecimal(&Sha256::digest(&bytes));
                    files.insert(format!("{suite}/{folder}/by-hash/SHA256/{hash}"), bytes.clone());
                }
                indexes.insert(format!("{folder}/Packages{extension}"), bytes);
            }
        }
        files.insert(format!("{suite}/Release"), self.release(&architectures, &indexes)?.into_bytes());
        files.extend(indexes.into_iter().map(|(path, bytes)| (format!("{suite}/{path}"), bytes)));
        Ok(files)
    }

    /// The list of packages for each architecture, and the architectures.
    fn lists<'a>(
        &self,
        packages: &'a [IndexedPackage],
    ) -> Result<(BTreeSet<&'a str>, BTreeMap<&'a str, String>), AptRepositoryError> {
        let mut sorted: BTreeMap<[&str; 3], &IndexedPackage> = BTreeMap::new();
        for package in packages {
            let field = |field| {
                let missing = || AptRepositoryError::Missing { file_name: package.file_name.clone(), field };
                package.control.get(field).filter(|value| !value.is_empty()).ok_or_else(missing)
            };
            let key = [field("Package")?, field("Version")?, field("Architecture")?];
            if let Some(other) = sorted.insert(key, package) {
                let (first, second) = (other.file_name.clone(), package.file_name.clone());
                return Err(AptRepositoryError::Twice { first, second });
            }
        }
        let mut architectures: BTreeSet<&str> = sorted.keys().map(|[_, _, architecture]| *architecture).collect();
        // A repository of nothing but packages for all architectures still needs a list.
        if architectures.len() > 1 {
            architectures.remove("all");
        }
        let mut lists: BTreeMap<&str, String> = BTreeMap::new();
        for architecture in &architectures {
            let list = lists.entry(architecture).or_default();
            for ([_, _, own], package) in &sorted {
                if own == architecture || *own == "all" {
                    list.push_str(&package.paragraph());
                    list.push('\n');
                }
            }
        }
        Ok((architectures, lists))
    }

    fn release(
        &self,
        architectures: &BTreeSet<&str>,
        indexes: &BTreeMap<String, Vec<u8>>,
    ) -> Result<String, AptRepositoryError> {
        let mut text = String::new();
        let mut line = |name: &str, value: &str| {
            if !value.is_empty() {
                text.extend([name, ": ", value, "\n"]);
            }
        };
        line("Origin", &self.origin);
        line("Label", &self.label);
        line("Suite", &self.suite);
        line("Codename", if self.codename.is_empty() { &self.suite } else { &self.codename });
        line("Date", &date(self.time, "UTC")?);
        if let Some(time) = self.valid_until {
            line("Valid-Until", &date(time, "UTC")?);
        }
        if self.by_hash {
            line("Acquire-By-Hash", "yes");
        }
        line("Architectures", &architectures.iter().copied().collect::<Vec<_>>().join(" "));
        line("Components", &self.component);
        line("Description", &self.description);
        for (at, (_, name)) in HASHES.iter().enumerate() {
            text.extend([name, ":\n"]);
            for (path, bytes) in indexes {
                let hash = match at {
                    0 => hexadecimal(&Md5::digest(bytes)),
                    1 => hexadecimal(&Sha1::digest(bytes)),
                    _ => hexadecimal(&Sha256::digest(bytes)),
                };
                text += &format!(" {hash} {:>16} {path}\n", bytes.len());
            }
        }
        Ok(text)
    }

    /// Words become folders, and lines fields.
    fn check(&self) -> Result<(), AptRepositoryError> {
        let word = |byte: u8| byte.is_ascii_alphanumeric() || b"-._+".contains(&byte);
        for (field, value, needed) in
            [("suite", &self.suite, true), ("component", &self.component, true), ("codename", &self.codename, false)]
        {
            let missing = needed && value.is_empty();
            if missing || value.starts_with('.') || !value.bytes().all(word) {
                let reason = "a word of letters, digits, `-`, `.`, `_` and `+`, such as stable or main";
                return Err(AptRepositoryError::Field { field, value: value.clone(), reason });
            }
        }
        for (field, value) in [("origin", &self.origin), ("label", &self.label), ("description", &self.description)] {
            if value.chars().any(char::is_control) {
                let reason = "it must be one line, without control characters";
                return Err(AptRepositoryError::Field { field, value: value.clone(), reason });
            }
        }
        Ok(())
    }
}

impl IndexedPackage {
    /// The control file's fields, and where and what the file is. The description goes last, as it is the longest.
    fn paragraph(&self) -> String {
        let mut text = String::new();
        let mut description = String::new();
        let ours = ["Filename", "Size"].into_iter().chain(HASHES.map(|(name, _)| name));
        for (name, value) in self.control.fields() {
            // A package may say what it likes of its own file; here counts what it is.
            if ours.clone().any(|own| own.eq_ignore_ascii_case(name)) {
                continue;
            }
            let place = if name.eq_ignore_ascii_case("Description") { &mut description } else { &mut text };
            place.extend([name, ":", if value.is_empty() || value.starts_with('\n') { "" } else { " " }, value, "\n"]);
        }
        text += &format!("Filename: {}\nSize: {}\n", self.file_name, self.size);
        for ((name, _), hash) in HASHES.iter().zip(&self.hashes) {
            text.extend([name, ": ", hash, "\n"]);
        }
        text + &description
    }
}

fn compressed(text: &str, codec: Codec, threads: usize) -> io::Result<Vec<u8>> {
    let mut out = Compressor::new(Vec::new(), codec, codec.default_level(), threads)?;
    out.write_all(text.as_bytes())?;
    out.finish()
}
