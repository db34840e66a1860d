//! Reads a package that came from outside and checks all that it promises: the frame, both tars to their last
//! byte, safe paths, and the sums of its files.

use super::paragraph::{Paragraph, ParagraphError};
use super::{Scripts, ar, sign};
use crate::compress::Codec;
use crate::packaged::{PackagedEntry, PackagedKind, Seen, Stop, UnsafeEntry};
use crate::read_archive::tar::{TarEntry, TarKind, WHOLE, read_tar};
use crate::read_archive::{Budget, Limits, ReadError, decoder, end};
use crate::sums::{Hashing, from_hexadecimal};
use md5::Md5;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufReader, Read, Seek};

/// What a package says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deb {
    /// The control file.
    pub control: Paragraph,
    /// Its maintainer scripts.
    pub scripts: Scripts,
    /// The files that dpkg treats as configuration, relative to the root.
    pub conffiles: BTreeSet<String>,
    /// The MD5 of every other file, each checked. Empty in a package that gives none.
    pub md5sums: BTreeMap<String, [u8; 16]>,
    /// The names of the signatures behind its data, such as `_gpgorigin`. They are not checked here.
    pub signatures: BTreeSet<String>,
    /// Other members of the control archive, such as `triggers`.
    pub other: BTreeMap<String, Vec<u8>>,
}

