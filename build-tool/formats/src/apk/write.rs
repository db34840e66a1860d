//! Writes a package. Its data come last, but what stands before them has their hash: they go to a scratch file
//! first, compressed, and are copied from there.

use super::{ApkInfo, ApkOptions, ApkScripts, InfoError, KeyError, SigningKey};
use crate::archive::{TarAttributes, TarFormat, TarWriter};
use crate::compress::{Codec, Compressor};
use crate::payload::{Content, NodeKind, Payload};
use crate::read_archive::tar::CHECKSUM;
use crate::source::SourceError;
use crate::sums::{Hashing, hexadecimal};
use sha1::{Digest, Sha1};
use sha2::Sha256;
use std::collections::BTreeMap;
use std::io::{self, Read, Seek, SeekFrom, Write};

/// The largest file: apk-tools reads no other numbers than tar's eleven octal digits.
const MAX_FILE: u64 = (8 << 30) - 1;

/// Why a package cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum ApkError {
    /// What the package says of itself does not fit.
    #[error(transparent)]
    Info(#[from] InfoError),
    /// The key does not sign.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A name that apk does not install.
    #[error("{0:?} cannot be in an apk: names at the root that begin with a full stop are the package's own")]
    Reserved(String),
    /// A file beyond the format.
    #[error("{0:?} has 8 GiB or more, which apk does not read")]
    TooLarge(String),
    /// A script that the kernel would not start.
    #[error("the script {0} does not begin with #! and the path of its interpreter, such as #!/bin/sh")]
    Script(&'static str),
    /// A file that cannot be taken in.
    #[error(transparent)]
    Source(SourceError),
    /// The package itself cannot be written.
    #[error("cannot write the package: {0}")]
    Write(#[from] io::Error),
}

impl From<SourceError> for ApkError {
    fn from(error: SourceError) -> Self {
        match error {
            SourceError::Write(error) => Self::Write(error),
            source => Self::Source(source),
        }
    }
}

/// Writes a package to `out`, which is given back. `scratch` is an empty file for as long as this runs; it will
/// hold as much as the package has. Without a key, apk installs the package only when it is told not to ask.
///
/// # Errors
/// Metadata that does not fit, a key that does not sign, a file that cannot be read or changes meanwhile, or
/// `out` or `scratch` does not take it.
pub fn write_apk<W: Write, S: Read + Write + Seek>(
    mut out: W,
    mut scratch: S,
    info: &ApkInfo,
    scripts: &ApkScripts,
    payload: &Payload,
    options: ApkOptions,
    key: Option<&SigningKey>,
) -> Result<W, ApkError> {
    let sums = sums(payload)?;
    let installed = sums.values().map(|sum| sum.size).sum();
    // What is wrong with the metadata is to be said before the long work.
    info.render(installed, options.mtime, "")?;

    let start = scratch.stream_position()?;
    let mut data = Hashing::<_, Sha256>::new(&mut scratch);
    write_data(&mut data, payload, &sums, options)?;
    let (size, hash) = (data.size(), hexadecimal(&data.sum()));
    let text = info.render(installed, options.mtime, &hash)?;
    let control = control(&text, scripts, options)?;

    if let Some(key) = key {
        let name = format!(".SIGN.RSA.{}", key.name());
        let mut tar = tar(Vec::new(), options)?;
        tar.file(name.as_bytes(), 0o644, &key.sign(&control)?)?;
        out.write_all(&tar.cut().finish()?)?;
    }
    out.write_all(&control)?;
    scratch.seek(SeekFrom::Start(start))?;
    let copied = io::copy(&mut scratch.take(size), &mut out)?;
    if copied == size { Ok(out) } else { Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()) }
}

fn tar<W: Write>(out: W, options: ApkOptions) -> io::Result<TarWriter<Compressor<W>>> {
    let level = options.level.unwrap_or(Codec::Gzip.default_level());
    let gzip = Compressor::new(out, Codec::Gzip, level, options.threads)?;
    Ok(TarWriter::with_format(gzip, options.mtime, TarFormat::Pax))
}

/// The second member: a tar without an end, since the data's go on.
fn control(info: &str, scripts: &ApkScripts, options: ApkOptions) -> Result<Vec<u8>, ApkError> {
    let mut tar = tar(Vec::new(), options)?;
    tar.file(b".PKGINFO", 0o644, info.as_bytes())?;
    for (name, script) in scripts.named() {
        let Some(script) = script else { continue };
        if !script.starts_with(b"#!") {
            return Err(ApkError::Script(name));
        }
        tar.file(name.as_bytes(), 0o755, script)?;
    }
    Ok(tar.cut().finish()?)
}

/// A file's size and SHA-1. Both are promised before the file is written.
struct Sum {
    size: u64,
    sha1: Vec<u8>,
}

fn sums(payload: &Payload) -> Result<BTreeMap<&str, Sum>, ApkError> {
    let mut sums = BTreeMap::new();
    for node in payload.nodes() {
        if node.path.starts_with('.') {
            return Err(ApkError::Reserved(node.path.clone()));
        }
        if let NodeKind::File(content) = &node.kind {
            let size = content.size()?;
            if size > MAX_FILE {
                return Err(ApkError::TooLarge(node.path.clone()));
            }
            let mut hash = Hashing::<_, Sha1>::new(io::sink());
            content.copy_to(size, &mut hash)?;
            sums.insert(node.path.as_str(), Sum { size, sha1: hash.sum() });
        }
    }
    Ok(sums)
}

fn write_data<W: Write>(
    out: W,
    payload: &Payload,
    sums: &BTreeMap<&str, Sum>,
    options: ApkOptions,
) -> Result<(), ApkError> {
    let mut tar = tar(out, options)?;
    for (path, node) in payload.with_parents() {
        let name = path.as_bytes();
        let Some(node) = node else {
            tar.directory(name)?;
            continue;
        };
        let attributes = TarAttributes { mode: node.mode, owner: &node.owner, group: &node.group };
        match (&node.kind, sums.get(path)) {
            (NodeKind::File(content), Some(Sum { size, sha1 })) => {
                tar.record(CHECKSUM, hexadecimal(sha1).as_bytes());
                tar.start_file_with(name, attributes, *size)?;
                let mut hash = Hashing::<_, Sha1>::new(tar.content());
                content.copy_to(*size, &mut hash)?;
                let same = hash.sum() == *sha1;
                if let (false, Content::File(path)) = (same, content) {
                    return Err(ApkError::Source(SourceError::Changed(path.clone())));
                }
                tar.end_file(*size)?;
            }
            (NodeKind::Symlink(target), _) => {
                // A link's is of its target, as abuild-tar writes it.
                tar.record(CHECKSUM, hexadecimal(&Sha1::digest(target)).as_bytes());
                tar.symlink(name, target.as_bytes(), TarAttributes { mode: 0o777, ..attributes })?;
            }
            _ => tar.directory_with(name, attributes)?,
        }
    }
    tar.finish()?.finish()?;
    Ok(())
}
