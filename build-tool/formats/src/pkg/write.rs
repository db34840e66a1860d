//! Writes a package. The payload is streamed once: through cpio and gzip into a scratch file, and on its way
//! through the checksum that the bill needs.

use super::documents::{Counted, component, distribution, package_info};
use super::{
    BOM, DISTRIBUTION, DescriptionError, LICENCE, PACKAGE_INFO, PAYLOAD, POSTINSTALL, PREINSTALL, Package, README,
    RESOURCES, SCRIPTS,
};
use crate::bom::{BomEntry, Cksum, write_bom};
use crate::compress::{Codec, Compressor};
use crate::cpio::{CpioHeader, CpioWriter};
use crate::payload::{Node, NodeKind, Payload};
use crate::source::SourceError;
use crate::unix::{PARENT_MODE, TYPE_DIRECTORY, TYPE_FILE, UnknownOwner, full_mode, owner_numbers};
use crate::xar::XarWriter;
use std::io::{self, Write};
use std::path::PathBuf;

/// How a package is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PkgOptions {
    /// The time of every entry, in seconds since 1970.
    pub mtime: u64,
    /// The level of gzip, 1 to 9; `None` for the codec's own.
    pub level: Option<u32>,
    /// How many threads may compress. The bytes do not depend on it.
    pub threads: usize,
    /// A folder for a scratch file that becomes as large as the package. It has no name there, and is gone
    /// however the writing ends.
    pub scratch: PathBuf,
}

/// Why a package cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum PkgError {
    /// The description is wrong.
    #[error(transparent)]
    Description(#[from] DescriptionError),
    /// A node's owner.
    #[error(transparent)]
    Owner(#[from] UnknownOwner),
    /// A file cannot be taken in.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The scratch file or the output cannot be written.
    #[error("cannot write the package: {0}")]
    Write(#[from] io::Error),
}

/// Writes the package to `out` and gives it back.
///
/// # Errors
/// The description is wrong, an owner has no number on macOS, a file cannot be read, is 8 GiB or larger or
/// changes meanwhile, or something cannot be written.
pub fn write_pkg<W: Write>(out: W, package: &Package, payload: &Payload, options: &PkgOptions) -> Result<W, PkgError> {
    package.check()?;
    let mut entries = entries(payload, options)?;
    let total: u64 = entries.iter().map(|(_, entry)| entry.size).fold(0, u64::saturating_add);
    let counted = Counted { files: entries.len() as u64, kilobytes: total.div_ceil(1024) };
    let mut xar = XarWriter::new(tempfile::tempfile_in(&options.scratch)?, options.mtime);
    xar.bytes(None, DISTRIBUTION, distribution(package, counted).as_bytes())?;
    for (name, text) in [(LICENCE, &package.licence), (README, &package.readme)] {
        if let Some(text) = text {
            xar.bytes(Some(RESOURCES), name, text.as_bytes())?;
        }
    }
    let component = component(package);
    let folder = Some(component.as_str());
    xar.file(folder, PAYLOAD, |out| payload_archive(out, &mut entries, options))?;
    let entries: Vec<BomEntry> = entries.into_iter().map(|(_, entry)| entry).collect();
    xar.bytes(folder, BOM, &write_bom(&entries)?)?;
    xar.bytes(folder, PACKAGE_INFO, package_info(package, counted).as_bytes())?;
    if package.preinstall.is_some() || package.postinstall.is_some() {
        xar.file(folder, SCRIPTS, |out| scripts(out, package, options))?;
    }
    Ok(xar.finish(out)?)
}

/// Every entry in order, parents first, the root at the very first; checksums are still missing.
fn entries<'a>(payload: &'a Payload, options: &PkgOptions) -> Result<Vec<(Option<&'a Node>, BomEntry)>, PkgError> {
    let mtime = u32::try_from(options.mtime).unwrap_or(u32::MAX);
    let directory = |path: &str| BomEntry {
        path: path.to_owned(),
        mode: TYPE_DIRECTORY | PARENT_MODE,
        uid: 0,
        gid: 0,
        mtime,
        size: 0,
        checksum: 0,
        target: None,
    };
    let mut entries = vec![(None, directory(""))];
    for (path, node) in payload.with_parents() {
        let mut entry = directory(path);
        if let Some(node) = node {
            (entry.uid, entry.gid) = owner_numbers(node)?;
            entry.mode = full_mode(node);
            match &node.kind {
                NodeKind::Directory => {}
                NodeKind::File(content) => entry.size = content.size()?,
                NodeKind::Symlink(target) => {
                    entry.size = target.len() as u64;
                    entry.checksum = Cksum::of(target.as_bytes());
                    entry.target = Some(target.clone());
                }
            }
        }
        entries.push((node, entry));
    }
    Ok(entries)
}

fn payload_archive(
    out: &mut dyn Write,
    entries: &mut [(Option<&Node>, BomEntry)],
    options: &PkgOptions,
) -> Result<(), PkgError> {
    let mut cpio = CpioWriter::new(compressor(out, options)?, options.mtime);
    for (node, entry) in entries {
        let name = if entry.path.is_empty() { ".".to_owned() } else { format!("./{}", entry.path) };
        let BomEntry { mode, uid, gid, size, .. } = *entry;
        cpio.start(&CpioHeader { name: &name, mode, uid, gid, size })?;
        match node.map(|node| &node.kind) {
            Some(NodeKind::File(content)) => {
                let mut both = Both { out: cpio.content(), sum: Cksum::default() };
                content.copy_to(size, &mut both)?;
                entry.checksum = both.sum.finish();
            }
            Some(NodeKind::Symlink(target)) => cpio.content().write_all(target.as_bytes())?,
            Some(NodeKind::Directory) | None => {}
        }
    }
    cpio.finish()?.finish()?;
    Ok(())
}

fn scripts(out: &mut dyn Write, package: &Package, options: &PkgOptions) -> Result<(), PkgError> {
    let mut cpio = CpioWriter::new(compressor(out, options)?, options.mtime);
    let mode = TYPE_DIRECTORY | PARENT_MODE;
    cpio.start(&CpioHeader { name: ".", mode, uid: 0, gid: 0, size: 0 })?;
    // In the order of their names, as everything is.
    for (name, script) in [(POSTINSTALL, &package.postinstall), (PREINSTALL, &package.preinstall)] {
        let Some(script) = script else { continue };
        let (name, size) = (format!("./{name}"), script.len() as u64);
        cpio.start(&CpioHeader { name: &name, mode: TYPE_FILE | 0o755, uid: 0, gid: 0, size })?;
        cpio.content().write_all(script)?;
    }
    cpio.finish()?.finish()?;
    Ok(())
}

fn compressor<'a>(out: &'a mut dyn Write, options: &PkgOptions) -> io::Result<Compressor<&'a mut dyn Write>> {
    let level = options.level.unwrap_or(Codec::Gzip.default_level());
    Compressor::new(out, Codec::Gzip, level, options.threads)
}

struct Both<'a, W: Write> {
    out: &'a mut W,
    sum: Cksum,
}

impl<W: Write> Write for Both<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.sum.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