/// Why a package is refused.
#[derive(Debug, thiserror::Error)]
pub enum DebReadError {
    /// One of its two archives is refused, or it cannot be read.
    #[error(transparent)]
    Archive(#[from] ReadError),
    /// One of its entries is.
    #[error(transparent)]
    Entry(#[from] UnsafeEntry),
    /// It has not the members of a package in their order.
    #[error("the package's frame is not that of a Debian package: {0}")]
    Frame(String),
    /// Something in the control archive.
    #[error("the package's control archive is wrong: {0}")]
    ControlArchive(String),
    /// The control file.
    #[error("the package's control file is wrong: {0}")]
    Control(#[from] ParagraphError),
    /// A file that differs from its sum.
    #[error("the file {0:?} of the package has not the MD5 that the package gives")]
    WrongSum(String),
    /// A file without a sum among others that have one.
    #[error("the file {0:?} of the package is not in its md5sums")]
    NoSum(String),
    /// A sum or a configuration file without its file.
    #[error("the package lists {0:?}, which it does not have")]
    Missing(String),
}

impl From<io::Error> for DebReadError {
    fn from(error: io::Error) -> Self {
        Self::Archive(ReadError::Io(error))
    }
}

/// Reads a package and hands each installed entry to `visit` with its content, which need not be read. The
/// visitor may have seen bytes that turn out wrong, so what it makes of them counts only when this returns `Ok`.
///
/// # Errors
/// Whatever is not as deb(5) says, over the limits, unsafe to unpack, or other than its sum; or the visitor's.
pub fn read_deb<R, E>(
    file: R,
    limits: Limits,
    mut visit: impl FnMut(&PackagedEntry, &mut dyn Read) -> Result<(), E>,
) -> Result<Deb, E>
where
    R: Read + Seek,
    E: From<DebReadError>,
{
    let mut file = BufReader::new(file);
    let mut budget = Budget::new(limits);
    let mut deb = read_control(&mut file, &mut budget)?;
    read_data(&mut file, &mut budget, &deb, &mut visit)?;
    deb.signatures = read_signatures(&mut file)?;
    Ok(deb)
}

/// What follows the data: signatures and nothing else.
fn read_signatures(file: &mut impl Read) -> Result<BTreeSet<String>, DebReadError> {
    let mut found = BTreeSet::new();
    while let Some((name, size)) = ar::next_member(file)? {
        let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if !name.starts_with(sign::PREFIX) || !plain || size > sign::MAX_SIGNATURE {
            return Err(DebReadError::Frame(format!("{name:?} follows its data")));
        }
        let padded = size + size % 2;
        if io::copy(&mut file.by_ref().take(padded), &mut io::sink())? != padded || !found.insert(name.clone()) {
            return Err(DebReadError::Frame(format!("{name:?} is cut off, or there twice")));
        }
    }
    Ok(found)
}

/// The control archive alone, with the member before it.
fn read_control<R: Read + Seek>(file: &mut BufReader<R>, budget: &mut Budget) -> Result<Deb, DebReadError> {
    let mut magic = [0; ar::MAGIC.len()];
    file.read_exact(&mut magic)?;
    if magic != *ar::MAGIC {
        return Err(DebReadError::Frame("it is no ar archive".to_owned()));
    }
    match ar::next_member(file)? {
        Some((name, 4)) if name == "debian-binary" => {}
        _ => return Err(DebReadError::Frame("debian-binary is not the first member".to_owned())),
    }
    let mut version = [0; 4];
    file.read_exact(&mut version)?;
    if version != *b"2.0\n" {
        return Err(DebReadError::Frame(format!("it is of version {}", version.escape_ascii())));
    }
    let mut members: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let visitor = &mut |budget: &mut Budget, entry: &TarEntry, content: &mut dyn Read| {
        budget.packaged(&entry.name)?;
        budget.metadata(entry.size)?;
        let entry = PackagedEntry::new(entry)?;
        if entry.kind != PackagedKind::File || entry.path.contains('/') {
            return Err(DebReadError::ControlArchive(format!("{:?} is no file of its top folder", entry.path)));
        }
        let mut bytes = Vec::new();
        content.read_to_end(&mut bytes)?;
        match members.insert(entry.path.clone(), bytes) {
            None => Ok(()),
            Some(_) => Err(UnsafeEntry::Duplicate(entry.path).into()),
        }
    };
    read_member(file, "control.tar", budget, visitor)?;
    take_apart(members)
}

fn take_apart(mut members: BTreeMap<String, Vec<u8>>) -> Result<Deb, DebReadError> {
    let mut text = |name: &str| match members.remove(name).map(String::from_utf8) {
        None => Ok(None),
        Some(Ok(text)) => Ok(Some(text)),
        Some(Err(_)) => Err(DebReadError::ControlArchive(format!("{name} is not UTF-8"))),
    };
    let control = text("control")?.ok_or_else(|| DebReadError::ControlArchive("it has no control file".to_owned()))?;
    let conffiles = text("conffiles")?.unwrap_or_default();
    let md5sums = text("md5sums")?.unwrap_or_default();
    let mut deb = Deb { control: Paragraph::parse(&control)?, ..Deb::default() };
    // What is to go with an upgrade is not in the package (deb-conffiles(5)).
    for line in conffiles.lines().filter(|line| !line.starts_with("remove-on-upgrade ")) {
        let path = line.strip_prefix('/').filter(|path| !path.is_empty());
        let path = path.ok_or_else(|| DebReadError::ControlArchive(format!("{line:?} in conffiles is no path")))?;
        deb.conffiles.insert(path.to_owned());
    }
    for line in md5sums.lines() {
        let sum =
            line.split_once("  ").and_then(|(sum, path)| Some((path.to_owned(), from_hexadecimal(sum.as_bytes())?)));
        let twice = match sum {
            Some((path, sum)) => deb.md5sums.insert(path, sum).is_some(),
            None => true,
        };
        if twice {
            return Err(DebReadError::ControlArchive(format!("{line:?} in md5sums is no sum of a file, or a second")));
        }
    }
    let scripts = &mut deb.scripts;
    for (name, place) in [
        ("preinst", &mut scripts.preinst),
        ("postinst", &mut scripts.postinst),
        ("prerm", &mut scripts.prerm),
        ("postrm", &mut scripts.postrm),
    ] {
        *place = members.remove(name);
    }
    deb.other = members;
    Ok(deb)
}

fn read_data<R: Read + Seek, E: From<DebReadError>>(
    file: &mut BufReader<R>,
    budget: &mut Budget,
    deb: &Deb,
    visit: &mut impl FnMut(&PackagedEntry, &mut dyn Read) -> Result<(), E>,
) -> Result<(), E> {
    let mut seen = Seen::default();
    let mut left: BTreeSet<&str> =
        deb.md5sums.keys().map(String::as_str).chain(deb.conffiles.iter().map(String::as_str)).collect();
    let visitor = &mut |budget: &mut Budget, entry: &TarEntry, content: &mut dyn Read| {
        let package = |error: DebReadError| Stop::Package(error);
        budget.packaged(&entry.name)?;
        let is_file = entry.kind == TarKind::File;
        let entry = PackagedEntry::new(entry).map_err(|error| package(error.into()))?;
        seen.take(&entry.path, &entry.kind).map_err(|error| package(error.into()))?;
        let mut content = Hashing::<_, Md5>::new(content);
        visit(&entry, &mut content).map_err(Stop::Visitor)?;
        if is_file {
            io::copy(&mut content, &mut io::sink()).map_err(|error| package(error.into()))?;
            let is_listed = left.remove(entry.path.as_str());
            match deb.md5sums.get(&entry.path) {
                Some(sum) if content.sum() != sum[..] => {
                    return Err(package(DebReadError::WrongSum(entry.path)));
                }
                None if !is_listed && !deb.md5sums.is_empty() => {
                    return Err(package(DebReadError::NoSum(entry.path)));
                }
                _ => {}
            }
        }
        Ok(())
    };
    read_member(file, "data.tar", budget, visitor).map_err(Stop::into_visitors)?;
    match left.first() {
        None => Ok(()),
        Some(path) => Err(DebReadError::Missing((*path).to_owned()).into()),
    }
}

/// Reads the next member, which must be this tar in one of the compressions, to its last byte.
fn read_member<R: Read + Seek, E: From<ReadError> + FromPackage>(
    file: &mut BufReader<R>,
    stem: &str,
    budget: &mut Budget,
    visit: &mut impl FnMut(&mut Budget, &TarEntry, &mut dyn Read) -> Result<(), E>,
) -> Result<(), E> {
    let (size, codec) = start_member(file, stem).map_err(E::from_package)?;
    let start = file.stream_position().map_err(ReadError::Io)?;
    let mut stream = decoder(file.by_ref().take(size), codec).map_err(ReadError::Io)?;
    read_tar(&mut stream, WHOLE, budget, visit)?;
    end(stream, budget)?;
    end_member(file, start, size).map_err(E::from_package)
}

fn start_member<R: Read>(file: &mut R, stem: &str) -> Result<(u64, Codec), DebReadError> {
    let (name, size) = ar::next_member(file)?.ok_or_else(|| DebReadError::Frame(format!("it has no {stem}")))?;
    let codec = match name.strip_prefix(stem) {
        Some(".gz") => Codec::Gzip,
        Some(".xz") => Codec::Xz,
        Some(".zst") => Codec::Zstd,
        _ => {
            let message = format!("it has {name:?} where {stem}.gz, .xz or .zst must be");
            return Err(DebReadError::Frame(message));
        }
    };
    Ok((size, codec))
}

fn end_member<R: Read + Seek>(file: &mut BufReader<R>, start: u64, size: u64) -> Result<(), DebReadError> {
    if file.stream_position()?.checked_sub(start) != Some(size) {
        return Err(DebReadError::Frame("a member is shorter than its header says".to_owned()));
    }
    if size % 2 == 1 {
        let mut padding = [0];
        file.read_exact(&mut padding)?;
        if padding != *b"\n" {
            return Err(DebReadError::Frame("the padding of a member is no line feed".to_owned()));
        }
    }
    Ok(())
}

/// The error of either archive's visitor: the data archive's may be the caller's.
trait FromPackage {
    fn from_package(error: DebReadError) -> Self;
}

impl FromPackage for DebReadError {
    fn from_package(error: DebReadError) -> Self {
        error
    }
}

impl<V> FromPackage for Stop<DebReadError, V> {
    fn from_package(error: DebReadError) -> Self {
        Self::Package(error)
    }
}
