//! Writes a package in two passes over the files: their sums stand before them, in the control archive.

use super::{Control, ControlError, DebOptions, Scripts, ar};
use crate::archive::{TarAttributes, TarWriter};
use crate::compress::{Codec, Compressor, Known};
use crate::payload::{Content, Mark, Node, NodeKind, Payload};
use crate::source::SourceError;
use crate::sums::{Hashing, hexadecimal};
use md5::Md5;
use std::collections::BTreeMap;
use std::io::{self, Seek, Write};

/// Why a package cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum DebError {
    /// What the package says of itself does not fit.
    #[error(transparent)]
    Control(#[from] ControlError),
    /// A path that the lists of the package cannot hold.
    #[error("{0:?} cannot be in a Debian package: its lists have one path a line")]
    Path(String),
    /// A maintainer script that the kernel would not start.
    #[error("the maintainer script {0} does not begin with #! and the path of its interpreter, such as #!/bin/sh")]
    Script(&'static str),
    /// A file that cannot be taken in.
    #[error(transparent)]
    Source(SourceError),
    /// The package itself cannot be written.
    #[error("cannot write the package: {0}")]
    Write(#[from] io::Error),
}

impl From<SourceError> for DebError {
    fn from(error: SourceError) -> Self {
        match error {
            SourceError::Write(error) => Self::Write(error),
            source => Self::Source(source),
        }
    }
}

/// Writes a package to `out` from where it stands, and gives it back. Files are streamed.
///
/// # Errors
/// Metadata that does not fit, a file that cannot be read or changes meanwhile, or `out` does not take it.
pub fn write_deb<W: Write + Seek>(
    mut out: W,
    control: &Control,
    scripts: &Scripts,
    payload: &Payload,
    options: &DebOptions,
) -> Result<W, DebError> {
    let sums = sums(payload)?;
    let members = control_members(control, scripts, payload, &sums)?;
    let extension = extension(options.codec);
    out.write_all(ar::MAGIC)?;
    ar::member(&mut out, "debian-binary", options.mtime, b"2.0\n")?;

    let member = ar::Member::start(out, &format!("control.tar.{extension}"), options.mtime)?;
    let size = members.values().map(|(_, content)| tar_entry(content.len() as u64)).sum();
    let mut tar = TarWriter::new(compressor(member, options, Known { size, x86: false })?, options.mtime);
    tar.directory(b".")?;
    for (name, (mode, content)) in &members {
        tar.file(format!("./{name}").as_bytes(), *mode, content)?;
    }
    let out = tar.finish()?.finish()?.finish()?;

    let member = ar::Member::start(out, &format!("data.tar.{extension}"), options.mtime)?;
    let x86 = matches!(control.architecture.as_str(), "amd64" | "i386");
    let known = Known { size: tar_size(payload, &sums), x86 };
    let mut tar = TarWriter::new(compressor(member, options, known)?, options.mtime);
    tar.directory(b".")?;
    for (path, node) in payload.with_parents() {
        let name = format!("./{path}").into_bytes();
        match node {
            None => tar.directory(&name)?,
            Some(node) => put(&mut tar, &name, node, sums.get(path))?,
        }
    }
    Ok(tar.finish()?.finish()?.finish()?)
}

fn compressor<W: Write>(out: W, options: &DebOptions, known: Known) -> io::Result<Compressor<W>> {
    let level = options.level.unwrap_or(options.codec.default_level());
    Compressor::of(out, options.codec, level, options.threads, known)
}

/// About how many bytes the archive of the files has.
fn tar_size(payload: &Payload, sums: &BTreeMap<&str, Sum>) -> u64 {
    payload.with_parents().keys().map(|path| tar_entry(sums.get(path).map_or(0, |sum| sum.size))).sum()
}

/// A header, and the contents in whole blocks of 512 bytes.
fn tar_entry(size: u64) -> u64 {
    size.saturating_add(1024)
}

pub(super) const fn extension(codec: Codec) -> &'static str {
    match codec {
        Codec::Gzip => "gz",
        Codec::Xz => "xz",
        Codec::Zstd => "zst",
    }
}

/// A file's size and MD5. Both are promised before the file is written.
struct Sum {
    size: u64,
    md5: Vec<u8>,
}

fn sums(payload: &Payload) -> Result<BTreeMap<&str, Sum>, DebError> {
    let mut sums = BTreeMap::new();
    for node in payload.nodes() {
        if node.path.contains(char::is_control) {
            return Err(DebError::Path(node.path.clone()));
        }
        if let NodeKind::File(content) = &node.kind {
            let size = content.size()?;
            let mut hash = Hashing::<_, Md5>::new(io::sink());
            content.copy_to(size, &mut hash)?;
            sums.insert(node.path.as_str(), Sum { size, md5: hash.sum() });
        }
    }
    Ok(sums)
}

fn put<W: Write>(tar: &mut TarWriter<W>, name: &[u8], node: &Node, sum: Option<&Sum>) -> Result<(), DebError> {
    let attributes = TarAttributes { mode: node.mode, owner: &node.owner, group: &node.group };
    match (&node.kind, sum) {
        (NodeKind::File(content), Some(Sum { size, md5 })) => {
            tar.start_file_with(name, attributes, *size)?;
            let mut hash = Hashing::<_, Md5>::new(tar.content());
            content.copy_to(*size, &mut hash)?;
            let same = hash.sum() == *md5;
            if let (false, Content::File(path)) = (same, content) {
                return Err(DebError::Source(SourceError::Changed(path.clone())));
            }
            tar.end_file(*size)?;
        }
        (NodeKind::Symlink(target), _) => {
            tar.symlink(name, target.as_bytes(), TarAttributes { mode: 0o777, ..attributes })?;
        }
        _ => tar.directory_with(name, attributes)?,
    }
    Ok(())
}

/// The files of the control archive, with their modes.
fn control_members(
    control: &Control,
    scripts: &Scripts,
    payload: &Payload,
    sums: &BTreeMap<&str, Sum>,
) -> Result<BTreeMap<&'static str, (u32, Vec<u8>)>, DebError> {
    let mut members = BTreeMap::new();
    let text = control.render(installed_size(payload, sums))?;
    members.insert("control", (0o644, text.into_bytes()));
    let mut conffiles = String::new();
    let mut md5sums = String::new();
    for node in payload.nodes() {
        let Some(sum) = sums.get(node.path.as_str()) else { continue };
        if matches!(node.mark, Mark::Config | Mark::ConfigNoReplace) {
            // dpkg keeps the sums of these itself, since they are meant to be changed.
            conffiles.extend(["/", &node.path, "\n"]);
        } else {
            md5sums.extend([&hexadecimal(&sum.md5), "  ", &node.path, "\n"]);
        }
    }
    members.insert("md5sums", (0o644, md5sums.into_bytes()));
    if !conffiles.is_empty() {
        members.insert("conffiles", (0o644, conffiles.into_bytes()));
    }
    for (name, script) in scripts.named() {
        if !script.starts_with(b"#!") {
            return Err(DebError::Script(name));
        }
        members.insert(name, (0o755, script.to_vec()));
    }
    Ok(members)
}

/// In KiB, as `dpkg-gencontrol` counts: each file rounded up, and one for everything else.
fn installed_size(payload: &Payload, sums: &BTreeMap<&str, Sum>) -> u64 {
    let one = |path: &&str| sums.get(path).map_or(1, |sum| sum.size.div_ceil(1024));
    payload.with_parents().keys().map(one).sum()
}
